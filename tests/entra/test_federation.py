"""The service believes what the local issuer signs where a trust or a registration says so, and nothing else."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from entra.client import Wire
from entra.credentials import ClientCredentials, SecretToken
from entra.cycle import run_cycle
from entra.dialect import Dialect
from entra.generate import generate
from entra.issuer.issuer import Issuer
from entra.job import Job
from entra.mapping import Mappings
from entra.source import Directory
from entra.state import State
from entra.verify import verify
from identity.clients import OAuthClients
from identity.issuers import AllowedHosts, entra_trust, trust
from identity.registrations import EntraRegistrations
from local.oauth import settings
from storage.settings import Settings
from storage.tables import Tables

AUDIENCE = "9a1ee5de-0c1d-4f1c-9f2a-0a4b3c2d1e0f"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer(Directory(tenant_id=_guid(), domain="contoso.com")) as running:
        yield running


def _guid() -> str:
    text = secrets.token_hex(16)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@pytest.fixture
async def tenant_id(service) -> str:
    name = f"t-{secrets.token_hex(6)}"
    await asyncio.to_thread(service.new_token, name)
    return name


@pytest.fixture
async def tables(service) -> AsyncIterator[Tables]:
    opened = Tables(Settings(connection_string=service.connection_string))
    yield opened
    await opened.close()


@pytest.fixture
async def client_id(tenant_id, tables, issuer) -> str:
    """A client of the tenant whose trust is in the issuer."""
    hosts = AllowedHosts.of(settings())
    made = trust(hosts, issuer.v2_issuer, issuer.jwks_url, issuer.subject, f"api://{AUDIENCE}")
    clients = OAuthClients(tables, partial(datetime.now, UTC))
    return (await clients.create(tenant_id, trust=made)).id


def _token_endpoint(service) -> str:
    return f"{service.app.url}/oauth2/token"


async def _ask(service, client_id: str, assertion: str, **more) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_assertion": assertion,
        "client_assertion_type": ASSERTION_TYPE,
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(_token_endpoint(service), data=form | more)


@pytest.mark.parametrize("audience", [AUDIENCE, f"api://{AUDIENCE}"])
async def test_an_assertion_is_exchanged_for_an_access_token_that_reads_users(service, client_id, issuer, audience):
    answer = await _ask(service, client_id, issuer.assertion(audience), baseAddress="https://x.example/scim")
    assert answer.status_code == 200, answer.text
    assert 3600 <= answer.json()["expires_in"] <= 21600
    async with Wire(service.tenant_url, SecretToken(answer.json()["access_token"]), Dialect.named("legacy")) as wire:
        assert (await wire.get("/Users", startIndex="1", count="1")).status == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.microsoftonline.com/common/v2.0"},
        {"sub": "somebody-else"},
        {"tid": "00000000-0000-0000-0000-000000000000"},
        {"aud": "another"},
        {"exp": int(time.time()) - 600},
        {"nbf": int(time.time()) + 3600},
        {"exp": None},
    ],
    ids=lambda claims: next(iter(claims)),
)
async def test_an_assertion_with_a_wrong_claim_is_refused(service, client_id, issuer, claims):
    answer = await _ask(service, client_id, issuer.assertion(AUDIENCE, **claims))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_of_another_issuer_is_refused(service, client_id, issuer):
    stranger = Issuer(issuer.directory)
    forged = stranger.assertion(AUDIENCE, iss=issuer.v2_issuer)
    assert (await _ask(service, client_id, forged)).status_code == 401


async def test_a_key_that_the_issuer_began_to_use_is_believed_at_once(service, client_id, issuer):
    assert (await _ask(service, client_id, issuer.assertion(AUDIENCE))).status_code == 200
    issuer.rotate()
    assert (await _ask(service, client_id, issuer.assertion(AUDIENCE))).status_code == 200


async def test_a_whole_cycle_runs_on_workload_identity_federation(service, client_id, issuer, tmp_path):
    file = tmp_path / "assertion.jwt"
    file.write_text(issuer.assertion(AUDIENCE))
    credentials = ClientCredentials(_token_endpoint(service), client_id, assertion=file)
    async with Wire(service.tenant_url, credentials, Dialect.named("legacy")) as wire:
        job = Job(generate(6, 2, seed=1), Mappings.load("ideo"), wire, State())
        outcome = await run_cycle(job)
        assert outcome.healthy, outcome.tally
        assert (await verify(job, exclusive=True)).deviations == []


async def test_an_app_token_is_believed_for_the_entra_tenant_that_is_registered(service, tenant_id, tables, issuer):
    token = issuer.app_token()
    registered = entra_trust(
        AllowedHosts.of(settings()), issuer.tenant_id, issuer=issuer.v1_issuer, jwks_url=issuer.jwks_url
    )
    registrations = EntraRegistrations(tables, partial(datetime.now, UTC))
    await registrations.add(tenant_id, issuer.tenant_id, registered)
    async with Wire(service.tenant_url, SecretToken(token), Dialect.named("legacy")) as wire:
        assert (await wire.get("/Users", count="1")).status == 200
    for refused in (
        issuer.app_token(audience="another"),
        issuer.app_token(tid=_guid()),
        Issuer(issuer.directory).app_token(iss=issuer.v1_issuer),
    ):
        async with Wire(service.tenant_url, SecretToken(refused), Dialect.named("legacy")) as wire:
            assert (await wire.get("/Users", count="1")).status == 401
