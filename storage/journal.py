"""Changes that need more than one transaction: what they still have to do, as rows, and what they make of what is
read meanwhile.

A journal is decided by the transaction that writes its rows. From then on its change has happened: `seen` and
`members_seen` show resources as they will be once every step is done, so that no reader meets half of it.
When the steps are done, its rows give way to a tombstone for a minute. A reader reads resource and journals at the
same time, and without it could find the journal gone and the resource not yet changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeAlias

from scim.errors import TooLarge
from scim.store import Member
from storage import ids, keys
from storage.record import CHUNK_BYTES, Record, numbered
from storage.tables import Row, Write

DONE = "done"
_ROW_IDS = 40_000  # 640 KB of packed ids
_ROWS = 4
_LISTS = ("addedUsers", "addedGroups", "removedUsers", "removedGroups", "groups")


@dataclass(frozen=True, slots=True)
class Membership:
    """Members, by id, that come to and go from a group, whose row already says so (its version is new)."""

    id: str
    group: str
    time: str
    added: Mapping[str, Member]
    removed: Mapping[str, Member]


@dataclass(frozen=True, slots=True)
class Removal:
    """A resource that is gone: it leaves the `groups` it was in, and if it was a group its members leave it."""

    id: str
    resource: str
    type: str
    time: str
    groups: frozenset[str]


Journal: TypeAlias = Membership | Removal


def later(journal: Journal, version: str) -> str:
    """Return the version that a journal gives to a resource it changes: the same before the step and after."""
    return ids.digest(f"{journal.id} {version}", 16)


def seen(record: Record, journals: Iterable[Journal]) -> Record | None:
    """Return a record as it is once the journals are done; None if one of them removed it."""
    now: Record | None = record
    for journal in journals:
        if now is None:
            return None
        match journal:
            case Membership():
                now = _with_membership(now, journal)
            case Removal():
                now = None if journal.resource == now.id else _with_removal(now, journal)
    return now


def _with_membership(record: Record, journal: Membership) -> Record:
    groups = record.groups
    if record.id in journal.added:
        groups |= {journal.group}
    elif record.id in journal.removed:
        groups -= {journal.group}
    return _changed(record, journal, groups)


def _with_removal(record: Record, journal: Removal) -> Record:
    if record.id in journal.groups and record.applied != journal.id:
        version = later(journal, record.version)
        record = replace(record, version=version, last_modified=journal.time, applied=journal.id)
    return _changed(record, journal, record.groups - {journal.resource})


def _changed(record: Record, journal: Journal, groups: frozenset[str]) -> Record:
    if groups == record.groups:
        return record
    return replace(record, groups=groups, version=later(journal, record.version))


def members_seen(group: Record, members: Iterable[Member], journals: Iterable[Journal]) -> dict[str, Member]:
    """Return the members of a group by id, as they are once the journals are done.

    A change of members counts only where the group's own row says that it is under way: a row read before it was
    decided goes with the members before it.
    """
    now = {member.id: member for member in members}
    for journal in journals:
        match journal:
            case Membership() if journal.id == group.journal:
                now = {id: member for id, member in now.items() if id not in journal.removed} | dict(journal.added)
            case Removal():
                now.pop(journal.resource, None)
            case Membership():
                pass
    return now


def concerns(journal: Journal, id: str, groups: Collection[str] = ()) -> bool:
    """Tell whether a journal changes a resource that is in these groups, or whether it is there at all."""
    match journal:
        case Membership():
            return id == journal.group or id in journal.added or id in journal.removed
        case Removal():
            return id == journal.resource or id in journal.groups or journal.resource in groups


def rows_of(journal: Journal) -> list[Write]:
    """Return the rows of a journal, to be inserted by the transaction that decides it. Raises TooLarge."""
    match journal:
        case Membership():
            head = {"kind": "membership", "resource": journal.group, "time": journal.time}
            lists = _split("added", journal.added.values()) | _split("removed", journal.removed.values())
        case Removal():
            head = {"kind": "removal", "resource": journal.resource, "type": journal.type, "time": journal.time}
            lists = {"groups": sorted(journal.groups)}
    pairs = [(name, id) for name, found in lists.items() for id in found]
    parts = [pairs[start : start + _ROW_IDS] for start in range(0, len(pairs), _ROW_IDS)] or [[]]
    if len(parts) > _ROWS:
        raise TooLarge(f"a request can change at most {_ROWS * _ROW_IDS:,} members at once")
    rows: list[dict[str, Any]] = [_columns(part) for part in parts]
    rows[0] |= head
    return [Write("insert", keys.journal(journal.id, n), row) for n, row in enumerate(rows)]


def _split(prefix: str, members: Collection[Member]) -> dict[str, list[str]]:
    return {f"{prefix}{type}s": [m.id for m in members if m.type == type] for type in keys.TAGS}


def _columns(pairs: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    columns: dict[str, bytes] = {}
    for name, group in groupby(pairs, key=lambda pair: pair[0]):
        packed = ids.pack(id for _, id in group)
        for n, start in enumerate(range(0, len(packed), CHUNK_BYTES)):
            columns[f"{name}{n}"] = packed[start : start + CHUNK_BYTES]
    return columns


@dataclass(frozen=True, slots=True)
class Found:
    """The journals of a tenant: those `pending`, oldest first, and the ids of those `done`, with when."""

    pending: tuple[Journal, ...]
    done: Mapping[str, str]


def read(rows: Collection[Row]) -> Found:
    """Return the journals that rows in key order hold. Raises KeyError or ValueError for rows not ours."""
    pending: list[Journal] = []
    done: dict[str, str] = {}
    for id, group in groupby(rows, key=lambda row: row.key.split("|")[1]):
        parts = [row.values for row in group]
        if parts[0]["kind"] == DONE:
            done[id] = parts[0]["time"]
        else:
            pending.append(_journal(id, parts))
    return Found(tuple(pending), done)


def _journal(id: str, parts: Sequence[Mapping[str, Any]]) -> Journal:
    head = parts[0]
    lists = {name: ids.unpack(b"".join(piece for part in parts for piece in numbered(part, name))) for name in _LISTS}
    if head["kind"] == "removal":
        return Removal(id, head["resource"], head["type"], head["time"], frozenset(lists["groups"]))
    added, removed = (_members(prefix, lists) for prefix in ("added", "removed"))
    return Membership(id, head["resource"], head["time"], added, removed)


def _members(prefix: str, lists: Mapping[str, tuple[str, ...]]) -> dict[str, Member]:
    return {id: Member(id, type) for type in keys.TAGS for id in lists[f"{prefix}{type}s"]}
