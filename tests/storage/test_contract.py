"""The contract of the port (scim/store.py), checked on every implementation of it: one resource at a time."""

import asyncio
from collections.abc import Callable

import pytest

from scim.errors import InvalidValue, PreconditionFailed, Uniqueness
from scim.store import Directory, Draft, Lookup, Member, MemberView, Stored
from storage.ids import is_id
from tests.storage.conftest import GROUP, USER, add, group_of, groups, members, rename, with_members

ABSENT = "0190aaaa-0000-7000-8000-000000000000"


class TestCreate:
    async def test_what_was_created_is_read_back_as_it_was_returned(self, directory: Directory) -> None:
        document = {"userName": "ana_gmail.com#EXT#@contoso", "emails": [{"value": "a@b.c", "primary": True}]}

        created = await directory.create(USER, Draft(document))

        assert created.document == document
        assert is_id(created.id)
        assert created.created == created.last_modified
        assert await directory.read(USER, created.id) == created

    async def test_a_type_does_not_show_under_another(self, directory: Directory) -> None:
        user = await add(directory, "ana")

        assert await directory.read(GROUP, user.id) is None

    @pytest.mark.parametrize("second", ["ana", "ANA", "Ana"])
    async def test_a_unique_value_is_taken_whatever_its_case(self, directory: Directory, second: str) -> None:
        await add(directory, "ana")

        with pytest.raises(Uniqueness, match=f"userName '{second}'"):
            await add(directory, second)

        assert await directory.count(USER) == 1

    async def test_a_user_and_a_group_may_share_a_name(self, directory: Directory) -> None:
        await add(directory, "ana")
        await add(directory, "ana", GROUP)

        assert (await directory.count(USER), await directory.count(GROUP)) == (1, 1)

    async def test_of_eight_that_create_one_name_one_succeeds(self, directory: Directory) -> None:
        results = await asyncio.gather(*(add(directory, "ana") for _ in range(8)), return_exceptions=True)

        assert sorted(type(result).__name__ for result in results) == ["Stored"] + ["Uniqueness"] * 7

    async def test_ids_rise_with_creation(self, directory: Directory) -> None:
        ids = [(await add(directory, f"user{n}")).id for n in range(5)]

        assert ids == sorted(ids)

    @pytest.mark.parametrize("id", [ABSENT, "nobody", "", "a/b#c?d\\e", "x" * 2000, ABSENT.upper()])
    async def test_a_member_that_does_not_exist_is_refused_by_its_id(self, directory: Directory, id: str) -> None:
        with pytest.raises(InvalidValue, match=f"'{id[:5].replace('?', '.')}".replace("\\", ".")):
            await directory.create(GROUP, Draft({"displayName": "g"}, [Member(id, "")]))

        assert await directory.count(GROUP) == 0

    async def test_a_member_of_another_type_than_was_said_is_refused(self, directory: Directory) -> None:
        user = await add(directory, "ana")

        with pytest.raises(InvalidValue):
            await directory.create(GROUP, Draft({"displayName": "g"}, [Member(user.id, "Group")]))


class TestChange:
    async def test_a_change_gives_a_new_version_and_a_later_time(self, directory: Directory) -> None:
        before = await add(directory, "ana")

        after = await directory.change(USER, before.id, rename("Ana"))

        assert after is not None
        assert after.document == {"userName": "ana", "displayName": "Ana"}
        assert after.version != before.version
        assert (after.created, after.last_modified >= before.last_modified) == (before.created, True)
        assert await directory.read(USER, before.id) == after

    async def test_what_does_not_exist_cannot_be_changed(self, directory: Directory) -> None:
        assert await directory.change(USER, ABSENT, rename("x")) is None
        assert await directory.change(USER, "no id/at all#", rename("x")) is None

    @pytest.mark.parametrize("decide", [lambda _: None, lambda stored: Draft(dict(stored.document))])
    async def test_deciding_nothing_changes_nothing(
        self, directory: Directory, decide: Callable[[Stored], Draft | None]
    ) -> None:
        before = await add(directory, "ana", active=True)

        assert await directory.change(USER, before.id, decide) == before
        assert await directory.read(USER, before.id) == before

    async def test_true_and_1_are_different_values(self, directory: Directory) -> None:
        before = await add(directory, "ana", active=True)

        after = await directory.change(USER, before.id, lambda stored: Draft({**stored.document, "active": 1}))

        assert after is not None
        assert after.version != before.version
        assert after.document["active"] is not True

    async def test_what_decide_raises_passes_through_and_changes_nothing(self, directory: Directory) -> None:
        before = await add(directory, "ana")

        def refuse(_: Stored) -> Draft:
            raise PreconditionFailed("no")

        with pytest.raises(PreconditionFailed):
            await directory.change(USER, before.id, refuse)

        assert await directory.read(USER, before.id) == before

    async def test_a_taken_value_cannot_be_taken_by_a_change(self, directory: Directory) -> None:
        await add(directory, "ana")
        bob = await add(directory, "bob")

        with pytest.raises(Uniqueness, match="userName 'Ana'"):
            await directory.change(USER, bob.id, lambda _: Draft({"userName": "Ana"}))

        assert await directory.read(USER, bob.id) == bob

    async def test_a_name_that_was_changed_is_free_at_once(self, directory: Directory) -> None:
        ana = await add(directory, "ana")
        await directory.change(USER, ana.id, lambda _: Draft({"userName": "anna"}))

        await add(directory, "ana")

        assert [user.id for user in await directory.find(USER, [Lookup("userName", "ANNA")])] == [ana.id]

    async def test_the_case_of_a_unique_value_can_be_changed(self, directory: Directory) -> None:
        ana = await add(directory, "ana")

        after = await directory.change(USER, ana.id, lambda _: Draft({"userName": "Ana"}))

        assert after is not None
        assert after.document["userName"] == "Ana"

    async def test_of_eight_that_insist_on_one_version_one_succeeds(self, directory: Directory) -> None:
        ana = await add(directory, "ana")

        def insist(name: str) -> Callable[[Stored], Draft]:
            def decide(stored: Stored) -> Draft:
                if stored.version != ana.version:
                    raise PreconditionFailed("changed")
                return Draft({**stored.document, "displayName": name})

            return decide

        calls = (directory.change(USER, ana.id, insist(f"name {n}")) for n in range(8))
        results = await asyncio.gather(*calls, return_exceptions=True)

        assert sorted(type(result).__name__ for result in results) == ["PreconditionFailed"] * 7 + ["Stored"]


class TestDelete:
    async def test_what_was_deleted_is_gone_and_its_name_free(self, directory: Directory) -> None:
        ana = await add(directory, "ana")

        assert await directory.delete(USER, ana.id)

        assert await directory.read(USER, ana.id) is None
        assert not await directory.delete(USER, ana.id)
        assert (await add(directory, "ana")).id != ana.id

    async def test_a_refusal_leaves_it(self, directory: Directory) -> None:
        ana = await add(directory, "ana")

        def refuse(_: Stored) -> None:
            raise PreconditionFailed("no")

        with pytest.raises(PreconditionFailed):
            await directory.delete(USER, ana.id, refuse)

        assert await directory.read(USER, ana.id) == ana

    async def test_a_deleted_user_leaves_its_groups_and_renews_them(self, directory: Directory) -> None:
        ana, bob = await add(directory, "ana"), await add(directory, "bob")
        group = await group_of(directory, "g", ana, bob)

        await directory.delete(USER, ana.id)

        read = await directory.read(GROUP, group.id, members=MemberView.ALL)
        assert read is not None
        assert [member.id for member in read.members] == [bob.id]
        assert read.version != group.version

    async def test_a_deleted_group_leaves_its_members_and_its_groups(self, directory: Directory) -> None:
        ana = await add(directory, "ana")
        inner = await group_of(directory, "inner", ana)
        outer = await group_of(directory, "outer", inner)

        await directory.delete(GROUP, inner.id)

        assert await groups(directory, ana) == []
        assert await members(directory, outer) == []

    async def test_groups_that_are_members_of_each_other_can_be_deleted(self, directory: Directory) -> None:
        one, other = await group_of(directory, "one"), await group_of(directory, "other")
        for group, member in ((one, other), (other, one)):
            await directory.change(GROUP, group.id, with_members(member.id), members=[member.id])

        await directory.delete(GROUP, one.id)

        read = await directory.read(GROUP, other.id, members=MemberView.ALL)
        assert read is not None
        assert (read.members, read.groups) == ((), ())
