"""Entra's traffic as conversations: requests that depend on the answers before, each with what must come back.

One conversation is what a provisioning job does over and over: it matches, creates, updates, moves people between
groups, disables and deletes, in the dialect that Entra sends by default.
"""

import json
import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from bench.directory import CORE, ENTERPRISE, user

_FEWEST_GROUPS = 3
_NUMBERS = 10**6  # of the users that one job creates
_PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_NOBODY = '"totalResults": 0'


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, what kind it is of, the status that must answer it, and what the answer must hold."""

    what: str
    method: str
    path: str
    body: Any
    status: int
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 where nothing did."""

    status: int
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON value of the body. Raises ValueError when it is not JSON."""
        return json.loads(self.content)

    @property
    def refused(self) -> bool:
        """Whether the service had no time for the request."""
        return self.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

    def fault(self, asking: Asking) -> str:
        """Return what is wrong with it, "" where nothing is; to be refused is not wrong."""
        right = self.status == asking.status and asking.holds.encode() in self.content
        return "" if right or self.refused else f"{asking.what}, {asking.path}: {self.status} {self.content[:200]!r}"


@dataclass(frozen=True, slots=True)
class Person:
    """A user who is there: the number that `bench.directory.user` makes a body of, and the id."""

    number: int
    id: str


Conversation = Generator[Asking, Answer, Any]


class Traffic:
    """What the provisioning job of that number does, with `people` and `groups` that were there before and remain, and
    with those who join: as soon as more than `stay` have, one leaves for each. Without groups it begins by making some.
    """

    def __init__(self, job: int, people: Sequence[Person] = (), groups: Sequence[str] = (), *, stay: int = 1) -> None:
        self._job = job
        self._random = random.Random(job)  # noqa: S311  # the same traffic in every run
        self._known = people
        self._joined: list[Person] = []
        self._groups = list(groups)
        self._number = _NUMBERS * (job + 1)
        self._stay = stay

    def conversation(self) -> Conversation:
        """Return requests without end."""
        while len(self._groups) < _FEWEST_GROUPS:
            yield from self._make_group(f"job {self._job}, group {len(self._groups)}")
        while not (self._known or self._joined):
            yield from self._join()
        steps, weights = zip(*_STEPS, strict=True)
        while True:
            (step,) = self._random.choices(steps, weights)
            yield from step(self)

    def _make_group(self, name: str) -> Conversation:
        body = {"schemas": [f"{CORE}:Group"], "externalId": f"external {name}", "displayName": name, "members": []}
        made = yield Asking("POST group", "POST", "/Groups", body, 201, name)
        if made.status == HTTPStatus.CREATED:
            self._groups.append(made.body["id"])

    def _turn_over(self) -> Conversation:
        yield from self._join()
        if len(self._joined) > self._stay:
            yield from self._leave()

    def _join(self) -> Conversation:
        self._number += 1
        body = user(self._number)
        for attribute in ("userName", "externalId"):
            yield _filter(attribute, body[attribute], _NOBODY)
        created = yield Asking("POST user", "POST", "/Users", body, 201, body["userName"])
        if created.status == HTTPStatus.CREATED:
            self._joined.append(Person(self._number, created.body["id"]))
            yield self._member("Add", self._group(), self._joined[-1])

    def _leave(self) -> Conversation:
        person = self._joined.pop(self._random.randrange(len(self._joined)))
        yield _change(person, ("Replace", "active", "False"))
        yield self._member("Remove", self._group(), person)
        deleted = yield Asking("DELETE user", "DELETE", f"/Users/{person.id}", None, 204)
        if deleted.status == HTTPStatus.NO_CONTENT:
            yield Asking("GET user", "GET", f"/Users/{person.id}", None, 404)

    def _update(self) -> Conversation:
        person = self._person()
        attribute = self._random.choice(("userName", "externalId", "id"))
        if attribute == "id":
            yield Asking("GET user", "GET", f"/Users/{person.id}", None, 200, person.id)
        else:
            yield _filter(attribute, user(person.number)[attribute], person.id)
        value = self._random.randrange(_NUMBERS)
        yield _change(
            person,
            ("Replace", "title", f"Designer {value}"),
            ("Add", 'emails[type eq "work"].value', f"{value}@contoso.example"),
            ("Replace", f"{ENTERPRISE}:department", f"Studio {value}"),
        )

    def _move(self) -> Conversation:
        person, group = self._person(), self._group()
        target = f"/Groups/{group}?excludedAttributes=members"
        yield Asking("GET group", "GET", target, None, 200, group)
        yield self._member("Add", group, person)
        yield self._member("Remove", group, person)

    def _probe(self) -> Conversation:
        """Ask for what does not exist, as every cycle begins."""
        nobody = str(UUID(int=self._random.getrandbits(128)))
        yield _filter("userName", nobody, _NOBODY)
        query = urlencode({"excludedAttributes": "members", "filter": f'displayName eq "{nobody}"'})
        yield Asking("filter groups", "GET", f"/Groups?{query}", None, 200, _NOBODY)

    def _list(self) -> Conversation:
        yield Asking("page of 20", "GET", "/Users?startIndex=1&count=20", None, 200, '"itemsPerPage": ')

    def _person(self) -> Person:
        return self._random.choice(self._known or self._joined)

    def _group(self) -> str:
        return self._random.choice(self._groups)

    @staticmethod
    def _member(op: str, group: str, person: Person) -> Asking:
        operation = {"op": op, "path": "members", "value": [{"$ref": None, "value": person.id}]}
        return Asking("PATCH members", "PATCH", f"/Groups/{group}", _patch(operation), 204)


# What a job does next, and how often beside the other things.
_STEPS: tuple[tuple[Callable[[Traffic], Conversation], float], ...] = (
    (Traffic._turn_over, 2.0),  # noqa: SLF001
    (Traffic._update, 5.0),  # noqa: SLF001
    (Traffic._move, 3.0),  # noqa: SLF001
    (Traffic._probe, 1.0),  # noqa: SLF001
    (Traffic._list, 0.2),  # noqa: SLF001
)


def _filter(attribute: str, value: str, holds: str) -> Asking:
    query = urlencode({"filter": f'{attribute} eq "{value}"'})
    return Asking("filter users", "GET", f"/Users?{query}", None, 200, holds)


def _change(person: Person, *changes: tuple[str, str, str]) -> Asking:
    operations = [{"op": op, "path": path, "value": value} for op, path, value in changes]
    return Asking("PATCH user", "PATCH", f"/Users/{person.id}", _patch(*operations), 200, person.id)


def _patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [_PATCH_OP], "Operations": list(operations)}
