"""One tenant's directory on Table Storage: the port `scim.store.Directory`.

Reading is in storage/snapshot.py, what a change writes in storage/plan.py, what is left to do after it in
storage/journals.py. Here is the order of things, and what happens when somebody else was faster.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from os import urandom
from weakref import WeakValueDictionary

from scim.errors import InvalidValue, Uniqueness
from scim.schema import ResourceType
from scim.store import Draft, Lookup, Member, MembersWanted, MemberView, Page, Stored
from storage import finder, keys, plan, walk
from storage.faults import Conflict
from storage.ids import Mint, place, well_formed
from storage.journal import Journal, Removal, concerns, seen
from storage.journals import ASSIST_SECONDS, Journals
from storage.partition import Partition, each
from storage.race import Race, busy
from storage.record import Record, decode, same
from storage.relations import load
from storage.snapshot import Reader, Snapshot, ended
from storage.tables import Tables

TABLE = "directory"
_TURN_SECONDS = 20.0
_FINISH_SECONDS = 30.0
_GROUPS_AT_ONCE = 8
_FEW = 48  # members of a group that can change with it in one transaction


class TableDirectory:
    """The directory of one tenant.

    Keep one per tenant and process: changes of one resource, and of the groups that one is to join or leave, then queue
    up instead of racing. `clock` is Unix time in seconds, `random` returns as many random bytes as it is asked for.
    """

    def __init__(
        self,
        tables: Tables,
        tenant: str,
        *,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = urandom,
    ) -> None:
        self._rows = Partition(tables.table(TABLE), tenant)
        self._mint = Mint(clock, random)
        self._journals = Journals(self._rows, self._mint)
        self._reader = Reader(self._rows, self._journals)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def create(self, resource_type: ResourceType, draft: Draft) -> Stored:
        """Add a resource: one round trip, with members two."""
        wanted = {member.id: member for member in draft.members or ()}
        race = Race()
        while True:
            found = await load(self._rows, well_formed(wanted))
            roster = plan.Roster({id: _existing(found, member) for id, member in wanted.items()}, {})
            made = plan.creation(resource_type, draft.document, roster, self._mint)
            if await self._commit(made):
                return await self._result(made, plan.named(roster.added), ())
            await self._refuse_taken(resource_type, draft, made)
            await race.lost()

    async def read(
        self, resource_type: ResourceType, id: str, *, members: MembersWanted = MemberView.NONE
    ) -> Stored | None:
        """Return a resource: one round trip, with members two and one per 16,000 of them."""
        snapshot = await self._reader.take(resource_type.name, id, members)
        await self._journals.assist(_concerning(snapshot, id), ASSIST_SECONDS)
        return snapshot.stored()

    async def change(
        self,
        resource_type: ResourceType,
        id: str,
        decide: Callable[[Stored], Draft | None],
        *,
        members: MembersWanted = MemberView.NONE,
    ) -> Stored | None:
        """Write what `decide` makes of a resource: two round trips, whatever the size of the group."""
        race = Race()
        few = members if not isinstance(members, MemberView) and len(members) <= _FEW else ()
        async with self._turn(id, *few):
            while True:
                snapshot = await self._settled(resource_type, id, members)
                before, record = snapshot.stored(), snapshot.record
                if before is None or record is None:
                    return None
                draft = decide(before)
                if draft is None:
                    return before
                roster = await self._roster(snapshot, record, draft)
                if not roster and same(record.document, draft.document):
                    return before
                made = plan.change(resource_type, record, draft.document, roster, self._mint)
                if await self._commit(made):
                    now = {id: member for id, member in snapshot.members.items() if id not in roster.removed}
                    return await self._result(made, now | plan.named(roster.added), snapshot.journals)
                await self._refuse_taken(resource_type, draft, made)
                await race.lost()

    async def delete(
        self, resource_type: ResourceType, id: str, decide: Callable[[Stored], None] = lambda _: None
    ) -> bool:
        """Remove a resource: a user in two round trips, a group in four."""
        race = Race()
        async with self._turn(id):
            while True:
                snapshot = await self._settled(resource_type, id, MemberView.NONE)
                before, record = snapshot.stored(), snapshot.record
                if before is None or record is None:
                    return False
                decide(before)
                members = await self._few_members(id) if resource_type.name == "Group" else {}
                going = {journal.resource for journal in snapshot.journals if isinstance(journal, Removal)}
                made = plan.removal(record, sorted(record.groups - going), members, self._mint)
                if await self._commit(made):
                    await self._finish(made)
                    return True
                await race.lost()

    async def find(
        self, resource_type: ResourceType, lookups: Sequence[Lookup], *, members: MembersWanted = MemberView.NONE
    ) -> Sequence[Stored]:
        """Return what satisfies any of the look-ups: one round trip for a miss, two for a hit."""
        (ids, related), journals = await self._journals.beside(
            lambda: finder.candidates(self._rows, resource_type, lookups)
        )
        ids |= finder.groups_of(related, journals) if resource_type.name == "Group" else set()
        rows = await self._rows.many([keys.resource(resource_type.name, id) for id in sorted(ids)])
        return await self._present([decode(row) for row in rows.values()], journals, members)

    async def scan(
        self,
        resource_type: ResourceType,
        *,
        after: str = "",
        size: int = 1000,
        members: MembersWanted = MemberView.NONE,
    ) -> AsyncIterator[Page]:
        """Walk the resources in creation order: one round trip for each page. Raises InvalidCursor."""
        more = True
        while more:
            read = partial(walk.stretch, self._rows, resource_type.name, place(after), size)
            (rows, more), journals = await self._journals.beside(read)
            yield Page(tuple(await self._present([decode(row) for row in rows], journals, members)), more)
            after = keys.last(rows[-1].key) if rows else after

    async def skip(self, resource_type: ResourceType, count: int, *, after: str = "") -> str | None:
        """Return the id of the `count`-th resource behind `after`: one round trip for each 1,000."""
        return await walk.skip(self._rows, resource_type.name, place(after), count)

    async def count(self, resource_type: ResourceType) -> int:
        """Return how many resources there are: one round trip, above 1,000 one more per 16,000."""
        return await walk.count(self._rows, resource_type.name)

    async def heal(self) -> int:
        """Carry out whatever is left of interrupted changes, and return how many there were. Raises Unavailable."""
        journals = await self._journals.pending()
        for journal in journals:
            await self._journals.settle(journal)
        return len(journals)

    async def _settled(self, resource_type: ResourceType, id: str, members: MembersWanted) -> Snapshot:
        """Return a snapshot for a change: a change of the group's members that is under way ends first."""
        doubtful = ""
        while True:
            snapshot = await self._reader.take(resource_type.name, id, members, strict=False)
            record = snapshot.record
            if record and ended(record, snapshot.journals) and record.etag != doubtful:
                doubtful = record.etag
                continue
            own = [journal for journal in snapshot.journals if record and journal.id == record.journal]
            if own:
                await self._journals.wait(own, _TURN_SECONDS)
            elif not await self._journals.assist(_concerning(snapshot, id), ASSIST_SECONDS):
                return snapshot

    async def _roster(self, snapshot: Snapshot, group: Record, draft: Draft) -> plan.Roster:
        """Return who comes and who goes within the view. Raises InvalidValue."""
        if draft.members is None:
            return plan.NOBODY
        target = {member.id: member for member in draft.members}
        coming = [id for id in target if id not in snapshot.members]
        going = [id for id in snapshot.members if id not in target]
        if group.id in coming:
            raise InvalidValue(f"members: the group {group.id} cannot be a member of itself")
        unread = [id for id in well_formed([*coming, *going]) if id not in snapshot.records]
        found = {**snapshot.records, **await load(self._rows, unread)}
        existing = {id: _existing(found, target[id]) for id in coming}
        new = {id: record for id, record in existing.items() if group.id not in record.groups}
        gone = {id: found[id] for id in going if id in found and group.id in found[id].groups}
        return plan.Roster(new, gone)

    async def _few_members(self, group: str) -> dict[str, Record | None] | None:
        """Return the records of the members of a group, None of one that is gone; or None if there are many."""
        page = await self._rows.page(keys.edges(group), size=_FEW + 1)
        if len(page.rows) > _FEW or page.token:
            return None
        ids = [keys.last(row.key) for row in page.rows]
        found = await load(self._rows, ids)
        return {id: found.get(id) for id in ids}

    async def _present(
        self, records: Collection[Record], journals: Sequence[Journal], members: MembersWanted
    ) -> list[Stored]:
        """Return what the protocol sees of resources, in creation order, and assist with what concerns them."""
        concerning = [j for j in journals if any(concerns(j, record.id, record.groups) for record in records)]
        await self._journals.assist(concerning, ASSIST_SECONDS)
        if members is MemberView.NONE:
            seen_now = (seen(record, journals) for record in records)
            found = [record.stored() for record in seen_now if record]
        else:
            taken = await each(
                records, lambda record: self._reader.take(record.type, record.id, members), at_once=_GROUPS_AT_ONCE
            )
            found = [stored for snapshot in taken if (stored := snapshot.stored())]
        return sorted(found, key=lambda stored: stored.id)

    async def _commit(self, made: plan.Plan) -> bool:
        """Write a plan; False if somebody else was faster.

        An answer may have been lost on the way: then the event tells whether it was this very plan that was faster.
        """
        try:
            await self._rows.commit(made.writes)
        except Conflict as conflict:
            return conflict.uncertain and await self._rows.get(made.event, select=["RowKey"]) is not None
        return True

    async def _result(self, made: plan.Plan, members: Mapping[str, Member], journals: Sequence[Journal]) -> Stored:
        """Return what a plan has made, once what it left to do is done."""
        await self._finish(made)
        record = made.record and seen(made.record, journals)
        if record is None:
            raise busy()
        return record.stored(members.values())

    async def _finish(self, made: plan.Plan) -> None:
        if made.journal:
            await self._journals.finish(made.journal, _FINISH_SECONDS, made.known)

    async def _refuse_taken(self, resource_type: ResourceType, draft: Draft, made: plan.Plan) -> None:
        """Find out whether a plan failed because a value is taken. Raises Uniqueness."""
        if not made.claim or made.record is None:
            return
        row = await self._rows.get(made.claim)
        if row is not None and row.values["id"] != made.record.id:
            value = resource_type.unique_value(draft.document)
            raise Uniqueness(f"{resource_type.unique} '{value}' is already taken")

    @asynccontextmanager
    async def _turn(self, *ids: str) -> AsyncIterator[None]:
        """Wait until no other change of these resources is under way in this process. Raises Unavailable.

        Everybody queues in the order of the ids, so that no two wait for each other.
        """
        locks = [self._turns.setdefault(id, asyncio.Lock()) for id in sorted({*ids})]
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(_TURN_SECONDS):
                    for lock in locks:
                        await held.enter_async_context(lock)
            except TimeoutError:
                raise busy() from None
            yield


def _existing(found: Mapping[str, Record], member: Member) -> Record:
    """Return the record of a member. Raises InvalidValue if there is none, or one of another type than was said."""
    record = found.get(member.id)
    if record is None or member.type not in {"", record.type}:
        raise InvalidValue(f"members: there is no {member.type or 'user or group'} with the id '{member.id[:100]}'")
    return record


def _concerning(snapshot: Snapshot, id: str) -> list[Journal]:
    groups = snapshot.record.groups if snapshot.record else frozenset()
    return [journal for journal in snapshot.journals if concerns(journal, id, groups)]
