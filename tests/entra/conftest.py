"""A running service for the cycles, and a fresh tenant of it for each test."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from entra.client import Wire
from entra.credentials import SecretToken
from entra.dialect import Dialect
from entra.job import Job, Options
from entra.mapping import Mappings
from entra.source import Directory
from entra.state import State
from local.service import Service
from storage.check import check
from storage.settings import Settings
from storage.tables import Tables
from tests.secret_forms import check_log


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The whole service, storage in memory. It must log no secret."""
    with Service(log="kept") as running:
        yield running
        check_log(running)


@dataclass
class Tenant:
    """An empty tenant, and jobs that provision into it."""

    url: str
    token: str
    state: State = field(default_factory=State)

    def job(
        self,
        directory: Directory,
        *,
        dialect: str = "legacy",
        mappings: str = "default",
        options: Options | None = None,
        wrap: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] | None = None,
    ) -> Job:
        """Return a job that remembers what earlier jobs of this tenant did. `wrap` may alter the wire."""
        transport = wrap(httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=8))) if wrap else None
        wire = Wire(self.url, SecretToken(self.token), Dialect.named(dialect), transport=transport)
        return Job(directory, Mappings.load(mappings), wire, self.state, options=options or Options())


@pytest.fixture
async def tenant(service: Service) -> AsyncIterator[Tenant]:
    """A tenant that nobody else has; its storage must be whole when the test ends."""
    name = f"t-{secrets.token_hex(6)}"
    yield Tenant(service.tenant_url, await asyncio.to_thread(service.new_token, name))
    await assert_whole(service, name)


async def answered(job: Job, requests: int, running: "asyncio.Task[object]") -> None:
    """Wait until so many requests of a job that runs have been answered, or it ends."""
    while len(job.wire.traffic.seconds) < requests and not running.done():  # noqa: ASYNC110  # the wire has no event
        await asyncio.sleep(0.001)


async def assert_whole(service: Service, tenant: str) -> None:
    """Find nothing broken in what the storage holds of a tenant."""
    tables = Tables(Settings(connection_string=service.connection_string))
    findings = await check(tables, tenant)
    await tables.close()
    assert not findings, f"the storage is broken: {findings}"
