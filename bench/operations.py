"""The operations that are measured, each an endless sequence of requests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

from bench.directory import MEMBERS, Filled, user
from bench.load import Sending

_PAGE = 100
_STRIDE = 7  # prime to the number of users: all are visited, neighbours are not

Requests = Callable[[Filled, int], Sending]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the result: `request` makes the n-th request; it needs a group of `members`, if it needs one."""

    name: str
    request: Requests
    members: int = 0

    def requests(self, filled: Filled) -> Iterator[Sending]:
        """Yield requests, no two of them writing the same value."""
        return (self.request(filled, n) for n in count())


def _id(filled: Filled, n: int) -> str:
    return filled.users[n * _STRIDE % len(filled.users)]


def _patch(op: str, path: str, value: Any) -> dict[str, Any]:
    operation = {"op": op, "path": path, "value": value}
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}


def _filter(attribute: str) -> Requests:
    def request(filled: Filled, n: int) -> Sending:
        value = user(n * _STRIDE % len(filled.users))[attribute]
        return "GET", "/Users?filter=" + quote(f'{attribute} eq "{value}"'), None

    return request


def _create(filled: Filled, n: int) -> Sending:
    return "POST", "/Users", user(len(filled.users) + n)


def _change(filled: Filled, n: int) -> Sending:
    return "PATCH", f"/Users/{_id(filled, n)}", _patch("replace", "title", f"Engineer {n}")


def _add_member(members: int) -> Requests:
    def request(filled: Filled, n: int) -> Sending:
        groups = filled.groups[members]
        # Neighbours change another group by another member: several clients would else race for one user.
        member = filled.spare[(n % len(groups) + n // len(groups)) % len(filled.spare)]
        value = [{"value": member, "type": "User"}]
        return "PATCH", f"/Groups/{groups[n % len(groups)]}", _patch("add", "members", value)

    return request


def _page(filled: Filled, n: int) -> Sending:
    start = n * _PAGE % (len(filled.users) - _PAGE) + 1
    return "GET", f"/Users?startIndex={start}&count={_PAGE}", None


def _group(members: int, query: str) -> Requests:
    return lambda filled, _: ("GET", f"/Groups/{filled.groups[members][0]}{query}", None)


_WITHOUT = "?excludedAttributes=members"
OPERATIONS = (
    Operation("GET by id", lambda filled, n: ("GET", f"/Users/{_id(filled, n)}", None)),
    Operation("filter by userName", _filter("userName")),
    Operation("filter by externalId", _filter("externalId")),
    Operation("page of 100", _page),
    Operation("POST", _create),
    Operation("PATCH one attribute", _change),
    *(Operation(f"add 1 member to {size:,}", _add_member(size), size) for size in MEMBERS),
    Operation("GET empty group", lambda filled, _: ("GET", f"/Groups/{filled.empty}{_WITHOUT}", None)),
    *(Operation(f"GET group of {size:,} without members", _group(size, _WITHOUT), size) for size in MEMBERS[1:]),
    *(Operation(f"GET group of {size:,} with members", _group(size, ""), size) for size in MEMBERS[1:]),
)
