"""The token endpoint with client secrets (RFC 6749 sections 2.3, 4.4 and 5)."""

from base64 import b64encode
from urllib.parse import quote

import pytest

from identity.client_secrets import Secret
from identity.clients import OAuthClients
from identity.tenants import Tenants
from scim.errors import Unauthorized
from scim.http import Response
from storage.meter import metered
from tests.identity.clock import Clock
from tests.identity.conftest import Door, SecretClient

FORM = {"content-type": "application/x-www-form-urlencoded"}
GRANT = "grant_type=client_credentials"


def reason(response: Response, error: str, status: int) -> str:
    """The description of a refusal, which must have that code and status and may not be stored."""
    assert (response.status, response.body["error"]) == (status, error)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.body["error_description"].isascii()
    return str(response.body["error_description"])


async def test_a_secret_brings_a_token_that_is_for_its_tenant(door: Door, client: SecretClient, customer: str) -> None:
    response = await door.by_secret(client.id, client.secret)

    assert response.status == 200
    assert response.headers == {"Cache-Control": "no-store", "Pragma": "no-cache"}
    assert response.body.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (response.body["token_type"], response.body["expires_in"], response.body["scope"]) == (
        "Bearer",
        3600,
        "scim",
    )
    principal = await door.call(response.body["access_token"])
    assert (principal.tenant_id, principal.credential_id, principal.method) == (customer, client.id, "client_secret")


@pytest.mark.parametrize("place", ["body", "header", "both", "header encoded", "header and client_id"])
async def test_the_secret_comes_in_the_header_or_in_the_body_or_equal_in_both(
    door: Door, client: SecretClient, place: str
) -> None:
    pair = (client.id, client.secret)
    body = {"client_id": client.id, "client_secret": client.secret}
    match place:
        case "body":
            response = await door.ask(grant_type="client_credentials", **body)
        case "header":
            response = await door.ask(basic=pair, grant_type="client_credentials")
        case "both":
            response = await door.ask(basic=pair, grant_type="client_credentials", **body)
        case "header encoded":  # RFC 6749 section 2.3.1
            encoded = ("".join(f"%{ord(c):02x}" for c in client.id), quote(client.secret, safe=""))
            response = await door.ask(basic=encoded, grant_type="client_credentials")
        case _:
            response = await door.ask(basic=pair, grant_type="client_credentials", client_id=client.id)

    assert response.status == 200


@pytest.mark.parametrize(
    "extra",
    [
        {"baseAddress": "https://scim.example.com/scim/v2"},
        {"resource": "https://x"},
        {"scope": ""},
        {"scope": "https://scim.example.com/.default"},
        {"audience": "x"},
    ],
    ids=lambda extra: next(iter(extra)),
)
async def test_what_is_not_known_is_ignored(door: Door, client: SecretClient, extra: dict[str, str]) -> None:
    response = await door.by_secret(client.id, client.secret, **extra)

    assert (response.status, response.body["scope"]) == (200, "scim")


@pytest.mark.parametrize(
    ("body", "headers", "error", "status", "says"),
    [
        (b"", FORM, "invalid_request", 400, "The body is empty"),
        (b"{}", {"content-type": "application/json"}, "invalid_request", 400, "must be a form"),
        (b"{}", {}, "invalid_request", 400, "must be a form"),
        (b"x" * 70_000, FORM, "invalid_request", 400, "at most 65536"),
        (b"&".join(b"a%d=1" % n for n in range(200)), FORM, "invalid_request", 400, "too many parameters"),
        (b"grant_type=%ff", FORM, "invalid_request", 400, "not a form in UTF-8"),
        (b"grant_type=\xff", FORM, "invalid_request", 400, "not a form in UTF-8"),
        (b"client_id=a&client_secret=b", FORM, "invalid_request", 400, "grant_type is missing"),
        (b"grant_type=", FORM, "invalid_request", 400, "grant_type is missing"),
        (b"grant_type=password&client_id=a", FORM, "unsupported_grant_type", 400, "The only grant_type"),
        (f"{GRANT}&{GRANT}".encode(), FORM, "invalid_request", 400, "grant_type was sent more than once"),
        (f"{GRANT}&client_id=a&client_id=a".encode(), FORM, "invalid_request", 400, "client_id was sent more than"),
        (GRANT.encode(), FORM, "invalid_client", 401, "No client_id was sent"),
        (f"{GRANT}&client_id=a".encode(), FORM, "invalid_client", 401, "No client_secret was sent"),
        (
            f"{GRANT}&client_id=a&client_assertion=b".encode(),
            FORM,
            "invalid_request",
            400,
            "client_assertion_type must",
        ),
        (
            f"{GRANT}&client_id=a&client_assertion=b&client_assertion_type=x".encode(),
            FORM,
            "invalid_request",
            400,
            "must",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_request_that_cannot_be_read_says_what_is_wrong_and_costs_nothing(
    door: Door, body: bytes, headers: dict[str, str], error: str, status: int, says: str
) -> None:
    with metered() as cost:
        response = await door.post(body, headers)

    assert says in reason(response, error, status)
    assert cost.calls == 0


@pytest.mark.parametrize(
    "header",
    [
        "Bearer abc",
        "Basic",
        "Basic !",
        "Basic " + b64encode(b"nocolon").decode(),
        "Basic " + b64encode(b"\xff:a").decode(),
    ],
)
async def test_a_header_that_is_no_client_authentication_is_challenged(door: Door, header: str) -> None:
    response = await door.post(GRANT.encode(), {**FORM, "authorization": header})

    assert "must be Basic" in reason(response, "invalid_client", 401)
    assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


async def test_two_different_secrets_are_refused(door: Door, client: SecretClient) -> None:
    other = Secret.new().render()
    response = await door.ask(
        basic=(client.id, client.secret), grant_type="client_credentials", client_id=client.id, client_secret=other
    )

    assert "different clients or secrets" in reason(response, "invalid_request", 400)


async def test_unknown_client_and_wrong_secret_are_told_alike(
    door: Door, client: SecretClient, customer: str, clients: OAuthClients
) -> None:
    own, other = Secret.parse(client.secret), Secret.new()
    second = await clients.create(customer)
    inventions = [
        (client.id, other.render()),
        (client.id, Secret(own.id, other.secret).render()),
        (second.id, client.secret),
        (f"{customer}.aaaaaaaa", client.secret),
        ("nobody.aaaaaaaa", client.secret),
        ("a/b", client.secret),
        ("é", client.secret),
    ]
    reasons = set()
    for client_id, secret in inventions:
        with metered() as cost:
            response = await door.by_secret(client_id, secret)
        reasons.add(reason(response, "invalid_client", 401))
        assert cost.calls <= 1

    assert len(reasons) == 1
    assert "is not known here" in reasons.pop()


async def test_junk_for_a_secret_costs_no_storage_call(door: Door, client: SecretClient) -> None:
    with metered() as cost:
        for junk in ("x", client.secret[:-1], client.secret[:-1] + "!", client.secret + "x", client.secret.upper()):
            assert "is not one of this service" in reason(await door.by_secret(client.id, junk), "invalid_client", 401)

    assert cost.calls == 0


@pytest.mark.parametrize(
    "end", ["secret revoked", "secret expired", "client revoked", "tenant disabled", "kind refused"]
)
async def test_what_has_ended_brings_no_token_and_is_told_to_who_has_the_secret_alone(
    door: Door,
    client: SecretClient,
    customer: str,
    clients: OAuthClients,
    tenants: Tenants,
    clock: Clock,
    end: str,
) -> None:
    assert (await door.by_secret(client.id, client.secret)).status == 200
    match end:
        case "secret revoked":
            await clients.revoke_secret(customer, client.id, client.secret_id)
        case "secret expired":
            clock.move(days=365)
        case "client revoked":
            await clients.revoke(customer, client.id)
        case "tenant disabled":
            await tenants.disable(customer)
        case _:
            await tenants.bar(customer, "client_secret")
    clock.move(seconds=60)

    says = reason(await door.by_secret(client.id, client.secret), "invalid_client", 401)

    assert any(word in says for word in ("was revoked on", "expired on", "is disabled", "does not accept this kind"))
    guess = Secret(client.secret_id, Secret.new().secret).render()
    assert "is not known here" in reason(await door.by_secret(client.id, guess), "invalid_client", 401)


async def test_two_secrets_rotate_without_a_failing_request(
    door: Door, client: SecretClient, customer: str, clients: OAuthClients, clock: Clock
) -> None:
    old = (await door.by_secret(client.id, client.secret)).body["access_token"]
    second, _ = await clients.add_secret(customer, client.id, 365)

    for secret in (second.render(), client.secret, second.render()):
        response = await door.by_secret(client.id, secret)
        assert response.status == 200, "at once, though the client was looked up before the secret was added"
        await door.call(response.body["access_token"])
    await clients.revoke_secret(customer, client.id, client.secret_id)
    clock.move(seconds=60)

    assert (await door.by_secret(client.id, client.secret)).status == 401
    assert (await door.by_secret(client.id, second.render())).status == 200
    await door.call(old)  # a token outlives the secret that brought it, so that no request fails


async def test_revoking_a_client_ends_its_tokens_within_a_minute(
    door: Door, client: SecretClient, customer: str, clients: OAuthClients, clock: Clock
) -> None:
    token = (await door.by_secret(client.id, client.secret)).body["access_token"]
    await door.call(token)
    await clients.revoke(customer, client.id)

    clock.move(seconds=59)
    await door.call(token)
    clock.move(seconds=1)
    with pytest.raises(Unauthorized, match=f"The client {client.id} was revoked on 2026-03-01"):
        await door.call(token)


@pytest.mark.parametrize("minutes", [60, 61, 360])
async def test_a_token_lives_as_long_as_the_client_says(
    door: Door, customer: str, clients: OAuthClients, clock: Clock, minutes: int
) -> None:
    made = await clients.create(customer, minutes=minutes)
    secret, _ = await clients.add_secret(customer, made.id, 365)
    response = await door.by_secret(made.id, secret.render())

    assert response.body["expires_in"] == minutes * 60
    clock.move(minutes=minutes, seconds=-1)
    await door.call(response.body["access_token"])
    clock.move(seconds=1)
    with pytest.raises(Unauthorized, match="The access token is refused: it expired at"):
        await door.call(response.body["access_token"])


async def test_a_warm_token_costs_no_storage_call(door: Door, client: SecretClient) -> None:
    token = (await door.by_secret(client.id, client.secret)).body["access_token"]
    await door.call(token)
    with metered() as cost:
        for _ in range(100):
            await door.call(token)
        assert (await door.by_secret(client.id, client.secret)).status == 200

    assert cost.calls == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_only_post_asks_for_a_token(door: Door, method: str) -> None:
    from scim.http import Request  # noqa: PLC0415

    response = await door.authenticator.oauth.token(Request(method, door.base_url))

    assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_repeated_failures_are_answered_429_but_nobody_else_is_locked_out(
    door: Door, client: SecretClient, clock: Clock
) -> None:
    form = f"{GRANT}&client_id={client.id}&client_secret={Secret.new().render()}".encode()
    good = f"{GRANT}&client_id={client.id}&client_secret={client.secret}".encode()
    statuses = [(await door.post(form, FORM, "40.126.25.32")).status for _ in range(61)]

    assert statuses == [401] * 60 + [429]
    limited = await door.post(form, FORM, "40.126.25.32")
    assert int(limited.headers["Retry-After"]) >= 1
    assert (await door.post(good, FORM, "40.126.25.33")).status == 200
    clock.move(seconds=1)
    assert (await door.post(good, FORM, "40.126.25.32")).status == 200
