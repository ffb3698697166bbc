"""The contract of the port (scim/store.py), checked on every implementation of it: members."""

import asyncio
from collections.abc import Callable

import pytest

from scim.errors import InvalidValue
from scim.store import Directory, Draft, Member, MemberView, Stored
from tests.storage.conftest import GROUP, USER, add, group_of, groups, members, with_members

ABSENT = "0190aaaa-0000-7000-8000-000000000000"


class TestMembers:
    async def test_members_and_groups_agree(self, directory: Directory) -> None:
        ana, bob = await add(directory, "ana"), await add(directory, "bob")
        group = await group_of(directory, "g", ana)

        await directory.change(GROUP, group.id, with_members(bob.id), members=[bob.id])

        assert await members(directory, group) == [ana.id, bob.id]
        assert await groups(directory, ana) == await groups(directory, bob) == [group.id]

    async def test_a_group_can_be_a_member_and_says_its_type(self, directory: Directory) -> None:
        ana = await add(directory, "ana")
        inner = await group_of(directory, "inner")
        outer = await directory.create(
            GROUP, Draft({"displayName": "outer"}, [Member(ana.id, ""), Member(inner.id, "")])
        )

        assert set(outer.members) == {Member(ana.id, "User"), Member(inner.id, "Group")}
        read = await directory.read(GROUP, inner.id)
        assert read is not None
        assert read.groups == (outer.id,)

    async def test_a_group_cannot_be_its_own_member(self, directory: Directory) -> None:
        group = await group_of(directory, "g")

        with pytest.raises(InvalidValue):
            await directory.change(GROUP, group.id, with_members(group.id), members=[group.id])

    async def test_a_view_shows_those_of_the_named_that_are_members(self, directory: Directory) -> None:
        ana, bob, eve = [await add(directory, name) for name in ("ana", "bob", "eve")]
        group = await group_of(directory, "g", ana, bob)

        read = await directory.read(GROUP, group.id, members=[bob.id, eve.id, ABSENT, "nobody"])

        assert read is not None
        assert read.members == (Member(bob.id, "User"),)

    async def test_members_outside_the_view_stay(self, directory: Directory) -> None:
        ana, bob, eve = [await add(directory, name) for name in ("ana", "bob", "eve")]
        group = await group_of(directory, "g", ana, bob)

        after = await directory.change(GROUP, group.id, with_members(eve.id), members=[bob.id, eve.id])

        assert after is not None
        assert [member.id for member in after.members] == [eve.id]
        assert await members(directory, group) == [ana.id, eve.id]
        assert await groups(directory, bob) == []

    async def test_all_members_can_be_replaced(self, directory: Directory) -> None:
        ana, bob, eve = [await add(directory, name) for name in ("ana", "bob", "eve")]
        group = await group_of(directory, "g", ana, bob)

        await directory.change(GROUP, group.id, with_members(eve.id, bob.id), members=MemberView.ALL)

        assert await members(directory, group) == [bob.id, eve.id]

    async def test_adding_who_is_a_member_changes_nothing(self, directory: Directory) -> None:
        ana = await add(directory, "ana")
        group = await group_of(directory, "g", ana)

        after = await directory.change(GROUP, group.id, with_members(ana.id), members=[ana.id])

        assert after is not None
        assert after.version == group.version

    async def test_a_membership_renews_both_versions_but_only_the_groups_time(self, directory: Directory) -> None:
        ana = await add(directory, "ana")
        group = await group_of(directory, "g")

        after = await directory.change(GROUP, group.id, with_members(ana.id), members=[ana.id])
        member = await directory.read(USER, ana.id)

        assert after is not None
        assert member is not None
        assert after.version != group.version
        assert member.version != ana.version
        assert member.last_modified == ana.last_modified

    async def test_a_member_that_does_not_exist_leaves_the_group_as_it_was(self, directory: Directory) -> None:
        ana = await add(directory, "ana")
        group = await group_of(directory, "g")

        with pytest.raises(InvalidValue, match=ABSENT):
            await directory.change(GROUP, group.id, with_members(ana.id, ABSENT), members=[ana.id, ABSENT])

        assert await members(directory, group) == []
        assert await directory.read(USER, ana.id) == ana

    async def test_a_document_and_members_change_together(self, directory: Directory) -> None:
        ana = await add(directory, "ana")
        group = await group_of(directory, "g")

        await directory.change(
            GROUP, group.id, lambda _: Draft({"displayName": "h"}, [Member(ana.id, "User")]), members=[ana.id]
        )

        read = await directory.read(GROUP, group.id, members=MemberView.ALL)
        assert read is not None
        assert (read.document, read.members) == ({"displayName": "h"}, (Member(ana.id, "User"),))


class TestRaces:
    async def test_32_that_add_different_members_lose_none(self, directory: Directory) -> None:
        users = [await add(directory, f"user{n}") for n in range(32)]
        group = await group_of(directory, "g")

        await asyncio.gather(*(directory.change(GROUP, group.id, with_members(u.id), members=[u.id]) for u in users))

        assert await members(directory, group) == sorted(user.id for user in users)

    async def test_16_that_change_different_attributes_lose_none(self, directory: Directory) -> None:
        ana = await add(directory, "ana")

        def put(name: str) -> Callable[[Stored], Draft]:
            return lambda stored: Draft({**stored.document, name: name})

        await asyncio.gather(*(directory.change(USER, ana.id, put(f"attribute{n}")) for n in range(16)))

        read = await directory.read(USER, ana.id)
        assert read is not None
        assert read.document == {"userName": "ana"} | {f"attribute{n}": f"attribute{n}" for n in range(16)}
