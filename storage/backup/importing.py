"""Writing an exported directory into an empty tenant; a run that was cut off is gone on with.

The row of a resource is written last, in one transaction with its claim and its look-ups: where it is there, the
resource is whole.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from scim.schema import resource_types
from scim.store import Stored
from storage import keys
from storage.backup.lines import TYPES, Tally, line_of, resources
from storage.command import Refused, say
from storage.directory import TABLE, TableDirectory
from storage.partition import Partition
from storage.record import Record, encode, index_of, text_of
from storage.tables import TRANSACTION_ROWS, Tables, Write

_BYTES = 3_000_000  # of rows in a transaction, which holds 4 MiB
_SAY_EVERY = 500


async def restore(tables: Tables, tenant: str, file: Path) -> Tally:
    """Write an export into a tenant's directory, which is empty or holds a part of the same export already.

    The file is read as a whole first: nothing is written of one that is not whole. What was written is read again
    and compared. A membership of a group that is not in the file, because it came or went during the export, is left
    out. Raises Refused, Unavailable.
    """
    rows = Partition(tables.table(TABLE), tenant)
    found = {stored.id: (stored.type, stored.version) for stored, _ in resources(file)}
    there = await _there(rows, found)
    wanted = Tally()
    for transaction in _packed(_rows_of(_within(file, found, wanted), there)):
        await rows.commit(transaction)
    say("imported; reading it again")
    await _verify(tables, tenant, wanted)
    return wanted


def _within(file: Path, found: Mapping[str, tuple[str, str]], wanted: Tally) -> Iterator[tuple[Stored, list[str]]]:
    """Yield the resources with those of their groups that are in the file, counted as they shall be."""
    for stored, _ in resources(file):
        groups = [id for id in stored.groups if id in found]
        wanted.add(stored.type, line_of(stored, groups))
        if sum(wanted.counts.values()) % _SAY_EVERY == 0:
            say(f"imported {wanted} of {len(found):,}")
        yield stored, groups


async def _there(rows: Partition, found: Mapping[str, tuple[str, str]]) -> set[str]:
    """Return the ids of the resources that are there already. Raises Refused for one that is not the file's."""
    there: set[str] = set()
    for type in TYPES:
        async for row in rows.rows(keys.resources(type), select=["RowKey", "version"]):
            id = keys.last(row.key)
            if found.get(id) != (type, row.values["version"]):
                raise Refused(f"the directory of {rows.tenant} is not empty: erase it first, or import into another")
            there.add(id)
    if there:
        say(f"going on: {len(there):,} of {len(found):,} are there already")
    return there


def _rows_of(wanted: Iterable[tuple[Stored, list[str]]], there: Collection[str]) -> Iterator[list[Write]]:
    """Yield what must be written together: the edges of a resource in parts, then its index and its row."""
    for stored, groups in wanted:
        if stored.id in there:
            continue
        index = index_of(resource_types()[stored.type], stored.id, stored.document)
        record = Record(
            stored.id,
            stored.type,
            text_of(stored.document),
            stored.version,
            stored.created,
            stored.last_modified,
            index,
            frozenset(groups),
        )
        edges = [Write("put", keys.edge(group, stored.id), {"type": stored.type}) for group in groups]
        yield from ([edge] for edge in edges)
        claims = [Write("put", key, {"id": stored.id} if key.startswith("c|") else {}) for key in index]
        yield [*claims, Write("put", record.key, encode(record))]


def _packed(parts: Iterable[list[Write]]) -> Iterator[list[Write]]:
    """Yield transactions that hold the parts, in order."""
    transaction: list[Write] = []
    size = 0
    for part in parts:
        cost = sum(len(value) for write in part for value in write.values.values()) * 2
        if transaction and (len(transaction) + len(part) > TRANSACTION_ROWS or size + cost > _BYTES):
            yield transaction
            transaction, size = [], 0
        transaction, size = transaction + part, size + cost
    if transaction:
        yield transaction


async def _verify(tables: Tables, tenant: str, wanted: Tally) -> None:
    """Read the directory and compare it with what it shall be. Raises Refused where it is not that."""
    directory, tally = TableDirectory(tables, tenant), Tally()
    for type in TYPES:
        async for page in directory.scan(resource_types()[type]):
            for stored in page.resources:
                tally.add(type, line_of(stored))
    if tally.end() != wanted.end():
        raise Refused(f"the directory of {tenant} is not what the file says: somebody else wrote to it meanwhile")
