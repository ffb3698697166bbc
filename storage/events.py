"""The end of events: rows that tell what happened are kept for a while, not for ever."""

from storage import keys
from storage.directory import TABLE
from storage.faults import Conflict
from storage.ids import uuid7
from storage.partition import Partition
from storage.tables import TRANSACTION_ROWS, Span, Tables, Write


async def trim(tables: Tables, tenant: str, before: float, *, most: int = 1000) -> int:
    """Remove up to `most` (at most 1,000) events of a tenant that are older than a Unix time, the oldest first.

    Returns how many were removed; fewer than `most`: no older one is left. Raises Unavailable.
    """
    rows = Partition(tables.table(TABLE), tenant)
    # Ids of events are in order of time: those before the moment are one span.
    span = Span(keys.EVENTS.low, keys.event(uuid7(before, bytes)))
    removed = 0
    token = None
    while removed < most:
        page = await rows.page(span, select=["RowKey"], size=most - removed, token=token)
        for start in range(0, len(page.rows), TRANSACTION_ROWS):
            part = page.rows[start : start + TRANSACTION_ROWS]
            try:
                await rows.commit([Write("delete", row.key) for row in part])
            except Conflict:  # another process trims as well: it goes on where we leave it
                return removed
            removed += len(part)
        token = page.token
        if token is None:
            break
    return removed
