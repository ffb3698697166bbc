"""The steps of a journal: small transactions that may run again, or in two processes at once, without harm.

Every step writes rows on the condition that they are as it read them, and works out from them what is still to do.
So a step that was done already finds nothing to do, and of two that race one starts over and finds it done. Every
step also touches the journal's first row, which must still be there: a process that was slow cannot do again what
was done, and undone since.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

from storage import keys
from storage.faults import Conflict
from storage.journal import DONE, Journal, Membership, Removal, later
from storage.partition import Partition, each, together
from storage.race import Race
from storage.record import WITHOUT_DOCUMENT, Record, decode
from storage.relations import join, leave
from storage.tables import Write

_BATCH = 49  # memberships of a step: two rows each, and a hundred rows make a transaction
_AT_ONCE = 4


async def carry_out(rows: Partition, journal: Journal, now: Callable[[], str]) -> None:
    """Do all that a journal still has to do, and turn it into a tombstone. Raises Unavailable."""
    steps: list[Callable[[], Awaitable[bool]]]
    match journal:
        case Membership():
            steps = [partial(_memberships, rows, journal, ids) for ids in _batches([*journal.added, *journal.removed])]
        case Removal():
            steps = [partial(_parents, rows, journal, ids) for ids in _batches(sorted(journal.groups))]
            if journal.type == "Group":
                steps += [partial(_members, rows, journal, digit) for digit in keys.HEX]
    await each(steps, lambda step: _until_done(rows, journal, step), at_once=_AT_ONCE)
    await _until_done(rows, journal, partial(_finish, rows, journal, now))


def _batches(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]


async def _until_done(rows: Partition, journal: Journal, step: Callable[[], Awaitable[bool]]) -> None:
    """Repeat a step until nothing is left of it, or of the journal. Raises Unavailable when it loses every race."""
    race = Race()
    while True:
        try:
            if await step():
                return
        except Conflict:
            if await rows.get(keys.journal(journal.id), select=["RowKey"]) is None:
                return
            await race.lost()


async def _memberships(rows: Partition, journal: Membership, ids: Sequence[str]) -> bool:
    """Let members in and out; one that is gone meanwhile needs nothing."""
    types = {**journal.added, **journal.removed}
    read = await rows.many([keys.resource(types[id].type, id) for id in ids], select=WITHOUT_DOCUMENT)
    writes: list[Write] = []
    for record in map(decode, read.values()):
        if (record.id in journal.added) != (journal.group in record.groups):
            change = join if record.id in journal.added else leave
            writes += change(journal.group, record, later(journal, record.version))
    return await _commit(rows, journal, writes)


async def _parents(rows: Partition, journal: Removal, ids: Sequence[str]) -> bool:
    """Take what is gone out of the groups it was in; a group without its edge has been seen to already."""
    edges, groups = await together(
        rows.many([keys.edge(id, journal.resource) for id in ids]),
        rows.many([keys.resource("Group", id) for id in ids], select=WITHOUT_DOCUMENT),
    )
    writes: list[Write] = []
    for group in map(decode, groups.values()):
        edge = keys.edge(group.id, journal.resource)
        if edge in edges:
            version = later(journal, group.version)
            values = {"version": version, "lastModified": journal.time, "applied": journal.id}
            writes += [Write("delete", edge), Write("merge", group.key, values, group.etag)]
    return await _commit(rows, journal, writes)


async def _members(rows: Partition, journal: Removal, digit: str) -> bool:
    """Take some members of a sixteenth out of the group that is gone; done when no edge is left."""
    page = await rows.page(keys.edges(journal.resource, digit), size=_BATCH)
    if not page.rows:
        return page.token is None
    wanted = {keys.resource(row.values["type"], keys.last(row.key)): row.key for row in page.rows}
    read = await rows.many(wanted, select=WITHOUT_DOCUMENT)
    writes: list[Write] = []
    for key, edge in wanted.items():
        member: Record | None = decode(read[key]) if key in read else None
        if member and journal.resource in member.groups:
            writes += leave(journal.resource, member, later(journal, member.version))
        else:
            writes.append(Write("delete", edge))
    await _commit(rows, journal, writes)
    return False


async def _commit(rows: Partition, journal: Journal, writes: Collection[Write]) -> bool:
    """Write what is left to do of a batch, if the journal is still there. Always True: then the batch is done."""
    if writes:
        await rows.commit([Write("merge", keys.journal(journal.id)), *writes])
    return True


async def _finish(rows: Partition, journal: Journal, now: Callable[[], str]) -> bool:
    """Put a tombstone in the journal's place and take the journal off its group. Always True."""
    found = await rows.all(keys.journal_span(journal.id), select=["RowKey"])
    writes = [Write("delete", keys.journal(journal.id))]  # fails if somebody else was first
    writes += [Write("delete", row.key) for row in found if row.key != keys.journal(journal.id)]
    writes.append(Write("insert", keys.tombstone(journal.id), {"kind": DONE, "time": now()}))
    if isinstance(journal, Membership):
        writes.append(Write("merge", keys.resource("Group", journal.group), {"journal": ""}))
    await rows.commit(writes)
    return True
