"""A membership as rows: the edge, and the list of groups in the member's own row. They change together."""

from collections.abc import Collection, Iterator

from storage import keys
from storage.partition import Partition
from storage.record import WITHOUT_DOCUMENT, Record, decode, group_columns
from storage.tables import Write


async def load(rows: Partition, ids: Collection[str]) -> dict[str, Record]:
    """Return those of the ids that name a resource, of whatever type, without their documents.

    Most members are users: groups are only asked for among what is no user (one round trip more).
    """
    found: dict[str, Record] = {}
    for type in keys.TAGS:
        missing = [keys.resource(type, id) for id in ids if id not in found]
        if missing:
            read = await rows.many(missing, select=WITHOUT_DOCUMENT)
            found |= {record.id: record for record in map(decode, read.values())}
    return found


def join(group: str, member: Record, version: str) -> Iterator[Write]:
    """Yield what makes a resource a member, if its row is as it was read."""
    yield Write("put", keys.edge(group, member.id), {"type": member.type})
    yield _regroup(member, member.groups | {group}, version)


def leave(group: str, member: Record, version: str) -> Iterator[Write]:
    """Yield what ends a membership, if the member's row is as it was read."""
    yield Write("delete", keys.edge(group, member.id))
    yield _regroup(member, member.groups - {group}, version)


def _regroup(member: Record, groups: Collection[str], version: str) -> Write:
    values = {"version": version, **group_columns(groups, before=len(member.groups))}
    return Write("merge", member.key, values, member.etag)
