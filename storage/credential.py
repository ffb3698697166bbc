"""Signing in to storage: as the app's managed identity, without a secret and without azure-identity's import time; on
an operator's machine, where there is none, with the login of `azd` or `az`."""

import asyncio
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from storage.settings import SettingsError

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

__all__ = ["ClientAuthenticationError", "ManagedIdentity"]

_API_VERSION = "2019-08-01"
_RENEW_SECONDS = 300  # before it expires: no call starts with a token that dies on the way
_TIMEOUT = aiohttp.ClientTimeout(total=5.0)
_PROCESS_SECONDS = 30  # of `azd` or `az`, which start slowly


def credential(client_id: str, environment: Mapping[str, str]) -> "AsyncTokenCredential":
    """Return what signs this process in: the managed identity where the platform offers one, else the operator's login.

    Raises SettingsError where azure-identity, which the app does without, is needed and not installed.
    """
    return ManagedIdentity(client_id, environment) if environment.get("IDENTITY_ENDPOINT") else operator_login()


def operator_login() -> "AsyncTokenCredential":
    """Return the login of `azd auth login`, or else that of `az login`. Raises SettingsError."""
    try:
        from azure.identity.aio import (  # noqa: PLC0415  # 0.2 s, and never on Azure
            AzureCliCredential,
            AzureDeveloperCliCredential,
            ChainedTokenCredential,
        )
    except ImportError as error:
        raise SettingsError(
            "STORAGE_TABLE_ENDPOINT is reached with your own Azure login, which needs the package azure-identity:"
            " pip install azure-identity"
        ) from error
    azd = AzureDeveloperCliCredential(process_timeout=_PROCESS_SECONDS)
    return OperatorLogin(ChainedTokenCredential(azd, AzureCliCredential(process_timeout=_PROCESS_SECONDS)))


class _Closing:
    """What the SDK asks of a credential beside its tokens: that it can be closed, also by leaving a context."""

    async def close(self) -> None:
        """Close what is held open, which is nothing unless a credential says otherwise."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


class OperatorLogin(_Closing):
    """An async token credential that says in one line how to sign in where nobody is."""

    def __init__(self, login: "AsyncTokenCredential") -> None:
        self._login = login

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token for the scope. Raises ClientAuthenticationError."""
        try:
            return await self._login.get_token(*scopes, **options)
        except ClientAuthenticationError as error:
            said = " ".join(str(error.message).split())
            raise ClientAuthenticationError(f"run `azd auth login` or `az login` first ({said})") from error

    async def close(self) -> None:
        """Close what the login holds open."""
        await self._login.close()


class ManagedIdentity(_Closing):
    """An async token credential over the identity endpoint of Azure Functions.

    `environment` has IDENTITY_ENDPOINT and IDENTITY_HEADER, which the platform sets; `client_id` names a
    user-assigned identity. `clock` is Unix time in seconds.
    """

    def __init__(
        self, client_id: str, environment: Mapping[str, str], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._client_id = client_id
        self._environment = environment
        self._clock = clock
        self._tokens: dict[str, AccessToken] = {}
        self._asking = asyncio.Lock()

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """Return a token for the scope, cached until shortly before it expires.

        Raises ClientAuthenticationError when there is no identity endpoint or it refuses.
        """
        resource = scopes[0].removesuffix("/.default")
        async with self._asking:
            token = self._tokens.get(resource)
            if token is None or token.expires_on - _RENEW_SECONDS <= self._clock():
                token = self._tokens[resource] = await self._ask(resource)
            return token

    async def _ask(self, resource: str) -> AccessToken:
        endpoint = self._environment.get("IDENTITY_ENDPOINT", "")
        if not endpoint:
            raise ClientAuthenticationError("IDENTITY_ENDPOINT is not set: the app has no managed identity")
        query = {"resource": resource, "api-version": _API_VERSION}
        if self._client_id:
            query["client_id"] = self._client_id
        headers = {"X-IDENTITY-HEADER": self._environment.get("IDENTITY_HEADER", "")}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.get(endpoint, params=query, headers=headers) as response,
            ):
                if response.status != HTTPStatus.OK:
                    raise ClientAuthenticationError(f"the identity endpoint answered {response.status}")
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ClientAuthenticationError(f"the identity endpoint did not answer: {error}") from error
        return AccessToken(answer["access_token"], int(answer["expires_on"]))
