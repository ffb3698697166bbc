"""Counting storage calls: how many an operation makes, how many of them one after another, and which they were."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MOST_KEPT = 100  # of one operation: a deletion may make thousands


@dataclass(frozen=True, slots=True)
class Call:
    """A storage call that was kept: what it did to which table, without the keys; when; and how it ended.

    `began` and `ended` are nanoseconds of time.monotonic_ns(); `error` is the HTTP status of a refusal, the kind of
    exception where there was no answer, and "" where all went well.
    """

    verb: str
    table: str
    began: int
    ended: int
    error: str = ""


@dataclass(slots=True)
class Meter:
    """What an operation cost: `calls` made, and `depth`, the longest chain of calls that waited for each other.

    The depth of a call is one more than the greatest depth that had finished when it began; calls that run at the
    same time share a depth, whichever tasks they run in. `kept` are the first calls to end, or None where nobody asks.
    """

    calls: int = 0
    depth: int = 0
    kept: list[Call] | None = None


_METER: ContextVar[Meter | None] = ContextVar("storage_meter", default=None)


@contextmanager
def metered(*, keep: bool = False) -> Iterator[Meter]:
    """Count the storage calls made inside, also by the tasks that it starts; `keep` the first hundred as well."""
    meter = Meter(kept=[] if keep else None)
    token = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(token)


@contextmanager
def call(verb: str, table: str) -> Iterator[None]:
    """Count what is done inside as one storage call."""
    meter = _METER.get()
    if meter is None:
        yield
        return
    meter.calls += 1
    depth = meter.depth + 1
    began, error = time.monotonic_ns(), ""
    try:
        yield
    except BaseException as raised:
        error = str(getattr(raised, "status_code", None) or type(raised).__name__)
        raise
    finally:
        meter.depth = max(meter.depth, depth)
        if meter.kept is not None and len(meter.kept) < MOST_KEPT:
            meter.kept.append(Call(verb, table, began, time.monotonic_ns(), error))
