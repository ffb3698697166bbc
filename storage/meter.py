"""Counting storage calls: how many an operation makes, and how many of them one after another."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Meter:
    """What an operation cost: `calls` made, and `depth`, the longest chain of calls that waited for each other.

    The depth of a call is one more than the greatest depth that had finished when it began; calls that run at the
    same time share a depth, whichever tasks they run in.
    """

    calls: int = 0
    depth: int = 0


_METER: ContextVar[Meter | None] = ContextVar("storage_meter", default=None)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count the storage calls made inside, also by the tasks that it starts."""
    meter = Meter()
    token = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(token)


@contextmanager
def call() -> Iterator[None]:
    """Count what is done inside as one storage call."""
    meter = _METER.get()
    if meter is None:
        yield
        return
    meter.calls += 1
    depth = meter.depth + 1
    try:
        yield
    finally:
        meter.depth = max(meter.depth, depth)
