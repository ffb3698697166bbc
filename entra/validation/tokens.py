"""The gallery's tests 21 and 22: tokens for a client's secret, or for an assertion of Entra's."""

import time
from collections.abc import Mapping
from typing import Any

import httpx

from entra.client import Wire
from entra.credentials import SecretToken
from entra.exchange import Exchange
from entra.validation.attempt import Attempt
from entra.validation.comparison import check_list
from entra.validation.verdict import Failed, Skipped, Test

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SHORTEST, _LONGEST = 60, 360  # minutes
_DEFAULT_SECONDS = 3600
_TIMEOUT = 30.0


async def validate_credentials(attempt: Attempt) -> None:
    """Get a token for client id and secret in the body, and read a user with it."""
    oauth = attempt.candidate.oauth
    _require({"token endpoint": oauth.token_endpoint, "client id": oauth.client_id, "secret": oauth.client_secret})
    form = {"client_id": oauth.client_id, "client_secret": oauth.client_secret}
    if oauth.scope:
        form["scope"] = oauth.scope
    exchange = await _token(attempt, form)
    minutes = _lifetime(exchange.body) / 60
    if not _SHORTEST <= minutes <= _LONGEST:
        raise Failed(f"a token for {_SHORTEST} to {_LONGEST} minutes", f"one for {minutes:.0f}", exchange)
    candidate = attempt.candidate.wire
    async with Wire(candidate.base, SecretToken(exchange.body["access_token"]), candidate.dialect) as wire:
        page = await wire.get("/Users", startIndex="1", count="1")
    if not page.succeeded:
        raise Failed("a page of users for the token", f"status {page.status}", page)
    check_list(page)


async def federated_identity(attempt: Attempt) -> None:
    """Get a token for an assertion of Entra's."""
    oauth = attempt.candidate.oauth
    assertion = oauth.assertion.read_text().strip() if oauth.assertion else ""
    _require({"token endpoint": oauth.token_endpoint, "client id": oauth.client_id, "assertion": assertion})
    form = {
        "client_id": oauth.client_id,
        "client_assertion": assertion,
        "client_assertion_type": ASSERTION_TYPE,
        "baseAddress": attempt.candidate.wire.base,
    }
    await _token(attempt, form)


def _require(given: Mapping[str, object]) -> None:
    """Raise Skipped if something that the test needs was not given."""
    if missing := [name for name, value in given.items() if not value]:
        raise Skipped(f"no {' and no '.join(missing)} was given")


async def _token(attempt: Attempt, form: dict[str, str]) -> Exchange:
    exchange = await _post(attempt.candidate.oauth.token_endpoint, {"grant_type": "client_credentials"} | form)
    token = exchange.body.get("access_token") if isinstance(exchange.body, dict) else None
    if not exchange.succeeded or not isinstance(token, str) or not token:
        raise Failed("an access_token", f"status {exchange.status}", exchange)
    return exchange


async def _post(url: str, form: dict[str, str]) -> Exchange:
    began = time.perf_counter()
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT) as client:
            answer = await client.post(url, data=form, headers={"Accept": "application/json"})
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise Failed(f"an answer of {url}", repr(problem)) from None
    try:
        body = answer.json()
    except ValueError:
        body = None
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    seconds = time.perf_counter() - began
    return Exchange("POST", url, form, answer.status_code, media_type, answer.text, seconds, body=body)


def _lifetime(body: dict[str, Any]) -> float:
    """Return how many seconds a token lives. Raise Failed if it does not say so in a number."""
    try:
        return float(body.get("expires_in", _DEFAULT_SECONDS))
    except (TypeError, ValueError):
        raise Failed("expires_in as a number", repr(body.get("expires_in"))) from None


_SUITE, _EITHER = "Gallery: direct SCIM tests", "token"

TESTS = (
    Test(_SUITE, "21 Validate_Credentials_Test", validate_credentials, alternative=_EITHER),
    Test(_SUITE, "22 Federated_Identity_Test", federated_identity, alternative=_EITHER),
)
