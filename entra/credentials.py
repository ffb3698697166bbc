"""How the service proves who it is: a secret token, OAuth client credentials, or a signed assertion."""

import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import quote

import httpx

from entra.errors import JobError

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_HTTP_OK = 200


class Credentials(Protocol):
    """Where the bearer token of a request comes from."""

    async def token(self, client: httpx.AsyncClient) -> str:
        """Return a token. Raise JobError if there is none to be had."""
        ...

    def refused(self) -> bool:
        """Note that the target refused the token. Return whether another one could be had."""
        ...


@dataclass(frozen=True, slots=True)
class SecretToken:
    """The Secret Token of the portal, sent as it is."""

    value: str

    async def token(self, _client: httpx.AsyncClient) -> str:
        """Return the secret token."""
        return self.value

    def refused(self) -> bool:
        """Return False: there is no other."""
        return False


@dataclass(slots=True)
class ClientCredentials:
    """OAuth 2.0 client credentials; the token is kept until it expires.

    `assertion` is a file with a token of Entra's own, which takes the place of the secret in workload identity
    federation; it is read anew for every request, as whoever issues it renews it.
    """

    token_endpoint: str
    client_id: str
    client_secret: str = ""
    scope: str = ""
    place: Literal["header", "body", "both"] = "header"
    assertion: Path | None = None
    clock: Callable[[], float] = time.monotonic
    _token: str = ""
    _expires: float = 0.0

    async def token(self, client: httpx.AsyncClient) -> str:
        """Return a token that is valid for a while yet, asking for a new one if need be."""
        if not self._token or self.clock() >= self._expires:
            await self._ask(client)
        return self._token

    def refused(self) -> bool:
        """Forget the token. Return whether it was there: a fresh one may be accepted."""
        had_one, self._token = bool(self._token), ""
        return had_one

    async def _ask(self, client: httpx.AsyncClient) -> None:
        try:
            answer = await client.post(self.token_endpoint, data=self._form(), headers=self._headers())
            body = answer.json() if answer.status_code == _HTTP_OK else {}
        except (httpx.HTTPError, ValueError) as problem:
            raise JobError("CredentialValidationUnavailable", f"{self.token_endpoint}: {problem!r}") from None
        if not isinstance(body, dict) or not body.get("access_token"):
            said = f"{self.token_endpoint} answered {answer.status_code}: {answer.text[:500]}"
            raise JobError("InvalidCredentials", said)
        self._token = str(body["access_token"])
        self._expires = self.clock() + float(body.get("expires_in", 3600)) - 60

    def _form(self) -> dict[str, str]:
        form = {"grant_type": "client_credentials"}
        if self.scope:
            form["scope"] = self.scope
        if self.assertion is not None:
            token = self.assertion.read_text().strip()
            return form | {"client_id": self.client_id, "client_assertion_type": _ASSERTION, "client_assertion": token}
        if self.place != "header":
            form |= {"client_id": self.client_id, "client_secret": self.client_secret}
        return form

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self.place != "body" and self.assertion is None:
            # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        return headers
