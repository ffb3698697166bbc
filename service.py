"""The service put together: one directory connection, one bearer check, one service provider per tenant."""

import asyncio
import os
import time
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from identity import models
from identity.authenticate import Authenticator, Principal
from identity.limits import caller_of
from scim.http import Request
from scim.provider import ServiceProvider
from storage import directory
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
        """Make one small read. Raises Unavailable, SettingsError."""
        await self._connect().ping()

    async def ready(self) -> None:
        """Check that every setting has a meaning and every table is there. Raises Unavailable, SettingsError."""
        self._check()
        await asyncio.gather(*map(self._connect().ping, (directory.TABLE, models.TABLE)))

    async def authenticate(self, request: Request) -> Principal:
        """Return who sent the request. Raises Unauthorized, TooManyRequests, Unavailable."""
        return await self._check().authenticate(
            request.headers.get("authorization"), caller=caller_of(request.headers), base_url=request.base_url
        )

    def provider(self, tenant_id: str) -> ServiceProvider:
        """Return the service provider of a tenant."""
        provider = self._providers.get(tenant_id)
        if provider is None:
            provider = ServiceProvider(directory.TableDirectory(self._connect(), tenant_id), time.monotonic)
            self._providers[tenant_id] = provider
            if len(self._providers) > _TENANTS:
                self._providers.popitem(last=False)
        self._providers.move_to_end(tenant_id)
        return provider

    def oauth(self) -> "OAuth":
        """Return the token endpoint and what belongs to it, which is loaded at the first call."""
        return self._check().oauth

    def _check(self) -> Authenticator:
        if self._authenticator is None:
            self._authenticator = Authenticator(self._connect(), lambda: datetime.now(UTC), os.environ)
        return self._authenticator

    def _connect(self) -> Tables:
        if self._tables is None:
            self._tables = Tables(Settings.from_environment(os.environ))
        return self._tables
