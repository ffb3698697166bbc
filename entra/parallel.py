"""Work on many things at once, but not too many."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Return the things in order, `size` at a time."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


async def in_parallel(things: Iterable[T], work: Callable[[T], Awaitable[None]], width: int) -> None:
    """Work on `width` things at a time. The first exception ends all of it and is raised."""
    waiting = iter(things)

    async def worker() -> None:
        for thing in waiting:
            await work(thing)

    workers = [asyncio.create_task(worker()) for _ in range(width)]
    try:
        await asyncio.gather(*workers)
    finally:
        for each in workers:
            each.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
