"""The removal of a group that lacks only its end: it concerns nobody any more, and must not stay for ever."""

import secrets
import time

import pytest

from local.azurite import Azurite
from scim.errors import Unavailable
from storage.check import check
from storage.directory import TABLE, TableDirectory
from storage.ids import Mint
from storage.journal import Removal, rows_of
from storage.settings import Settings
from storage.tables import Patience, Tables
from tests.faults.proxy import Fault, Proxy
from tests.storage.conftest import USER, add

LONG_AGO = 1_800_000_000.0


async def leave(tables: Tables, tenant: str, began: float) -> None:
    """Leave the removal of a group behind whose members have all left it."""
    mint = Mint(lambda: began, secrets.token_bytes)
    removal = Removal(mint.id(), mint.id(), "Group", mint.now(), frozenset())
    await tables.table(TABLE).commit(tenant, rows_of(removal))


async def left(tables: Tables, tenant: str) -> list[str]:
    return [finding.problem for finding in await check(tables, tenant)]


async def test_what_another_process_may_still_be_at_is_left_to_it(tables: Tables, tenant: str) -> None:
    ana = await add(TableDirectory(tables, tenant), "ana")
    await leave(tables, tenant, time.time())

    await TableDirectory(tables, tenant).read(USER, ana.id)

    assert await left(tables, tenant) == ["journal left over"]


async def test_what_nobody_can_be_at_any_more_is_finished_by_any_request(tables: Tables, tenant: str) -> None:
    ana = await add(TableDirectory(tables, tenant), "ana")
    await leave(tables, tenant, LONG_AGO)

    await TableDirectory(tables, tenant, clock=lambda: LONG_AGO + 60).read(USER, ana.id)
    assert await left(tables, tenant) == ["journal left over"]

    await TableDirectory(tables, tenant, clock=lambda: LONG_AGO + 180).read(USER, ana.id)
    assert await left(tables, tenant) == []


async def test_what_a_process_failed_at_is_finished_by_its_next_request(
    azurite: Azurite, tables: Tables, tenant: str
) -> None:
    ana = await add(TableDirectory(tables, tenant), "ana")
    await leave(tables, tenant, time.time())
    with Proxy(azurite.port, TABLE) as proxy:
        through = Settings(connection_string=proxy.through(azurite.connection_string))
        proxied = Tables(through, patience=Patience(attempts=0.2))
        directory = TableDirectory(proxied, tenant)
        proxy.arm(Fault.OUTAGE, 2)  # the journals are read, and nothing of them is done
        with pytest.raises(Unavailable):
            await directory.heal()
        assert await left(tables, tenant) == ["journal left over"]

        proxy.clear()
        await directory.read(USER, ana.id)
        await proxied.close()

    assert await left(tables, tenant) == []
