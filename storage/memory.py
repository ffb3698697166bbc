"""The directory's in-process twin: the same port in plain dictionaries, for tests and benchmarks of the protocol.

The contract suite runs on it as on Table Storage, so what is right here is right there. Nothing in it waits, so
every operation is one step that no other can come between.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from scim.errors import InvalidValue, Uniqueness
from scim.schema import ResourceType
from scim.store import Draft, Lookup, Member, MembersWanted, MemberView, Page, Stored
from scim.text import fold
from storage.ids import Mint, place
from storage.record import same


class MemoryDirectory:
    """One tenant's directory in memory. `mint` makes ids, versions and times; it must make ids in rising order."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self._resources: dict[str, dict[str, Stored]] = {"User": {}, "Group": {}}
        self._members: dict[str, dict[str, Member]] = {}
        self._groups: dict[str, set[str]] = {}
        self._unique: dict[tuple[str, str], str] = {}
        self._indexes: dict[tuple[str, str, str], dict[str, None]] = {}

    async def create(self, resource_type: ResourceType, draft: Draft) -> Stored:
        """Add a resource."""
        id, now = self._mint.id(), self._mint.now()
        stored = Stored(id, resource_type.name, dict(draft.document), self._mint.version(), now, now)
        self._check_unique(resource_type, stored)
        members = self._resolve(id, draft.members or ())
        self._put(resource_type, None, stored)
        self._relate(stored, {}, members)
        return self._view(stored, list(members))

    async def read(
        self, resource_type: ResourceType, id: str, *, members: MembersWanted = MemberView.NONE
    ) -> Stored | None:
        """Return a resource."""
        stored = self._resources[resource_type.name].get(id)
        return self._view(stored, members) if stored else None

    async def change(
        self,
        resource_type: ResourceType,
        id: str,
        decide: Callable[[Stored], Draft | None],
        *,
        members: MembersWanted = MemberView.NONE,
    ) -> Stored | None:
        """Write what `decide` makes of a resource."""
        stored = self._resources[resource_type.name].get(id)
        if stored is None:
            return None
        before = self._view(stored, members)
        draft = decide(before)
        if draft is None:
            return before
        held = {member.id: member for member in before.members}
        wanted = held if draft.members is None else self._resolve(id, draft.members, held)
        if same(draft.document, stored.document) and wanted.keys() == held.keys():
            return before
        changed = replace(
            stored, document=dict(draft.document), version=self._mint.version(), last_modified=self._mint.now()
        )
        self._check_unique(resource_type, changed)
        self._put(resource_type, stored, changed)
        self._relate(changed, held, wanted)
        return self._view(changed, members)

    async def delete(
        self, resource_type: ResourceType, id: str, decide: Callable[[Stored], None] = lambda _: None
    ) -> bool:
        """Remove a resource and its memberships, in both directions."""
        stored = self._resources[resource_type.name].get(id)
        if stored is None:
            return False
        decide(self._view(stored, MemberView.NONE))
        self._relate(stored, dict(self._members.get(id, {})), {})
        for group in self._groups.pop(id, set()):
            self._members[group].pop(id)
            self._touch("Group", group, self._mint.now())
        self._put(resource_type, stored, None)
        self._members.pop(id, None)
        return True

    async def find(
        self, resource_type: ResourceType, lookups: Sequence[Lookup], *, members: MembersWanted = MemberView.NONE
    ) -> Sequence[Stored]:
        """Return what satisfies any of the look-ups."""
        held = self._resources[resource_type.name]
        ids = {id for lookup in lookups for id in self._find(resource_type, lookup) if id in held}
        return [self._view(held[id], members) for id in sorted(ids)]

    async def scan(
        self,
        resource_type: ResourceType,
        *,
        after: str = "",
        size: int = 1000,
        members: MembersWanted = MemberView.NONE,
    ) -> AsyncIterator[Page]:
        """Walk the resources in creation order."""
        while True:
            following = list(islice(self._behind(resource_type, after), size + 1))
            stretch = [self._view(each, members) for each in following[:size]]
            yield Page(tuple(stretch), more=len(following) > size)
            if len(following) <= size:
                return
            after = stretch[-1].id

    async def skip(self, resource_type: ResourceType, count: int, *, after: str = "") -> str | None:
        """Return the id of the `count`-th resource behind `after`."""
        found = next(islice(self._behind(resource_type, after), count - 1, None), None)
        return found.id if found else None

    async def count(self, resource_type: ResourceType) -> int:
        """Return the number of resources."""
        return len(self._resources[resource_type.name])

    def _behind(self, resource_type: ResourceType, after: str) -> Iterable[Stored]:
        start = place(after)
        return (each for each in self._resources[resource_type.name].values() if each.id > start)

    def _view(self, stored: Stored, members: MembersWanted) -> Stored:
        held = self._members.get(stored.id, {})
        if members is MemberView.ALL:
            ids: Iterable[str] = held
        else:
            ids = () if isinstance(members, MemberView) else (id for id in members if id in held)
        shown = tuple(held[id] for id in sorted(ids))
        return replace(stored, members=shown, groups=tuple(sorted(self._groups.get(stored.id, ()))))

    def _find(self, resource_type: ResourceType, lookup: Lookup) -> Iterable[str]:
        if lookup.path == "id":
            return [lookup.value]
        if lookup.path == "members.value":
            return list(self._groups.get(lookup.value, ()))
        if lookup.path == resource_type.unique:
            found = self._unique.get((resource_type.name, fold(lookup.value)))
            return [found] if found else []
        return list(self._indexes.get((resource_type.name, lookup.path, fold(lookup.value)), ()))

    def _check_unique(self, resource_type: ResourceType, stored: Stored) -> None:
        value = resource_type.unique_value(stored.document)
        holder = self._unique.get((resource_type.name, fold(value))) if value is not None else None
        if holder not in (None, stored.id):
            raise Uniqueness(f"{resource_type.unique} '{value}' is taken")

    def _put(self, resource_type: ResourceType, before: Stored | None, after: Stored | None) -> None:
        for stored in (before, after):
            if stored is not None:
                self._index(resource_type, stored.id, stored.document, add=stored is after)
        if after is not None:
            self._resources[resource_type.name][after.id] = after
        elif before is not None:
            del self._resources[resource_type.name][before.id]

    def _index(self, resource_type: ResourceType, id: str, document: Mapping[str, Any], *, add: bool) -> None:
        value = resource_type.unique_value(document)
        if value is not None:
            key = (resource_type.name, fold(value))
            self._unique.update({key: id}) if add else self._unique.pop(key)
        for path, indexed in resource_type.index_values(document):
            ids = self._indexes.setdefault((resource_type.name, path, fold(indexed)), {})
            ids.update({id: None}) if add else ids.pop(id, None)

    def _resolve(
        self, group: str, members: Sequence[Member], held: Mapping[str, Member] | None = None
    ) -> dict[str, Member]:
        """Return the members with their types, by id. Raises InvalidValue for one that does not exist."""
        resolved = {}
        for member in members:
            known = (held or {}).get(member.id)
            types = [member.type] if member.type else ["User", "Group"]
            found = next((t for t in types if member.id in self._resources.get(t, {}) and member.id != group), None)
            if known is None and found is None:
                raise InvalidValue(f"members: there is no user or group '{member.id[:100]}' to be a member")
            resolved[member.id] = known or Member(member.id, found or "")
        return resolved

    def _relate(self, group: Stored, before: Mapping[str, Member], after: Mapping[str, Member]) -> None:
        held = self._members.setdefault(group.id, {})
        for member in [each for id, each in before.items() if id not in after]:
            held.pop(member.id)
            self._groups[member.id].discard(group.id)
            self._touch(member.type, member.id)
        for member in [each for id, each in after.items() if id not in before]:
            held[member.id] = member
            self._groups.setdefault(member.id, set()).add(group.id)
            self._touch(member.type, member.id)

    def _touch(self, type: str, id: str, last_modified: str = "") -> None:
        held = self._resources[type][id]
        self._resources[type][id] = replace(
            held, version=self._mint.version(), last_modified=last_modified or held.last_modified
        )
