"""The applications that people sign in to, and what they may ask for."""

import hmac
from base64 import b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote_plus, urlsplit

from entra.issuer.web import Request


class Refused(Exception):
    """A request of an application that is not granted: the error code of OAuth, and a sentence."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


@dataclass(frozen=True, slots=True)
class Client:
    """An app registration. Without a secret it is a public client, which must use PKCE."""

    id: str
    redirect_uris: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    name: str = ""


class Clients:
    """The registered clients. With none registered, every client id is a public one that lives on this machine."""

    def __init__(self, registered: Collection[Client] = ()) -> None:
        self._registered: Mapping[str, Client] = {client.id: client for client in registered}

    def get(self, id: str) -> Client:
        """Return a client. Raise Refused."""
        if not id:
            raise Refused("invalid_request", "AADSTS900144: The request must contain the parameter client_id.")
        client = Client(id) if not self._registered else self._registered.get(id)
        if client is None:
            raise Refused("unauthorized_client", f"AADSTS700016: The application {id} was not found in the directory.")
        return client

    def check_redirect(self, client: Client, url: str) -> str:
        """Return the URL if the client may have people sent there. Raise Refused."""
        allowed = url in client.redirect_uris if self._registered else _is_local(url)
        if not allowed:
            raise Refused(
                "invalid_request",
                f"AADSTS50011: The redirect URI {url or '(none)'} does not match one that is configured for the"
                f" application {client.id}.",
            )
        return url

    def may_return_to(self, url: str) -> bool:
        """Whether people may be sent to this URL once they signed out: it is one that they may be sent to signed in."""
        known = any(url in client.redirect_uris for client in self._registered.values())
        return known if self._registered else _is_local(url)

    def authenticated(self, request: Request) -> Client:
        """Return the client that a token request comes from, proved by its secret if it has one. Raise Refused."""
        id, secret = _credentials(request)
        client = self.get(id)
        if client.secret and not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise Refused("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        return client


def _credentials(request: Request) -> tuple[str, str]:
    """Return client id and secret, from a Basic header or the form (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = request.authorization.partition(" ")
    if scheme.lower() != "basic":
        return request.form.get("client_id", ""), request.form.get("client_secret", "")
    try:
        id, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise Refused("invalid_client", "The Authorization header is not Basic credentials.", 401) from None
    return unquote_plus(id), unquote_plus(secret)


def _is_local(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in {"http", "https"} and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
