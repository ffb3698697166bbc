"""What tests share: one in-memory Azurite for each test process, and empty tables for each test."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from azure.data.tables import TableServiceClient

from local.azurite import Azurite
from storage.settings import Settings
from storage.tables import Patience, Tables

TABLES = ("directory", "identity")


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """A running table service with its data in memory, for this test process alone."""
    with Azurite() as service:
        yield service


@pytest.fixture
def storage_settings(azurite: Azurite) -> Settings:
    """Settings that lead to the test's table service."""
    return Settings(connection_string=azurite.connection_string)


@pytest.fixture
async def tables(storage_settings: Settings) -> AsyncIterator[Tables]:
    """An open connection to empty tables. They are dropped afterwards: Azurite's speed falls with every row."""
    opened = Tables(storage_settings, patience=Patience(answer=30.0))
    await opened.ensure(*TABLES)
    yield opened
    await opened.close()
    with TableServiceClient.from_connection_string(storage_settings.connection_string) as service:
        for name in TABLES:
            service.delete_table(name)


@pytest.fixture
def tenant() -> str:
    """The id of a tenant that no other test has seen."""
    return f"t-{secrets.token_hex(4)}"
