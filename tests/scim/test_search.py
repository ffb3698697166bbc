"""Queries over the in-process directory: filter, sort, page by index and by cursor, totals, and what is remembered."""

import asyncio
import gc
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim import search
from scim.errors import InvalidCount, InvalidCursor, InvalidFilter
from scim.http import Request
from scim.provider import ServiceProvider
from scim.store import Draft, Member, Stored
from tests.scim.world import BASE, GROUP, USER, World


@pytest.fixture
def world() -> World:
    return World()


def names(answer: dict) -> list[str]:
    return [each.get("userName") or each.get("displayName") for each in answer["Resources"]]


async def test_a_list_is_in_creation_order_whatever_the_names(world):
    await world.users("zoe", "ann", "mia")

    answer = await world.list()

    assert names(answer) == ["zoe", "ann", "mia"]
    assert (answer["totalResults"], answer["startIndex"], answer["itemsPerPage"]) == (3, 1, 3)


@pytest.mark.parametrize(
    ("query", "expected", "total"),
    [
        ({"startIndex": 0}, ["a", "b", "c", "d", "e"], 5),
        ({"startIndex": -7, "count": 2}, ["a", "b"], 5),
        ({"startIndex": 2, "count": 2}, ["b", "c"], 5),
        ({"startIndex": 5, "count": 9}, ["e"], 5),
        ({"startIndex": 6}, [], 5),
        ({"startIndex": 10**30}, [], 5),
        ({"count": 0}, [], 5),
        ({"count": -1}, [], 5),
        ({"filter": 'userName gt "b"', "startIndex": 2, "count": 1}, ["d"], 3),
        ({"filter": 'userName eq "C"', "startIndex": 1}, ["c"], 1),
        ({"filter": 'userName eq "c"', "startIndex": 2}, [], 1),
        ({"filter": 'userName eq "nobody"'}, [], 0),
        ({"sortBy": "userName", "sortOrder": "descending", "startIndex": 2, "count": 2}, ["d", "c"], 5),
        ({"sortBy": "title", "count": 2}, ["a", "b"], 5),
    ],
)
async def test_a_page_by_index_is_a_slice_of_the_results_and_the_total_is_of_all(world, query, expected, total):
    await world.users("a", "b", "c", "d", "e")

    answer = await world.list(**query)

    assert names(answer) == expected
    assert answer["totalResults"] == total


@given(
    titles=st.lists(st.sampled_from(["x", "y", None]), max_size=12),
    size=st.integers(1, 5),
    filtered=st.booleans(),
    order=st.sampled_from([None, "ascending", "descending"]),
    by_cursor=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_the_pages_of_a_walk_are_the_whole_list_cut_in_pieces(titles, size, filtered, order, by_cursor):
    async def walk():
        world = World()
        for number, title in enumerate(titles):
            await world.users(f"user{number}", **({"title": title} if title else {}))
        query = {"filter": 'title eq "x"'} if filtered else {}
        query |= {"sortBy": "title", "sortOrder": order} if order else {}
        whole = await world.list(**query, startIndex=1, count=100)
        pages = [page async for page in (by_cursors if by_cursor else by_indexes)(world, query, size)]
        assert [name for page in pages for name in names(page)] == names(whole)
        assert {page["totalResults"] for page in pages} == {whole["totalResults"]}

    asyncio.run(walk())


@given(
    titles=st.lists(st.sampled_from(["x", "y", None]), max_size=12),
    start=st.integers(1, 15),
    size=st.integers(0, 5),
    order=st.sampled_from(["ascending", "descending"]),
    skipped=st.integers(0, 4),
    positions=st.integers(1, 4),
)
@settings(max_examples=150, deadline=None)
def test_a_sorted_page_far_behind_is_the_same_slice(titles, start, size, order, skipped, positions):
    async def look():
        world = World()
        for number, title in enumerate(titles):
            await world.users(f"user{number}", **({"title": title} if title else {}))
        query = {"sortBy": "title", "sortOrder": order}
        whole = names(await world.list(**query, startIndex=1, count=100))
        anew = ServiceProvider(world.directory, lambda: 0.0)  # remembers no walk
        sent = {name: str(value) for name, value in (query | {"startIndex": start, "count": size}).items()}
        page = (await anew.list(Request("GET", BASE, query=sent), USER)).body
        assert (names(page), page["totalResults"]) == (whole[start - 1 :][:size], len(titles))

    with patch.multiple(search, _SKIPPED=skipped, _POSITIONS=positions):
        asyncio.run(look())


async def test_a_sorted_page_keeps_no_more_resources_the_further_behind_it_is(world):
    await world.users(*(f"user{number}" for number in range(4_000)))
    scan, held = world.directory.scan, []
    gc.collect()
    before = alive()

    async def watched(*arguments, **options):
        async for page in scan(*arguments, **options):
            held.append(alive() - before)
            yield page

    world.directory.scan = watched
    answer = await world.list(sortBy="userName", startIndex=3_951, count=50)

    assert len(answer["Resources"]) == 50
    assert max(held) < 2 * 1_000 + 200  # two stretches of the walk, and the page


def alive():
    return sum(isinstance(each, Stored) for each in gc.get_objects())


async def by_indexes(world, query, size):
    start = 1
    while True:
        page = await world.list(**query, startIndex=start, count=size)
        assert page["startIndex"] == start
        yield page
        start += page["itemsPerPage"]
        if start > page["totalResults"]:
            return


async def by_cursors(world, query, size):
    cursor = ""
    while True:
        page = await world.list(**query, cursor=cursor, count=size)
        assert "startIndex" not in page
        yield page
        if "nextCursor" not in page:
            return
        cursor = page["nextCursor"]


async def test_a_walk_by_cursor_misses_nobody_and_repeats_nobody_while_others_come_and_go(world):
    ids = await world.users(*(f"user{number}" for number in range(10)))
    seen = []

    async for page in by_cursors(world, {}, 3):
        seen += names(page)
        if len(seen) == 3:
            await world.directory.delete(USER, ids[0])
            await world.directory.delete(USER, ids[5])
            await world.users("late")

    assert seen == [f"user{number}" for number in range(10) if number != 5] + ["late"]


async def test_a_total_counts_what_was_written_in_the_middle_of_a_walk_by_index(world):
    await world.users("a", "b", "c", "d")
    assert (await world.list(startIndex=1, count=2))["totalResults"] == 4

    body = b'{"userName": "e"}'
    await world.provider.create(Request("POST", BASE, body=body), USER)

    answer = await world.list(startIndex=3, count=1)
    assert (names(answer), answer["totalResults"]) == (["c"], 5)


async def test_a_walk_by_index_goes_on_where_it_was_and_not_from_the_start(world):
    await world.users(*(f"user{number}" for number in range(9)))
    skipped = []
    skip = world.directory.skip

    async def counted(resource_type, count, *, after=""):
        skipped.append(count)
        return await skip(resource_type, count, after=after)

    world.directory.skip = counted
    async for _ in by_indexes(world, {}, 2):
        pass
    assert skipped == []

    world.now += 3600
    assert names(await world.list(startIndex=5, count=2)) == ["user4", "user5"]
    assert skipped == [4]


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "é", "a" * 9000])
async def test_a_cursor_that_was_not_issued_is_refused(world, cursor):
    await world.users("a")

    with pytest.raises(InvalidCursor):
        await world.list(cursor=cursor)


async def test_a_cursor_belongs_to_its_query_and_page_size(world):
    await world.users("a", "b", "c")
    cursor = (await world.list(cursor="", count=1))["nextCursor"]

    with pytest.raises(InvalidCursor):
        await world.list(cursor=cursor, count=1, filter="userName pr")
    with pytest.raises(InvalidCount):
        await world.list(cursor=cursor, count=2)


async def test_an_empty_filter_is_malformed(world):
    with pytest.raises(InvalidFilter):
        await world.list(filter="")


async def test_groups_show_their_members_unless_excluded_and_answer_filters_on_them_all_the_same(world):
    ann, bob = await world.users("ann", "bob")
    for name, members in {"one": [ann], "two": [ann, bob], "none": []}.items():
        await world.directory.create(GROUP, Draft({"displayName": name}, [Member(each, "User") for each in members]))

    answer = await world.list(GROUP, filter=f'members eq "{bob}"')
    assert [[member["value"] for member in each["members"]] for each in answer["Resources"]] == [sorted([ann, bob])]

    answer = await world.list(GROUP, filter=f'members eq "{ann}"', excludedAttributes="members")
    assert names(answer) == ["one", "two"]
    assert all("members" not in each for each in answer["Resources"])

    assert names(await world.list(GROUP, filter="not (members pr)")) == ["none"]
    assert names(await world.list(GROUP, filter=f'members eq "{ann}" and not (members eq "{bob}")')) == ["one"]


async def test_a_search_at_the_root_finds_users_and_groups_page_by_page(world):
    await world.users("b", "d")
    for name in ("a", "c"):
        await world.directory.create(GROUP, Draft({"displayName": name}))
    schema = '"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]'

    async def found(rest: str) -> dict:
        return (await world.provider.search(Request("POST", BASE, body=f"{{{schema}, {rest}}}".encode()), None)).body

    assert names(await found('"count": 3')) == ["b", "d", "a"]
    assert names(await found('"startIndex": 4, "count": 3')) == ["c"]
    answer = await found('"filter": "displayName pr or userName eq \\"d\\"", "attributes": ["userName", "displayName"]')
    assert (names(answer), answer["totalResults"]) == (["d", "a", "c"], 3)
