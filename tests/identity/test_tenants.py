"""Tenants, in a real table service."""

import asyncio

import pytest

from identity.credentials import SecretTokens
from identity.errors import InvalidTenant, TenantExists, UnknownTenant
from identity.models import TABLE, TENANTS_PARTITION
from identity.tenants import Tenants
from storage.meter import metered
from storage.tables import Tables, Write
from tests.identity.clock import Clock


async def test_a_tenant_is_found_as_it_was_created(tenants: Tenants, clock: Clock) -> None:
    created = await tenants.create(" Müller & Söhne ")

    assert (created.id, created.name, created.created, created.disabled) == (
        "muller-sohne",
        "Müller & Söhne",
        clock.now,
        None,
    )
    assert await tenants.get("muller-sohne") == created


async def test_an_id_is_taken_once(tenants: Tenants) -> None:
    first = await tenants.create("First", "demo")

    with pytest.raises(TenantExists, match="there is a tenant demo already"):
        await tenants.create("Second", "demo")
    assert await tenants.get("demo") == first


async def test_of_creations_at_once_one_succeeds(tenants: Tenants) -> None:
    made = await asyncio.gather(*(tenants.create(f"n{n}", "demo") for n in range(8)), return_exceptions=True)

    refused = [one for one in made if isinstance(one, TenantExists)]
    assert len(refused) == 7
    assert await tenants.get("demo") in made


@pytest.mark.parametrize("id", ["Demo", "a/b", "_tenants", ""])
async def test_what_is_no_tenant_id_is_refused_everywhere(tenants: Tenants, tokens: SecretTokens, id: str) -> None:
    for call in (tenants.create("x", id), tenants.get(id), tenants.disable(id), tokens.issue(id), tokens.list(id)):
        with pytest.raises(InvalidTenant):
            await call


async def test_an_unknown_tenant_is_refused_everywhere(tenants: Tenants, tokens: SecretTokens) -> None:
    for call in (
        tenants.get("nobody"),
        tenants.disable("nobody"),
        tenants.enable("nobody"),
        tokens.issue("nobody"),
        tokens.list("nobody"),
        tokens.revoke("nobody", "k3v9x0qa"),
    ):
        with pytest.raises(UnknownTenant, match="there is no tenant nobody"):
            await call


async def test_tenants_are_listed_in_order_of_their_ids(tenants: Tenants) -> None:
    ids = ["0", "a", "a-b", "ab", "z", *(f"t{n}" for n in range(40))]
    for one in ids:
        await tenants.create(one, one)

    assert [tenant.id for tenant in await tenants.all()] == sorted(ids)


async def test_listing_reads_the_list_and_each_tenant_once(tenants: Tenants, tokens: SecretTokens) -> None:
    for n in range(3):
        await tokens.issue((await tenants.create(f"t{n}")).id)

    with metered() as cost:
        found = await tenants.all()

    assert len(found) == 3
    assert (cost.calls, cost.depth) == (4, 2)


async def test_a_creation_that_was_cut_off_is_not_listed_and_can_be_repeated(tables: Tables, tenants: Tenants) -> None:
    await tables.table(TABLE).commit(TENANTS_PARTITION, [Write("put", "demo")])

    assert await tenants.all() == ()
    created = await tenants.create("Demo", "demo")
    assert await tenants.all() == (created,)


async def test_a_tenant_is_disabled_since_then_and_enabled_again(tenants: Tenants, customer: str, clock: Clock) -> None:
    clock.move(days=1)

    disabled = await tenants.disable(customer)
    assert disabled == await tenants.get(customer)
    assert disabled.disabled == clock.now

    clock.move(days=1)
    assert await tenants.disable(customer) == disabled
    assert (await tenants.enable(customer)).disabled is None
    assert (await tenants.enable(customer)).disabled is None
