"""The verdict on a soak: what the service held and how fast it was at the end, beside the beginning."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.load import Measured

FEWEST_SLICES = 4  # one to warm up, one at the beginning, one between, one at the end


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of time: the requests, what was wrong with answers, and what the service held when it was over: MiB
    of memory, and open files and connections."""

    measured: Measured
    refused: int
    faults: tuple[str, ...]
    memory: float
    files: int
    storage_memory: float


@dataclass(frozen=True, slots=True)
class Watched:
    """A figure that may at the end be so many times what it was at the beginning."""

    name: str
    of: Callable[[Slice], float]
    most: float


# Processor time and memory are the service's own; latencies contain what else the machine was doing.
WATCHED = (
    Watched("memory, MiB", lambda each: each.memory, 1.15),
    Watched("open files and connections", lambda each: each.files, 1.15),
    Watched("CPU ms per request", lambda each: each.measured.cpu_ms, 1.25),
    Watched("p50 ms", lambda each: each.measured.percentile_ms(50), 1.5),
    Watched("p99 ms", lambda each: each.measured.percentile_ms(99), 2.0),
)


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure at the beginning and at the end."""

    watched: Watched
    early: float
    late: float

    @property
    def flat(self) -> bool:
        """Whether it has not grown by more than it may."""
        return self.late <= self.early * self.watched.most


def trends(slices: Sequence[Slice]) -> list[Trend]:
    """Compare the median of the last third with that of the first, which begins behind the slice that warms up.

    `slices` are at least `FEWEST_SLICES`.
    """
    third = (len(slices) - 1) // 3
    early, late = slices[1 : 1 + third], slices[-third:]
    return [
        Trend(each, statistics.median(map(each.of, early)), statistics.median(map(each.of, late))) for each in WATCHED
    ]


def verdict(slices: Sequence[Slice]) -> tuple[bool, str]:
    """Return whether the service has held, and the verdict as text."""
    found = trends(slices)
    faults = [fault for each in slices for fault in each.faults]
    lines = [f"{'':28}{'beginning':>10}{'end':>10}{'times':>8}{'at most':>9}"]
    for each in found:
        row = f"{each.watched.name:28}{each.early:10.1f}{each.late:10.1f}{each.late / each.early:8.2f}"
        lines.append(f"{row}{each.watched.most:9.2f}  {'flat' if each.flat else 'GREW'}")
    grown = [each.watched.name for each in found if not each.flat]
    reasons = [f"{name} grew" for name in grown] + ([f"wrong answers: {len(faults)}"] if faults else [])
    return not reasons, "\n".join(
        ["", *lines, "", f"Verdict: {', '.join(reasons) or 'flat, and no answer was wrong'}."]
    )
