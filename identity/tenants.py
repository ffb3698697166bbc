"""Tenants: creating, listing, disabling and enabling them, and which kinds of credential they take."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from identity import record, rules
from identity.errors import TenantExists, UnknownTenant
from identity.models import TABLE, TENANT_ROW, TENANTS_PARTITION, Credential, Kind, Tenant
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
        now = self._clock()
        return await self._alter(id, lambda tenant: {"disabled": tenant.disabled or now})

    async def enable(self, id: str) -> Tenant:
        """Accept the credentials of the tenant again. Raises UnknownTenant, Unavailable."""
        return await self._alter(id, lambda _: {"disabled": None})

    async def bar(self, id: str, kind: Kind) -> Tenant:
        """Refuse every credential of the kind from now on (within a minute). Raises UnknownTenant, Unavailable."""
        return await self._alter(id, lambda tenant: {"barred": tuple(sorted({*tenant.barred, kind}))})

    async def accept(self, id: str, kind: Kind) -> Tenant:
        """Accept credentials of the kind again. Raises UnknownTenant, Unavailable."""
        return await self._alter(id, lambda tenant: {"barred": tuple(each for each in tenant.barred if each != kind)})

    async def let_change(self, id: str, attributes: tuple[str, ...]) -> Tenant:
        """Let people change these attributes of themselves, and no others (within a minute). Raises UnknownTenant,
        Unavailable."""
        return await self._alter(id, lambda _: {"self_service": attributes})

    async def _alter(self, id: str, altered: Callable[[Tenant], dict[str, Any]]) -> Tenant:
        def decide(found: Record) -> Change | None:
            tenant = found.tenant.model_copy(update=altered(found.tenant))
            if tenant == found.tenant:
                return None
            # A credential that is over stays over: only those that could still be used carry the marks.
            live = [each for each in found.credentials if each.valid(self._clock())]
            marked = [each.model_copy(update=_marks(tenant, each)) for each in live]
            return Change(tenant, changed=tuple(new for new, old in zip(marked, live, strict=True) if new != old))

        return (await record.change(self._table, id, decide)).tenant


def _marks(tenant: Tenant, credential: Credential) -> dict[str, bool]:
    return {"suspended": tenant.disabled is not None, "barred": credential.kind in tenant.barred}
