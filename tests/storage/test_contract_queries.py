"""The contract of the port (scim/store.py), checked on every implementation of it: look-ups and walks."""

import pytest

from scim.errors import InvalidCursor
from scim.store import Directory, Draft, Lookup, MemberView
from tests.storage.conftest import GROUP, USER, add, group_of

ABSENT = "0190aaaa-0000-7000-8000-000000000000"


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
