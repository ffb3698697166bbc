"""The contract of the port (scim/store.py), checked on every implementation of it."""

import asyncio
from collections.abc import Callable

import pytest

from scim.errors import InvalidCursor, InvalidValue, PreconditionFailed, Uniqueness
from scim.store import Directory, Draft, Lookup, Member, MemberView, Stored
from storage.ids import is_id
from tests.storage.conftest import GROUP, USER, add, rename

ABSENT = "0190aaaa-0000-7000-8000-000000000000"


def with_members(*ids: str) -> Callable[[Stored], Draft]:
    """Return a decision that makes these the members within the view."""
    return lambda stored: Draft(stored.document, [Member(id, "") for id in ids])


async def group_of(directory: Directory, name: str, *members: Stored) -> Stored:
    return await directory.create(GROUP, Draft({"displayName": name}, [Member(m.id, m.type) for m in members]))


async def members(directory: Directory, group: Stored) -> list[str]:
    read = await directory.read(GROUP, group.id, members=MemberView.ALL)
    assert read is not None
    return [member.id for member in read.members]


async def groups(directory: Directory, user: Stored) -> list[str]:
    read = await directory.read(USER, user.id)
    assert read is not None
    return list(read.groups)


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


class TestFind:
    async def test_values_are_compared_folded(self, directory: Directory) -> None:
        strasse = await add(directory, "STRASSE", externalId="Ext1", emails=[{"value": "A@b.c"}, {"value": "d@e.f"}])

        for lookup in (
            Lookup("userName", "straße"),
            Lookup("externalId", "EXT1"),
            Lookup("emails.value", "a@B.C"),
            Lookup("emails.value", "D@e.f"),
            Lookup("id", strasse.id),
        ):
            assert await directory.find(USER, [lookup]) == [strasse], lookup

    @pytest.mark.parametrize("path", ["userName", "externalId", "emails.value", "id"])
    @pytest.mark.parametrize("value", ["nobody", "", "a'b/c#d?e\\f", "\0", "\ud800", ABSENT])
    async def test_what_nobody_has_is_not_found(self, directory: Directory, path: str, value: str) -> None:
        assert await directory.find(USER, [Lookup(path, value)]) == []

    async def test_any_of_several_is_found_once_in_creation_order(self, directory: Directory) -> None:
        ana = await add(directory, "ana", externalId="same")
        bob = await add(directory, "bob", externalId="same")

        found = await directory.find(USER, [Lookup("userName", "bob"), Lookup("externalId", "same")])

        assert [user.id for user in found] == [ana.id, bob.id]

    async def test_groups_are_found_by_a_member(self, directory: Directory) -> None:
        ana, bob = await add(directory, "ana"), await add(directory, "bob")
        one, other = await group_of(directory, "one", ana), await group_of(directory, "other", ana, bob)

        found = await directory.find(GROUP, [Lookup("members.value", ana.id)], members=MemberView.ALL)

        assert [group.id for group in found] == [one.id, other.id]
        assert [len(group.members) for group in found] == [1, 2]
        assert await directory.find(GROUP, [Lookup("members.value", "nobody")]) == []

    async def test_look_ups_follow_the_document(self, directory: Directory) -> None:
        ana = await add(directory, "ana", externalId="old", emails=[{"value": "keep"}, {"value": "drop"}])
        document = {"userName": "ana", "externalId": "new", "emails": [{"value": "keep"}]}

        await directory.change(USER, ana.id, lambda _: Draft(document))

        found = {
            value: len(await directory.find(USER, [Lookup(path, value)]))
            for path, value in (
                ("externalId", "old"),
                ("externalId", "new"),
                ("emails.value", "keep"),
                ("emails.value", "drop"),
            )
        }
        assert found == {"old": 0, "new": 1, "keep": 1, "drop": 0}


class TestWalk:
    @pytest.mark.parametrize("size", [1, 3, 7, 8, 1000])
    async def test_a_scan_shows_each_once_in_creation_order(self, directory: Directory, size: int) -> None:
        ids = [(await add(directory, f"user{n}")).id for n in range(7)]
        await add(directory, "a group", GROUP)

        pages = [page async for page in directory.scan(USER, size=size)]

        assert [user.id for page in pages for user in page.resources] == ids
        assert [len(page.resources) for page in pages[:-1]] == [size] * (len(pages) - 1)
        assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]

    @pytest.mark.parametrize("after", ["abc", "0190AAAA-0000-7000-8000-000000000000", "a|b"])
    async def test_a_scan_behind_what_is_no_id_is_refused(self, directory: Directory, after: str) -> None:
        with pytest.raises(InvalidCursor):
            await anext(directory.scan(USER, after=after))
        with pytest.raises(InvalidCursor):
            await directory.skip(USER, 1, after=after)

    async def test_a_scan_goes_on_behind_an_id_that_is_gone(self, directory: Directory) -> None:
        ids = [(await add(directory, f"user{n}")).id for n in range(4)]
        await directory.delete(USER, ids[1])

        pages = [page async for page in directory.scan(USER, after=ids[1])]

        assert [user.id for page in pages for user in page.resources] == ids[2:]

    async def test_an_empty_directory_is_one_empty_page(self, directory: Directory) -> None:
        assert [(page.resources, page.more) async for page in directory.scan(USER)] == [((), False)]

    async def test_skip_leads_to_the_id_behind_which_to_go_on(self, directory: Directory) -> None:
        ids = [(await add(directory, f"user{n}")).id for n in range(5)]

        assert await directory.skip(USER, 3) == ids[2]
        assert await directory.skip(USER, 2, after=ids[2]) == ids[4]
        assert await directory.skip(USER, 6) is None
        assert await directory.skip(USER, 1, after=ids[4]) is None

    async def test_counting_follows_every_change(self, directory: Directory) -> None:
        ids = [(await add(directory, f"user{n}")).id for n in range(3)]
        await directory.change(USER, ids[0], lambda _: Draft({"userName": "renamed"}))
        await directory.delete(USER, ids[1])

        assert await directory.count(USER) == 2

    async def test_a_scan_of_groups_shows_members_as_asked(self, directory: Directory) -> None:
        ana, bob = await add(directory, "ana"), await add(directory, "bob")
        await group_of(directory, "g", ana, bob)
        views = {MemberView.NONE: 0, MemberView.ALL: 2, (ana.id,): 1}

        for view, expected in views.items():
            pages = [page async for page in directory.scan(GROUP, members=view)]
            assert [len(group.members) for page in pages for group in page.resources] == [expected]


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
