"""What the tests of identity share: a clock that they set, a tenant, an issuer, and the service that they ask."""

import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from identity.authenticate import Authenticator
from identity.clients import OAuthClients
from identity.credentials import SecretTokens
from identity.issuers import AllowedHosts, trust
from identity.models import OAuthClient
from identity.registrations import EntraRegistrations
from identity.tenants import Tenants
from scim.http import Request, Response
from storage.tables import Tables
from tests.identity.clock import Clock
from tests.identity.issuer import AUDIENCE, SUBJECT, Issuer
from tests.secret_forms import forms_in

BASE_URL = "https://scim.example.com/scim/v2"
SETTINGS = {"SIGNING_KEY_ENCRYPTION_KEY": b64encode(b"k" * 32).decode(), "JWKS_LOOPBACK": "true"}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The log of the test, in which no secret, token or assertion may be found when it ends."""
    caplog.set_level(logging.INFO, "identity")
    yield caplog
    for when in ("setup", "call"):
        assert forms_in("\n".join(record.getMessage() for record in caplog.get_records(when))) == []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tenants(tables: Tables, clock: Clock) -> Tenants:
    return Tenants(tables, clock)


@pytest.fixture
def tokens(tables: Tables, clock: Clock) -> SecretTokens:
    return SecretTokens(tables, clock)


@pytest.fixture
def clients(tables: Tables, clock: Clock) -> OAuthClients:
    return OAuthClients(tables, clock)


@pytest.fixture
def registrations(tables: Tables, clock: Clock) -> EntraRegistrations:
    return EntraRegistrations(tables, clock)


@pytest.fixture
async def customer(tenants: Tenants, tenant: str) -> str:
    """The id of a tenant that exists and has no credentials."""
    return (await tenants.create("Customer", tenant)).id


@pytest.fixture
async def issuer(clock: Clock) -> AsyncIterator[Issuer]:
    made = Issuer(clock)
    runner = await made.runner()
    yield made
    if made.hold is not None:
        made.hold.set()
    await runner.cleanup()


@pytest.fixture
def authenticator(tables: Tables, clock: Clock) -> Authenticator:
    return Authenticator(tables, clock, SETTINGS)


@dataclass(frozen=True)
class Door:
    """The service as a client meets it: its token endpoint, and its bearer check."""

    authenticator: Authenticator
    base_url: str = BASE_URL

    async def ask(
        self, *, basic: tuple[str, str] | None = None, content_type: str | None = None, **form: str
    ) -> Response:
        """Send a form to the token endpoint."""
        headers = {"content-type": content_type or "application/x-www-form-urlencoded"}
        if basic is not None:
            headers["authorization"] = "Basic " + b64encode(":".join(basic).encode()).decode()
        return await self.post(urlencode(form).encode(), headers)

    async def post(self, body: bytes, headers: dict[str, str], caller: str = "") -> Response:
        return await self.authenticator.oauth.token(Request("POST", self.base_url, headers=headers, body=body), caller)

    async def by_secret(self, client_id: str, secret: str, **form: str) -> Response:
        return await self.ask(grant_type="client_credentials", client_id=client_id, client_secret=secret, **form)

    async def by_assertion(self, client_id: str, assertion: str, **form: str) -> Response:
        return await self.ask(
            grant_type="client_credentials",
            client_id=client_id,
            client_assertion=assertion,
            client_assertion_type=ASSERTION_TYPE,
            **form,
        )

    async def call(self, token: str, caller: str = "") -> Any:
        """Authenticate a SCIM request with the bearer token."""
        return await self.authenticator.authenticate(f"Bearer {token}", caller=caller, base_url=self.base_url)


@pytest.fixture
def door(authenticator: Authenticator) -> Door:
    return Door(authenticator)


@dataclass(frozen=True)
class SecretClient:
    """An OAuth client with a secret."""

    id: str
    secret: str
    secret_id: str


@pytest.fixture
async def client(clients: OAuthClients, customer: str) -> SecretClient:
    made = await clients.create(customer, "Entra")
    secret, stored = await clients.add_secret(customer, made.id, 365)
    return SecretClient(made.id, secret.render(), stored.id)


@pytest.fixture
async def trusting(clients: OAuthClients, customer: str, issuer: Issuer) -> OAuthClient:
    """An OAuth client that trusts the issuer."""
    believed = trust(AllowedHosts.of(SETTINGS), issuer.issuer, issuer.jwks_url, SUBJECT, AUDIENCE)
    return await clients.create(customer, "Entra", trust=believed)
