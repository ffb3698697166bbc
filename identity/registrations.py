"""Which tenants accept what Entra itself issues where no Secret Token was entered, and of which Entra tenant.

All such tokens have one and the same audience, so that the audience proves nothing: the Entra tenant id alone tells
whose they are. It is registered with one tenant at most.
"""

from collections.abc import Callable
from datetime import datetime

from identity import record, rules
from identity.errors import EntraTenantTaken, UnknownRegistration
from identity.models import ENTRA_PARTITION, ENTRA_PREFIX, TABLE, EntraRegistration, Trust
from identity.record import Change, Record
from storage.faults import Conflict
from storage.tables import Tables, Write


class EntraRegistrations:
    """The registrations of all tenants; `clock` is the time now, in UTC."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._table = tables.table(TABLE)
        self._clock = clock

    async def tenant_of(self, entra_tenant_id: str) -> str | None:
        """Return the tenant that registered the Entra tenant, or None: one point read. Raises Unavailable."""
        row = await self._table.get(ENTRA_PARTITION, entra_tenant_id)
        return None if row is None else str(row.values["tenant_id"])

    async def find(self, tenant_id: str, entra_tenant_id: str) -> EntraRegistration | None:
        """Return the registration, or None when there is none: one point read. Raises Unavailable."""
        row = await self._table.get(tenant_id, ENTRA_PREFIX + entra_tenant_id)
        return None if row is None else EntraRegistration.of(row.values)

    async def list(self, tenant_id: str) -> tuple[EntraRegistration, ...]:
        """Return all registrations of the tenant, oldest first. Raises UnknownTenant, Unavailable."""
        return (await record.read(self._table, tenant_id)).registrations

    async def add(self, tenant_id: str, entra_tenant_id: str, trust: Trust, label: str = "") -> EntraRegistration:
        """Accept tokens as the trust says, instead of what was accepted of that Entra tenant before.

        Raises InvalidToken, UnknownTenant, TenantDisabled, KindBarred, EntraTenantTaken, Unavailable.
        """
        registration = EntraRegistration(
            tenant_id=rules.tenant_id(tenant_id),
            id=entra_tenant_id,
            label=rules.token_label(label),
            created=self._clock(),
            trust=trust,
        )

        def decide(found: Record) -> Change | None:
            before = found.registration(entra_tenant_id)
            if before == registration:
                return None
            found.admit(registration.kind)
            if before is None:
                return Change(found.tenant, added=(registration,))
            return Change(found.tenant, changed=(registration,))

        (await record.read(self._table, tenant_id)).admit(registration.kind)
        # Taken first: a registration cut off here leads to a tenant that accepts nothing of it, and is completed or
        # removed by the next command.
        await self._take(tenant_id, entra_tenant_id)
        await record.change(self._table, tenant_id, decide)
        return registration

    async def remove(self, tenant_id: str, entra_tenant_id: str) -> None:
        """Accept no token of that Entra tenant any more (within a minute), and let others register it.

        Raises UnknownTenant, UnknownRegistration, Unavailable.
        """
        now = self._clock()
        if await self.tenant_of(entra_tenant_id) != rules.tenant_id(tenant_id):
            raise UnknownRegistration(tenant_id, entra_tenant_id)

        def decide(found: Record) -> Change | None:
            registration = found.registration(entra_tenant_id)
            if registration is None or registration.revoked is not None:
                return None
            return Change(found.tenant, changed=(registration.model_copy(update={"revoked": now}),))

        await record.change(self._table, tenant_id, decide)
        await self._table.commit(ENTRA_PARTITION, [Write("delete", entra_tenant_id)])

    async def _take(self, tenant_id: str, entra_tenant_id: str) -> None:
        try:
            values = {"tenant_id": tenant_id}
            await self._table.commit(ENTRA_PARTITION, [Write("insert", entra_tenant_id, values)])
        except Conflict:
            if await self.tenant_of(entra_tenant_id) != tenant_id:
                raise EntraTenantTaken(entra_tenant_id) from None
