"""A tenant with a past, for copies of it: many users in many groups, and all that a copy could lose."""

import os
from collections.abc import Callable

from scim.schema import resource_types
from scim.store import Draft, Member, MemberView, Stored
from storage.directory import TableDirectory
from storage.tables import Tables
from tests.storage.conftest import GROUP, USER, rename
from tests.storage.line import seed_groups, seed_users

USERS, GROUPS = (int(os.environ.get(name, usual)) for name, usual in (("BACKUP_USERS", 250), ("BACKUP_GROUPS", 12)))
_MANY = 110  # more memberships than a transaction holds
RESOURCES = USERS + 1 + GROUPS + 1 + _MANY
_ODD = {
    "userName": "ana@x \ud800 \U0001f600",
    "displayName": 'a"\\\n\u2028b',
    "x": [1.0, 10**30, True, None, {"b": 1, "a": -0.0}],
}


async def fill(tables: Tables, tenant: str) -> None:
    """Make the users and the groups, one of them nested, one user in many."""
    directory = TableDirectory(tables, tenant)
    users = await seed_users(tables, tenant, USERS)
    odd = await directory.create(USER, Draft({**_ODD, "emails": [{"value": "ana@x.example", "primary": True}]}))
    await directory.change(USER, users[0], rename("Other"))
    outer = await directory.create(GROUP, Draft({"displayName": "outer"}))
    for n in range(GROUPS):
        members = [Member(id, "User") for id in [*users[n::GROUPS], users[0]]]
        group = await directory.create(GROUP, Draft({"displayName": f"g{n}"}, members))
        await directory.change(GROUP, outer.id, _taking_in(group), members=[group.id])
    await seed_groups(tables, tenant, odd.id, _MANY)


def _taking_in(group: Stored) -> Callable[[Stored], Draft]:
    return lambda stored: Draft(stored.document, [Member(group.id, "Group")])


async def contents(tables: Tables, tenant: str) -> list[Stored]:
    """Return every resource with its members and its groups."""
    directory = TableDirectory(tables, tenant)
    found: list[Stored] = []
    for type in resource_types().values():
        async for page in directory.scan(type, members=MemberView.ALL):
            found += page.resources
    return found
