"""Tenants: creating, listing, disabling and enabling them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from identity import record, rules
from identity.errors import TenantExists, UnknownTenant
from identity.models import TABLE, TENANT_ROW, TENANTS_PARTITION, Tenant
from identity.record import Change, Record
from storage.faults import Conflict
from storage.tables import Span, Tables, Write

_EVERY_ID = Span("-", "{")  # "-" is the first character that an id may have, "{" follows the last
_READ_AT_ONCE = 32


class Tenants:
    """The tenants of this deployment; `clock` is the time now, in UTC."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._table = tables.table(TABLE)
        self._clock = clock

    async def create(self, name: str, id: str | None = None) -> Tenant:
        """Add a tenant; without an id it gets one that looks like its name. Raises InvalidTenant, TenantExists,
        Unavailable."""
        name = rules.tenant_name(name)
        key = rules.tenant_id_from(name) if id is None else rules.tenant_id(id)
        tenant = Tenant(id=key, name=name, created=self._clock())
        # Listed first: a creation cut off here leaves an id in the list that leads to no tenant, which `all` passes
        # over and the next creation completes; the other way round it would leave a tenant that nobody sees.
        await self._table.commit(TENANTS_PARTITION, [Write("put", key)])
        try:
            await self._table.commit(key, [Write("insert", TENANT_ROW, tenant.columns())])
        except Conflict as conflict:
            if not (conflict.uncertain and await self.find(key) == tenant):
                raise TenantExists(key) from None
        return tenant

    async def find(self, id: str) -> Tenant | None:
        """Return the tenant, or None when there is none. Raises InvalidTenant, Unavailable."""
        row = await self._table.get(rules.tenant_id(id), TENANT_ROW)
        return None if row is None else Tenant.of(row.values)

    async def get(self, id: str) -> Tenant:
        """Return the tenant. Raises InvalidTenant, UnknownTenant, Unavailable."""
        tenant = await self.find(id)
        if tenant is None:
            raise UnknownTenant(id)
        return tenant

    async def ids(self) -> AsyncIterator[str]:
        """Yield the ids of all tenants in order, one storage call a thousand. Raises Unavailable."""
        async for row in self._table.rows(TENANTS_PARTITION, _EVERY_ID, select=["RowKey"]):
            yield row.key

    async def all(self) -> tuple[Tenant, ...]:
        """Return all tenants in order of their ids. Raises Unavailable."""
        ids = [key async for key in self.ids()]
        found: list[Tenant | None] = []
        for start in range(0, len(ids), _READ_AT_ONCE):
            found += await asyncio.gather(*map(self.find, ids[start : start + _READ_AT_ONCE]))
        return tuple(tenant for tenant in found if tenant is not None)

    async def disable(self, id: str) -> Tenant:
        """Refuse every credential of the tenant from now on (within a minute). Raises UnknownTenant, Unavailable."""
        return await self._switch(id, self._clock())

    async def enable(self, id: str) -> Tenant:
        """Accept the credentials of the tenant again. Raises UnknownTenant, Unavailable."""
        return await self._switch(id, None)

    async def _switch(self, id: str, disabled: datetime | None) -> Tenant:
        def decide(found: Record) -> Change | None:
            if (found.tenant.disabled is None) == (disabled is None):
                return None
            now = self._clock()
            suspended = disabled is not None
            # A token that is over stays over: only those that could still be used carry the mark.
            live = (token for token in found.tokens if token.valid(now) and token.suspended != suspended)
            return Change(
                found.tenant.model_copy(update={"disabled": disabled}),
                changed=tuple(token.model_copy(update={"suspended": suspended}) for token in live),
            )

        return (await record.change(self._table, id, decide)).tenant
