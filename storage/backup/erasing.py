"""Emptying a tenant's directory; a run that was cut off is gone on with by the next."""

from storage.command import say
from storage.directory import TABLE
from storage.faults import Conflict
from storage.partition import Partition
from storage.tables import TRANSACTION_ROWS, Span, Tables, Write

_ALL = Span("", "~")


async def erase(tables: Tables, tenant: str) -> int:
    """Remove every row of a tenant's directory, events and all, and return how many. Raises Unavailable."""
    rows, removed = Partition(tables.table(TABLE), tenant), 0
    while True:
        page = await rows.page(_ALL, select=["RowKey"])
        if not page.rows and page.token is None:
            return removed
        for start in range(0, len(page.rows), TRANSACTION_ROWS):
            part = page.rows[start : start + TRANSACTION_ROWS]
            try:
                await rows.commit([Write("delete", row.key) for row in part])
            except Conflict:  # somebody else removes them as well: read again what is left
                break
            removed += len(part)
        say(f"removed {removed:,} rows")
