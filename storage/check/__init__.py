"""Looking for broken invariants: what the rows of a tenant say about each other must agree.

Rows are read once, in key order, in pages; of each only what others refer to is kept in memory, about 300 bytes for
a resource and 100 for a membership.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from scim.schema import resource_types
from storage import keys
from storage.directory import TABLE
from storage.journal import DONE
from storage.partition import Partition
from storage.record import Record, decode, index_of
from storage.tables import Row, Span, Tables

_ALL = Span("", "~")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A broken invariant: what is wrong, and the key of the row where it shows."""

    problem: str
    key: str
    detail: str = ""


@dataclass(slots=True)
class _Seen:
    """What was read of a tenant, as far as other rows refer to it."""

    claims: dict[str, str] = field(default_factory=dict)  # claim -> id
    lookups: set[str] = field(default_factory=set)
    edges: dict[str, str] = field(default_factory=dict)  # edge -> member's type
    index: dict[str, str] = field(default_factory=dict)  # claim or look-up -> id of the resource that it belongs to
    groups: dict[str, frozenset[str]] = field(default_factory=dict)  # resource -> groups it is in
    types: dict[str, str] = field(default_factory=dict)  # resource -> its type


async def check(tables: Tables, tenant: str) -> list[Finding]:
    """Return every broken invariant of a tenant, in a stable order. Raises Unavailable."""
    seen = _Seen()
    findings: list[Finding] = []
    async for row in Partition(tables.table(TABLE), tenant).rows(_ALL):
        findings += _read(row, seen)
    return sorted([*findings, *_index(seen), *_members(seen)])


async def tenants(tables: Tables) -> list[str]:
    """Return the tenants that have a row in the directory. Raises Unavailable."""
    found: list[str] = []
    while (tenant := await tables.table(TABLE).partition_after(found[-1] if found else "")) is not None:
        found.append(tenant)
    return found


def _read(row: Row, seen: _Seen) -> Iterator[Finding]:
    """Remember what a row says, and find what is wrong with it alone."""
    try:
        match row.key.split("|"):
            case ["u" | "g", id]:
                yield from _resource(decode(row), row.key, id, seen)
            case ["c", _, _]:
                seen.claims[row.key] = row.values["id"]
            case ["x", _, _, _, _]:
                seen.lookups.add(row.key)
            case ["m", _, _, _]:
                seen.edges[row.key] = row.values["type"]
            case ["e", _]:
                row.values["operation"], row.values["resourceId"], row.values["version"]
            case ["j", _, *_]:
                if row.values.get("kind") != DONE:
                    yield Finding("journal left over", row.key, row.values.get("kind", ""))
            case _:
                yield Finding("row of no known kind", row.key)
    except (KeyError, ValueError, AttributeError) as error:
        yield Finding("row that cannot be read", row.key, repr(error))


def _resource(record: Record, key: str, id: str, seen: _Seen) -> Iterator[Finding]:
    """Remember a resource, and compare its own list of index rows with its document."""
    if not record.version:
        yield Finding("resource without a version", key)
    if record.journal:
        yield Finding("resource with a journal under way", key, record.journal)
    if keys.TAGS.get(record.type) != key[0]:
        yield Finding("resource under the key of another type", key, record.type)
    if set(record.index) != set(index_of(resource_types()[record.type], id, record.document)):
        yield Finding("index that disagrees with the document", key)
    for row in record.index:
        seen.index[row] = id
    seen.groups[id], seen.types[id] = record.groups, record.type


def _index(seen: _Seen) -> Iterator[Finding]:
    """Compare the claims and look-ups that exist with those that the resources list."""
    for key, id in seen.claims.items():
        if id not in seen.types:
            yield Finding("claim without a resource", key, id)
        elif seen.index.get(key) != id:
            yield Finding("claim that its resource does not hold", key, id)
    for key in seen.lookups - seen.index.keys():
        alone = keys.last(key) not in seen.types
        yield Finding("look-up without a resource" if alone else "look-up that its resource does not hold", key)
    for key, id in seen.index.items():
        if key not in seen.claims and key not in seen.lookups:
            kind = "claim" if key.startswith("c|") else "look-up"
            yield Finding(f"resource without its {kind}", key, id)


def _members(seen: _Seen) -> Iterator[Finding]:
    """Compare the edges with the groups that the members list."""
    for key, type in seen.edges.items():
        group, member = key.split("|")[1], keys.last(key)
        if seen.types.get(group) != "Group":
            yield Finding("membership of a group that does not exist", key, group)
        if member not in seen.types:
            yield Finding("member that does not exist", key, member)
        elif group not in seen.groups[member]:
            yield Finding("member that does not list the group", key, member)
        elif seen.types[member] != type:
            yield Finding("membership with the wrong type", key, type)
        if key != keys.edge(group, member):
            yield Finding("membership under the wrong key", key)
    for member, groups in seen.groups.items():
        for group in groups:
            if keys.edge(group, member) not in seen.edges:
                yield Finding("group listed by a resource that is no member of it", keys.edge(group, member), member)
