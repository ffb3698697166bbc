"""One running service for each test process; an empty tenant for each test, which must be whole when the test ends."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from identity.credentials import SecretTokens
from identity.tenants import Tenants
from local.service import Service
from storage.check import check
from storage.settings import Settings
from storage.tables import Tables
from tests.http.client import Client
from tests.secret_forms import check_log


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The app on Azurite, each in a process of its own, reached over real HTTP. It must log no secret."""
    with Service() as running:
        yield running
        check_log(running)


@pytest.fixture
def new_client(service: Service) -> Iterator[Callable[[], Client]]:
    """Make clients, each of a new and empty tenant; afterwards each tenant is searched for broken invariants."""
    made: list[tuple[str, Client]] = []

    def make() -> Client:
        tenant = f"t-{secrets.token_hex(6)}"
        token = _with_tables(service, lambda tables: _tenant(tables, tenant))
        made.append((tenant, Client(service.tenant_url, token)))
        return made[-1][1]

    yield make
    for tenant, client in made:
        client.close()
        findings = _with_tables(service, lambda tables, tenant=tenant: check(tables, tenant))
        assert not findings, f"tenant {tenant} is broken: {findings}"


@pytest.fixture
def client(new_client: Callable[[], Client]) -> Client:
    """A client of a new and empty tenant."""
    return new_client()


@pytest.fixture
def populated(client: Client) -> Iterator[Client]:
    """A client whose tenant has a user and a group with that user in it, and is the same when the test ends."""
    client.user = client.post("/Users", {"userName": "stay@contoso.example", "title": "As before"})["id"]
    members = [{"value": client.user}]
    client.group = client.post("/Groups", {"displayName": "Stay", "members": members})["id"]
    before = client.dump()
    yield client
    assert client.dump() == before


async def _tenant(tables: Tables, tenant: str) -> str:
    await Tenants(tables, _now).create(tenant, tenant)
    token, _ = await SecretTokens(tables, _now).issue(tenant)
    return token.render()


def _now() -> datetime:
    return datetime.now(UTC)


def _with_tables(service: Service, work: Callable[[Tables], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        tables = Tables(Settings(connection_string=service.connection_string))
        try:
            return await work(tables)
        finally:
            await tables.close()

    return asyncio.run(run())
