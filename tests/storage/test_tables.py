"""The connection layer against a real table service."""

import asyncio
import logging
import socket
import threading

import pytest

from storage.faults import Conflict
from storage.meter import metered
from storage.settings import Settings
from storage.tables import Patience, Span, Tables, Write


async def test_a_row_that_was_inserted_is_read_back(tables: Tables, tenant: str) -> None:
    table = tables.table("directory")

    await table.commit(tenant, [Write("insert", "k", {"text": "ünï", "data": b"\0\xff", "number": 7})])

    row = await table.get(tenant, "k")
    assert row is not None
    assert row.values == {"text": "ünï", "data": b"\0\xff", "number": 7}
    assert row.etag


async def test_a_row_that_is_not_there_is_none(tables: Tables, tenant: str) -> None:
    assert await tables.table("directory").get(tenant, "k") is None


@pytest.mark.parametrize(
    ("write", "status"),
    [
        (Write("insert", "k"), 409),
        (Write("replace", "k", {}, 'W/"stale"'), 412),
        (Write("merge", "k", {}, 'W/"stale"'), 412),
        (Write("delete", "k", {}, 'W/"stale"'), 412),
        (Write("replace", "absent"), 404),
        (Write("merge", "absent"), 404),
        (Write("delete", "absent"), 404),
    ],
    ids=lambda value: f"{value.verb}-{value.key}" if isinstance(value, Write) else str(value),
)
async def test_a_write_that_meets_other_rows_changes_nothing(
    tables: Tables, tenant: str, write: Write, status: int
) -> None:
    table = tables.table("directory")
    await table.commit(tenant, [Write("insert", "k", {"v": 1})])

    with pytest.raises(Conflict) as caught:
        await table.commit(tenant, [Write("put", "other", {"v": 2}), write])

    assert (caught.value.status, caught.value.uncertain) == (status, False)
    assert await table.get(tenant, "other") is None


async def test_a_merge_leaves_what_it_does_not_name(tables: Tables, tenant: str) -> None:
    table = tables.table("directory")
    await table.commit(tenant, [Write("insert", "k", {"a": 1, "b": 2})])

    await table.commit(tenant, [Write("merge", "k", {"b": 3})])

    row = await table.get(tenant, "k")
    assert row is not None
    assert row.values == {"a": 1, "b": 3}


async def test_rows_come_in_key_order_over_pages_and_within_the_span(tables: Tables, tenant: str) -> None:
    table = tables.table("directory")
    await table.commit(tenant, [Write("insert", f"{p}|{n:02}") for p in "abc" for n in (3, 1, 2)])

    with metered() as meter:
        keys = [row.key async for row in table.rows(tenant, Span.prefix("b|"), size=2)]

    assert keys == ["b|01", "b|02", "b|03"]
    assert (meter.calls, meter.depth) == (2, 2)


async def test_no_key_is_logged_where_everything_is_listened_to_that_is_not_for_debugging(
    tables: Tables, tenant: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    table = tables.table("directory")

    await table.commit(tenant, [Write("insert", "c.ana@contoso.example")])
    await table.get(tenant, "c.ana@contoso.example")
    await table.page(tenant, Span.prefix("c.ana@contoso.example"))

    assert "contoso.example" not in caplog.text


async def test_a_storage_call_jumps_to_no_thread(tables: Tables, tenant: str) -> None:
    table, before = tables.table("directory"), set(threading.enumerate())

    await table.commit(tenant, [Write("insert", "k")])
    await table.page(tenant, Span("a", "z"))
    await table.get(tenant, "k")

    assert set(threading.enumerate()) <= before


async def test_a_proxy_that_the_environment_names_is_asked(
    storage_settings: Settings, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(120)
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{taken.getsockname()[1]}")
        opened = Tables(storage_settings, patience=Patience(answer=60.0))
        call = asyncio.create_task(opened.table("directory").get(tenant, "k"))
        proxied, _ = await asyncio.to_thread(taken.accept)
        proxied.close()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await opened.close()
