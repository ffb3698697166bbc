"""The service put together: one directory connection, one bearer check, one service provider per tenant."""

import os
import time
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from identity.authenticate import Authenticator, Principal
from identity.limits import caller_of
from scim.http import Request
from scim.provider import ServiceProvider
from storage.directory import TableDirectory
from storage.settings import Settings
from storage.tables import Tables

if TYPE_CHECKING:
    from identity.oauth import OAuth

_TENANTS = 1000  # service providers kept ready; each remembers a few walks


class Service:
    """What the functions call. Everything is made at the first request, inside the worker's event loop."""

    def __init__(self) -> None:
        self._tables: Tables | None = None
        self._authenticator: Authenticator | None = None
        self._providers: OrderedDict[str, ServiceProvider] = OrderedDict()

    async def ping(self) -> None:
        """Make one small read. Raises Unavailable."""
        await self._connect().ping()

    async def provider(self, request: Request) -> ServiceProvider:
        """Return the service provider of the tenant that the request's credential is for. Raises Unauthorized,
        TooManyRequests, Unavailable."""
        tables = self._connect()
        principal = await self._authenticate(request)
        provider = self._providers.get(principal.tenant_id)
        if provider is None:
            provider = ServiceProvider(TableDirectory(tables, principal.tenant_id), time.monotonic)
            self._providers[principal.tenant_id] = provider
            if len(self._providers) > _TENANTS:
                self._providers.popitem(last=False)
        self._providers.move_to_end(principal.tenant_id)
        return provider

    def oauth(self) -> "OAuth":
        """Return the token endpoint and what belongs to it, which is loaded at the first call."""
        return self._check().oauth

    async def _authenticate(self, request: Request) -> Principal:
        return await self._check().authenticate(
            request.headers.get("authorization"), caller=caller_of(request.headers), base_url=request.base_url
        )

    def _check(self) -> Authenticator:
        if self._authenticator is None:
            self._authenticator = Authenticator(self._connect(), lambda: datetime.now(UTC), os.environ)
        return self._authenticator

    def _connect(self) -> Tables:
        if self._tables is None:
            self._tables = Tables(Settings.from_environment(os.environ))
        return self._tables
