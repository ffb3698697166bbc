"""Azurite with the index of row keys answers as Azurite without it."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from local.azurite import Azurite
from storage.faults import Conflict
from storage.settings import Settings
from storage.tables import Row, Span, Table, Tables, Write

_TABLE = "likeness"
_PARTITIONS = ("t-one", "t-two", "o'clock", "t-énorme")
_KEYS = [f"{kind}|{name}" for kind in ("u", "m|a", "m|b", "j", "z'") for name in ("1", "10", "2", "é", "o'b", "~", "")]
_NUMBERS = ["12", "3", "1e2"]


@pytest.fixture
async def pair() -> AsyncIterator[list[Table]]:
    """The same empty table in Azurite as it is, and in Azurite with the index."""
    with Azurite(indexed=False) as plain, Azurite() as indexed:
        opened = [Tables(Settings(connection_string=each.connection_string)) for each in (plain, indexed)]
        for tables in opened:
            await tables.ensure(_TABLE)
        yield [tables.table(_TABLE) for tables in opened]
        for tables in opened:
            await tables.close()


@pytest.mark.parametrize("numbers", [False, True], ids=["keys of text", "some keys that read as numbers"])
@pytest.mark.parametrize("seed", range(3))
async def test_the_index_changes_no_answer(pair: list[Table], seed: int, numbers: bool) -> None:
    draw = random.Random(seed)
    keys = _KEYS + _NUMBERS * numbers

    for _ in range(60):
        partition = draw.choice(_PARTITIONS)
        writes = _writes(draw, keys)
        told = [await _told(table, partition, writes) for table in pair]
        assert told[0] == told[1]
        low, high = sorted(draw.sample([*keys, "", "~~"], 2))
        size = draw.choice([1, 2, 5, 1000])
        found = [await _pages(table, partition, Span(low, high), size) for table in pair]
        assert found[0] == found[1]

    for partition in _PARTITIONS:
        every = [await _pages(table, partition, Span("", "~~"), 1000) for table in pair]
        assert every[0] == every[1]
        assert every[0][0], "so many writes leave something in each partition"


def _writes(draw: random.Random, keys: list[str]) -> list[Write]:
    """Return some writes of different rows."""
    verbs = draw.choices(["insert", "put", "replace", "merge", "delete"], weights=[4, 5, 1, 1, 1], k=draw.randint(1, 4))
    return [
        Write(verb, key, {} if verb == "delete" else {draw.choice("ab"): draw.randint(0, 9)})  # type: ignore[arg-type]
        for verb, key in zip(verbs, draw.sample(keys, len(verbs)), strict=True)
    ]


async def _told(table: Table, partition: str, writes: list[Write]) -> object:
    """Write rows and return what the client is told: the status of a refusal, and what is there then."""
    try:
        await table.commit(partition, writes)
    except Conflict as conflict:
        return conflict.status
    return [_bare(await table.get(partition, write.key)) for write in writes]


async def _pages(table: Table, partition: str, span: Span, size: int) -> list[list[Row | None]]:
    """Return all rows of a span as they came, page by page."""
    pages, token = [], None
    while True:
        page = await table.page(partition, span, size=size, token=token)
        pages.append([_bare(row) for row in page.rows])
        token = page.token
        if not token:
            return pages


def _bare(row: Row | None) -> Row | None:
    """Return a row without its version, which is the time of its writing."""
    return row and replace(row, etag="")
