"""What a change writes: pure functions from what was read to the rows of one transaction.

A plan that would need more than 100 rows writes its members into a journal instead (storage/journal.py).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scim.errors import TooLarge
from scim.schema import ResourceType
from scim.store import Member
from storage import ids, keys
from storage.ids import Mint
from storage.journal import Journal, Membership, Removal, rows_of
from storage.record import GROUPS, Record, encode, index_of, text_of
from storage.relations import join, leave
from storage.tables import TRANSACTION_ROWS, Write

_EVENT_IDS = 300  # named in an event; beyond, only their number is
_EVENT_NAMES = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """One transaction and what it makes: the record as it will be (None: gone), and what is left to do after it.

    `event` is the key of the event that it inserts: the proof that it was done. `claim` is the key of the claim that
    it inserts, "" for none.
    """

    record: Record | None
    writes: tuple[Write, ...]
    event: str
    claim: str = ""
    journal: Journal | None = None
    known: Mapping[str, Record] = field(default_factory=dict)  # what the journal changes, as it was read


@dataclass(frozen=True, slots=True)
class Roster:
    """The members that come to and go from a group, as they were read, by id."""

    added: Mapping[str, Record]
    removed: Mapping[str, Record]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


NOBODY = Roster({}, {})


def creation(resource_type: ResourceType, document: Mapping[str, Any], roster: Roster, mint: Mint) -> Plan:
    """Plan a new resource. Raises TooLarge."""
    id, now = mint.id(), mint.now()
    index = index_of(resource_type, id, document)
    record = Record(id, resource_type.name, text_of(document), mint.version(), now, now, index)
    return _write("create", None, record, list(document), roster, mint)


def change(
    resource_type: ResourceType, before: Record, document: Mapping[str, Any], roster: Roster, mint: Mint
) -> Plan:
    """Plan what a resource becomes. Raises TooLarge."""
    after = replace(
        before,
        text=text_of(document),
        version=mint.version(),
        last_modified=mint.now(),
        index=index_of(resource_type, before.id, document),
        journal="",
    )
    return _write("change", before, after, _changed(before.document, document), roster, mint)


def _write(
    operation: str, before: Record | None, after: Record, changed: list[str], roster: Roster, mint: Mint
) -> Plan:
    """Plan the row, its index and its members: in this transaction if they fit, else by a journal."""
    _refuse_too_many_groups(roster.added.values())
    event = _event(operation, after, changed, roster, mint)
    gone, new = (set(before.index), set(after.index)) if before else (set(), set(after.index))
    index = [Write("delete", key) for key in sorted(gone - new)]
    index += [_index_row(key, after.id) for key in sorted(new - gone)]
    claim = after.index[0] if after.index[0] in new - gone else ""
    members = [w for record in roster.added.values() for w in join(after.id, record, mint.version())]
    members += [w for record in roster.removed.values() for w in leave(after.id, record, mint.version())]
    journal: Membership | None = None
    if 1 + len(index) + 1 + len(members) > TRANSACTION_ROWS:
        journal = Membership(mint.id(), after.id, after.last_modified, named(roster.added), named(roster.removed))
        after, members = replace(after, journal=journal.id), rows_of(journal)
    values = encode(after)
    row = Write("replace", after.key, values, before.etag) if before else Write("insert", after.key, values)
    known = {**roster.added, **roster.removed}
    return Plan(after, (row, *index, event, *members), event.key, claim, journal, known)


def removal(before: Record, standing: Collection[str], members: Mapping[str, Record | None] | None, mint: Mint) -> Plan:
    """Plan the end of a resource.

    `standing` are those of its groups that are not being removed themselves. `members` are the records of a group's
    members by id, None for one that is gone already; or None instead of the mapping if there are too many to read.
    """
    now = mint.now()
    event = _event("delete", before, [], NOBODY, mint)
    head = [Write("delete", before.key, {}, before.etag), *(Write("delete", key) for key in before.index), event]
    parents = {keys.resource("Group", group): {"version": mint.version(), "lastModified": now} for group in standing}
    rows = [Write("delete", keys.edge(group, before.id)) for group in standing]
    etags: dict[str, str] = {}
    for id, member in (members or {}).items():
        if member is None:
            rows.append(Write("delete", keys.edge(before.id, id)))
            continue
        edge, merge = leave(before.id, member, mint.version())
        rows.append(edge)
        # A group can be a member of its own member: then both changes are one write on its row.
        parents[merge.key] = {**parents.get(merge.key, {}), **merge.values}
        etags[merge.key] = merge.etag
    rows += [Write("merge", key, values, etags.get(key, "*")) for key, values in parents.items()]
    if members is not None and len(head) + len(rows) <= TRANSACTION_ROWS:
        return Plan(None, (*head, *rows), event.key)
    journal = Removal(mint.id(), before.id, before.type, now, frozenset(standing))
    return Plan(None, (*head, *rows_of(journal)), event.key, journal=journal)


def _refuse_too_many_groups(added: Collection[Record]) -> None:
    full = next((record.id for record in added if len(record.groups) >= GROUPS), None)
    if full is not None:
        raise TooLarge(f"members: {full} is a member of {GROUPS:,} groups already, the most there can be")


def named(records: Mapping[str, Record]) -> dict[str, Member]:
    """Return the members that records stand for, by id."""
    return {id: Member(id, record.type) for id, record in records.items()}


def _index_row(key: str, id: str) -> Write:
    """Return a claim, which must not exist, or a look-up, whose id is in its key."""
    return Write("insert", key, {"id": id}) if key.startswith("c|") else Write("put", key)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the attributes whose values differ, those of extensions with the extension's URN."""
    names: list[str] = []
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True):
            continue
        if name.startswith("urn:"):
            names += [f"{name}:{sub}" for sub in _changed(one or {}, other or {})]
        else:
            names.append(name)
    return names


def _event(operation: str, record: Record, changed: Sequence[str], roster: Roster, mint: Mint) -> Write:
    """Return the row that tells what happened: names of attributes, never values."""
    id = mint.id()
    names = [*changed, "members"] if roster else changed
    values: dict[str, Any] = {
        "operation": operation,
        "resourceType": record.type,
        "resourceId": record.id,
        "version": record.version,
        "time": ids.moment(mint.clock()),
        "attributes": json.dumps(names[:_EVENT_NAMES]),
    }
    for name, records in (("added", roster.added), ("removed", roster.removed)):
        if records:
            values |= {name: ids.pack(list(records)[:_EVENT_IDS]), f"{name}Count": len(records)}
    return Write("insert", keys.event(id), values)
