"""A tenant's unfinished business: read beside everything else, carried out by whoever meets it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from scim.errors import Unavailable
from storage import keys
from storage.faults import Conflict
from storage.ids import Mint, moment
from storage.journal import Found, Journal, read
from storage.partition import Partition, together
from storage.race import busy
from storage.record import Record
from storage.steps import carry_out
from storage.tables import Write

ASSIST_SECONDS = 5.0
_TOMBSTONE_SECONDS = 60  # far longer than two reads of one round trip can lie apart
_ORPHAN_SECONDS = 120  # far longer than a living process takes
_T = TypeVar("_T")


class Journals:
    """Reads a tenant's journals and carries them out, each once at a time in this process."""

    def __init__(self, rows: Partition, mint: Mint) -> None:
        self._rows = rows
        self._mint = mint
        self._done: frozenset[str] = frozenset()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._failed: set[str] = set()

    async def beside(self, act: Callable[[], Awaitable[_T]]) -> tuple[_T, tuple[Journal, ...]]:
        """Do a read and read the journals at the same time; return both (one round trip).

        What was read may be older than a journal that is done by now; then it is read again.
        """
        known = self._done
        result, found = await together(act(), self._read())
        self._done = frozenset(found.done)
        if not known.issuperset(found.done):
            result = await act()
        await self._sweep(found)
        await self._resume(found)
        return result, found.pending

    async def pending(self) -> tuple[Journal, ...]:
        """Return what is unfinished (one call)."""
        return (await self._read()).pending

    async def _read(self) -> Found:
        return read(await self._rows.all(keys.JOURNALS))

    async def _sweep(self, found: Found) -> None:
        """Remove tombstones that nobody can need any more."""
        oldest = moment(self._mint.clock() - _TOMBSTONE_SECONDS)
        old = [id for id, time in found.done.items() if time < oldest]
        if old:
            with contextlib.suppress(Conflict, Unavailable):
                await self._rows.commit([Write("delete", keys.tombstone(id)) for id in old[:100]])

    async def _resume(self, found: Found) -> None:
        """Assist with what this process could not finish, or another that is gone, whomever it concerns.

        The removal of a group concerns nobody any more once its last member has left, and must still be finished.
        """
        if not found.pending:
            return
        self._failed.difference_update(found.done)
        began_before = moment(self._mint.clock() - _ORPHAN_SECONDS)
        left = [each for each in found.pending if each.id in self._failed or each.time < began_before]
        await self.assist(left, ASSIST_SECONDS)

    async def settle(self, journal: Journal, known: Mapping[str, Record] | None = None) -> None:
        """Carry a journal out, or wait for who is at it in this process. Raises Unavailable."""
        task = self._running.get(journal.id)
        if task is None:
            task = asyncio.ensure_future(carry_out(self._rows, journal, self._mint.now, known))
            self._running[journal.id] = task
            task.add_done_callback(lambda done: self._ended(journal.id, done))
        await asyncio.shield(task)

    def _ended(self, id: str, task: "asyncio.Task[None]") -> None:
        self._running.pop(id, None)
        # Whoever waited was told; if nobody waits any more, the next request will see to it.
        if task.cancelled() or task.exception():
            self._failed.add(id)

    async def wait(
        self, journals: Iterable[Journal], seconds: float, known: Mapping[str, Record] | None = None
    ) -> None:
        """Carry journals out, or wait for who is at it. Raises Unavailable when it takes longer."""
        try:
            async with asyncio.timeout(seconds):
                for journal in journals:
                    await self.settle(journal, known)
        except TimeoutError:
            raise busy() from None

    async def assist(self, journals: Iterable[Journal], seconds: float) -> bool:
        """Carry out what nobody in this process is at, and tell whether anything was done.

        After a while it is left to go on by itself, or to the next request: what was read holds as it is.
        """
        idle = [journal for journal in journals if journal.id not in self._running]
        if not idle:
            return False
        with contextlib.suppress(Unavailable):
            await self.wait(idle, seconds)
            return True
        return False

    async def finish(self, journal: Journal, seconds: float, known: Mapping[str, Record]) -> None:
        """Carry out a journal that was decided just now: it holds, whether its steps are done in time or not."""
        with contextlib.suppress(Unavailable):
            await self.wait([journal], seconds, known)
