"""The port: what the protocol needs of a directory. `storage` implements it on Table Storage.

A `Directory` is one tenant's; nothing in it names another. All strings in documents are kept untransformed.

The contract, which tests/storage/contract.py checks against every implementation:

* Every change is all or nothing. After an error nothing has changed, except `Unavailable`, after which trying
  the same call again is safe.
* `change` reads, calls `decide` and writes only if nobody wrote in between; else it reads and decides again, a
  bounded number of times. `decide` must be pure: it may run more than once. What it raises passes through.
* A stored resource's `version` is an opaque token, new with every change of its representation: also of a user
  when a membership comes or goes, and of a group when a member is deleted.
* A value that the resource type declares unique is held by one resource of the tenant at a time (`Uniqueness`),
  compared by `scim.text.fold`; a deleted resource frees it at once.
* A member must exist in the tenant (`InvalidValue`, naming the id). Deleting a resource takes it out of every
  group. `groups` and `members` always agree.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias

from scim.schema import ResourceType


@dataclass(frozen=True, slots=True)
class Member:
    """One direct member of a group: the member's id and its resource type's name ("User" or "Group")."""

    id: str
    type: str


class MemberView(Enum):
    """Which members of a group a call loads: none of them, or all."""

    NONE = "none"
    ALL = "all"


# A group of 100,000 is not read to add one member: a call names the ids that it is about, and the `members` of
# what it gets are those of them that really are members.
MembersWanted: TypeAlias = MemberView | Collection[str]


@dataclass(frozen=True, slots=True)
class Stored:
    """A resource as the directory holds it.

    `document` has the attributes by their schema names, without `schemas`, `id`, `meta`, and without `members`
    and `groups`, which are relations. `created` and `last_modified` are RFC 3339 strings in UTC. `members` are
    those that the call asked for (sorted by id), `groups` the ids of the groups it is a direct member of (sorted).
    """

    id: str
    type: str
    document: Mapping[str, Any]
    version: str
    created: str
    last_modified: str
    members: tuple[Member, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a resource shall become. `members` None leaves the members as they are; otherwise it replaces the
    members *within the view that the call asked for*. A Member's `type` may be "" when the client did not say."""

    document: Mapping[str, Any]
    members: Sequence[Member] | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """An equality that the directory answers without a scan: `path` is one of the resource type's `indexes` or
    its `unique` path (for example "userName", "emails.value"), or "id" or "members.value"; `value` is compared by
    `scim.text.fold` (ids exactly)."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a walk in creation order: `resources` follow `after`; `more` tells whether others follow."""

    resources: tuple[Stored, ...]
    more: bool


class Directory(Protocol):
    """One tenant's users and groups (see the contract above)."""

    async def create(self, resource_type: ResourceType, draft: Draft) -> Stored:
        """Add a resource under a new, time-ordered id. Raises Uniqueness, InvalidValue, TooLarge, Unavailable."""

    async def read(
        self, resource_type: ResourceType, id: str, *, members: MembersWanted = MemberView.NONE
    ) -> Stored | None:
        """Return the resource, or None when there is none. With members it is a consistent snapshot."""

    async def change(
        self,
        resource_type: ResourceType,
        id: str,
        decide: Callable[[Stored], Draft | None],
        *,
        members: MembersWanted = MemberView.NONE,
    ) -> Stored | None:
        """Write what `decide` makes of the resource and return it as it is then, or None when there is none.

        `decide` answering None, or a draft equal to what is stored, changes nothing, not even the version.
        Raises what `decide` raises, Uniqueness, InvalidValue, TooLarge, Unavailable.
        """

    async def delete(
        self, resource_type: ResourceType, id: str, decide: Callable[[Stored], None] = lambda _: None
    ) -> bool:
        """Remove the resource; False when there is none. `decide` may refuse by raising (If-Match)."""

    async def find(
        self,
        resource_type: ResourceType,
        lookups: Sequence[Lookup],
        *,
        members: MembersWanted = MemberView.NONE,
    ) -> Sequence[Stored]:
        """Return what satisfies any of the look-ups, each once, in creation order.

        May return a resource that satisfies none (a value changed meanwhile, hashes that agree): the caller
        evaluates its filter on each.
        """

    def scan(
        self,
        resource_type: ResourceType,
        *,
        after: str = "",
        size: int = 1000,
        members: MembersWanted = MemberView.NONE,
    ) -> AsyncIterator[Page]:
        """Walk the resources in creation order from behind the id `after`, `size` (1 to 1,000) at a time.

        `after` may be what a client's cursor says: raises InvalidCursor for what is no id.
        """

    async def skip(self, resource_type: ResourceType, count: int, *, after: str = "") -> str | None:
        """Return the id of the `count`-th resource behind `after`, reading keys only; None when there are fewer."""

    async def count(self, resource_type: ResourceType) -> int:
        """Return the exact number of resources of the type, reading keys only, in parallel ranges."""
