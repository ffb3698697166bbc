"""What one operation sees of a resource: its row, its members within a view, and the journals, all of one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scim.errors import Unavailable
from scim.store import Member, MembersWanted, MemberView, Stored
from storage import keys
from storage.faults import RETRY_AFTER
from storage.ids import is_id, well_formed
from storage.journal import Journal, Membership, members_seen, seen
from storage.journals import Journals
from storage.partition import Partition, each, together
from storage.record import Record, decode
from storage.relations import load
from storage.tables import Row

_TRIES = 20
_EDGE = ["RowKey", "type"]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read of a group's members: all its edges, or the rows of the ids that the call named."""

    members: Mapping[str, Member]
    records: Mapping[str, Record]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A resource of one moment.

    `record` is its row, None if there is none; `journals` what is under way in the tenant; `members` the members
    within the view, by id, as they are once the journals are done; `records` the rows, as they are now, of those
    ids that the call named.
    """

    record: Record | None
    journals: tuple[Journal, ...]
    members: Mapping[str, Member] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)

    def stored(self) -> Stored | None:
        """Return what the protocol sees; None if there is no resource, or a journal has removed it."""
        record = seen(self.record, self.journals) if self.record else None
        return record.stored(self.members.values()) if record else None


def ended(record: Record, journals: Sequence[Journal]) -> bool:
    """Tell whether the journal that a group's row names is not there: it has just ended, and the row is old.

    If the row is still the same when it is read again, there was no such journal, and nothing to wait for.
    """
    return bool(record.journal) and record.journal not in {journal.id for journal in journals}


class Reader:
    """Takes snapshots of a tenant's resources."""

    def __init__(self, rows: Partition, journals: Journals) -> None:
        self._rows = rows
        self._journals = journals

    async def take(self, type: str, id: str, wanted: MembersWanted, *, strict: bool = True) -> Snapshot:
        """Return a snapshot of a resource, of one that is not there as well.

        Without members it is one round trip, with them one more, in which the row is read again: if it has changed,
        what was read of the members may be of another moment. Who writes on the condition that the row has not
        changed need not be `strict` about members that it names. Raises Unavailable.
        """
        if not is_id(id):
            return Snapshot(None, ())
        doubtful = ""
        for _ in range(_TRIES):
            (row, found), journals = await self._journals.beside(lambda: self._first(type, id, wanted))
            latest = row
            if row is not None and (wanted is MemberView.ALL or (strict and not isinstance(wanted, MemberView))):
                latest, journals = await self._journals.beside(lambda: self._rows.get(keys.resource(type, id)))
            if row is None or latest is None:
                return Snapshot(None, journals)
            record = decode(latest)
            same = latest.etag == row.etag
            if same and (wanted is MemberView.NONE or not ended(record, journals) or row.etag == doubtful):
                members = await self._members(record, found, wanted, journals)
                return Snapshot(record, journals, members, found.records)
            doubtful = latest.etag
        raise Unavailable("the group is changing too fast to be read; try again", headers=RETRY_AFTER)

    async def _first(self, type: str, id: str, wanted: MembersWanted) -> tuple[Row | None, _Found]:
        return await together(self._rows.get(keys.resource(type, id)), self._find(id, wanted))

    async def _find(self, group: str, wanted: MembersWanted) -> _Found:
        if wanted is MemberView.NONE:
            return _Found({}, {})
        if wanted is MemberView.ALL:
            return _Found({member.id: member for member in await self.edges(group)}, {})
        records = await load(self._rows, well_formed(wanted))
        inside = [record for record in records.values() if group in record.groups]
        return _Found({record.id: Member(record.id, record.type) for record in inside}, records)

    async def edges(self, group: str) -> list[Member]:
        """Return the members of a group as its edges say: 1,000 in one call, more in sixteen ranges at once."""
        first = await self._rows.page(keys.edges(group), select=_EDGE)
        rows = list(first.rows)
        if first.token:
            after = rows[-1].key if rows else ""
            spans = [span for digit in keys.HEX if (span := keys.edges(group, digit, after=after)).low < span.high]
            for more in await each(spans, lambda span: self._rows.all(span, select=_EDGE), at_once=len(keys.HEX)):
                rows += more
        return [Member(keys.last(row.key), row.values["type"]) for row in rows]

    async def _members(
        self, group: Record, found: _Found, wanted: MembersWanted, journals: tuple[Journal, ...]
    ) -> dict[str, Member]:
        """Return the members within the view once the journals are done."""
        if wanted is MemberView.NONE:
            return {}
        members = members_seen(group, found.members.values(), journals)
        if not isinstance(wanted, MemberView):
            return {id: member for id, member in members.items() if id in found.records}
        coming = {id for j in journals if isinstance(j, Membership) and j.id == group.journal for id in j.added}
        unsure = coming - found.members.keys()  # added, but it may have been deleted before its step came
        there = await load(self._rows, unsure) if unsure else {}
        return {id: member for id, member in members.items() if id not in unsure or id in there}
