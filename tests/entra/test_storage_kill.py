"""Azurite is killed in the middle of cycles. It writes its files every five seconds: what it had acknowledged since is
gone, which no cycle of Entra's expects. A restart of provisioning reads everybody again and finds out."""

import asyncio
import random

import pytest

from entra.cycle import run_cycle
from entra.generate import generate
from entra.job import Options
from entra.verify import verify
from local.app import App
from local.azurite import Azurite
from local.demo import make_tables, new_token
from storage.check import check
from storage.settings import Settings
from storage.tables import Tables
from tests.entra.conftest import Tenant, answered


@pytest.fixture
def azurite(tmp_path):
    with Azurite(folder=tmp_path / "azurite") as running:
        make_tables(running.connection_string)
        yield running


@pytest.fixture
def app(azurite):
    running = App(azurite.connection_string, 0, log="kept").start()
    running.wait()
    yield running
    running.stop()


async def test_a_storage_killed_in_the_middle_of_a_cycle_is_made_good_by_a_restart(azurite, app):
    token = await asyncio.to_thread(new_token, azurite.connection_string, "killed")
    tenant, directory, dice = Tenant(f"{app.url}/scim/v2", token), generate(30, 13, seed=23), random.Random(23)
    await asyncio.sleep(6)  # until Azurite has written the tenant itself
    for _ in range(2):
        job = tenant.job(directory)
        async with job.wire:
            running = asyncio.create_task(run_cycle(job))
            await answered(job, dice.randrange(3, 60), running)
            azurite.kill()
            await asyncio.to_thread(azurite.start)
            await running
        tenant.state.restart()
    job = tenant.job(directory, options=Options(retry_escrows=True))
    async with job.wire:
        outcome = await run_cycle(job)
        assert outcome.healthy, outcome.tally
        assert (await verify(job, exclusive=True)).deviations == []
    tables = Tables(Settings(connection_string=azurite.connection_string))
    findings = await check(tables, "killed")
    await tables.close()
    assert not findings
