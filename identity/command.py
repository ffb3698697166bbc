"""What every command of `python -m identity` gets and gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity import record
from identity.clients import OAuthClients
from identity.credentials import SecretTokens
from identity.endpoints import Endpoints
from identity.issuers import AllowedHosts
from identity.models import TABLE
from identity.record import Record
from identity.registrations import EntraRegistrations
from identity.settings import BASE_URL, tenant_url
from identity.tenants import Tenants
from storage.tables import Tables


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did: `data` for scripts, `lines` for people, `status` to exit with."""

    data: Any
    lines: Sequence[str]
    status: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """What every command needs beside its arguments."""

    tables: Tables
    clock: Callable[[], datetime]
    confirm: Callable[[str], None]
    environment: Mapping[str, str]
    read: Callable[[], str]

    @property
    def tenants(self) -> Tenants:
        """The tenants of the deployment."""
        return Tenants(self.tables, self.clock)

    @property
    def tokens(self) -> SecretTokens:
        """The secret tokens of the deployment."""
        return SecretTokens(self.tables, self.clock)

    @property
    def clients(self) -> OAuthClients:
        """The OAuth clients of the deployment."""
        return OAuthClients(self.tables, self.clock)

    @property
    def registrations(self) -> EntraRegistrations:
        """The registrations of Entra tenants."""
        return EntraRegistrations(self.tables, self.clock)

    @property
    def hosts(self) -> AllowedHosts:
        """Where the keys of issuers may be fetched from."""
        return AllowedHosts.of(self.environment)

    async def record(self, tenant_id: str) -> Record:
        """Return a tenant and its credentials. Raises InvalidTenant, UnknownTenant, Unavailable."""
        return await record.read(self.tables.table(TABLE), tenant_id)

    def tenant_url(self, given: str | None) -> str | None:
        """Return the Tenant URL of the base URL that was given, or else of the settings; None where there is none.

        Read before anything is issued: a secret whose Tenant URL then fails to print would be lost. Raises
        SettingsError.
        """
        return tenant_url(given or self.environment.get(BASE_URL, ""))

    def endpoints(self, given: str | None) -> Endpoints | None:
        """Return the endpoints below that base URL; None where there is none. Raises SettingsError."""
        url = self.tenant_url(given)
        return None if url is None else Endpoints.at(url)
