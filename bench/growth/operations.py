"""The operations whose growth is measured, each a conversation: requests that may depend on the answer before.

`budget` is the number of storage round trips one after another that the design allows (docs/decisions and
tests/storage/test_budget.py hold it), None where it depends on how much is answered. `why` tells why the cost grows
with the directory, "" where it must not.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

from bench.directory import user
from bench.growth.company import Company
from bench.load import Sending

PAGE = 100
Conversation = Generator[Sending, Any, None]

_WITHOUT = "excludedAttributes=members"
_ANSWER = "every member is in the answer, so the work is in proportion to it"
_COUNT = "`totalResults` is exact: one key is read for each user, in sixteen ranges at once"
_SORTED = "no order is stored: every user is read, and behind 1,000 results once more to find where the page begins"


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the tables. `large` operations take seconds in a large directory, and are measured fewer times."""

    name: str
    talk: Callable[[Company], Conversation]
    budget: int | None
    why: str = ""
    requests: int = 200
    large: bool = False


def _get_user(company: Company) -> Conversation:
    for number in count():
        yield "GET", f"/Users/{company.numbered(number)[1]}", None


def _filter(attribute: str, prefix: str = "") -> Callable[[Company], Conversation]:
    def talk(company: Company) -> Conversation:
        for number in count():
            value = prefix + user(company.numbered(number)[0])[attribute]
            yield "GET", "/Users?filter=" + quote(f'{attribute} eq "{value}"'), None

    return talk


def _create(company: Company) -> Conversation:
    while True:
        yield "POST", "/Users", user(company.new())


def patch(op: str, path: str, value: Any) -> dict[str, Any]:
    """Return the body of a PATCH with one operation."""
    operation = {"op": op, "path": path, "value": value}
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}


def _change(company: Company) -> Conversation:
    for number in count():
        yield "PATCH", f"/Users/{company.numbered(number)[1]}", patch("replace", "title", f"No. {company.new()}")


def add_member(company: Company) -> Conversation:
    """Add one spare user after the other to the group of all."""
    while company.spare:
        member = company.spare.popleft()
        company.joined.append(member)
        value = [{"value": member, "type": "User"}]
        yield "PATCH", f"/Groups/{company.everybody}", patch("add", "members", value)


def remove_member(company: Company) -> Conversation:
    """Remove one of them after the other."""
    while company.joined:
        path = f'members[value eq "{company.joined.popleft()}"]'
        yield "PATCH", f"/Groups/{company.everybody}", patch("remove", path, None)


def _delete(company: Company) -> Conversation:
    while company.joined:
        yield "DELETE", f"/Users/{company.joined.popleft()}", None


def group(query: str) -> Callable[[Company], Conversation]:
    """Read the group of all again and again."""

    def talk(company: Company) -> Conversation:
        while True:
            yield "GET", f"/Groups/{company.everybody}?{query}", None

    return talk


def same(path: str) -> Callable[[Company], Conversation]:
    """Send one GET again and again."""

    def talk(_: Company) -> Conversation:
        while True:
            yield "GET", path, None

    return talk


def _sorted(company: Company) -> Conversation:
    while True:
        start = max(company.size - PAGE, 0) + 1
        yield "GET", f"/Users?sortBy=userName&startIndex={start}&count={PAGE}", None


def by_index(_: Company) -> Conversation:
    """Walk through all users by startIndex, once."""
    start, total = 1, 1
    while start <= total:
        answer = yield "GET", f"/Users?startIndex={start}&count={PAGE}", None
        start, total = start + answer["itemsPerPage"], answer["totalResults"]


def by_cursor(_: Company) -> Conversation:
    """Walk through all users by cursor, once (RFC 9865)."""
    cursor: str | None = ""
    while cursor is not None:
        answer = yield "GET", f"/Users?cursor={cursor}&count={PAGE}", None
        cursor = answer.get("nextCursor")


def _again(walk: Callable[[Company], Conversation]) -> Callable[[Company], Conversation]:
    """Walk from the start once the end is reached."""

    def talk(company: Company) -> Conversation:
        while True:
            yield from walk(company)

    return talk


_WARMING = (
    Operation("GET ServiceProviderConfig, which asks nothing of the storage", same("/ServiceProviderConfig"), 0),
    Operation("GET user", _get_user, 1),
    Operation("filter by userName: nobody", _filter("userName", "not-"), 1),
    Operation("filter by userName: found", _filter("userName"), 2),
    Operation("filter by externalId: found", _filter("externalId"), 2),
    Operation("PATCH one attribute", _change, 2),
)
OPERATIONS = (
    *_WARMING,
    Operation("POST user", _create, 1),
    Operation("PATCH: add 1 member", add_member, 2, requests=90),
    Operation("PATCH: remove 1 member", remove_member, 2, requests=40),
    Operation("DELETE user", _delete, 2, requests=40),
    Operation("GET group without members", group(_WITHOUT), 1),
    Operation("GET group with members", group(""), None, _ANSWER, requests=3, large=True),
    Operation("page of groups without members", same(f"/Groups?{_WITHOUT}"), 1),
    Operation("page of groups with members", same("/Groups"), None, _ANSWER, requests=3, large=True),
    Operation("page of 100 by cursor, walking on", _again(by_cursor), 1),
    Operation("page of 100 by index, walking on", _again(by_index), 1),
    Operation("first page of 100", same(f"/Users?startIndex=1&count={PAGE}"), None, _COUNT, requests=5, large=True),
    Operation("last page of 100, sorted", _sorted, None, _SORTED, requests=2, large=True),
    Operation(
        "filter without an index",
        same("/Users?filter=" + quote('title co "nobody has this title"')),
        None,
        "no index can answer it: every user is read and compared, a thousand at a time",
        requests=2,
        large=True,
    ),
)


def warm_up(company: Company) -> Conversation:
    """Send cheap reads and writes in turn, without end and without adding anybody."""
    talks = [each.talk(company) for each in _WARMING]
    while True:
        for talk in talks:
            yield next(talk)
