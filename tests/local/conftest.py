"""The sample app, served by the local host inside the test process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from local.functions import Functions, read
from local.host import Host, HostSettings
from tests.local import sample_app

SETTINGS = HostSettings(route_prefix="", custom_headers={"X-Content-Type-Options": "nosniff"})


@asynccontextmanager
async def serving(functions: Functions) -> AsyncIterator[int]:
    """Serve the functions on a free port."""
    runner = Host(functions, SETTINGS).runner()
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield int(runner.addresses[0][1])
    await runner.cleanup()


@pytest.fixture(scope="session")
def functions() -> Functions:
    """What sample_app declares; an app can be asked once only."""
    return read(sample_app.app, SETTINGS.route_prefix)


@pytest.fixture
async def port(functions: Functions) -> AsyncIterator[int]:
    """The port of the local host."""
    async with serving(functions) as number:
        yield number
