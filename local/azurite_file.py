"""Large tables without the hours that writing them takes: rows written straight into Azurite's file."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from local.azurite import ACCOUNT, Azurite
from storage.tables import Write

_FILE = "__azurite_db_table__.json"
_AT = "2026-01-01T00:00:00.0000000Z"
_DATA = "rows, one after the other"  # stands for them in the file's frame


def fill(azurite: Azurite, table: str, partition: str, writes: Iterable[Write]) -> int:
    """Replace the rows of a table that exists, and return how many there are now.

    Azurite, which keeps its data in a folder, is stopped and started. From then on it keeps in memory what it is
    told: to save a file of hundreds of megabytes every few seconds would take all its time.
    """
    if azurite.folder is None:
        raise ValueError("an Azurite that keeps its data in memory has no file to fill")
    azurite.stop()
    path = azurite.folder / _FILE
    database = json.loads(path.read_text())
    collection = next(each for each in database["collections"] if each["name"] == f"{ACCOUNT}${table}")
    collection["data"] = _DATA
    keys: list[str] = []
    # In pieces: the whole of it would take many times its size in memory.
    with path.open("w") as file:
        file.write(_frame(database)[0])
        for write in writes:
            file.write("[" if not keys else ",")
            keys.append(write.key)
            file.write(json.dumps(_document(len(keys), partition, write), separators=(",", ":")))
        file.write("]" if keys else "[]")
        order = sorted(range(len(keys)), key=keys.__getitem__)
        for index in collection["binaryIndices"].values():
            index["values"] = order  # there is one partition: that index may have any order
        collection["maxId"] = len(keys)
        file.write(_frame(database)[1])
    azurite.saves = False
    azurite.start()
    return len(keys)


def _frame(database: Any) -> list[str]:
    """Return the file's text before and behind the rows."""
    return json.dumps(database).split(json.dumps(_DATA))


def _document(number: int, partition: str, write: Write) -> dict[str, Any]:
    """Return a row as Azurite keeps it in LokiJS."""
    properties: dict[str, Any] = {"PartitionKey": partition, "RowKey": write.key}
    for name, value in write.values.items():
        if isinstance(value, bytes):
            properties |= {name: base64.b64encode(value).decode(), f"{name}@odata.type": "Edm.Binary"}
        else:
            properties[name] = value
    properties |= {"Timestamp": _AT, "Timestamp@odata.type": "Edm.DateTime"}
    return {
        "PartitionKey": partition,
        "RowKey": write.key,
        "properties": properties,
        "lastModifiedTime": _AT,
        "eTag": f"W/\"datetime'{_AT.replace(':', '%3A')}'\"",
        "meta": {"revision": 0, "created": 0, "version": 0},
        "$loki": number,
    }
