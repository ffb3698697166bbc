"""Looking for broken invariants: what the rows of a tenant say about each other must agree.

`check` reads the rows of a tenant once, in key order, in pages; of each only what others refer to is kept in memory,
about 300 bytes for a resource and 100 for a membership. `check_slice` reads some rows, and what these refer to.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from scim.schema import resource_types
from storage import keys
from storage.directory import TABLE
from storage.journal import DONE
from storage.partition import Partition
from storage.record import WITHOUT_DOCUMENT, Record, decode, index_of
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

    def joined(self, other: "_Seen") -> "_Seen":
        """Return what both have seen; the other knows better."""
        return _Seen(
            self.claims | other.claims,
            self.lookups | other.lookups,
            self.edges | other.edges,
            self.index | other.index,
            self.groups | other.groups,
            self.types | other.types,
        )


async def check(tables: Tables, tenant: str) -> list[Finding]:
    """Return every broken invariant of a tenant, in a stable order. Raises Unavailable."""
    seen = _Seen()
    findings: list[Finding] = []
    async for row in Partition(tables.table(TABLE), tenant).rows(_ALL):
        findings += _read(row, seen)
    return sorted([*findings, *_index(seen, seen), *_members(seen, seen)])


@dataclass(frozen=True, slots=True)
class Checked:
    """What a slice has shown: its findings, how many rows it had, and its last key, None behind the last slice."""

    findings: list[Finding]
    rows: int
    last: str | None


async def check_slice(tables: Tables, tenant: str, after: str = "", size: int = 500) -> Checked:
    """Return the broken invariants of the next rows behind a key, in a bounded number of calls.

    All slices find together what `check` finds; only of a row that cannot be read, other consequences may show. A
    tenant that changes meanwhile can look broken for a moment: what two checks find is. Raises Unavailable.
    """
    rows = Partition(tables.table(TABLE), tenant)
    page = await rows.page(Span(f"{after}!" if after else "", _ALL.high), size=size)
    own, around = _Seen(), _Seen()
    findings = [finding for row in page.rows for finding in _read(row, own)]
    for row in (await rows.many(_references(own), select=[*WITHOUT_DOCUMENT, "id"])).values():
        _refer(row, around)
    known = around.joined(own)
    findings += [*_index(own, known), *_members(own, known)]
    last = page.rows[-1].key if page.rows else after
    return Checked(sorted(findings), len(page.rows), last if page.token else None)


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


def _references(own: _Seen) -> set[str]:
    """Return the keys of the rows that those seen refer to."""
    resources = {*own.claims.values(), *map(keys.last, own.lookups)}
    for edge in own.edges:
        resources |= {edge.split("|")[1], keys.last(edge)}
    wanted = {keys.resource(type, id) for type in keys.TAGS for id in resources if id not in own.types}
    wanted |= {keys.edge(group, member) for member, groups in own.groups.items() for group in groups}
    return wanted | own.index.keys()


def _refer(row: Row, around: _Seen) -> None:
    """Remember what others refer to; a row that cannot be read is as good as none, and told of in its own slice."""
    if row.key[0] in keys.TYPES:
        # Its document was not read: whether its index agrees with that is told in its own slice.
        with suppress(KeyError, ValueError):
            record = decode(row)
            around.index |= dict.fromkeys(record.index, record.id)
            around.groups[record.id], around.types[record.id] = record.groups, record.type
    else:
        list(_read(row, around))


def _index(own: _Seen, known: _Seen) -> Iterator[Finding]:
    """Compare the claims and look-ups that exist with those that the resources list."""
    for key, id in own.claims.items():
        if id not in known.types:
            yield Finding("claim without a resource", key, id)
        elif known.index.get(key) != id:
            yield Finding("claim that its resource does not hold", key, id)
    for key in own.lookups - known.index.keys():
        alone = keys.last(key) not in known.types
        yield Finding("look-up without a resource" if alone else "look-up that its resource does not hold", key)
    for key, id in own.index.items():
        if key not in known.claims and key not in known.lookups:
            kind = "claim" if key.startswith("c|") else "look-up"
            yield Finding(f"resource without its {kind}", key, id)


def _members(own: _Seen, known: _Seen) -> Iterator[Finding]:
    """Compare the edges with the groups that the members list."""
    for key, type in own.edges.items():
        group, member = key.split("|")[1], keys.last(key)
        if known.types.get(group) != "Group":
            yield Finding("membership of a group that does not exist", key, group)
        if member not in known.types:
            yield Finding("member that does not exist", key, member)
        elif group not in known.groups[member]:
            yield Finding("member that does not list the group", key, member)
        elif known.types[member] != type:
            yield Finding("membership with the wrong type", key, type)
        if key != keys.edge(group, member):
            yield Finding("membership under the wrong key", key)
    for member, groups in own.groups.items():
        for group in groups:
            if keys.edge(group, member) not in known.edges:
                yield Finding("group listed by a resource that is no member of it", keys.edge(group, member), member)
