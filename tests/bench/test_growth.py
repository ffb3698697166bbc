"""The part of the benchmarks that measures growth: the directory that it makes, what it counts, what it says."""

import secrets
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import pytest

from bench.growth import memory
from bench.growth.company import GROUP, SPARE, TEAM, TEAMS, USER, Company
from bench.growth.inside import Asked, Inside
from bench.growth.measure import HUNGRY, WALKS, Figures, Memory, Results
from bench.growth.operations import OPERATIONS, by_cursor, by_index
from bench.growth.plot import svg
from bench.growth.prices import Kind
from bench.growth.report import markdown
from bench.growth.upkeep import Tally, kinds
from bench.load import Measured
from local.azurite import Azurite
from local.azurite_file import fill
from local.demo import make_tables, new_token
from scim.store import Lookup, MemberView
from storage.check import check
from storage.directory import TABLE, TableDirectory
from storage.settings import Settings
from storage.tables import Patience, Tables

SIZE, TENANT = 1_000, "large"
BY_NAME = {operation.name: operation for operation in OPERATIONS}


class World:
    """A directory of 1,000 users in Azurite, and its rows as they were counted."""

    def __init__(self, azurite: Azurite) -> None:
        self.azurite = azurite
        self.company, self.tally = Company(SIZE), Tally()
        make_tables(azurite.connection_string)
        self.token = new_token(azurite.connection_string, TENANT)
        fill(azurite, TABLE, TENANT, self.tally.passing(TENANT, self.company.rows()))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Azurite(folder=Path(tmp_path_factory.mktemp("azurite"))) as azurite:
        yield World(azurite)


@pytest.fixture
async def opened(world: World) -> AsyncIterator[Tables]:
    settings = Settings(connection_string=world.azurite.connection_string)
    tables = Tables(settings, patience=Patience(answer=60.0, attempts=30.0))
    yield tables
    await tables.close()


async def test_the_checker_finds_nothing_in_a_generated_directory(opened: Tables) -> None:
    assert await check(opened, TENANT) == []


async def test_the_generated_directory_has_the_users_and_the_groups_that_it_says(world: World, opened: Tables) -> None:
    directory, company = TableDirectory(opened, TENANT), world.company
    everybody = await directory.read(GROUP, company.everybody, members=MemberView.ALL)
    assert everybody is not None
    assert [member.id for member in everybody.members] == sorted(company.members)
    assert await directory.count(USER) == len(company.members) + len(company.spare) == SIZE + SPARE
    assert await directory.count(GROUP) == 2 + TEAMS
    first = await directory.read(USER, company.members[0])
    last = await directory.read(USER, company.members[-1])
    alone = await directory.read(USER, company.spare[0])
    assert [each and len(each.groups) for each in (first, last, alone)] == [2, 1, 0]
    (found,) = await directory.find(USER, [Lookup("externalId", "external-000999")])
    assert found.id == company.members[999]


def test_every_row_is_counted_by_its_kind(world: World) -> None:
    people, rows = SIZE + SPARE, world.tally.rows
    assert (rows["u"], rows["g"], rows["c"], rows["m"]) == (people, 2 + TEAMS, people + 2 + TEAMS, SIZE + TEAM * TEAMS)
    assert rows["x"] == 3 * people + 2 + TEAMS
    assert set(rows) == set(world.tally.bytes) == set("ugcmx")


async def test_checking_a_slice_of_each_kind_tells_what_each_costs(world: World, opened: Tables) -> None:
    found = await kinds(opened, TENANT, world.company, world.tally)
    assert set(found) == set("ucxm")
    for kind in found.values():
        assert kind.bytes > 100
        assert kind.check_calls > 0
        assert kind.check_cpu > 0


@pytest.fixture
async def inside(world: World) -> AsyncIterator[Inside]:
    opened = Inside(world.azurite.connection_string, TENANT, world.token)
    yield opened
    await opened.tables.close()


async def test_storage_calls_and_bytes_of_a_request_are_counted(world: World, inside: Inside) -> None:
    asked = {name: await inside.asked(BY_NAME[name].talk(world.company), 3) for name in ("GET user", "POST user")}
    assert (asked["GET user"].trips, asked["GET user"].calls, asked["GET user"].written) == (1, 2, 0)
    assert asked["GET user"].read > 1_000  # the row of the user
    assert (asked["POST user"].trips, asked["POST user"].calls) == (1, 1)
    assert asked["POST user"].written > 3_000  # a transaction of six rows


@pytest.mark.parametrize("name", [each.name for each in OPERATIONS if each.budget is not None])
async def test_every_operation_keeps_to_its_budget(world: World, inside: Inside, name: str) -> None:
    operation = BY_NAME[name]
    if name in {"PATCH: remove 1 member", "DELETE user"}:
        await inside.asked(BY_NAME["PATCH: add 1 member"].talk(world.company), 3)
    assert operation.budget is not None
    assert (await inside.asked(operation.talk(world.company), 3)).trips <= operation.budget


@pytest.mark.parametrize("walk", [by_cursor, by_index])
async def test_a_walk_meets_every_user_once(world: World, inside: Inside, walk) -> None:
    talk, met, answer = walk(world.company), [], None
    while True:
        try:
            answer = await inside.answer(talk.send(answer))
        except StopIteration:
            break
        met += [each["id"] for each in answer["Resources"]]
    assert len(met) == len(set(met))
    assert set(world.company.members) <= set(met)


def test_only_who_has_joined_is_removed_or_deleted() -> None:
    company = Company(0, everybody="g")
    company.spare.extend("abcd")
    list(islice(BY_NAME["PATCH: add 1 member"].talk(company), 3))
    removed = list(islice(BY_NAME["PATCH: remove 1 member"].talk(company), 2))
    deleted = list(BY_NAME["DELETE user"].talk(company))
    assert [body["Operations"][0]["path"] for _, _, body in removed] == [
        'members[value eq "a"]',
        'members[value eq "b"]',
    ]
    assert deleted == [("DELETE", "/Users/c", None)]
    assert list(company.spare) == ["d"]


def test_no_two_users_are_created_alike() -> None:
    company = Company(0)
    made = [body["userName"] for run in range(2) for _, _, body in islice(BY_NAME["POST user"].talk(company), 3)]
    assert len(set(made)) == 6


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from Linux' /proc")
def test_the_peak_of_memory_is_that_since_it_was_forgotten() -> None:
    pid = "self"
    block = secrets.token_bytes(64 * 2**20)
    assert memory.peak_mib(pid) >= memory.resident_mib(pid) >= len(block) / 2**20
    del block
    memory.forget_peak(pid)
    small = memory.peak_mib(pid)
    block = secrets.token_bytes(32 * 2**20)
    assert 24 < memory.peak_mib(pid) - small < 48
    del block


def results(cpu: dict[str, float], trips: dict[str, int] | None = None, index_walk: float = 1.0) -> Results:
    """Results of two sizes: every operation takes 1 ms and its budget, but for the larger directory as given."""
    found = Results(kinds={letter: Kind(100, 1, 1, 0.001) for letter in "ucxm"}, event_bytes=800)
    for size, large in ((100, False), (1_000, True)):
        for operation in OPERATIONS:
            seconds = cpu.get(operation.name, 1.0) / 1000 if large else 0.001
            asked = (trips or {}).get(operation.name, 1 if operation.budget is None else operation.budget)
            measured = Measured(1, seconds, (seconds,), seconds)
            found.figures[operation.name, size] = Figures(measured, Asked(asked, asked, 2_048, 0))
        for name in HUNGRY:
            found.memory[name, size] = Memory(60.0, 61.5)
        for name in WALKS:
            seconds = index_walk if name == "walk by index" else 1.0
            found.walks[name, size] = Measured(10, seconds, (seconds,), seconds)
    return found


def test_what_grows_for_a_known_reason_is_told_with_it_and_what_grows_for_none_is_told_to() -> None:
    said = markdown(results({"GET group with members": 9.0, "GET user": 2.0}), "plot.svg")
    assert "- GET group with members: every member is in the answer" in said
    assert "- GET user: **no reason is known**." in said
    assert "| GET user | 1.0 | 2.0 | 2.0 times |" in said
    assert f"{len(OPERATIONS) - 2} of {len(OPERATIONS)} are flat" in said


def test_an_operation_over_its_budget_is_named() -> None:
    assert "Every operation keeps to its budget." in markdown(results({}), "plot.svg")
    said = markdown(results({}, trips={"POST user": 2}), "plot.svg")
    assert "Over the budget: **POST user**." in said
    assert "| POST user | 1 | 2 | 2 | 2 | 0 |" in said


def test_a_walk_that_costs_too_much_is_called_so() -> None:
    assert "3.00 times, met." in markdown(results({}, index_walk=3.0), "plot.svg")
    assert "3.10 times, **missed**." in markdown(results({}, index_walk=3.1), "plot.svg")


def test_memory_is_what_is_held_beyond_the_warm_process() -> None:
    assert "| GET group with members | 1.5 | 1.5 | its answer |" in markdown(results({}), "plot.svg")


def test_the_plot_names_every_operation_once_and_no_two_names_on_one_another() -> None:
    drawn = svg({f"operation {number}": {100: 1.0, 1_000: 1.0} for number in range(20)} | {"a < b": {100: 2.0}})
    assert drawn.count("<polyline") == 21
    assert "a &lt; b" in drawn
    heights = [float(line.split('y="')[1].split('"')[0]) for line in drawn.splitlines() if ">operation" in line]
    assert len(heights) == 20
    assert all(abs(one - other) >= 12 for one, other in zip(sorted(heights), sorted(heights)[1:], strict=False))
