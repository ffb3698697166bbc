"""Walks over all resources of a type: in creation order for lists, in no order for counting."""

from storage import keys
from storage.partition import Partition, each
from storage.tables import PAGE_ROWS, Row, Span

_KEY = ["RowKey"]


async def stretch(rows: Partition, type: str, after: str, size: int) -> tuple[list[Row], bool]:
    """Return up to `size` rows behind the id `after`, and whether others follow (one call unless rows are large).

    One row more than asked for tells. Of a thousand, the most that a call returns, the service tells itself; then
    what follows may in the end be nothing.
    """
    span, wanted = keys.resources(type, after), min(size + 1, PAGE_ROWS)
    found: list[Row] = []
    token = None
    while len(found) < wanted:
        page = await rows.page(span, size=wanted - len(found), token=token)
        found += page.rows
        token = page.token
        if not token:
            break
    return found[:size], len(found) > size or bool(token)


async def skip(rows: Partition, type: str, after: str, count: int) -> str | None:
    """Return the id of the `count`-th resource behind `after`, None if there are fewer (one call per 1,000)."""
    if count < 1:
        return after or None
    passed, token = 0, None
    while True:
        page = await rows.page(
            keys.resources(type, after), select=_KEY, size=min(count - passed, PAGE_ROWS), token=token
        )
        passed += len(page.rows)
        if passed == count:
            return keys.last(page.rows[-1].key)
        token = page.token
        if not token:
            return None


async def count(rows: Partition, type: str) -> int:
    """Return how many resources of a type there are: one claim each (one call up to 1,000, else sixteen ranges)."""
    first = await rows.page(keys.all_claims(type), select=_KEY)
    if not first.token:
        return len(first.rows)
    return sum(await each(keys.claims(type), lambda span: _length(rows, span), at_once=len(keys.HEX)))


async def _length(rows: Partition, span: Span) -> int:
    """Return how many rows a span has, holding no more than a page of them (one call per 1,000)."""
    page = await rows.page(span, select=_KEY)
    length = len(page.rows)
    while page.token:
        page = await rows.page(span, select=_KEY, token=page.token)
        length += len(page.rows)
    return length
