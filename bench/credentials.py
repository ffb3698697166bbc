"""What each kind of credential costs a request, warm, beside no bearer check at all; and what wrong ones cost.

`.venv/bin/python -m bench.credentials` starts an Azurite and a local issuer, reads one user again and again through
the service provider, and prints for each kind the requests per second and the CPU time of this process per request.
"""

import asyncio
import logging
import secrets
import sys
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

from entra.issuer.issuer import Issuer
from entra.source import Directory
from identity.authenticate import Authenticator
from identity.clients import OAuthClients
from identity.credentials import SecretTokens
from identity.issuers import AllowedHosts, entra_trust, trust
from identity.models import TABLE
from identity.registrations import EntraRegistrations
from identity.tenants import Tenants
from identity.tokens import Token
from local.azurite import Azurite
from scim.errors import ScimError
from scim.http import Request
from scim.provider import ServiceProvider
from scim.schema import resource_types
from scim.store import Draft
from storage import directory
from storage.settings import Settings
from storage.tables import Tables

_TENANT = "bench"
_BASE = "https://scim.example.com/scim/v2"
_AUDIENCE = "9a1ee5de-0c1d-4f1c-9f2a-0a4b3c2d1e0f"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ROUNDS, _REQUESTS, _FLOOD = 5, 300, 3000
_SETTINGS = {
    "SIGNING_KEY_ENCRYPTION_KEY": b64encode(secrets.token_bytes(32)).decode(),
    "JWKS_LOOPBACK": "true",
    "TENANT_REQUESTS_PER_SECOND": "1000000",  # what is measured is the check, not its limit
}

Call = Callable[[int], Awaitable[object]]


async def main() -> int:
    """Measure and print."""
    logging.basicConfig(handlers=[logging.NullHandler()])  # the lines of thousands of refusals
    issuer = Issuer(Directory(tenant_id=str(uuid4()), domain="contoso.com"))
    with Azurite() as azurite, issuer:
        tables = Tables(Settings(connection_string=azurite.connection_string))
        await tables.ensure(directory.TABLE, TABLE)
        try:
            await _measure(tables, issuer)
        finally:
            await tables.close()
    return 0


async def _measure(tables: Tables, issuer: Issuer) -> None:
    authenticator = Authenticator(tables, _now, _SETTINGS)
    tokens = await _tokens(tables, authenticator, issuer)
    read = await _read(tables)

    async def check(token: str, caller: str = "") -> None:
        principal = await authenticator.authenticate(f"Bearer {token}", caller=caller, base_url=_BASE)
        assert principal.tenant_id == _TENANT  # noqa: S101  # a benchmark of refusals would flatter

    def checked(token: str) -> Call:
        async def call(_: int) -> None:
            await check(token)
            await read()

        return call

    def refused(tokens: list[str]) -> Call:
        async def call(number: int) -> None:
            try:
                await check(tokens[number], f"caller {number}")
            except ScimError:
                return
            raise AssertionError("a wrong token was accepted")

        return call

    invented = [Token.new(_TENANT).render() for _ in range(_FLOOD)]
    calls: dict[str, Call] = {"no bearer check": lambda _: read()}
    calls |= {name: checked(token) for name, token in tokens.items()}
    rows = await _in_turn(calls, _REQUESTS)
    _print("Reading a user, warm", rows)
    floods: dict[str, Call] = {
        "right tokens": checked(tokens["secret token"]),
        "invented tokens": refused(invented),
        "damaged tokens": refused([token[:-1] + ("a" if token[-1] != "a" else "b") for token in invented]),
    }
    _print("A flood", {name: await _timed(call, _FLOOD) for name, call in floods.items()})


async def _in_turn(calls: dict[str, Call], requests: int) -> dict[str, tuple[float, float]]:
    """Run the calls in turn, several times, and return the best of each: the least disturbed."""
    best: dict[str, tuple[float, float]] = {}
    for _ in range(_ROUNDS):
        for name, call in calls.items():
            await call(0)
            wall, cpu = await _timed(call, requests)
            known = best.get(name, (wall, cpu))
            best[name] = (min(wall, known[0]), min(cpu, known[1]))
    return best


async def _timed(call: Call, requests: int) -> tuple[float, float]:
    """Return seconds of wall and of CPU time per request."""
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(requests):
        await call(number)
    return (time.perf_counter() - wall) / requests, (time.process_time() - cpu) / requests


def _print(title: str, rows: dict[str, tuple[float, float]]) -> None:
    first = next(iter(rows.values()))
    print(f"\n{title:<28}{'requests/s':>12}{'CPU µs':>10}{'CPU, beside the first':>24}")
    for name, (wall, cpu) in rows.items():
        print(f"{name:<28}{1 / wall:>12,.0f}{cpu * 1e6:>10,.0f}{cpu / first[1]:>23.2f}x")


async def _tokens(tables: Tables, authenticator: Authenticator, issuer: Issuer) -> dict[str, str]:
    """Return a bearer token of each kind for one tenant."""
    await Tenants(tables, _now).create("Benchmark", _TENANT)
    token, _ = await SecretTokens(tables, _now).issue(_TENANT)
    clients = OAuthClients(tables, _now)
    hosts = AllowedHosts.of(_SETTINGS)
    client = await clients.create(_TENANT)
    secret, _ = await clients.add_secret(_TENANT, client.id, 365)
    trusted = trust(hosts, issuer.v2_issuer, issuer.jwks_url, issuer.subject, f"api://{_AUDIENCE}")
    federated = await clients.create(_TENANT, trust=trusted)
    believed = entra_trust(hosts, issuer.tenant_id, issuer=issuer.v1_issuer, jwks_url=issuer.jwks_url)
    await EntraRegistrations(tables, _now).add(_TENANT, issuer.tenant_id, believed)
    return {
        "secret token": token.render(),
        "client secret": await _access_token(authenticator, client.id, client_secret=secret.render()),
        "federation": await _access_token(
            authenticator,
            federated.id,
            client_assertion=issuer.assertion(_AUDIENCE),
            client_assertion_type=_ASSERTION,
        ),
        "Entra's own token": issuer.app_token(),
    }


async def _access_token(authenticator: Authenticator, client_id: str, **form: str) -> str:
    """Return what the token endpoint gives to a client."""
    body = urlencode({"grant_type": "client_credentials", "client_id": client_id, **form}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = await authenticator.oauth.token(Request("POST", _BASE, headers=headers, body=body))
    return str(response.body["access_token"])


async def _read(tables: Tables) -> Callable[[], Awaitable[object]]:
    """Create a user, and return the reading of it."""
    user = resource_types()["User"]
    held = directory.TableDirectory(tables, _TENANT)
    stored = await held.create(user, Draft({"userName": "ana@contoso.com", "active": True}))
    provider = ServiceProvider(held, time.monotonic)
    request = Request("GET", _BASE, path={"id": stored.id})
    return lambda: provider.read(request, user)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
