"""Big tenants for tests: Azurite's file written directly, because writing 30,000 rows through its API takes minutes."""

import base64
import json
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from local.azurite import Azurite
from storage import keys, plan
from storage.ids import Mint
from storage.record import group_columns
from storage.tables import Write
from tests.storage.conftest import GROUP, USER

_FILE = "__azurite_db_table__.json"
_ACCOUNT = "devstoreaccount1"


def fill(azurite: Azurite, table: str, partition: str, writes: Iterable[Write]) -> None:
    """Replace the rows of a table that exists. Azurite is stopped and started."""
    assert azurite.folder is not None
    azurite.stop()
    path = Path(azurite.folder) / _FILE
    database = json.loads(path.read_text())
    collection = next(c for c in database["collections"] if c["name"] == f"{_ACCOUNT}${table}")
    rows = sorted(writes, key=lambda write: write.key)
    collection["data"] = [_document(n, partition, write) for n, write in enumerate(rows, start=1)]
    collection["maxId"] = len(rows)
    for index in collection["binaryIndices"].values():
        index["values"] = list(range(len(rows)))
    path.write_text(json.dumps(database))
    azurite.start()


def _document(number: int, partition: str, write: Write) -> dict[str, Any]:
    at = "2026-01-01T00:00:00.0000000Z"
    properties: dict[str, Any] = {"PartitionKey": partition, "RowKey": write.key}
    for name, value in write.values.items():
        if isinstance(value, bytes):
            properties |= {name: base64.b64encode(value).decode(), f"{name}@odata.type": "Edm.Binary"}
        else:
            properties[name] = value
    properties |= {"Timestamp": at, "Timestamp@odata.type": "Edm.DateTime"}
    return {
        "PartitionKey": partition,
        "RowKey": write.key,
        "properties": properties,
        "lastModifiedTime": at,
        "eTag": f"W/\"datetime'{at.replace(':', '%3A')}'\"",
        "meta": {"revision": 0, "created": 0, "version": 0},
        "$loki": number,
    }


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
