"""What the app of a local run needs: the tables, which Bicep makes on Azure; a tenant to try it with, and its token."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import identity.models
import storage.directory
from identity.credentials import VALID_AT_ONCE, SecretTokens
from identity.errors import Refused
from identity.tenants import Tenants
from local.app import reachable
from local.child import StartError
from scim.errors import ScimError
from storage.settings import Settings
from storage.tables import Tables

_LABEL = "local run"
_T = TypeVar("_T")


def make_tables(connection_string: str) -> None:
    """Create the tables that do not exist yet. Raises StartError."""
    _work(connection_string, lambda tables: tables.ensure(storage.directory.TABLE, identity.models.TABLE))


def new_token(connection_string: str, tenant: str) -> str:
    """Return a new secret token of the tenant, which is created if there is none; the tables exist.

    A tenant has two valid tokens at most: the older one is revoked to make room. Raises StartError.
    """

    async def work(tables: Tables) -> str:
        tenants, tokens = Tenants(tables, _now), SecretTokens(tables, _now)
        if await tenants.find(tenant) is None:
            await tenants.create(tenant, tenant)
        valid = await tokens.valid(tenant)
        oldest = valid[0].id if len(valid) >= VALID_AT_ONCE else None
        token, _ = await tokens.issue(tenant, _LABEL, instead_of=oldest)
        return token.render()

    return _work(connection_string, work)


def kept_token(file: Path, connection_string: str, tenant: str, tenant_url: str) -> str:
    """Return the token that an earlier run left in `file` if it still works, else a new one, left there.

    The app must be running. Raises StartError.
    """
    token = file.read_text().strip() if file.exists() else ""
    if token and reachable(f"{tenant_url}/Users?count=0", token):
        return token
    token = new_token(connection_string, tenant)
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
        kept.write(f"{token}\n")
    return token


def _work(connection_string: str, work: Callable[[Tables], Awaitable[_T]]) -> _T:
    async def connected() -> _T:
        tables = Tables(Settings(connection_string=connection_string))
        try:
            return await work(tables)
        finally:
            await tables.close()

    # On a thread of its own, so that it also works where an event loop is running: in an asynchronous test.
    with ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(asyncio.run, connected()).result()
        except (Refused, ScimError) as error:
            raise StartError(f"the tables and the tenant of the local run cannot be made: {error}") from error


def _now() -> datetime:
    return datetime.now(UTC)
