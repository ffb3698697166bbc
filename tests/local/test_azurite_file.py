"""Rows that are written into Azurite's file are rows like any other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.azurite import Azurite
from local.azurite_file import fill
from storage.faults import Conflict
from storage.settings import Settings
from storage.tables import Span, Tables, Write

TABLE, TENANT = "filled", "t"
ALL = Span("", "~~")
WRITES = [  # not in the order of their keys
    Write("insert", "u|2", {"text": 'quote " and é', "packed": bytes(range(40)), "number": 7}),
    Write("insert", "u|1", {"text": ""}),
    Write("insert", "c|o'b", {}),
]


@pytest.fixture
async def filled(tmp_path: Path) -> AsyncIterator[tuple[Azurite, Tables]]:
    with Azurite(folder=tmp_path) as azurite:
        tables = Tables(Settings(connection_string=azurite.connection_string))
        await tables.ensure(TABLE)
        assert fill(azurite, TABLE, TENANT, iter(WRITES)) == len(WRITES)
        yield azurite, tables
        await tables.close()


async def test_the_rows_are_read_in_the_order_of_their_keys_with_their_values(filled: tuple[Azurite, Tables]) -> None:
    table = filled[1].table(TABLE)
    rows = {row.key: row.values async for row in table.rows(TENANT, ALL)}

    assert list(rows) == sorted(rows)
    assert rows.keys() == {write.key for write in WRITES}
    for write in WRITES:
        assert {name: rows[write.key][name] for name in write.values} == write.values


async def test_they_are_changed_and_joined_as_others_are(filled: tuple[Azurite, Tables]) -> None:
    table = filled[1].table(TABLE)
    row = await table.get(TENANT, "u|2")
    assert row is not None

    await table.commit(
        TENANT,
        [
            Write("merge", "u|2", {"number": 8}, row.etag),
            Write("delete", "u|1"),
            Write("insert", "m|1", {"text": "new"}),
        ],
    )

    assert [(each.key, each.values.get("number")) async for each in table.rows(TENANT, ALL)] == [
        ("c|o'b", None),
        ("m|1", None),
        ("u|2", 8),
    ]
    with pytest.raises(Conflict):
        await table.commit(TENANT, [Write("merge", "u|2", {"number": 9}, row.etag)])


async def test_what_is_written_afterwards_is_not_saved(filled: tuple[Azurite, Tables]) -> None:
    azurite, tables = filled
    table = tables.table(TABLE)
    await table.commit(TENANT, [Write("insert", "m|1", {})])
    azurite.stop()
    azurite.start()

    assert [row.key async for row in table.rows(TENANT, ALL)] == ["c|o'b", "u|1", "u|2"]


def test_an_azurite_in_memory_cannot_be_filled() -> None:
    with pytest.raises(ValueError, match="no file"):
        fill(Azurite(), TABLE, TENANT, [])
