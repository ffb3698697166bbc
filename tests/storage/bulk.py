"""Big tenants for tests, as rows."""

import secrets
import time

from storage import keys, plan
from storage.ids import Mint
from storage.record import group_columns
from storage.tables import Write
from tests.storage.conftest import GROUP, USER


def company(users: int, spare: int, sizes: list[int]) -> tuple[list[Write], list[str], list[str]]:
    """Return the rows of a tenant, its users, and for each size a group of the first so many users.

    `spare` users more are in no group, and are the last of those returned.
    """
    mint = Mint(time.time, secrets.token_bytes)
    people = [plan.creation(USER, {"userName": f"user{n}"}, plan.NOBODY, mint) for n in range(users + spare)]
    groups = [plan.creation(GROUP, {"displayName": f"group of {n}"}, plan.NOBODY, mint) for n in sizes]
    ids = [made.record.id for made in people if made.record]
    group_ids = [made.record.id for made in groups if made.record]
    rows = {w.key: w for made in (*people, *groups) for w in made.writes if not w.key.startswith("e|")}
    for n, id in enumerate(ids):
        inside = [group for group, size in zip(group_ids, sizes, strict=True) if n < size]
        rows |= {(edge := keys.edge(group, id)): Write("put", edge, {"type": "User"}) for group in inside}
        row = rows[keys.resource("User", id)]
        rows[row.key] = Write("put", row.key, {**row.values, **group_columns(inside)})
    return list(rows.values()), ids, group_ids
