"""One tenant's rows, read and changed together.

Whatever changes a tenant or its credentials also writes the tenant's own row, on condition that nobody wrote it since
it was read. So administrators who act at the same moment act one after another, and no rule that counts or compares
(two valid tokens at most, no token for a disabled tenant) can be slipped past.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from identity import rules
from identity.errors import KindBarred, TenantDisabled, UnknownTenant
from identity.models import (
    TENANT_ROW,
    USED_PREFIX,
    Credential,
    EntraRegistration,
    Kind,
    OAuthClient,
    SecretToken,
    Tenant,
)
from scim.errors import Unavailable
from storage.faults import Conflict
from storage.tables import Row, Span, Table, Write

_ATTEMPTS = 10
C = TypeVar("C", bound=Credential)


@dataclass(frozen=True, slots=True)
class Record:
    """A tenant and all its credentials, oldest first, as they were when the tenant's row had `etag`.

    `used` tells by credential id on which day it was last used.
    """

    tenant: Tenant
    tokens: tuple[SecretToken, ...]
    etag: str
    clients: tuple[OAuthClient, ...] = ()
    registrations: tuple[EntraRegistration, ...] = ()
    used: Mapping[str, date] = field(default_factory=dict)

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All credentials, of every kind."""
        return (*self.tokens, *self.clients, *self.registrations)

    def token(self, id: str) -> SecretToken | None:
        """Return the token of that id."""
        return _with_id(self.tokens, id)

    def client(self, id: str) -> OAuthClient | None:
        """Return the OAuth client of that id."""
        return _with_id(self.clients, id)

    def registration(self, id: str) -> EntraRegistration | None:
        """Return the registration of that Entra tenant."""
        return _with_id(self.registrations, id)

    def admit(self, kind: Kind) -> None:
        """Allow that a credential of the kind is added. Raises TenantDisabled, KindBarred."""
        if self.tenant.disabled is not None:
            raise TenantDisabled(self.tenant.id)
        if kind in self.tenant.barred:
            raise KindBarred(self.tenant.id, kind)


@dataclass(frozen=True, slots=True)
class Change:
    """What shall become of a record: its tenant, credentials that are new, those that are there but differ, and the
    keys of rows that go."""

    tenant: Tenant
    added: tuple[Credential, ...] = ()
    changed: tuple[Credential, ...] = ()
    removed: tuple[str, ...] = ()


async def read(table: Table, tenant_id: str) -> Record:
    """Return the tenant's record. Raises InvalidTenant, UnknownTenant, Unavailable."""
    row = await table.get(rules.tenant_id(tenant_id), TENANT_ROW)
    if row is None:
        raise UnknownTenant(tenant_id)
    # Only now: credentials read before the tenant's row could be older than its ETag says.
    tokens, clients, registrations, used = await asyncio.gather(
        _credentials(table, tenant_id, SecretToken),
        _credentials(table, tenant_id, OAuthClient),
        _credentials(table, tenant_id, EntraRegistration),
        _rows(table, tenant_id, USED_PREFIX),
    )
    days = {row.key.removeprefix(USED_PREFIX): date.fromisoformat(row.values["day"]) for row in used}
    return Record(Tenant.of(row.values), tokens, row.etag, clients, registrations, days)


async def change(table: Table, tenant_id: str, decide: Callable[[Record], Change | None]) -> Record:
    """Write what `decide` makes of the record, all or nothing, and return it as it is then; None changes nothing.

    `decide` runs again on what is there then when somebody else wrote in between, or when the answer to our own write
    was lost: it must recognise a record that is already as it would have it. What it raises passes through. Raises
    InvalidTenant, UnknownTenant, Unavailable.
    """
    for _ in range(_ATTEMPTS):
        record = await read(table, tenant_id)
        change = decide(record)
        if change is None:
            return record
        writes = [Write("replace", TENANT_ROW, change.tenant.columns(), record.etag)]
        writes += [Write("insert", each.row_key, each.columns()) for each in change.added]
        writes += [Write("replace", each.row_key, each.columns()) for each in change.changed]
        writes += [Write("delete", key) for key in change.removed]
        try:
            await table.commit(tenant_id, writes)
        except Conflict:
            continue
        return await read(table, tenant_id)
    raise Unavailable("others keep changing this tenant; try again", headers={"Retry-After": "1"})


def _with_id(credentials: tuple[C, ...], id: str) -> C | None:
    return next((each for each in credentials if each.id == id), None)


async def _credentials(table: Table, tenant_id: str, kind: type[C]) -> tuple[C, ...]:
    found = [kind.of(row.values) for row in await _rows(table, tenant_id, kind.PREFIX)]
    return tuple(sorted(found, key=lambda each: (each.created, each.id)))


async def _rows(table: Table, tenant_id: str, prefix: str) -> list[Row]:
    return [row async for row in table.rows(tenant_id, Span.prefix(prefix))]
