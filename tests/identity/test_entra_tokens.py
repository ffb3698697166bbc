"""Entra's own tokens, for a blank Secret Token: who accepts them, of whom, and how they may be forged."""

import asyncio

import pytest

from identity.errors import EntraTenantTaken, KindBarred, TenantDisabled, UnknownRegistration
from identity.issuers import NON_GALLERY_AUDIENCE, AllowedHosts, entra_trust
from identity.models import Trust
from identity.registrations import EntraRegistrations
from identity.tenants import Tenants
from scim.errors import Unauthorized, Unavailable
from storage.meter import metered
from tests.identity.clock import Clock
from tests.identity.conftest import SETTINGS, Door
from tests.identity.forgeries import FORGERIES
from tests.identity.issuer import AUDIENCE, ENTRA_TENANT, OTHER_ENTRA_TENANT, Issuer


def trust_of(issuer: Issuer, tid: str = ENTRA_TENANT, audience: str = NON_GALLERY_AUDIENCE) -> Trust:
    return entra_trust(AllowedHosts.of(SETTINGS), tid, audience, f"{issuer.url}/{tid}/", issuer.jwks_url)


def sent(issuer: Issuer, tid: str = ENTRA_TENANT, **changes: object) -> str:
    """A token of version 1, as Entra sends it where no Secret Token was entered."""
    claims: dict[str, object] = {
        "iss": f"{issuer.url}/{tid}/",
        "aud": NON_GALLERY_AUDIENCE,
        "tid": tid,
        "ver": "1.0",
        "appid": "x",
    }
    return issuer.token(**claims | changes)


@pytest.fixture
async def registered(registrations: EntraRegistrations, customer: str, issuer: Issuer) -> str:
    return (await registrations.add(customer, ENTRA_TENANT, trust_of(issuer))).id


async def test_a_registered_tenants_token_is_for_the_tenant_that_registered_it(
    door: Door, registered: str, customer: str, issuer: Issuer
) -> None:
    principal = await door.call(sent(issuer))

    assert (principal.tenant_id, principal.credential_id) == (customer, registered)
    assert principal.method == "entra_token"


@pytest.mark.usefixtures("registered")
async def test_the_shared_audience_alone_proves_nothing(
    door: Door, customer: str, tenants: Tenants, registrations: EntraRegistrations, issuer: Issuer
) -> None:
    """Entra signs tokens with the same audience and key for every Entra tenant."""
    with pytest.raises(Unauthorized, match=f"No tenant has registered the Entra tenant {OTHER_ENTRA_TENANT}"):
        await door.call(sent(issuer, OTHER_ENTRA_TENANT))

    await tenants.create("Other", "other")
    await registrations.add("other", OTHER_ENTRA_TENANT, trust_of(issuer, OTHER_ENTRA_TENANT))
    door.authenticator._clock.move(seconds=10)
    assert (await door.call(sent(issuer, OTHER_ENTRA_TENANT))).tenant_id == "other"
    assert (await door.call(sent(issuer))).tenant_id == customer


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tid": OTHER_ENTRA_TENANT}, "No tenant has registered"),
        ({"tid": "contoso"}, "neither of this service nor of an Entra tenant"),
        ({"tid": None}, "neither of this service nor of an Entra tenant"),
        ({"tid": ENTRA_TENANT.upper()}, "iss: expected"),
        ({"iss": "https://sts.windows.net/x/"}, "iss: expected"),
        ({"aud": AUDIENCE}, "aud: expected"),
        ({"exp": 1}, "exp: expected"),
    ],
    ids=str,
)
async def test_a_token_must_fit_the_registration(
    door: Door, issuer: Issuer, changes: dict[str, object], why: str
) -> None:
    with pytest.raises(Unauthorized, match=why):
        await door.call(sent(issuer, **changes))


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_refused(
    door: Door, registrations: EntraRegistrations, customer: str, issuer: Issuer, clock: Clock, name: str
) -> None:
    believed = trust_of(issuer, audience=AUDIENCE).model_copy(update={"issuer": issuer.issuer})
    await registrations.add(customer, ENTRA_TENANT, believed)
    forged = FORGERIES[name][0](issuer, int(clock().timestamp()))
    if name == "expired this second" or name.startswith(("sub ", "oid good")):
        assert await door.call(forged), "clocks differ, and no subject was registered"
        return

    with metered() as cost, pytest.raises(Unauthorized):
        await door.call(forged)
    assert cost.calls <= 2


@pytest.mark.usefixtures("registered")
async def test_a_token_is_good_for_five_minutes_after_it_expired_because_clocks_differ(
    door: Door, issuer: Issuer, clock: Clock
) -> None:
    token = sent(issuer)
    clock.move(seconds=3900 + 299)
    await door.call(token)
    clock.move(seconds=1)
    with pytest.raises(Unauthorized, match="exp: expected after"):
        await door.call(token)


@pytest.mark.usefixtures("registered")
async def test_a_warm_token_costs_no_storage_call_and_no_fetch(door: Door, issuer: Issuer) -> None:
    token = sent(issuer)
    with metered() as cold:
        await door.call(token)
    with metered() as warm:
        for _ in range(50):
            await door.call(token)

    assert (cold.calls, warm.calls, issuer.fetches) == (2, 0, 1)


async def test_removal_takes_effect_within_a_minute_and_frees_the_entra_tenant(
    door: Door,
    registered: str,
    registrations: EntraRegistrations,
    customer: str,
    tenants: Tenants,
    issuer: Issuer,
    clock: Clock,
) -> None:
    await door.call(sent(issuer))
    await registrations.remove(customer, registered)
    clock.move(seconds=60)
    with pytest.raises(Unauthorized, match="No tenant has registered"):
        await door.call(sent(issuer))

    await tenants.create("Other", "other")
    await registrations.add("other", ENTRA_TENANT, trust_of(issuer))
    clock.move(seconds=10)
    assert (await door.call(sent(issuer))).tenant_id == "other"
    with pytest.raises(UnknownRegistration):
        await registrations.remove(customer, ENTRA_TENANT)


async def test_an_entra_tenant_is_registered_once(
    registered: str, registrations: EntraRegistrations, customer: str, tenants: Tenants, issuer: Issuer
) -> None:
    await tenants.create("Other", "other")
    with pytest.raises(EntraTenantTaken):
        await registrations.add("other", registered, trust_of(issuer))

    again = await registrations.add(customer, registered, trust_of(issuer, audience=AUDIENCE), "gallery")
    assert await registrations.list(customer) == (again,)


async def test_of_two_tenants_that_register_at_once_one_succeeds(
    registrations: EntraRegistrations, tenants: Tenants, issuer: Issuer
) -> None:
    for id in ("a", "b"):
        await tenants.create(id, id)
    made = await asyncio.gather(
        *(registrations.add(id, ENTRA_TENANT, trust_of(issuer)) for id in ("a", "b")), return_exceptions=True
    )

    assert sum(isinstance(one, EntraTenantTaken) for one in made) == 1


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(("end", "why"), [("disable", "is disabled"), ("bar", "does not accept this kind")])
async def test_a_tenant_can_switch_entras_tokens_off(
    door: Door, customer: str, tenants: Tenants, issuer: Issuer, clock: Clock, end: str, why: str
) -> None:
    await door.call(sent(issuer))
    await (tenants.disable(customer) if end == "disable" else tenants.bar(customer, "entra_token"))
    clock.move(seconds=60)

    with pytest.raises(Unauthorized, match=why):
        await door.call(sent(issuer))


async def test_a_tenant_that_refuses_the_kind_registers_nothing(
    registrations: EntraRegistrations, customer: str, tenants: Tenants, issuer: Issuer
) -> None:
    await tenants.bar(customer, "entra_token")
    with pytest.raises(KindBarred):
        await registrations.add(customer, ENTRA_TENANT, trust_of(issuer))
    await tenants.disable(customer)
    with pytest.raises(TenantDisabled):
        await registrations.add(customer, ENTRA_TENANT, trust_of(issuer))
    assert await registrations.tenant_of(ENTRA_TENANT) is None


@pytest.mark.usefixtures("registered")
async def test_an_outage_of_entras_keys_is_unavailable_never_unauthorized(door: Door, issuer: Issuer) -> None:
    issuer.down = True

    with pytest.raises(Unavailable):
        await door.call(sent(issuer))
