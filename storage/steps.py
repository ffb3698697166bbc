"""The steps of a journal: small transactions that may run again, or in two processes at once, without harm.

Every step writes rows on the condition that they are as it read them, and works out from them what is still to do.
So a step that was done already finds nothing to do, and of two that race one starts over and finds it done. Every
step also touches the journal's first row, which must still be there: a process that was slow cannot do again what
was done, and undone since.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
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


async def carry_out(
    rows: Partition, journal: Journal, now: Callable[[], str], known: Mapping[str, Record] | None = None
) -> None:
    """Do all that a journal still has to do, and leave a tombstone in its place. Raises Unavailable.

    `known` are the records that it changes, by id, if they have been read just now.
    """
    steps: list[Callable[[], Awaitable[bool]]]
    at_hand = dict(known or await _affected(rows, journal))
    match journal:
        case Membership():
            batches = _batches([*journal.added, *journal.removed])
            steps = [partial(_memberships, rows, journal, ids, at_hand) for ids in batches]
        case Removal():
            steps = [partial(_parents, rows, journal, ids, at_hand) for ids in _batches(sorted(journal.groups))]
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
            race = Race()
        except Conflict:
            if await rows.get(keys.journal(journal.id), select=["RowKey"]) is None:
                return
            await race.lost()


async def _affected(rows: Partition, journal: Journal) -> dict[str, Record]:
    """Return the records that a journal names, by id."""
    match journal:
        case Membership():
            members = {**journal.added, **journal.removed}.values()
            return await _records(rows, [keys.resource(member.type, member.id) for member in members])
        case Removal():
            return await _records(rows, [keys.resource("Group", id) for id in journal.groups])


async def _records(rows: Partition, wanted: Collection[str]) -> dict[str, Record]:
    read = await rows.many(wanted, select=WITHOUT_DOCUMENT)
    return {record.id: record for record in map(decode, read.values())}


async def _memberships(rows: Partition, journal: Membership, ids: Sequence[str], at_hand: dict[str, Record]) -> bool:
    """Let members in and out; one that is gone meanwhile needs nothing. What is at hand serves the first try."""
    records = {id: at_hand.pop(id) for id in ids if id in at_hand}
    if len(records) < len(ids):
        types = {**journal.added, **journal.removed}
        records = await _records(rows, [keys.resource(types[id].type, id) for id in ids])
    writes: list[Write] = []
    for id, record in records.items():
        if (id in journal.added) != (journal.group in record.groups):
            change = join if id in journal.added else leave
            writes += change(journal.group, record, later(journal, record.version))
    return await _commit(rows, journal, writes)


async def _parents(rows: Partition, journal: Removal, ids: Sequence[str], at_hand: dict[str, Record]) -> bool:
    """Take what is gone out of the groups it was in; a group without its edge has been seen to already.

    In the first try the edges are not read: the mark on the group tells, unless another journal has overwritten it.
    """
    groups = {id: at_hand.pop(id) for id in ids if id in at_hand}
    inside = {id for id, group in groups.items() if group.applied != journal.id}
    if len(groups) < len(ids):
        edges, groups = await together(
            rows.many([keys.edge(id, journal.resource) for id in ids]),
            _records(rows, [keys.resource("Group", id) for id in ids]),
        )
        inside = {id for id in groups if keys.edge(id, journal.resource) in edges}
    writes: list[Write] = []
    for group in (groups[id] for id in sorted(inside)):
        version = later(journal, group.version)
        values = {"version": version, "lastModified": journal.time, "applied": journal.id}
        writes.append(Write("delete", keys.edge(group.id, journal.resource)))
        writes.append(Write("merge", group.key, values, group.etag))
    return await _commit(rows, journal, writes)


async def _members(rows: Partition, journal: Removal, digit: str) -> bool:
    """Take some members of a sixteenth out of the group that is gone; done when no edge is left."""
    page = await rows.page(keys.edges(journal.resource, digit), size=_BATCH)
    if not page.rows:
        return page.token is None
    records = await _records(rows, [keys.resource(row.values["type"], keys.last(row.key)) for row in page.rows])
    writes: list[Write] = []
    for row in page.rows:
        member = records.get(keys.last(row.key))
        if member and journal.resource in member.groups:
            writes += leave(journal.resource, member, later(journal, member.version))
        else:
            writes.append(Write("delete", row.key))
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
