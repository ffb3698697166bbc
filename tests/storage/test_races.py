"""Changes that meet, from processes that know nothing of each other: none is lost, none is half done."""

import asyncio
from collections.abc import Callable

import pytest

from scim.errors import InvalidValue, PreconditionFailed, Uniqueness
from scim.store import Draft, MemberView, Stored
from storage.check import check
from storage.directory import TableDirectory
from storage.tables import Tables
from tests.storage.conftest import GROUP, USER, add, with_members
from tests.storage.line import seed_groups, seed_users
from tests.storage.test_crash import members_and_groups, turned


@pytest.fixture
def another(tables: Tables, tenant: str) -> Callable[[], TableDirectory]:
    """Make directories of one tenant that share nothing but the tables, as processes do."""
    return lambda: TableDirectory(tables, tenant)


async def members(directory: TableDirectory, group: str) -> set[str]:
    read = await directory.read(GROUP, group, members=MemberView.ALL)
    assert read is not None
    return {member.id for member in read.members}


async def test_32_processes_that_add_different_members_lose_none(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    ids = await seed_users(tables, tenant, 32)
    group = await add(another(), "g", GROUP)

    await asyncio.gather(*(another().change(GROUP, group.id, with_members(id), members=[id]) for id in ids))

    assert await members(another(), group.id) == set(ids)
    assert await check(tables, tenant) == []


async def test_16_processes_that_change_different_attributes_lose_none(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    user = await add(another(), "ana")

    def put(name: str) -> Callable[[Stored], Draft]:
        return lambda stored: Draft({**stored.document, name: name})

    await asyncio.gather(*(another().change(USER, user.id, put(f"a{n}")) for n in range(16)))

    read = await another().read(USER, user.id)
    assert read is not None
    assert len(read.document) == 17
    assert await check(tables, tenant) == []


async def test_of_8_processes_that_take_one_name_one_gets_it(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    users = [await add(another(), f"user{n}") for n in range(4)]
    renames = [another().change(USER, user.id, lambda _: Draft({"userName": "ana"})) for user in users]
    creations = [add(another(), "ANA") for _ in range(4)]

    results = await asyncio.gather(*renames, *creations, return_exceptions=True)

    assert [type(result) for result in results if not isinstance(result, Stored)] == [Uniqueness] * 7
    assert await check(tables, tenant) == []


async def test_of_8_processes_that_insist_on_one_version_one_succeeds(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    user = await add(another(), "ana")

    def insist(name: str) -> Callable[[Stored], Draft]:
        def decide(stored: Stored) -> Draft:
            if stored.version != user.version:
                raise PreconditionFailed("changed")
            return Draft({**stored.document, "displayName": name})

        return decide

    calls = (another().change(USER, user.id, insist(f"name{n}")) for n in range(8))
    results = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(result) for result in results if not isinstance(result, Stored)] == [PreconditionFailed] * 7
    assert await check(tables, tenant) == []


async def test_a_member_that_is_deleted_while_it_is_added_is_in_no_group(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    ids = await seed_users(tables, tenant, 12)
    group = await add(another(), "g", GROUP)
    additions = [another().change(GROUP, group.id, with_members(id), members=[id]) for id in ids]
    deletions = [another().delete(USER, id) for id in ids]

    results = await asyncio.gather(*additions, *deletions, return_exceptions=True)

    assert {type(result) for result in results} <= {Stored, InvalidValue, bool}
    assert results[12:] == [True] * 12
    assert await members(another(), group.id) == set()
    assert await check(tables, tenant) == []


async def test_a_group_that_is_deleted_while_members_come_leaves_nothing(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    ids = await seed_users(tables, tenant, 130)
    group = await add(another(), "g", GROUP)

    await asyncio.gather(
        another().change(GROUP, group.id, with_members(*ids[:120]), members=ids[:120]),
        *(another().change(GROUP, group.id, with_members(id), members=[id]) for id in ids[120:]),
        another().delete(GROUP, group.id),
    )

    inside, outside = await members_and_groups(another())
    assert (inside, set().union(*outside.values())) == ({}, set())
    assert await check(tables, tenant) == []


async def test_who_carries_out_the_same_journal_does_no_harm(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    ids = await seed_users(tables, tenant, 120)
    group = await add(another(), "g", GROUP)
    directories = [another() for _ in range(4)]
    writer = asyncio.ensure_future(another().change(GROUP, group.id, with_members(*ids), members=ids))

    while not writer.done():
        await asyncio.gather(*(directory.heal() for directory in directories))

    assert await members(another(), group.id) == set(ids)
    assert await check(tables, tenant) == []


async def test_a_straggler_does_not_bring_back_who_was_removed_since(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    ids = await seed_users(tables, tenant, 60)
    group = await add(another(), "g", GROUP)
    straggler = another()
    writer = asyncio.ensure_future(another().change(GROUP, group.id, with_members(*ids), members=ids))
    while not (journals := await straggler._journals.pending()):
        assert not writer.done()
    await writer
    await another().change(GROUP, group.id, with_members(), members=ids[:5])

    await straggler._journals.settle(journals[0])

    assert await members(another(), group.id) == set(ids[5:])
    assert await check(tables, tenant) == []


async def test_readers_never_see_half_of_a_large_change(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    ids = await seed_users(tables, tenant, 120)
    group = await add(another(), "g", GROUP)
    versions: dict[str, set[int]] = {}
    reader = another()

    writer = asyncio.ensure_future(another().change(GROUP, group.id, with_members(*ids), members=ids))
    while not writer.done():
        snapshot = await reader._reader.take("Group", group.id, MemberView.ALL)
        stored = snapshot.stored()
        assert stored is not None
        versions.setdefault(stored.version, set()).add(len(stored.members))
        if stored.members:
            user = (await reader._reader.take("User", ids[0], MemberView.NONE)).stored()
            assert user is not None
            assert user.groups == (group.id,)

    changed = await writer
    assert changed is not None
    assert versions.get(changed.version, {120}) == {120}
    assert versions.get(group.version, {0}) == {0}
    assert set(versions) <= {changed.version, group.version}


async def test_a_user_of_many_groups_leaves_all_while_they_change(
    tables: Tables, tenant: str, another: Callable[[], TableDirectory]
) -> None:
    ana, bob = await seed_users(tables, tenant, 2)
    groups = await seed_groups(tables, tenant, ana, 60)
    changes = [another().change(GROUP, group, with_members(bob), members=[bob]) for group in groups[:8]]
    deletions = [another().delete(GROUP, group) for group in groups[55:]]

    await asyncio.gather(*changes, another().delete(USER, ana), *deletions)

    inside, outside = await members_and_groups(another())
    assert inside == {group: {bob} if group in groups[:8] else set() for group in groups[:55]}
    assert turned(outside) == {group: {bob} for group in groups[:8]}
    assert await check(tables, tenant) == []
