"""A child process of the local run: started, watched, ended, and asked for its last words."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_STOP_SECONDS = 10.0
_LAST_LINES = 15


class StartError(RuntimeError):
    """Something of the local run does not start or has ended; the message says what to do, or what it last said."""


class Child:
    """A running process with its own process group, so that Ctrl-C in the terminal does not end it before its turn.

    What it writes goes to the terminal (`quiet=False`), or to a file, from which `output` reads it.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        sockets: Sequence[int] = (),
        quiet: bool = True,
    ) -> None:
        self.name = name
        self._output = tempfile.TemporaryFile() if quiet else None  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            pass_fds=sockets,
            stdin=subprocess.DEVNULL,
            stdout=self._output or 2,  # standard output belongs to the run's own answer
            stderr=self._output,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def output(self) -> str:
        """Return what it has written so far; empty when that went to the terminal."""
        if self._output is None:
            return ""
        return os.pread(self._output.fileno(), os.fstat(self._output.fileno()).st_size, 0).decode(errors="replace")

    def last_words(self) -> str:
        """Return that it has ended, how, and the last lines that it wrote."""
        lines = self.output().strip().splitlines()[-_LAST_LINES:]
        return "\n".join([f"{self.name} has ended (exit status {self._process.wait()}).", *lines])

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Ask `ready` until it says yes. Raises StartError when the process ends first or the time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.ended:
                raise StartError(self.last_words())
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} was not ready within {seconds:.0f} s.\n{self.output()}".strip())
            time.sleep(0.03)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and end it by force if it lingers."""
        if not self.ended:
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it and what it has started at once (SIGKILL), as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._output is not None:
            self._output.close()
