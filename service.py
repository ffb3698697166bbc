"""The service put together: one directory connection, one bearer check, one service provider per tenant."""

import asyncio
import os
import time
from collections import OrderedDict
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from identity import models
from identity.authenticate import Authenticator, Principal
from identity.limits import caller_of
from identity.signin_settings import SignInSettings
from identity.turns import Turns
from scim.errors import NotImplementedHere
from scim.http import Request, Response
from scim.provider import ServiceProvider
from storage import directory
from storage.settings import Settings
from storage.tables import Tables

if TYPE_CHECKING:
    from identity.oauth import OAuth
    from identity.signin import SignIn

ENCRYPTION_KEY = "SIGNING_KEY_ENCRYPTION_KEY"  # as identity.signing_keys has it, which costs a cold start 0.2 s
_TENANTS = 1000  # service providers kept ready; each remembers a few walks


class Service:
    """What the functions call. Everything is made at the first request, inside the worker's event loop."""

    def __init__(self) -> None:
        self._tables: Tables | None = None
        self._authenticator: Authenticator | None = None
        self._providers: OrderedDict[str, ServiceProvider] = OrderedDict()
        self._signin: SignIn | None = None
        self._turns = Turns()

    async def ping(self) -> None:
        """Make one small read. Raises Unavailable, SettingsError."""
        await self._connect().ping()

    async def ready(self) -> None:
        """Check that every setting has a meaning and every table is there. Raises Unavailable, SettingsError."""
        self._check()
        SignInSettings.of(os.environ)
        await asyncio.gather(*map(self._connect().ping, (directory.TABLE, models.TABLE)))

    async def authenticate(self, request: Request) -> Principal:
        """Return who sent the request. Raises Unauthorized, TooManyRequests, Unavailable."""
        return await self._check().authenticate(
            request.headers.get("authorization"), caller=caller_of(request.headers), base_url=request.base_url
        )

    def turn(self, tenant_id: str) -> AbstractAsyncContextManager[None]:
        """Wait, and work on a request of the tenant inside. Entering raises TooManyRequests."""
        return self._turns.turn(tenant_id)

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

    def signin(self) -> "SignIn":
        """Return what people sign in by, which is loaded at the first call. Raises SettingsError."""
        if self._signin is None:
            # Here, because a cold start need not pay for what Entra's own requests never use.
            from identity.signin import SignIn  # noqa: PLC0415

            self._signin = SignIn(self._connect(), _now, os.environ)
        return self._signin

    async def me(self, request: Request) -> Response:
        """Answer a request for /Me (RFC 7644 section 3.11). Raises ScimError, SettingsError."""
        me = self.signin().me
        if me is None:
            await self.authenticate(request)
            raise NotImplementedHere("/Me is not supported: nobody can sign in to this service")
        return await me.answer(request, lambda: self.authenticate(request), self.provider)

    async def maintain(self) -> None:
        """Take care of the data of all tenants for some minutes (see maintenance.run). Raises Unavailable,
        SettingsError."""
        # Here, because a cold start is rarely the timer's.
        from maintenance.run import Maintenance  # noqa: PLC0415

        rotate = self.oauth().rotate_signing_key if os.environ.get(ENCRYPTION_KEY) else None
        await Maintenance(self._connect(), _now, os.environ, rotate).run()

    def _check(self) -> Authenticator:
        if self._authenticator is None:
            self._authenticator = Authenticator(self._connect(), _now, os.environ)
        return self._authenticator

    def _connect(self) -> Tables:
        if self._tables is None:
            self._tables = Tables(Settings.from_environment(os.environ))
        return self._tables


def _now() -> datetime:
    return datetime.now(UTC)
