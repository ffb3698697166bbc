"""The service put together: one directory connection, one bearer check, one service provider per tenant."""

import os
import time
from collections import OrderedDict
from datetime import UTC, datetime

from storage.directory import TableDirectory

from identity.authenticate import Authenticator
from scim.http import Request
from scim.provider import ServiceProvider
from storage.settings import Settings
from storage.tables import Tables

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
        """Return the service provider of the tenant that the request's credential is for. Raises Unauthorized."""
        tables = self._connect()
        if self._authenticator is None:
            self._authenticator = Authenticator(tables, lambda: datetime.now(UTC))
        principal = await self._authenticator.authenticate(request.headers.get("authorization"))
        provider = self._providers.get(principal.tenant_id)
        if provider is None:
            provider = ServiceProvider(TableDirectory(tables, principal.tenant_id), time.monotonic)
            self._providers[principal.tenant_id] = provider
            if len(self._providers) > _TENANTS:
                self._providers.popitem(last=False)
        self._providers.move_to_end(principal.tenant_id)
        return provider

    def _connect(self) -> Tables:
        if self._tables is None:
            self._tables = Tables(Settings.from_environment(os.environ))
        return self._tables
