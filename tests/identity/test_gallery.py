"""The two authentication tests of Microsoft's gallery validation, over HTTP, on the running service.

Validate_Credentials_Test and Federated_Identity_Test: a token that lives 60 to 360 minutes, and one SCIM call with it.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from identity.clients import OAuthClients
from identity.issuers import AllowedHosts, trust
from identity.models import OAuthClient
from local.service import TENANT, Service
from storage.settings import Settings
from storage.tables import Tables
from tests.identity.clock import Clock
from tests.identity.conftest import ASSERTION_TYPE, SETTINGS
from tests.identity.issuer import AUDIENCE, SUBJECT, Issuer
from tests.secret_forms import check_log


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """The app on Azurite. When the tests are done, no secret of theirs may be in its log."""
    with Service() as running:
        yield running
        check_log(running)


@pytest.fixture
async def clients(service: Service) -> AsyncIterator[OAuthClients]:
    tables = Tables(Settings(connection_string=service.connection_string))
    yield OAuthClients(tables, lambda: datetime.now(UTC))
    await tables.close()


@pytest.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.app.url, timeout=120) as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


async def validate(http: httpx.AsyncClient, form: dict[str, str]) -> str:
    """Do what the workflow does, and return the access token."""
    answer = await http.post("/oauth2/token", data=form, headers={"Accept": "application/json"})
    assert answer.is_success, answer.text
    body = answer.json()
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert 60 <= body["expires_in"] / 60 <= 360
    users = await call(http, body["access_token"])
    assert users.is_success, users.text
    return str(body["access_token"])


async def call(http: httpx.AsyncClient, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/scim+json"}
    return await http.get("/scim/v2/Users?startIndex=1&count=1", headers=headers)


async def test_21_validate_credentials(http: httpx.AsyncClient, clients: OAuthClients) -> None:
    client = await clients.create(TENANT)
    secret, _ = await clients.add_secret(TENANT, client.id, 365)

    form = {"grant_type": "client_credentials", "client_id": client.id, "client_secret": secret.render()}
    await validate(http, form)
    await validate(http, {**form, "scope": "scim"})


async def test_22_federated_identity(http: httpx.AsyncClient, clients: OAuthClients, issuer: Issuer) -> None:
    client = await trusting(clients, issuer)
    form = {
        "grant_type": "client_credentials",
        "client_id": client.id,
        "client_assertion": issuer.token(),
        "client_assertion_type": ASSERTION_TYPE,
        "baseAddress": f"{http.base_url}scim/v2",
    }

    await validate(http, form)
    refused = await http.post("/oauth2/token", data={**form, "client_assertion": issuer.token(sub="x")})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_two_secrets_rotate_without_a_failing_request(http: httpx.AsyncClient, clients: OAuthClients) -> None:
    client = await clients.create(TENANT)
    first, stored = await clients.add_secret(TENANT, client.id, 365)
    form = {"grant_type": "client_credentials", "client_id": client.id}
    old = await validate(http, {**form, "client_secret": first.render()})

    second, _ = await clients.add_secret(TENANT, client.id, 365)
    for secret in (second, first, second):
        await validate(http, {**form, "client_secret": secret.render()})
    await clients.revoke_secret(TENANT, client.id, stored.id)

    await validate(http, {**form, "client_secret": second.render()})
    assert (await call(http, old)).is_success


async def test_the_metadata_leads_to_the_token_endpoint_and_to_the_keys(http: httpx.AsyncClient) -> None:
    metadata = (await http.get("/.well-known/oauth-authorization-server")).json()

    assert metadata["issuer"] == str(http.base_url).rstrip("/")
    asked = await http.post(metadata["token_endpoint"], data={"grant_type": "x"})
    assert asked.json()["error"] == "unsupported_grant_type"
    keys = await http.get(urlsplit(metadata["jwks_uri"]).path)
    assert (keys.status_code, keys.headers["cache-control"]) == (200, "public, max-age=300")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/oauth2/token", 405), ("POST", "/.well-known/jwks.json", 404), ("PUT", "/oauth2/token", 405)],
)
async def test_other_methods_are_refused(http: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    assert (await http.request(method, path)).status_code == status


async def test_a_token_of_another_key_is_refused_in_scim(http: httpx.AsyncClient, issuer: Issuer) -> None:
    answer = await call(http, issuer.token())

    assert answer.status_code == 401
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


async def trusting(clients: OAuthClients, issuer: Issuer) -> OAuthClient:
    believed = trust(AllowedHosts.of(SETTINGS), issuer.issuer, issuer.jwks_url, SUBJECT, AUDIENCE)
    return await clients.create(TENANT, trust=believed)
