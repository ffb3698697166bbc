"""The gallery's tests 23 and 24: reading users and groups page by page."""

from functools import partial

from entra.exchange import CREATED, OK
from entra.parallel import in_parallel
from entra.source import Kind
from entra.validation.attempt import ENDPOINTS, Attempt
from entra.validation.comparison import check_list
from entra.validation.surface import GROUP, USER
from entra.validation.verdict import Failed, Test

_PAGE, _ENOUGH, _MOST_PAGES = 5, 11, 10
_WIDTH = 5  # how many are created at once


async def user_pagination(attempt: Attempt) -> None:
    """Read users page by page."""
    await _walk(attempt, "User")


async def group_pagination(attempt: Attempt) -> None:
    """Read groups page by page."""
    await _walk(attempt, "Group")


async def _walk(attempt: Attempt, kind: Kind) -> None:
    await _fill(attempt, kind)
    start, pages, seen = 1, 0, set[str]()
    while pages < _MOST_PAGES:
        query = {"startIndex": str(start), "count": str(_PAGE)}
        exchange = await attempt.ask("GET", ENDPOINTS[kind], query=query)
        check_list(exchange)
        total, held = exchange.body["totalResults"], exchange.resources
        if exchange.body.get("startIndex") != pages * _PAGE + 1:
            raise Failed(f"startIndex {pages * _PAGE + 1}", repr(exchange.body.get("startIndex")), exchange)
        ids = {str(each.get("id")) for each in held if isinstance(each, dict)}
        if not held or len(held) > _PAGE or seen & ids:
            got = f"{len(held)} Resources, {len(seen & ids)} of them seen before"
            raise Failed(f"up to {_PAGE} Resources that are on no earlier page", got, exchange)
        seen |= ids
        pages, start = pages + 1, start + len(held)
        if start > total:
            break
    if pages < 2:  # noqa: PLR2004 - pages are what is tested
        raise Failed("at least 2 pages", f"{pages}")


async def _fill(attempt: Attempt, kind: Kind) -> None:
    """Create as many as are missing."""
    exchange = await attempt.ask("GET", ENDPOINTS[kind], query={"startIndex": "1", "count": "1"})
    check_list(exchange)
    missing = max(0, _ENOUGH - exchange.body["totalResults"])
    await in_parallel(range(missing), partial(_create, attempt, kind), _WIDTH)


async def _create(attempt: Attempt, kind: Kind, _: int) -> None:
    name = f"paguser{attempt.words.hex()}@example.com" if kind == "User" else f"paggroup{attempt.words.hex()}"
    body = {"schemas": [USER], "userName": name} if kind == "User" else {"schemas": [GROUP], "displayName": name}
    await attempt.create(kind, body, expect=(OK, CREATED))


_SUITE = "Gallery: direct SCIM tests"

TESTS = (
    Test(_SUITE, "23 SCIM_User_Pagination_Test", user_pagination),
    Test(_SUITE, "24 SCIM_Group_Pagination_Test", group_pagination, required=False),
)
