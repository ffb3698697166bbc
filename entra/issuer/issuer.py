"""A local Entra tenant as an issuer of tokens, on a port of this machine.

with Issuer() as issuer:
    trust(issuer.v2_issuer, issuer.jwks_url, issuer.subject, audience)
    issuer.assertion(audience)
"""

import functools
import re
import threading
import time
import uuid
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Self

from entra.issuer.addresses import SHARED, Addresses, Version
from entra.issuer.authorize import Authorization
from entra.issuer.claims import NON_GALLERY_AUDIENCE, PROVISIONING_SERVICE, app_claims, service_principal
from entra.issuer.clients import Client, Clients
from entra.issuer.keys import KeyRing
from entra.issuer.tokens import TokenEndpoint
from entra.issuer.web import Reply, Request, json_reply, make_server
from entra.source import Directory

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

_CORS = "*"  # metadata and keys are for everybody, as Entra's are
_POLLED = 0.05  # seconds until `stop` is noticed
_PATH = re.compile(r"/(?P<tenant>[^/]+)/(?P<rest>.+)")


class Issuer:
    """Issues what Entra issues; the people who can sign in are those of `directory`."""

    def __init__(
        self,
        directory: Directory | None = None,
        *,
        clients: Collection[Client] = (),
        port: int = 0,
        login: str = "",
        sts: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take a directory, the apps that people sign in to (none: every app of this machine), and a port (0: any).

        `login` and `sts` are the origins in the issuers of 2.0 and 1.0 tokens: this issuer's own URL without them.
        """
        self.directory = directory or Directory(tenant_id=str(uuid.uuid4()), domain="contoso.com")
        self.keys = KeyRing()
        self._port, self._login, self._sts, self._clock = port, login.rstrip("/"), sts.rstrip("/"), clock
        known = Clients(clients)
        self._authorization = Authorization(self.directory, known, clock)
        self._tokens = TokenEndpoint(self.keys, known, self._authorization, clock)
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> Self:
        """Begin to answer. Raise OSError if the port is in use."""
        self._server = make_server(self._port, self.answer)
        self._port = self._server.server_address[1]
        serve = functools.partial(self._server.serve_forever, poll_interval=_POLLED)
        threading.Thread(target=serve, name="issuer", daemon=True).start()
        return self

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def tenant_id(self) -> str:
        """The id of the Entra tenant."""
        return self.directory.tenant_id

    @property
    def addresses(self) -> Addresses:
        """The tenant's endpoints."""
        return self._addresses(self.tenant_id)

    @property
    def v1_issuer(self) -> str:
        """The issuer of app tokens for a blank Secret Token."""
        return self.addresses.issuer("1.0")

    @property
    def v2_issuer(self) -> str:
        """The issuer of assertions and of ID tokens."""
        return self.addresses.issuer("2.0")

    @property
    def jwks_url(self) -> str:
        """Where the keys are."""
        return self.addresses.keys("2.0")

    @property
    def subject(self) -> str:
        """The subject of assertions and app tokens: the object id of the provisioning service in the tenant."""
        return service_principal(self.tenant_id, PROVISIONING_SERVICE)

    def app_token(self, audience: str = NON_GALLERY_AUDIENCE, **claims: Any) -> str:
        """Return what Entra sends where the Secret Token was left blank; `claims` replace or, as None, remove some."""
        return self._signed("1.0", audience, claims)

    def assertion(self, audience: str, **claims: Any) -> str:
        """Return what Entra sends to the token endpoint in workload identity federation; `claims` as in `app_token`."""
        return self._signed("2.0", audience, claims)

    def rotate(self, *, forget: bool = False) -> str:
        """Sign with a new key from now on, and return its id. The one before stays published, unless `forget`."""
        return self.keys.rotate(forget=forget)

    def answer(self, request: Request) -> Reply:
        """Answer a request."""
        found = _PATH.fullmatch(request.path)
        if found is None:
            return json_reply({"error": "not_found"}, 404)
        tenant, rest = found["tenant"], found["rest"]
        if tenant not in (self.tenant_id, *SHARED):
            text = f"AADSTS90002: Tenant '{tenant}' not found."
            return json_reply({"error": "invalid_tenant", "error_description": text}, 400)
        version: Version = "2.0" if "v2.0" in rest.split("/") else "1.0"
        name = "/".join(part for part in rest.split("/") if part != "v2.0")
        return self._route(request, self._addresses(tenant), version, name)

    def _route(self, request: Request, addresses: Addresses, version: Version, name: str) -> Reply:
        match request.method, name:
            case "GET", ".well-known/openid-configuration":
                return json_reply(addresses.discovery(version), Access_Control_Allow_Origin=_CORS)
            case "GET", "discovery/keys":
                return json_reply(self.keys.jwks(addresses.issuer(version)), Access_Control_Allow_Origin=_CORS)
            case (("GET" | "POST"), "oauth2/authorize"):
                return self._authorization.authorize(request, version)
            case "POST", "oauth2/token":
                # Whoever signs in through a shared address is still an account of this tenant.
                return self._tokens.answer(request, self.addresses, version)
            case (("GET" | "POST"), "oauth2/logout"):
                return self._authorization.sign_out(request)
            case _:
                return json_reply({"error": "not_found"}, 404)

    def _addresses(self, tenant: str) -> Addresses:
        return Addresses(self.url, tenant, self._login or self.url, self._sts or self.url)

    def _signed(self, version: Version, audience: str, changed: dict[str, Any]) -> str:
        claims = app_claims(self.addresses, version, audience, PROVISIONING_SERVICE, self._clock()) | changed
        return self.keys.current.sign({name: value for name, value in claims.items() if value is not None})
