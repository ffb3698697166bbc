"""Workload identity federation: which assertions are believed (RFC 7523), and every way in which one may be forged."""

import re
from typing import Any

import pytest

from identity.clients import OAuthClients
from identity.issuers import AllowedHosts, trust
from identity.models import OAuthClient
from identity.tenants import Tenants
from scim.errors import Unauthorized
from storage.meter import metered
from tests.identity.clock import Clock
from tests.identity.conftest import SETTINGS, Door
from tests.identity.forgeries import FORGERIES, GOOD, OTHER
from tests.identity.issuer import AUDIENCE, SUBJECT, Issuer, public_jwk, rsa_key


@pytest.mark.parametrize("name", GOOD)
async def test_a_good_assertion_brings_a_token(
    door: Door, trusting: OAuthClient, issuer: Issuer, clock: Clock, name: str
) -> None:
    response = await door.by_assertion(trusting.id, GOOD[name](issuer, int(clock().timestamp())))

    assert response.status == 200, response.body
    principal = await door.call(response.body["access_token"])
    assert (principal.tenant_id, principal.credential_id) == (trusting.tenant_id, trusting.id)
    assert principal.method == "federation"


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_assertion_is_refused_and_told_why(
    door: Door, trusting: OAuthClient, issuer: Issuer, clock: Clock, name: str
) -> None:
    make, why = FORGERIES[name]
    with metered() as cost:
        response = await door.by_assertion(trusting.id, make(issuer, int(clock().timestamp())))

    assert (response.status, response.body["error"]) == (401, "invalid_client")
    assert re.search(why.replace('"', "'"), response.body["error_description"])
    assert cost.calls <= 1


def test_there_are_enough_forgeries() -> None:
    assert len(FORGERIES) >= 45


async def test_an_assertion_is_for_the_client_whose_trust_it_fits(
    door: Door, trusting: OAuthClient, issuer: Issuer, clients: OAuthClients, tenants: Tenants
) -> None:
    await tenants.create("Other", "other")
    hosts = AllowedHosts.of(SETTINGS)
    elsewhere = await clients.create("other", trust=trust(hosts, issuer.issuer, issuer.jwks_url, OTHER, AUDIENCE))
    beside = await clients.create(
        trusting.tenant_id, trust=trust(hosts, issuer.issuer, issuer.jwks_url, SUBJECT, f"api://{OTHER}")
    )
    secret = await clients.create(trusting.tenant_id)

    for client, why in (
        (elsewhere, "sub: expected"),
        (beside, "aud: expected"),
        (secret, "not one of a federation trust"),
    ):
        response = await door.by_assertion(client.id, issuer.token())
        assert (response.status, response.body["error"]) == (401, "invalid_client")
        assert why in response.body["error_description"]
    assert (await door.by_assertion(elsewhere.id, issuer.token(sub=OTHER))).status == 200


@pytest.mark.parametrize("client_id", ["nobody.aaaaaaaa", "x", "{tenant}.aaaaaaaa", "../{tenant}"])
async def test_an_assertion_with_an_unknown_client_id_is_refused(
    door: Door, trusting: OAuthClient, issuer: Issuer, client_id: str
) -> None:
    response = await door.by_assertion(client_id.format(tenant=trusting.tenant_id), issuer.token())

    assert (response.status, issuer.fetches) == (401, 0)
    assert "not one of a federation trust" in response.body["error_description"]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"client_assertion_type": ""}, "client_assertion_type must be"),
        ({"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}, "must be"),
        ({"client_assertion": ""}, "client_assertion is missing"),
        ({"client_id": ""}, "client_id is missing"),
        ({"client_secret": "x"}, "send one of the two"),
    ],
)
async def test_an_incomplete_request_says_what_is_missing(
    door: Door, trusting: OAuthClient, issuer: Issuer, form: dict[str, str], why: str
) -> None:
    complete = {
        "grant_type": "client_credentials",
        "client_id": trusting.id,
        "client_assertion": issuer.token(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    response = await door.ask(**complete | form)

    assert (response.status, response.body["error"]) == (400, "invalid_request")
    assert why in response.body["error_description"]


@pytest.mark.parametrize(("left", "expected"), [(3900, 3600), (3600, 3600), (1800, 1800), (61, 61)])
async def test_a_token_never_outlives_its_assertion(
    door: Door, trusting: OAuthClient, issuer: Issuer, clock: Clock, left: int, expected: int
) -> None:
    end = int(clock().timestamp()) + left + 1  # the clock is 0.12 s past the second
    body = (await door.by_assertion(trusting.id, issuer.token(exp=end))).body
    assert body["expires_in"] == min(expected, left)

    clock.move(seconds=body["expires_in"] + 1)
    with pytest.raises(Unauthorized, match="it expired"):
        await door.call(body["access_token"])


async def test_an_assertion_may_be_used_again(door: Door, trusting: OAuthClient, issuer: Issuer) -> None:
    assertion = issuer.token()  # Entra sends the same one until it is renewed

    for _ in range(3):
        assert (await door.by_assertion(trusting.id, assertion)).status == 200
    assert issuer.fetches == 1


async def test_removing_a_trust_ends_its_tokens_within_a_minute(
    door: Door, trusting: OAuthClient, issuer: Issuer, clients: OAuthClients, clock: Clock
) -> None:
    body = (await door.by_assertion(trusting.id, issuer.token())).body
    await door.call(body["access_token"])
    await clients.revoke(trusting.tenant_id, trusting.id)
    clock.move(seconds=60)

    with pytest.raises(Unauthorized, match="was revoked on"):
        await door.call(body["access_token"])
    refused = await door.by_assertion(trusting.id, issuer.token())
    assert "was revoked on" in refused.body["error_description"]


async def test_no_key_material_is_told(door: Door, trusting: OAuthClient, issuer: Issuer, clock: Clock) -> None:
    numbers: Any = public_jwk("k1", rsa_key("k1"))
    for make, _ in FORGERIES.values():
        token = make(issuer, int(clock().timestamp()))
        said = (await door.by_assertion(trusting.id, token)).body["error_description"]
        assert numbers["n"][:20] not in said
        assert not [text for text in token.split(".") if len(text) >= 20 and text[:20] in said]
        clock.move(seconds=5)
