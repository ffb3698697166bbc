"""One tenant's rows, read and changed together.

Whatever changes a tenant or its credentials also writes the tenant's own row, on condition that nobody wrote it since
it was read. So administrators who act at the same moment act one after another, and no rule that counts or compares
(two valid tokens at most, no token for a disabled tenant) can be slipped past.
"""

from collections.abc import Callable
from dataclasses import dataclass

from identity import rules
from identity.errors import UnknownTenant
from identity.models import TENANT_ROW, TOKEN_PREFIX, SecretToken, Tenant
from scim.errors import Unavailable
from storage.faults import Conflict
from storage.tables import Span, Table, Write

_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Record:
    """A tenant and all its secret tokens, oldest first, as they were when the tenant's row had `etag`."""

    tenant: Tenant
    tokens: tuple[SecretToken, ...]
    etag: str

    def token(self, id: str) -> SecretToken | None:
        """Return the token of that id."""
        return next((token for token in self.tokens if token.id == id), None)


@dataclass(frozen=True, slots=True)
class Change:
    """What shall become of a record: its tenant, tokens that are new, and tokens that are there but differ."""

    tenant: Tenant
    added: tuple[SecretToken, ...] = ()
    changed: tuple[SecretToken, ...] = ()


async def read(table: Table, tenant_id: str) -> Record:
    """Return the tenant's record. Raises InvalidTenant, UnknownTenant, Unavailable."""
    row = await table.get(rules.tenant_id(tenant_id), TENANT_ROW)
    if row is None:
        raise UnknownTenant(tenant_id)
    # Only now: tokens read before the tenant's row could be older than its ETag says.
    rows = [row async for row in table.rows(tenant_id, Span.prefix(TOKEN_PREFIX))]
    tokens = sorted((SecretToken.of(row.values) for row in rows), key=lambda token: (token.created, token.id))
    return Record(Tenant.of(row.values), tuple(tokens), row.etag)


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
        writes += [Write("insert", TOKEN_PREFIX + token.id, token.columns()) for token in change.added]
        writes += [Write("replace", TOKEN_PREFIX + token.id, token.columns()) for token in change.changed]
        try:
            await table.commit(tenant_id, writes)
        except Conflict:
            continue
        return await read(table, tenant_id)
    raise Unavailable("others keep changing this tenant; try again", headers={"Retry-After": "1"})
