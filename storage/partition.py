"""One tenant's rows: the table with the partition key filled in, and reads that run at the same time."""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, TypeVar

from storage.tables import PAGE_ROWS, Row, Slice, Span, Table, Write

_AT_ONCE = 64  # point reads in flight
_CLOSE = 20  # rows for which a page of a thousand costs no more than reading them one by one
_A = TypeVar("_A")
_B = TypeVar("_B")


class Partition:
    """The rows of one tenant. Every method raises Unavailable; `commit` also Conflict and TooLarge."""

    def __init__(self, table: Table, tenant: str) -> None:
        self._table = table
        self.tenant = tenant

    async def get(self, key: str, *, select: list[str] | None = None) -> Row | None:
        """Return one row, or None (one call)."""
        return await self._table.get(self.tenant, key, select=select)

    async def many(self, wanted: Collection[str], *, select: list[str] | None = None) -> dict[str, Row]:
        """Return those of the rows that exist, by key: up to 64 as point reads at the same time.

        Of more, those that lie close together are read by pages, as long as a page holds enough of them.
        """
        left, found = sorted(set(wanted)), dict[str, Row]()
        while len(left) > _AT_ONCE:
            page = await self.page(Span(left[0], f"{left[-1]}~"), select=select)
            hits = {row.key: row for row in page.rows if _holds(left, row.key)}
            found |= hits
            left = left[bisect_right(left, page.rows[-1].key) :] if page.rows and page.token else left
            if not page.token:
                return found
            if len(hits) < _CLOSE:
                break
        rows = await each(left, lambda key: self.get(key, select=select), at_once=_AT_ONCE)
        return found | {row.key: row for row in rows if row is not None}

    async def page(
        self, span: Span, *, select: list[str] | None = None, size: int = PAGE_ROWS, token: Any = None
    ) -> Slice:
        """Return up to `size` rows of a span in key order, and where to go on (one call)."""
        return await self._table.page(self.tenant, span, select=select, size=size, token=token)

    def rows(self, span: Span, *, select: list[str] | None = None) -> AsyncIterator[Row]:
        """Yield all rows of a span in key order (one call per 1,000)."""
        return self._table.rows(self.tenant, span, select=select)

    async def all(self, span: Span, *, select: list[str] | None = None) -> list[Row]:
        """Return all rows of a span in key order."""
        return [row async for row in self.rows(span, select=select)]

    async def commit(self, writes: Sequence[Write]) -> None:
        """Write rows, all or none (one call)."""
        await self._table.commit(self.tenant, writes)


def _holds(keys: Sequence[str], key: str) -> bool:
    place = bisect_left(keys, key)
    return place < len(keys) and keys[place] == key


async def together(first: Awaitable[_A], second: Awaitable[_B]) -> tuple[_A, _B]:
    """Await two things at the same time; the first error ends both."""
    tasks = (asyncio.ensure_future(first), asyncio.ensure_future(second))
    try:
        return await asyncio.gather(*tasks)
    finally:
        await _end(tasks)


async def each(items: Iterable[_A], act: Callable[[_A], Awaitable[_B]], *, at_once: int) -> list[_B]:
    """Do the same for each item, up to `at_once` at the same time; the first error ends all."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: _A) -> _B:
        async with gate:
            return await act(item)

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await _end(tasks)


async def _end(tasks: Collection["asyncio.Future[Any]"]) -> None:
    """Leave no task behind: what is still running is cancelled, and its error is nobody's any more."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
