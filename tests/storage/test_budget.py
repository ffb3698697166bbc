"""What operations may cost: sequential round trips and calls, whatever the size of the group or the tenant."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.azurite import Azurite
from local.azurite_file import fill
from scim.store import Draft, Lookup, Member, MemberView, Stored
from storage.check import check
from storage.directory import TABLE, TableDirectory
from storage.meter import metered
from storage.settings import Settings
from storage.tables import Patience, Tables
from tests.storage.bulk import company
from tests.storage.conftest import GROUP, USER, add, rename

SIZES = [10, 1_000, 10_000]
NAMED = 40
TENANT = "big"


class Company:
    """A running tenant with 10,000 users, a group of each size, and 40 users who are in no group."""

    def __init__(self, azurite: Azurite) -> None:
        self.settings = Settings(connection_string=azurite.connection_string)
        asyncio.run(self._create_table())
        rows, users, groups = company(SIZES[-1], NAMED, SIZES)
        fill(azurite, TABLE, TENANT, rows)
        self.users, self.spare = users[:-NAMED], users[-NAMED:]
        self.groups = dict(zip(SIZES, groups, strict=True))

    async def _create_table(self) -> None:
        tables = Tables(self.settings)
        await tables.ensure(TABLE)
        await tables.close()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with Azurite(folder=Path(tmp_path_factory.mktemp("azurite"))) as azurite:
        yield Company(azurite)


@pytest.fixture
async def in_company(big: Company) -> AsyncIterator[TableDirectory]:
    tables = Tables(big.settings, patience=Patience(answer=60.0, attempts=30.0))
    yield TableDirectory(tables, TENANT)
    await tables.close()


async def cost(act: Awaitable[Any]) -> tuple[int, int]:
    """Return the sequential round trips and the calls of an operation."""
    with metered() as meter:
        await act
    return meter.depth, meter.calls


def only(ids: list[str]) -> Callable[[Stored], Draft]:
    """Return a decision that makes these the members within the view."""
    return lambda stored: Draft(stored.document, [Member(id, "User") for id in ids])


@pytest.mark.parametrize("size", SIZES)
async def test_a_group_costs_the_same_whatever_its_size(big: Company, in_company: TableDirectory, size: int) -> None:
    group, directory = big.groups[size], in_company
    whole, calls = await cost(directory.read(GROUP, group, members=MemberView.ALL))

    assert await cost(directory.read(GROUP, group)) == (1, 2)
    assert await cost(directory.change(GROUP, group, rename(f"group {size}"))) == (2, 3)
    assert await cost(directory.change(GROUP, group, only(big.spare), members=big.spare)) == (2, NAMED + 3)
    assert await cost(directory.change(GROUP, group, only([]), members=big.spare)) == (2, NAMED + 3)
    assert (whole, calls <= 5 + 16) == (2 if size <= 1000 else 3, True)


@pytest.mark.parametrize(
    ("operation", "depth", "calls"),
    [
        ("read", 1, 2),
        ("read what is not there", 1, 2),
        ("find nobody by userName", 1, 2),
        ("find by userName", 2, 3),
        ("find nobody by externalId", 1, 2),
        ("find groups by a member", 2, 6),
        ("create a user", 1, 1),
        ("create a group", 1, 1),
        ("create a group of 40", 2, NAMED + 1),
        ("change", 2, 3),
        ("change nothing", 1, 2),
        ("delete", 2, 3),
        ("a page of 100", 1, 2),
        ("a page of 1,000", 1, 2),
        ("skip 2,500", 3, 3),
        ("count", 2, 17),
    ],
)
async def test_an_operation_keeps_to_its_budget(
    big: Company, in_company: TableDirectory, operation: str, depth: int, calls: int
) -> None:
    directory, ana = in_company, big.users[0]
    draft = Draft({"displayName": operation}, [Member(id, "") for id in big.spare])
    acts: dict[str, Callable[[], Awaitable[Any]]] = {
        "read": lambda: directory.read(USER, ana),
        "read what is not there": lambda: directory.read(USER, ana[:-4] + "ffff"),
        "find nobody by userName": lambda: directory.find(USER, [Lookup("userName", "nobody")]),
        "find by userName": lambda: directory.find(USER, [Lookup("userName", "USER7")]),
        "find nobody by externalId": lambda: directory.find(USER, [Lookup("externalId", "nobody")]),
        "find groups by a member": lambda: directory.find(GROUP, [Lookup("members.value", ana)]),
        "create a user": lambda: add(directory, operation),
        "create a group": lambda: add(directory, operation, GROUP),
        "create a group of 40": lambda: directory.create(GROUP, draft),
        "change": lambda: directory.change(USER, ana, rename("Ana")),
        "change nothing": lambda: directory.change(USER, ana, lambda _: None),
        "delete": lambda: directory.delete(USER, big.users[1]),
        "a page of 100": lambda: anext(directory.scan(USER, size=100)),
        "a page of 1,000": lambda: anext(directory.scan(USER, size=1000)),
        "skip 2,500": lambda: directory.skip(USER, 2500),
        "count": lambda: directory.count(USER),
    }

    assert await cost(acts[operation]()) == (depth, calls)


async def test_counting_and_walking_agree_in_a_large_tenant(in_company: TableDirectory) -> None:
    walked = sum([len(page.resources) async for page in in_company.scan(USER)])

    assert walked == await in_company.count(USER) >= SIZES[-1]


async def test_the_large_tenant_is_whole(big: Company) -> None:
    tables = Tables(big.settings, patience=Patience(answer=60.0, attempts=30.0))
    assert await check(tables, TENANT) == []
    await tables.close()
