"""What a client is told when the table service is busy, silent, gone, or refuses us."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from azure.core.exceptions import HttpResponseError

from local.azurite import free_port
from scim.errors import ScimError, TooLarge, Unavailable
from storage.faults import Conflict, Denied
from storage.meter import metered
from storage.settings import Settings
from storage.tables import Patience, Span, Table, Tables, Write
from tests.storage.stub import HANG_UP, SILENCE, Stub, serving

QUICK = Patience(connect=0.5, answer=0.3, attempts=1.0, first_pause=0.01, longest_pause=0.1)


@asynccontextmanager
async def table_of(settings: Settings, patience: Patience = QUICK) -> AsyncIterator[Table]:
    tables = Tables(settings, patience=patience)
    yield tables.table("directory")
    await tables.close()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, SILENCE, HANG_UP])
async def test_a_call_is_made_again_until_it_works(status: int) -> None:
    async with serving(Stub([status, status, 200])) as stub, table_of(stub.settings) as table:
        with metered() as meter:
            row = await table.get("p", "k")

    assert row is not None
    assert row.values == {"v": 1}
    assert len(stub.calls) == 3
    # aiohttp itself makes a read again once if the connection ends; never a write, which is a POST.
    assert meter.calls == meter.depth == (2 if status == HANG_UP else 3)


@pytest.mark.parametrize("status", [429, 500, 503, SILENCE, HANG_UP])
async def test_a_service_that_stays_busy_is_unavailable_soon_and_says_when_to_come_back(status: int) -> None:
    async with serving(Stub([status])) as stub, table_of(stub.settings) as table:
        began = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            await table.get("p", "k")

    assert time.monotonic() - began < 3
    assert int(caught.value.headers["Retry-After"]) > 0
    assert len(stub.calls) > 2


@pytest.mark.parametrize(
    ("status", "code"), [(401, "x"), (403, "AuthorizationFailure"), (404, "TableNotFound"), (409, "TableBeingDeleted")]
)
async def test_what_only_an_operator_can_repair_is_unavailable_at_once(status: int, code: str) -> None:
    async with serving(Stub([status], code)) as stub, table_of(stub.settings) as table:
        with pytest.raises(Unavailable):
            await table.get("p", "k")

    assert len(stub.calls) == 1


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (
            403,
            "AuthorizationPermissionMismatch",
            "the role Storage Table Data Contributor on the data account is missing",
        ),
        (403, "AuthorizationFailure", "network rules"),
        (403, "KeyBasedAuthenticationNotPermitted", "set STORAGE_TABLE_ENDPOINT"),
        (401, "InvalidAuthenticationInfo", "signing in to the storage failed: "),
        (404, "TableNotFound", "azd provision"),
    ],
)
async def test_an_operator_is_told_what_to_repair_and_a_client_is_not(status: int, code: str, advice: str) -> None:
    async with serving(Stub([status], code)) as stub, table_of(stub.settings) as table:
        with pytest.raises(Denied) as caught:
            await table.get("p", "k")

    assert advice in caught.value.advice
    assert caught.value.detail == "the directory cannot be reached at the moment; try again"


@pytest.mark.parametrize(
    ("status", "code"), [(413, "RequestBodyTooLarge"), (400, "EntityTooLarge"), (400, "PropertyValueTooLarge")]
)
async def test_what_is_too_large_for_the_service_is_too_large(status: int, code: str) -> None:
    async with serving(Stub([status], code)) as stub, table_of(stub.settings) as table:
        with pytest.raises(TooLarge, match="1 MiB"):
            await table.commit("p", [Write("insert", "k")])


async def test_a_call_that_makes_no_sense_is_a_bug_not_an_answer() -> None:
    async with serving(Stub([400], "InvalidInput")) as stub, table_of(stub.settings) as table:
        with pytest.raises(HttpResponseError) as caught:
            await table.page("p", Span("a", "b"))

    assert not isinstance(caught.value, ScimError)


@pytest.mark.parametrize("statuses", [[409], [503, 409]])
async def test_a_conflict_after_an_answer_that_never_came_is_uncertain(statuses: list[int]) -> None:
    async with serving(Stub(statuses, "EntityAlreadyExists")) as stub, table_of(stub.settings) as table:
        with pytest.raises(Conflict) as caught:
            await table.commit("p", [Write("insert", "k")])

    assert caught.value.uncertain == (len(statuses) > 1)


async def test_a_port_that_nobody_listens_on_is_unavailable() -> None:
    nowhere = Stub([], port=free_port())
    async with table_of(nowhere.settings) as table:
        with pytest.raises(Unavailable):
            await table.get("p", "k")


async def test_a_ping_is_one_call_and_gives_up_at_once() -> None:
    async with serving(Stub([503])) as stub:
        tables = Tables(stub.settings, patience=QUICK)
        with pytest.raises(Unavailable):
            await tables.ping()
        await tables.close()

    assert len(stub.calls) == 1


async def test_a_ping_of_tables_that_are_there_says_nothing(tables: Tables) -> None:
    await tables.ping()


async def test_a_ping_of_a_table_that_is_not_there_is_unavailable(tables: Tables) -> None:
    with pytest.raises(Unavailable):
        await tables.ping("nosuchtable")


@pytest.mark.parametrize(
    ("attempt", "most"), [(0, 0.05), (1, 0.1), (3, 0.4), (10, 1.0)], ids=["first", "second", "fourth", "late"]
)
def test_pauses_grow_to_a_limit_and_differ(attempt: int, most: float) -> None:
    pauses = [Patience().pause(attempt) for _ in range(200)]

    assert max(pauses) <= most
    assert len(set(pauses)) > 100


async def test_tables_can_be_opened_again_after_closing(tables: Tables, tenant: str) -> None:
    await tables.table("directory").commit(tenant, [Write("insert", "k")])
    await tables.close()

    assert await tables.table("directory").get(tenant, "k") is not None
