"""The operations that are disturbed: what is there before, what is asked, and what a second request may be told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from storage.tables import Tables
from tests.faults.stage import Stage, Tenant
from tests.storage.line import seed_groups, seed_users

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
Ids: TypeAlias = Sequence[str]
# method, path, query, body
Asked: TypeAlias = tuple[str, str, str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A request to a tenant in which there are `users`, of which the first is in `groups` groups, and one more group
    with the users from `low` up to `high` as its members (none when both are 0).

    `ask` makes the request of the ids of the users and of that group. `again` is the status that a repeated request
    is truthfully given when the first, which was answered 503, was carried out.
    """

    name: str
    ask: Callable[[Ids, str], Asked]
    users: int = 1
    groups: int = 0
    low: int = 0
    high: int = 0
    again: int | None = None

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.name.startswith(("GET", "list", "filter"))

    def seed(self, stage: Stage, tenant: Tenant) -> Asked:
        """Fill the tenant, past the proxy as far as it goes, and return the request."""

        async def work(tables: Tables) -> Ids:
            ids = await seed_users(tables, tenant.name, self.users)
            if self.groups:
                await seed_groups(tables, tenant.name, ids[0], self.groups)
            return ids

        ids = stage.with_tables(work)
        members = [{"value": id} for id in ids[self.low : self.high]]
        group = tenant.client.post("/Groups", {"displayName": "Team", "members": members})["id"]
        return self.ask(ids, group)


def _patch(op: str, path: str, value: Any) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": [{"op": op, "path": path, "value": value}]}


def _members(ids: Ids) -> list[Mapping[str, str]]:
    return [{"value": id} for id in ids]


def _add(ids: Ids, group: str) -> Asked:
    return "PATCH", f"/Groups/{group}", "", _patch("add", "members", _members(ids))


def _user(path: str, method: str, body: Any = None) -> Callable[[Ids, str], Asked]:
    return lambda ids, _: (method, path.format(ids[0] if ids else ""), "", body)


def _bulk(ids: Ids, group: str) -> Asked:
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "a"}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "b"}},
        {"method": "PATCH", "path": f"/Users/{ids[0]}", "data": _patch("replace", "title", "Boss")},
        {"method": "PATCH", "path": f"/Groups/{group}", "data": _patch("add", "members", _members(ids[1:2]))},
        {"method": "DELETE", "path": f"/Users/{ids[2]}"},
    ]
    return "POST", "/Bulk", "", {"schemas": [BULK_REQUEST], "Operations": operations}


_FULL = {
    "userName": "New",
    "externalId": "x-1",
    "name": {"familyName": "Doe", "givenName": "Jane"},
    "emails": [{"type": "work", "value": "jane@example.com", "primary": True}],
}

OPERATIONS = (
    Operation("POST user", _user("/Users", "POST", _FULL), users=0, again=409),
    Operation("PUT user", _user("/Users/{}", "PUT", _FULL), high=1),
    Operation("PATCH user", _user("/Users/{}", "PATCH", _patch("replace", "userName", "Renamed")), groups=2),
    Operation("DELETE user", _user("/Users/{}", "DELETE"), groups=2, again=404),
    Operation("DELETE user of 60 groups", _user("/Users/{}", "DELETE"), groups=60, again=404),
    Operation(
        "POST group with 3",
        lambda ids, _: ("POST", "/Groups", "", {"displayName": "New", "members": _members(ids)}),
        users=3,
        again=409,
    ),
    Operation(
        "POST group with 60",
        lambda ids, _: ("POST", "/Groups", "", {"displayName": "New", "members": _members(ids)}),
        users=60,
        again=409,
    ),
    Operation(
        "PUT group, 60 for 60 others",
        lambda ids, group: ("PUT", f"/Groups/{group}", "", {"displayName": "Team 2", "members": _members(ids[60:])}),
        users=120,
        high=60,
    ),
    Operation("PATCH adds 40", _add, users=40),
    Operation("PATCH adds 150", _add, users=150),
    Operation(
        "PATCH removes 60",
        lambda ids, group: ("PATCH", f"/Groups/{group}", "", _patch("remove", "members", _members(ids[:60]))),
        users=61,
        high=61,
    ),
    Operation(
        "DELETE group of 3", lambda _, group: ("DELETE", f"/Groups/{group}", "", None), users=3, high=3, again=404
    ),
    Operation(
        "DELETE group of 60", lambda _, group: ("DELETE", f"/Groups/{group}", "", None), users=60, high=60, again=404
    ),
    Operation("GET user", _user("/Users/{}", "GET"), groups=2),
    Operation("GET group of 60", lambda _, group: ("GET", f"/Groups/{group}", "", None), users=60, high=60),
    Operation("list", lambda *_: ("GET", "/Users", "startIndex=3&count=10", None), users=30),
    Operation("list by cursor", lambda *_: ("GET", "/Groups", "cursor=&count=10", None), groups=12),
    Operation("filter", lambda *_: ("GET", "/Users", "filter=userName+eq+%22USER1%22", None), users=3),
    Operation(
        "filter by scan", lambda *_: ("GET", "/Users", "filter=displayName+pr+or+userName+co+%22r1%22", None), users=30
    ),
)
BULK = Operation("bulk of 5", _bulk, users=3, high=1)
