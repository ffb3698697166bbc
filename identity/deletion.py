"""The end of a tenant: everything that it holds is removed, in an order in which an interruption can be made good."""

from datetime import datetime, timedelta

from identity import record
from identity.models import ENTRA_PARTITION, TABLE, TENANT_ROW, TENANTS_PARTITION, Tenant
from storage.backup.erasing import erase
from storage.faults import Conflict
from storage.tables import TRANSACTION_ROWS, Span, Table, Tables, Write

LAST_REQUESTS = timedelta(seconds=70)  # for a minute after it was disabled, a tenant may still be served somewhere
_EVERY_ROW = Span(" ", "~")


def wait(tenant: Tenant, now: datetime) -> float:
    """Return for how many seconds requests of a disabled tenant may still be under way."""
    since = timedelta(0) if tenant.disabled is None else now - tenant.disabled
    return max(0.0, (LAST_REQUESTS - since).total_seconds())


async def delete(tables: Tables, tenant_id: str) -> int:
    """Remove a disabled tenant: its directory, its credentials, itself. Returns how many rows the directory had.

    The tenant's own row goes last: until then, the same call goes on where another was cut off. Raises InvalidTenant,
    UnknownTenant, Unavailable.
    """
    table = tables.table(TABLE)
    found = await record.read(table, tenant_id)
    rows = await erase(tables, tenant_id)
    for registration in found.registrations:
        owner = await table.get(ENTRA_PARTITION, registration.id)
        if owner is not None and owner.values["tenant_id"] == tenant_id:
            await _remove(table, ENTRA_PARTITION, [registration.id])
    await _remove(table, TENANTS_PARTITION, [tenant_id])
    keys = [row.key async for row in table.rows(tenant_id, _EVERY_ROW, select=["RowKey"])]
    await _remove(table, tenant_id, [key for key in keys if key != TENANT_ROW])
    await _remove(table, tenant_id, [TENANT_ROW])
    return rows


async def _remove(table: Table, partition: str, keys: list[str]) -> None:
    for start in range(0, len(keys), TRANSACTION_ROWS):
        try:
            await table.commit(partition, [Write("delete", key) for key in keys[start : start + TRANSACTION_ROWS]])
        except Conflict:  # one was removed at the same moment or before: the others, one by one
            for key in keys[start : start + TRANSACTION_ROWS]:
                await _remove_one(table, partition, key)


async def _remove_one(table: Table, partition: str, key: str) -> None:
    try:
        await table.commit(partition, [Write("delete", key)])
    except Conflict:
        return
