"""The memory of a process ("self": this one): what it holds, and the most that it held while it answered (Linux)."""

from pathlib import Path

_PEAK = "5"  # what resets the peak, proc(5)


def resident_mib(pid: int | str) -> float:
    """Return the resident memory of a process."""
    return _status(pid, "VmRSS")


def peak_mib(pid: int | str) -> float:
    """Return the most that was resident since the start, or since `forget_peak`."""
    return _status(pid, "VmHWM")


def forget_peak(pid: int | str) -> None:
    """Let the peak begin at what is resident now."""
    Path(f"/proc/{pid}/clear_refs").write_text(_PEAK)


def _status(pid: int | str, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
