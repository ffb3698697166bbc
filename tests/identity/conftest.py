"""What the tests of identity share: a clock that they set, and a tenant with a token."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from identity.credentials import SecretTokens
from identity.tenants import Tenants
from storage.tables import Tables


@dataclass
class Clock:
    """A clock that stands still until it is told to move."""

    now: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tenants(tables: Tables, clock: Clock) -> Tenants:
    return Tenants(tables, clock)


@pytest.fixture
def tokens(tables: Tables, clock: Clock) -> SecretTokens:
    return SecretTokens(tables, clock)


@pytest.fixture
async def customer(tenants: Tenants, tenant: str) -> str:
    """The id of a tenant that exists and has no tokens."""
    return (await tenants.create("Customer", tenant)).id
