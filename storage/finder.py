"""From values to the ids of the resources that hold them, without a scan."""

from collections.abc import Sequence

from scim.schema import ResourceType
from scim.store import Lookup
from storage import keys
from storage.ids import is_id
from storage.journal import Journal, seen
from storage.partition import Partition, each
from storage.record import WITHOUT_DOCUMENT, Record, decode

_AT_ONCE = 16


async def candidates(
    rows: Partition, resource_type: ResourceType, lookups: Sequence[Lookup]
) -> tuple[set[str], list[Record]]:
    """Return the ids that claims and look-ups lead to, and the rows of the members that are asked for.

    One round trip. Raises ValueError for a path that the directory keeps no look-up for.
    """
    ids: set[str] = set()
    members: list[Record] = []

    async def one(lookup: Lookup) -> None:
        if lookup.path == "members.value":
            members.extend(await _resources(rows, lookup.value))
        else:
            ids.update(await _holders(rows, resource_type, lookup))

    await each(dict.fromkeys(lookups), one, at_once=_AT_ONCE)
    return ids, members


def groups_of(members: Sequence[Record], journals: Sequence[Journal]) -> set[str]:
    """Return the groups that the members are in once the journals are done."""
    records = (seen(member, journals) for member in members)
    return {group for record in records if record for group in record.groups}


async def _holders(rows: Partition, resource_type: ResourceType, lookup: Lookup) -> list[str]:
    """Return the ids of the resources that hold a value."""
    name, path, value = resource_type.name, lookup.path, lookup.value
    if path == "id":
        return [value] if is_id(value) else []
    if path == resource_type.unique:
        row = await rows.get(keys.claim(name, value, ""))
        return [row.values["id"]] if row else []
    if path in resource_type.indexes:
        return [keys.last(row.key) for row in await rows.all(keys.lookups(name, path, value), select=["RowKey"])]
    raise ValueError(f"the directory keeps no look-up of {path}")


async def _resources(rows: Partition, id: str) -> list[Record]:
    """Return the resource of an id, whatever its type."""
    if not is_id(id):
        return []
    found = await rows.many([keys.resource(type, id) for type in keys.TAGS], select=WITHOUT_DOCUMENT)
    return [decode(row) for row in found.values()]
