"""Access tokens of our own as bearer tokens: what is believed of them, and how they may be forged."""

import re
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from identity.clients import OAuthClients
from identity.tenants import Tenants
from scim.errors import Unauthorized
from scim.http import Request
from storage.meter import metered
from tests.identity.clock import Clock
from tests.identity.conftest import Door, SecretClient
from tests.identity.issuer import ec_key, encode, hmac_sign, public_jwk, rsa_key, sign

Forge = Callable[[dict[str, Any], dict[str, Any], Any], str]


@pytest.fixture
async def token(door: Door, client: SecretClient) -> str:
    return (await door.by_secret(client.id, client.secret)).body["access_token"]


async def test_a_token_says_who_it_is_for_and_verifies_with_the_published_key(
    door: Door, token: str, client: SecretClient, customer: str, clock: Clock
) -> None:
    (published,) = (await door.authenticator.oauth.jwks()).body["keys"]
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(
        token,
        jwt.PyJWK(published),
        algorithms=["ES256"],
        audience="https://scim.example.com/scim/v2",
        options={"verify_exp": False, "verify_iat": False},
    )

    now = int(clock().timestamp())
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": published["kid"]}
    assert claims.pop("jti")
    assert claims == {
        "iss": "https://scim.example.com",
        "aud": "https://scim.example.com/scim/v2",
        "sub": client.id,
        "client_id": client.id,
        "tenant": customer,
        "scope": "scim",
        "iat": now,
        "exp": now + 3600,
    }


async def test_no_two_tokens_are_the_same(door: Door, client: SecretClient) -> None:
    tokens = [(await door.by_secret(client.id, client.secret)).body["access_token"] for _ in range(3)]

    assert len(set(tokens)) == 3


OWN: dict[str, tuple[Forge, str]] = {
    # with our own key, as only a fault of ours could sign
    "another issuer": (lambda h, c, k: sign(h, c | {"iss": "https://x"}, k), "its iss is https://x"),
    "another audience": (lambda h, c, k: sign(h, c | {"aud": "https://x/scim/v2"}, k), "its aud is"),
    "audiences in a list": (lambda h, c, k: sign(h, c | {"aud": [c["aud"]]}, k), "its aud is"),
    "another scope": (lambda h, c, k: sign(h, c | {"scope": "signin"}, k), "its scope is signin"),
    "another type": (lambda h, c, k: sign(h | {"typ": "JWT"}, c, k), "not an access token of this service"),
    "expired": (lambda h, c, k: sign(h, c | {"exp": c["iat"] - 1}, k), "it expired at"),
    "without expiry": (lambda h, c, k: sign(h, {n: v for n, v in c.items() if n != "exp"}, k), "not valid yet"),
    "expiry as text": (lambda h, c, k: sign(h, c | {"exp": str(c["exp"])}, k), "not valid yet"),
    "issued in the future": (lambda h, c, k: sign(h, c | {"iat": c["iat"] + 62}, k), "not valid yet"),
    "another tenant": (lambda h, c, k: sign(h, c | {"tenant": "other"}, k), "not known here any more"),
    "another client": (lambda h, c, k: sign(h, c | {"client_id": "other.aaaaaaaa"}, k), "not known here any more"),
    # without it
    "another key": (lambda h, c, _: sign(h, c, ec_key("thief")), "its signature does not fit"),
    "unknown key": (lambda h, c, _: sign(h | {"kid": "k9"}, c, ec_key("thief")), "is not known here"),
    "RSA": (lambda h, c, _: sign(h | {"alg": "RS256"}, c, rsa_key("thief")), "not an access token of this service"),
    "alg none": (lambda h, c, _: f"{encode(h | {'alg': 'none'})}.{encode(c)}.e30", "its algorithm is not one of"),
    "HMAC with the public key": (
        lambda h, c, k: hmac_sign(h | {"alg": "HS256"}, c, encode(public_jwk("x", k)).encode()),
        "its algorithm is not one of",
    ),
    "embedded key": (
        lambda h, c, _: sign(h | {"jwk": public_jwk("x", ec_key("thief"))}, c, ec_key("thief")),
        "brings keys of its own",
    ),
    "changed claims": (
        lambda h, c, k: ".".join([encode(h), encode(c | {"tenant": "x"}), sign(h, c, k).rpartition(".")[2]]),
        "its signature does not fit",
    ),
}


@pytest.mark.parametrize("name", OWN)
async def test_a_forged_access_token_is_refused(door: Door, token: str, tenants: Tenants, name: str) -> None:
    await tenants.create("Other", "other")
    kid, key = await door.authenticator.oauth._signing_keys.signer()
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert await door.call(sign(header, claims, key)), "what is forged below would be good without the change"
    forge, why = OWN[name]
    assert header["kid"] == kid

    with metered() as cost, pytest.raises(Unauthorized, match=why) as caught:
        await door.call(forge(header, claims, key))

    assert cost.calls <= 1
    challenge = caught.value.headers["WWW-Authenticate"]
    assert re.fullmatch(r'Bearer realm="IDEO SCIM", error="invalid_token", error_description="[^"\\]+"', challenge)


@pytest.mark.parametrize(
    "junk",
    [
        "eyJ.eyJ.x",
        "eyJhbGciOiJFUzI1NiJ9.e30.x",
        "eyJ" + "a" * 20_000 + ".a.a",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x",
    ],
)
async def test_junk_that_looks_like_a_jwt_costs_nothing(door: Door, junk: str) -> None:
    with metered() as cost, pytest.raises(Unauthorized, match="is a JWT that cannot be verified"):
        await door.call(junk)

    assert cost.calls == 0


async def test_a_token_is_for_the_tenant_url_at_which_it_was_asked_for(door: Door, token: str) -> None:
    elsewhere = Door(door.authenticator, "https://other.example.com/scim/v2")
    await door.call(token)

    with pytest.raises(Unauthorized, match=r"its iss is https://scim.example.com, and https://other.example.com was"):
        await elsewhere.call(token)


async def test_an_assertion_of_an_issuer_is_no_access_token(door: Door, token: str) -> None:
    claims = jwt.decode(token, options={"verify_signature": False})
    assertion = sign({"alg": "ES256", "kid": "x", "typ": "JWT"}, claims, ec_key("thief"))

    with pytest.raises(Unauthorized):
        await door.call(assertion)


async def test_a_client_that_is_refused_by_kind_is_refused_with_its_tokens(
    door: Door, token: str, tenants: Tenants, customer: str, clock: Clock
) -> None:
    await door.call(token)
    await tenants.bar(customer, "client_secret")
    clock.move(seconds=60)
    with pytest.raises(Unauthorized, match="does not accept this kind of credential"):
        await door.call(token)

    await tenants.accept(customer, "client_secret")
    clock.move(seconds=60)
    await door.call(token)


async def test_storage_out_of_reach_never_blames_the_client(clients: OAuthClients, client: SecretClient) -> None:
    from identity.authenticate import Authenticator  # noqa: PLC0415
    from storage.settings import Settings  # noqa: PLC0415
    from storage.tables import Patience, Tables  # noqa: PLC0415
    from tests.identity.conftest import SETTINGS  # noqa: PLC0415

    dead = Settings(
        connection_string="DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;TableEndpoint=http://127.0.0.1:1/a;"
    )
    cut_off = Tables(dead, patience=Patience(attempts=0))
    try:
        door = Door(Authenticator(cut_off, clients._clock, SETTINGS))
        response = await door.by_secret(client.id, client.secret)
    finally:
        await cut_off.close()

    assert (response.status, response.body["error"]) == (503, "temporarily_unavailable")
    assert response.headers["Retry-After"]


async def test_a_deployment_without_an_encryption_key_says_so_and_secret_tokens_go_on(
    tables, clock: Clock, client: SecretClient, tokens, customer: str
) -> None:
    from identity.authenticate import Authenticator  # noqa: PLC0415

    door = Door(Authenticator(tables, clock, {}))
    response = await door.by_secret(client.id, client.secret)

    assert response.status == 503
    assert "SIGNING_KEY_ENCRYPTION_KEY" in response.body["error_description"]
    secret_token, _ = await tokens.issue(customer)
    assert await door.call(secret_token.render())
    assert (await door.authenticator.oauth.jwks()).body == {"keys": []}
    assert door.authenticator.oauth.metadata(Request("GET", door.base_url)).status == 200
