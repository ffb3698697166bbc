"""The secret in Key Vault that the service's signing keys are encrypted with: made once, never replaced."""

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

VAULT_SCOPE = "https://vault.azure.net/.default"
MANAGEMENT_SCOPE = "https://management.azure.com/.default"
_ROLE_SECONDS = 300.0  # a new role assignment takes minutes to be believed everywhere
_PAUSE_SECONDS = 10.0
_TIMEOUT = 30.0

Send = Callable[[str, str, str, Mapping[str, Any] | None], tuple[int, Mapping[str, Any]]]


class KeyNotMade(Exception):
    """The secret is not there and could not be made; the message says why and what to do."""


class Login(Protocol):
    """A credential of azure-identity."""

    def get_token(self, *scopes: str) -> Any:
        """Return an access token with its text in `token`."""


def send(method: str, url: str, token: str, body: Mapping[str, Any] | None) -> tuple[int, Mapping[str, Any]]:
    """Send a request to Azure and return the status and the JSON object of the answer. Raises OSError."""
    data = None if body is None else json.dumps(body).encode()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Content-Length": str(len(data or b"")),
    }
    try:
        with urlopen(Request(url, data=data, headers=headers, method=method), timeout=_TIMEOUT) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read() or b"{}")
    except HTTPError as error:
        return error.code, {}


def ensure_key(
    uri: str, login: Login, *, ask: Send = send, clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> bool:  # fmt: skip
    """Make the secret at `uri` unless it exists; tell whether it was made. Raises KeyNotMade."""
    deadline = clock() + _ROLE_SECONDS
    token = login.get_token(VAULT_SCOPE).token
    while True:
        try:
            status = _make(uri, token, ask)
        except (URLError, OSError) as error:
            raise KeyNotMade(
                f'the vault cannot be reached from here ({error}); docs/deploy.md: "Private network"'
            ) from error
        if status in {HTTPStatus.OK, HTTPStatus.CREATED, None}:
            return status is not None
        if status != HTTPStatus.FORBIDDEN or clock() >= deadline:
            raise KeyNotMade(f"the vault answered {status}; you need the role Key Vault Secrets Officer on it")
        pause(_PAUSE_SECONDS)


def _make(uri: str, token: str, ask: Send) -> int | None:
    """Return the status that stopped or ended it, None when the secret is already there."""
    status, found = ask("GET", f"{uri}/versions?api-version=7.4&maxresults=1", token, None)
    if status == HTTPStatus.OK and found.get("value"):
        return None
    if status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
        return status
    value = base64.b64encode(secrets.token_bytes(32)).decode()
    status, _ = ask("PUT", f"{uri}?api-version=7.4", token, {"value": value, "contentType": "32 bytes in base64"})
    return status


def refresh_reference(environment: Mapping[str, str], login: Login, *, ask: Send = send) -> None:
    """Let the function app read the secret now: it looked for it when it was made, and would look again in a day."""
    site = (
        f"subscriptions/{environment['AZURE_SUBSCRIPTION_ID']}/resourceGroups/{environment['AZURE_RESOURCE_GROUP']}"
        f"/providers/Microsoft.Web/sites/{environment['SERVICE_SCIM_NAME']}"
    )
    url = f"https://management.azure.com/{site}/config/configreferences/appsettings/refresh?api-version=2022-03-01"
    status, _ = ask("POST", url, login.get_token(MANAGEMENT_SCOPE).token, None)
    if status >= HTTPStatus.BAD_REQUEST:
        raise KeyNotMade(f"the function app did not refresh its references ({status}): restart it once")
