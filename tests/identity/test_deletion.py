"""Deleting a tenant with everything that it holds."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from identity import deletion
from identity.clients import OAuthClients
from identity.credentials import SecretTokens
from identity.models import ENTRA_PARTITION, TENANTS_PARTITION, EntraRegistration, Tenant, Trust
from identity.registrations import EntraRegistrations
from identity.tenants import Tenants
from identity.uses import Uses
from storage.directory import TableDirectory
from storage.settings import Settings
from storage.tables import Span, Tables
from tests.identity.clock import Clock
from tests.identity.test_command_line import Shell
from tests.storage.conftest import add
from tests.storage.line import Died, Line, seed_users, wired

ENTRA = "3f2a6c1e-0000-4000-8000-000000000001"
ALL = Span(" ", "~")


async def left(tables: Tables, tenant: str) -> set[str]:
    """Return what is left of a tenant, in all partitions."""
    found: set[str] = set()
    for table, partition in (
        ("directory", tenant),
        ("identity", tenant),
        ("identity", TENANTS_PARTITION),
        ("identity", ENTRA_PARTITION),
    ):
        found |= {f"{partition} {row.key}" async for row in tables.table(table).rows(partition, ALL)}
    return found


async def filled(tables: Tables, clock: Clock, tenant: str, entra: str) -> None:
    """Make a tenant with users and every kind of credential, and disable it."""
    tenants, tokens, uses = Tenants(tables, clock), SecretTokens(tables, clock), Uses(tables, clock)
    await tenants.create(tenant, tenant)
    _, token = await tokens.issue(tenant)
    await OAuthClients(tables, clock).create(tenant)
    trusted = Trust(issuer="https://i", jwks_url="https://i/k", audiences=("a",), entra_tenant_id=entra)
    registration = await EntraRegistrations(tables, clock).add(tenant, entra, trusted)
    assert isinstance(registration, EntraRegistration)
    uses.note(tenant, token.id)
    await uses.settle()
    await seed_users(tables, tenant, 70)
    await tenants.disable(tenant)


@pytest.mark.parametrize("dies_after", [0, 2, 4, 5, 6])
async def test_all_of_a_tenant_goes_and_nothing_of_another_whenever_it_is_cut_off(
    tables: Tables, storage_settings: Settings, clock: Clock, tenant: str, dies_after: int
) -> None:
    other = f"{tenant}-other"
    await filled(tables, clock, other, ENTRA[:-1] + "2")
    before = await left(tables, other)
    await filled(tables, clock, tenant, ENTRA)
    dying = wired(storage_settings, Line(dies_after=dies_after))
    try:
        with pytest.raises(Died):
            await deletion.delete(dying, tenant)
        await deletion.delete(tables, tenant)
    finally:
        await dying.close()

    assert await left(tables, other) == before
    assert await left(tables, tenant) == {each for each in before if each.startswith("_")}
    assert [each.id for each in await Tenants(tables, clock).all()] == [other]


@pytest.mark.parametrize(("ago", "seconds"), [(None, 70), (0, 70), (30, 40), (70, 0), (1000, 0)])
def test_deletion_waits_for_the_last_requests(ago: int | None, seconds: float) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    disabled = None if ago is None else now - timedelta(seconds=ago)

    assert deletion.wait(Tenant(id="a", name="a", created=now, disabled=disabled), now) == seconds


async def test_the_command_asks_first(tables: Tables, storage_settings: Settings, tenant: str) -> None:
    past = Clock(datetime.now(UTC) - timedelta(minutes=2))
    await filled(tables, past, tenant, ENTRA)
    await add(TableDirectory(tables, tenant), "ana")
    shell = Shell(storage_settings.connection_string)

    kept = shell("tenant", "delete", tenant, reply="n\n")
    assert (kept.returncode, kept.stdout) == (1, "")
    assert f"`python -m storage.export {tenant} FILE` keeps a copy" in kept.stderr
    removed = shell("tenant", "delete", tenant, "--yes", "--json")

    assert json.loads(removed.stdout)["rows"] == 213
    assert await left(tables, tenant) == set()
    assert shell("tenant", "delete", tenant, "--yes").stderr.startswith(f"error: there is no tenant {tenant}")
