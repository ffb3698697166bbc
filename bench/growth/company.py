"""A large directory as rows, made by the code that writes rows in the service, so that no invariant is broken."""

import secrets
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bench.directory import user
from scim import dialect
from scim.schema import resource_types
from scim.validate import new_document
from storage import plan
from storage.ids import Mint
from storage.record import Record
from storage.relations import join
from storage.tables import Write

SPARE = 150  # users beside the members, in no group: to be added, removed and deleted
TEAMS, TEAM = 20, 5  # small groups, of so many members each
USER, GROUP = resource_types()["User"], resource_types()["Group"]


@dataclass(slots=True)
class Company:
    """A tenant: `size` users who are all in one group, some in a team as well, and users in no group.

    The ids are known once `rows` has come to its end. Requests keep here what they have done: `joined` are the spare
    users who have been made members of the large group, `written` makes the next value that is written a new one.
    """

    size: int
    everybody: str = ""
    nobody: str = ""
    members: list[str] = field(default_factory=list)
    spare: deque[str] = field(default_factory=deque)
    joined: deque[str] = field(default_factory=deque)
    written: int = 0

    def rows(self) -> Iterator[Write]:
        """Yield every row, but for events, which a directory of some age has none of."""
        mint = Mint(time.time, secrets.token_bytes)
        groups = []
        for name in ("everybody", "nobody", *(f"team {n}" for n in range(TEAMS))):
            document = {"displayName": name, "externalId": f"external-{name}"}
            record, rows = _created(plan.creation(GROUP, document, plan.NOBODY, mint))
            groups.append(record.id)
            yield from rows.values()
        self.everybody, self.nobody, *teams = groups
        for number in range(self.size + SPARE):
            team = teams[number // TEAM : number // TEAM + 1]
            inside = [self.everybody, *team] if number < self.size else []
            made = plan.creation(USER, document_of(user(number)), plan.NOBODY, mint)
            record, rows = _created(made)
            yield from _with_memberships(record, rows, inside, mint)
            (self.members if inside else self.spare).append(record.id)

    def new(self) -> int:
        """Return a number that no user has, and that has not been returned before."""
        self.written += 1
        return 10**7 + self.written

    def numbered(self, number: int) -> tuple[int, str]:
        """Return the number and the id of a member; neighbouring numbers give members who are far apart."""
        place = number * 7919 % len(self.members)  # a prime: every member has a turn
        return place, self.members[place]


def document_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that a request to create a user with this body stores."""
    return new_document(dialect.resource(body, USER), USER)


def _created(made: plan.Plan) -> tuple[Record, dict[str, Write]]:
    """Return a new resource and its rows by key, without the event."""
    if made.record is None:
        raise ValueError("the plan creates nothing")
    return made.record, {write.key: write for write in made.writes if write.key != made.event}


def _with_memberships(record: Record, rows: dict[str, Write], groups: list[str], mint: Mint) -> Iterator[Write]:
    """Yield the rows of a resource once it has joined groups, one after the other."""
    for group in groups:
        edge, own = join(group, record, mint.version())
        rows |= {edge.key: edge, own.key: Write("insert", own.key, {**rows[own.key].values, **own.values})}
        record = replace(record, groups=record.groups | {group})
    yield from rows.values()
