"""A service that people sign in to: the app and its tables in processes of their own, an Entra issuer, a customer."""

import asyncio
import dataclasses
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

import httpx
import jwt
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from entra.issuer.issuer import Issuer
from entra.issuer.keys import SigningKey
from entra.issuer.web import Reply, Request
from entra.source import Directory, User
from identity.issuers import AllowedHosts, entra_trust
from identity.registrations import EntraRegistrations
from identity.tenants import Tenants
from local import oauth
from local.app import App
from local.azurite import Azurite
from local.demo import make_tables, new_token
from storage.settings import Settings
from storage.tables import Tables

CLIENT_ID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
TENANT = "contoso"
T = TypeVar("T")


class Forger(Issuer):
    """An issuer whose answers can be made wrong; `asked` has the forms that came to its token endpoint."""

    asked: list[Mapping[str, str]]
    changes: Mapping[str, Any] | None = None
    signer: SigningKey | None = None
    state: str | None = None

    def answer(self, request: Request) -> Reply:
        reply = super().answer(request)
        if self.state is not None and "state=" in reply.headers.get("Location", ""):
            location = re.sub(r"(?<=[?&]state=)[^&]*", self.state, reply.headers["Location"])
            return dataclasses.replace(reply, headers={**reply.headers, "Location": location})
        if not request.path.endswith("/token"):
            return reply
        self.asked.append(request.form)
        body = json.loads(reply.body)
        if self.changes is None or "id_token" not in body:
            return reply
        claims = jwt.decode(body["id_token"], options={"verify_signature": False}) | self.changes
        wanted = {name: value for name, value in claims.items() if value is not None}
        body["id_token"] = (self.signer or self.keys.current).sign(wanted)
        return dataclasses.replace(reply, body=json.dumps(body))

    def honest(self) -> None:
        self.changes, self.signer, self.state, self.asked = None, None, None, []


class World:
    """Everything together; `new_person` adds an account to Entra's directory, `provision` a user to the service."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self.issuer = Forger(Directory(tenant_id=str(uuid.uuid4()), domain="contoso.com"))
        self.issuer.honest()
        self.certificate = SigningKey.new()
        self._extra = dict(settings or {})
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._running.enter_context(self.issuer)
        azurite = self._running.enter_context(Azurite())
        self.connection_string = azurite.connection_string
        make_tables(self.connection_string)
        self.settings = oauth.settings() | {
            "SIGNIN_CLIENT_ID": CLIENT_ID,
            "SIGNIN_AUTHORITY": f"{self.issuer.url}/organizations/v2.0",
            "SIGNIN_CERTIFICATE": pem(self.certificate),
            **self._extra,
        }
        self.app = App(self.connection_string, settings=self.settings)
        self._running.callback(self.app.stop)
        self.app.start().wait()
        self.secret_token = new_token(self.connection_string, TENANT)
        self.register(self.issuer.tenant_id)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        return self.app.url

    def browser(self) -> httpx.Client:
        """A browser without any cookie; it follows no redirect by itself."""
        return httpx.Client(base_url=self.url, timeout=120)

    def scim(self) -> httpx.Client:
        """What Entra's provisioning has: the tenant's secret token."""
        headers = {"Authorization": f"Bearer {self.secret_token}"}
        return httpx.Client(base_url=f"{self.url}/scim/v2", headers=headers, timeout=120)

    def new_person(self, **attributes: Any) -> User:
        """Add an account of a name that nobody has."""
        id = str(uuid.uuid4())
        name = f"p-{id[:8]}@contoso.com"
        user = User(id=id, attributes={"userPrincipalName": name, "displayName": "Ana Pérez", **attributes})
        self.issuer.directory.users[id] = user
        return user

    def provision(self, person: User, **attributes: Any) -> str:
        """Make the person's user in the service, and return its id."""
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": person.name,
            "externalId": person.id,
            "displayName": person.attributes["displayName"],
            "active": True,
            **attributes,
        }
        with self.scim() as scim:
            answer = scim.post("/Users", json={name: value for name, value in body.items() if value is not None})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def patch(self, path: str, **values: Any) -> None:
        """Replace attributes of a resource."""
        operations = [{"op": "replace", "path": name, "value": value} for name, value in values.items()]
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}
        with self.scim() as scim:
            assert scim.patch(path, json=body).is_success

    def register(self, entra_tenant_id: str) -> None:
        """Connect an Entra tenant with the customer."""
        trust = entra_trust(AllowedHosts(frozenset(), loopback=True), entra_tenant_id, jwks_url=self.issuer.jwks_url)
        self.work(lambda tables: EntraRegistrations(tables, now).add(TENANT, entra_tenant_id, trust))

    def let_change(self, *attributes: str) -> None:
        self.work(lambda tables: Tenants(tables, now).let_change(TENANT, attributes))

    def work(self, what: Callable[[Tables], Awaitable[T]]) -> T:
        """Do something on the service's tables."""

        async def connected() -> T:
            tables = Tables(Settings(connection_string=self.connection_string))
            try:
                return await what(tables)
            finally:
                await tables.close()

        # On a thread of its own: on this one, a browser's event loop may be running.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, connected()).result()

    def authorize(self, browser: httpx.Client, person: User, to: str = "") -> str:
        """Sign in at Entra, and return where Entra sends the browser: the callback's URL with the code."""
        begun = browser.get("/signin/start", params={"return": to} if to else {})
        assert begun.status_code == 302, begun.text
        answer = browser.post(begun.headers["location"], data={"action": "sign-in", "name": person.name})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    @contextmanager
    def signed_in(self, person: User, to: str = "") -> Iterator[httpx.Client]:
        """The browser of a person who is signed in."""
        with self.browser() as browser:
            answer = browser.get(self.authorize(browser, person, to))
            assert answer.status_code == 302, answer.text
            yield browser


def pem(key: SigningKey) -> str:
    private = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + key.certificate.public_bytes(Encoding.PEM)).decode()


def now() -> datetime:
    return datetime.now(UTC)
