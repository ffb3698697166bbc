"""Every decision is one line of JSON, without any secret in it (which the fixture `logged` sees to in every test)."""

import json

import pytest

from identity.credentials import SecretTokens
from identity.models import OAuthClient
from identity.tenants import Tenants
from identity.tokens import Token
from scim.errors import Unauthorized
from tests.identity.conftest import Door, SecretClient
from tests.identity.issuer import OTHER_ENTRA_TENANT, Issuer
from tests.secret_forms import forms_in


def lines(log: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    return [json.loads(record.getMessage()) for record in log.records if record.name == "identity"]


async def test_who_is_accepted_is_logged(
    door: Door,
    logged: pytest.LogCaptureFixture,
    tokens: SecretTokens,
    client: SecretClient,
    trusting: OAuthClient,
    issuer: Issuer,
    customer: str,
) -> None:
    secret_token, _ = await tokens.issue(customer)
    await door.call(secret_token.render())
    for response in (
        await door.by_secret(client.id, client.secret),
        await door.by_assertion(trusting.id, issuer.token()),
    ):
        await door.call(response.body["access_token"])

    accepted = {"outcome": "accepted", "tenant": customer}
    assert lines(logged) == [
        {"event": "request", **accepted, "credential": secret_token.id, "method": "secret_token"},
        {"event": "token", **accepted, "credential": client.id, "method": "client_secret"},
        {"event": "token", **accepted, "credential": trusting.id, "method": "federation"},
        {"event": "request", **accepted, "credential": client.id, "method": "client_secret"},
        {"event": "request", **accepted, "credential": trusting.id, "method": "federation"},
    ]


async def test_who_is_refused_is_logged_with_what_was_claimed_and_why(
    door: Door,
    logged: pytest.LogCaptureFixture,
    client: SecretClient,
    trusting: OAuthClient,
    issuer: Issuer,
    customer: str,
) -> None:
    stranger = Token.new(customer)
    for token in ("junk", stranger.render(), issuer.token(tid=OTHER_ENTRA_TENANT), issuer.token(tid="\n" * 5000)):
        with pytest.raises(Unauthorized):
            await door.call(token)
    await door.by_secret(client.id, client.secret[:-1])
    await door.by_assertion(trusting.id, issuer.token(sub="x"))

    found = lines(logged)
    assert [line["outcome"] for line in found] == ["refused"] * 6
    assert [line.get("credential", "") for line in found] == [
        "",
        stranger.id,
        OTHER_ENTRA_TENANT,
        "\n" * 400,
        client.id,
        trusting.id,
    ]
    assert [line["event"] for line in found] == ["request"] * 4 + ["token"] * 2
    assert "not a secret token" in found[0]["reason"]
    assert "sub: expected" in found[5]["reason"]
    assert all("\n" not in record.getMessage() for record in logged.records)


async def test_the_patterns_that_search_the_log_find_every_secret_there_is(
    door: Door, client: SecretClient, issuer: Issuer, tenants: Tenants, tokens: SecretTokens
) -> None:
    await tenants.create("Long", "a-" * 19 + "b")
    token, _ = await tokens.issue("a-" * 19 + "b")
    access = (await door.by_secret(client.id, client.secret)).body["access_token"]

    for secret in (token.render(), client.secret, access, issuer.token()):
        assert forms_in(f"x: {secret}, y")
