"""Where people sign in: the OpenID provider's metadata (OpenID Connect Discovery 1.0), and its token endpoint."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Self

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError

from identity.errors import InvalidTrust
from identity.issuers import AllowedHosts
from identity.remote_keys import FetchError, fetch
from scim.errors import Unavailable

_FRESH = timedelta(hours=24)
_AFTER_FAILURE = timedelta(seconds=30)
_TIMEOUT = aiohttp.ClientTimeout(total=10.0)
_LONGEST = 256 * 1024  # bytes
_TENANT = "{tenantid}"
_CODE_LENGTH = 40


class CodeRefused(Exception):
    """The token endpoint gives nothing for the code; the message is its error code, which is safe to log."""


class Metadata(BaseModel):
    """What the provider says of itself. The issuer of a provider for many tenants has a place for the tenant id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""

    @classmethod
    def read(cls, document: bytes, hosts: AllowedHosts) -> Self:
        """Read the document; everything in it must be on an allowed host. Raises FetchError."""
        try:
            metadata = cls.model_validate_json(document)
            for url in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
                hosts.check(url)
            if metadata.end_session_endpoint:
                hosts.check(metadata.end_session_endpoint)
        except (ValidationError, InvalidTrust) as error:
            raise FetchError(f"the metadata cannot be used: {type(error).__name__}") from None
        return metadata

    def issuer_for(self, entra_tenant_id: str) -> str:
        """Return the issuer of the tokens of one Entra tenant."""
        return self.issuer.replace(_TENANT, entra_tenant_id)


class Authority:
    """The OpenID provider at a URL such as https://login.microsoftonline.com/organizations/v2.0; one per process."""

    def __init__(self, hosts: AllowedHosts, url: str, clock: Callable[[], datetime]) -> None:
        self._hosts = hosts
        self._url = f"{url}/.well-known/openid-configuration"
        self._clock = clock
        self._known: Metadata | None = None
        self._ask_from = datetime.min.replace(tzinfo=UTC)
        self._one_at_a_time = asyncio.Lock()

    async def metadata(self) -> Metadata:
        """Return the metadata, read at most a day ago, or at the last time that it could be. Raises Unavailable."""
        async with self._one_at_a_time:
            now = self._clock()
            if now >= self._ask_from:
                try:
                    self._known = Metadata.read(await fetch(self._hosts, self._url), self._hosts)
                    self._ask_from = now + _FRESH
                except FetchError:
                    self._ask_from = now + _AFTER_FAILURE
            if self._known is None:
                raise _unavailable()
            return self._known

    async def redeem(self, metadata: Metadata, form: Mapping[str, str]) -> str:
        """Return the ID token for the code in the form (OpenID Connect Core 1.0 section 3.1.3).

        Raises CodeRefused, Unavailable.
        """
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(metadata.token_endpoint, data=dict(form), allow_redirects=False) as response,
            ):
                document = await response.content.read(_LONGEST)
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _unavailable() from error
        answer = _object(document)
        token = answer.get("id_token")
        if status == HTTPStatus.OK and isinstance(token, str):
            return token
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _unavailable()
        raise CodeRefused(f"{answer.get('error', status)}"[:_CODE_LENGTH])


def _object(document: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _unavailable() -> Unavailable:
    return Unavailable("Microsoft's sign-in cannot be reached at the moment; try again", headers={"Retry-After": "30"})
