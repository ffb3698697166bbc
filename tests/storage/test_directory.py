"""What only the directory on Table Storage has to show: its limits, its rows, and how it suffers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from local.azurite import free_port
from scim.errors import TooLarge, Unavailable
from scim.store import Draft, Lookup, Member, MemberView, Stored
from storage import keys
from storage.check import check
from storage.directory import TABLE, TableDirectory
from storage.ids import unpack
from storage.record import CHUNK_UNITS, DOCUMENT_BYTES, GROUPS, INDEXED, group_columns
from storage.settings import Settings
from storage.tables import Patience, Tables, Write
from tests.storage.conftest import GROUP, USER, add, rename
from tests.storage.line import Died, Line, seed_users, wired
from tests.storage.stub import Stub
from tests.storage.test_crash import add_all, members_and_groups
from tests.storage.test_record import DOCUMENTS

HARD = [
    "ana_gmail.com#EXT#@contoso",
    "O'Brien",
    "a/b\\c?d%2F",
    "😀" * 40_000,
    "\0\x01\x7f\x85",
    "שלום",
    "\u2028\ufffe",
    "\ud800",
]


@pytest.mark.parametrize("value", HARD, ids=range(len(HARD)))
async def test_whatever_people_write_comes_back_untouched(on_tables: TableDirectory, value: str) -> None:
    created = await add(on_tables, f"x{value[:40]}", externalId=value[:40], note=value)

    assert await on_tables.read(USER, created.id) == created
    assert created.document["note"] == value
    assert [user.id for user in await on_tables.find(USER, [Lookup("externalId", value[:40])])] == [created.id]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DOCUMENTS)
async def test_any_document_comes_back_from_the_service(tables: Tables, tenant: str, document: dict[str, Any]) -> None:
    directory = TableDirectory(tables, tenant)
    document = {name: value for name, value in document.items() if name not in {"userName", "externalId", "emails"}}

    created = await directory.create(USER, Draft(document))

    read = await directory.read(USER, created.id)
    assert read is not None
    assert json.dumps(read.document) == json.dumps(document)


class TestLimits:
    @pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
    async def test_the_largest_document_is_held_and_a_larger_one_refused(self, on_tables: TableDirectory) -> None:
        room = (DOCUMENT_BYTES - 2 * len('{"userName":"ana","note":""}')) // 2
        user = await add(on_tables, "ana", note="ü" * room)
        assert room > 13 * CHUNK_UNITS

        with pytest.raises(TooLarge, match="901,120"):
            await on_tables.change(USER, user.id, lambda s: Draft({**s.document, "note": "ü" * (room + 1)}))
        with pytest.raises(TooLarge):
            await add(on_tables, "bob", note="ü" * (room + 1))

        assert await on_tables.read(USER, user.id) == user
        assert await on_tables.count(USER) == 1

    async def test_all_indexed_values_can_be_replaced_at_once(self, on_tables: TableDirectory) -> None:
        def emails(prefix: str) -> list[dict[str, str]]:
            return [{"value": f"{prefix}{n}@example.com"} for n in range(INDEXED)]

        user = await add(on_tables, "ana", emails=emails("a"))

        await on_tables.change(USER, user.id, lambda _: Draft({"userName": "anna", "emails": emails("b")}))

        found = [await on_tables.find(USER, [Lookup("emails.value", f"{c}44@EXAMPLE.com")]) for c in "ab"]
        assert [len(users) for users in found] == [0, 1]

    async def test_a_member_of_as_many_groups_as_there_can_be_is_refused(self, tables: Tables, tenant: str) -> None:
        directory = TableDirectory(tables, tenant)
        user, group = await add(directory, "ana"), await add(directory, "g", GROUP)
        full = group_columns([f"0190aaaa-0000-7000-8000-{n:012x}" for n in range(GROUPS)])
        await tables.table(TABLE).commit(tenant, [Write("merge", keys.resource("User", user.id), full)])

        with pytest.raises(TooLarge, match=user.id):
            await add_all(group.id, [user.id])(directory)

    async def test_a_resource_without_a_unique_value_is_counted_too(self, on_tables: TableDirectory) -> None:
        one, _ = await on_tables.create(USER, Draft({})), await on_tables.create(USER, Draft({}))
        await on_tables.change(USER, one.id, lambda _: Draft({"userName": "ana"}))

        assert await on_tables.count(USER) == 2


class TestEvents:
    async def events(self, tables: Tables, tenant: str) -> list[dict[str, Any]]:
        return [dict(row.values) async for row in tables.table(TABLE).rows(tenant, keys.EVENTS)]

    async def test_every_change_leaves_an_event_without_values(self, tables: Tables, tenant: str) -> None:
        directory = TableDirectory(tables, tenant)
        urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        user = await add(directory, "secret name")
        document = {"userName": "secret name", "title": "secret", urn: {"department": "secret"}}
        changed = await directory.change(USER, user.id, lambda _: Draft(document))
        await directory.change(USER, user.id, lambda _: None)
        group = await directory.create(GROUP, Draft({"displayName": "secret"}, [Member(user.id, "")]))
        await directory.delete(USER, user.id)

        assert changed is not None
        events = await self.events(tables, tenant)
        assert [(event["operation"], event["resourceType"], event["resourceId"]) for event in events] == [
            ("create", "User", user.id),
            ("change", "User", user.id),
            ("create", "Group", group.id),
            ("delete", "User", user.id),
        ]
        assert events[1]["version"] == changed.version
        assert json.loads(events[1]["attributes"]) == ["title", f"{urn}:department"]
        assert (unpack(events[2]["added"]), events[2]["addedCount"]) == ((user.id,), 1)
        assert "secret" not in str(events)

    async def test_an_event_of_many_members_names_some_and_counts_all(self, tables: Tables, tenant: str) -> None:
        ids = await seed_users(tables, tenant, 305)
        directory = TableDirectory(tables, tenant)

        await directory.create(GROUP, Draft({"displayName": "g"}, [Member(id, "User") for id in ids]))

        event = (await self.events(tables, tenant))[-1]
        assert (len(unpack(event["added"])), event["addedCount"]) == (300, 305)
        assert await check(tables, tenant) == []


class TestJournals:
    async def interrupted(self, settings: Settings, tables: Tables, tenant: str) -> tuple[list[str], Stored]:
        """Leave a change of 60 members with its first write done."""
        ids = await seed_users(tables, tenant, 60)
        group = await add(TableDirectory(tables, tenant), "g", GROUP)
        line = wired(settings, Line(dies_after=1))
        with pytest.raises(Died):
            await add_all(group.id, ids)(TableDirectory(line, tenant))
        await line.close()
        return ids, group

    async def test_a_tombstone_goes_after_a_minute(self, tables: Tables, tenant: str) -> None:
        now = [1_800_000_000.0]
        directory = TableDirectory(tables, tenant, clock=lambda: now[0])
        group = await add(directory, "g", GROUP)
        ids = await seed_users(tables, tenant, 60)
        await add_all(group.id, ids)(directory)

        async def tombstones() -> int:
            now[0] += 31
            await directory.read(GROUP, group.id)
            return len([row async for row in tables.table(TABLE).rows(tenant, keys.JOURNALS)])

        assert [await tombstones() for _ in range(3)] == [1, 0, 0]

    async def test_who_reads_beside_a_journal_that_is_done_meanwhile_reads_again(
        self, storage_settings: Settings, tables: Tables, tenant: str
    ) -> None:
        ids, group = await self.interrupted(storage_settings, tables, tenant)
        reader, healer = TableDirectory(tables, tenant), TableDirectory(tables, tenant)
        reads: list[tuple[str, ...]] = []

        async def user_then_pause() -> tuple[str, ...]:
            row = await reader._rows.get(keys.resource("User", ids[0]))
            assert row is not None
            reads.append(unpack(row.values.get("groups0") or b""))
            if len(reads) == 1:
                await healer.heal()
                reader_may_go_on.set()
            return reads[-1]

        async def read_journals_late() -> Any:
            await reader_may_go_on.wait()
            return await original()

        reader_may_go_on = asyncio.Event()
        original, reader._journals._read = reader._journals._read, read_journals_late

        groups, pending = await reader._journals.beside(user_then_pause)

        assert (groups, pending) == ((group.id,), ())
        assert reads == [(), (group.id,)]

    async def test_the_version_that_is_shown_before_a_step_is_the_one_after_it(
        self, storage_settings: Settings, tables: Tables, tenant: str
    ) -> None:
        ids, _ = await self.interrupted(storage_settings, tables, tenant)
        directory = TableDirectory(tables, tenant)

        before = (await directory._reader.take("User", ids[0], MemberView.NONE)).stored()
        await directory.heal()

        assert await directory.read(USER, ids[0]) == before

    async def test_a_group_that_names_a_journal_that_is_not_there_can_be_read_and_is_healed_by_a_change(
        self, tables: Tables, tenant: str
    ) -> None:
        directory = TableDirectory(tables, tenant)
        (user,), group = await seed_users(tables, tenant, 1), await add(directory, "g", GROUP)
        damage = Write("merge", keys.resource("Group", group.id), {"journal": user})
        await tables.table(TABLE).commit(tenant, [damage])

        assert await directory.read(GROUP, group.id, members=MemberView.ALL) == group
        await add_all(group.id, [user])(directory)

        assert await check(tables, tenant) == []

    async def test_a_member_that_was_deleted_before_its_step_is_not_shown(
        self, storage_settings: Settings, tables: Tables, tenant: str
    ) -> None:
        ids, group = await self.interrupted(storage_settings, tables, tenant)
        user = keys.resource("User", ids[0])
        await tables.table(TABLE).commit(
            tenant, [Write("delete", user), Write("delete", keys.claim("User", "User0", ids[0]))]
        )
        directory = TableDirectory(tables, tenant)

        stored = (await directory._reader.take("Group", group.id, MemberView.ALL)).stored()
        await directory.heal()

        assert stored is not None
        assert [member.id for member in stored.members] == ids[1:]
        assert await check(tables, tenant) == []
        inside, _ = await members_and_groups(directory)
        assert inside == {group.id: set(ids[1:])}


OPERATIONS: dict[str, Callable[[TableDirectory, Stored, Stored], Awaitable[Any]]] = {
    "create": lambda d, _u, _g: add(d, "bob"),
    "read": lambda d, _, g: d.read(GROUP, g.id, members=MemberView.ALL),
    "change": lambda d, u, _: d.change(USER, u.id, rename("x")),
    "add a member": lambda d, u, g: add_all(g.id, [u.id])(d),
    "delete": lambda d, u, _: d.delete(USER, u.id),
    "find": lambda d, _u, _g: d.find(USER, [Lookup("userName", "ana")]),
    "scan": lambda d, _u, _g: anext(d.scan(USER)),
    "skip": lambda d, _u, _g: d.skip(USER, 1),
    "count": lambda d, _u, _g: d.count(USER),
}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_without_its_tables_the_directory_is_unavailable_and_stays_as_it_was(
    tables: Tables, tenant: str, operation: str
) -> None:
    directory = TableDirectory(tables, tenant)
    user, group = await add(directory, "ana"), await add(directory, "g", GROUP)
    closed = Tables(Stub([], port=free_port()).settings, patience=Patience(attempts=0.2))

    with pytest.raises(Unavailable) as caught:
        await OPERATIONS[operation](TableDirectory(closed, tenant), user, group)

    await closed.close()
    assert "Retry-After" in caught.value.headers
    assert await directory.read(USER, user.id) == user
    assert await directory.read(GROUP, group.id) == group


async def test_tenants_do_not_see_each_other(tables: Tables) -> None:
    one, other = TableDirectory(tables, "one"), TableDirectory(tables, "one-two")
    ana, _ = await add(one, "ana"), await add(other, "ana")

    assert await other.read(USER, ana.id) is None
    assert not await other.delete(USER, ana.id)
    assert (await one.count(USER), await other.count(USER)) == (1, 1)
    assert [user.id for user in await one.find(USER, [Lookup("userName", "ana")])] == [ana.id]


async def test_a_group_of_sixty_can_be_replaced_by_another_sixty(tables: Tables, tenant: str) -> None:
    ids = await seed_users(tables, tenant, 120)
    directory = TableDirectory(tables, tenant)
    group = await directory.create(GROUP, Draft({"displayName": "g"}, [Member(id, "User") for id in ids[:60]]))

    def replace(stored: Stored) -> Draft:
        assert len(stored.members) == 60
        return Draft(stored.document, [Member(id, "") for id in ids[60:]])

    changed = await directory.change(GROUP, group.id, replace, members=MemberView.ALL)

    assert changed is not None
    assert [member.id for member in changed.members] == ids[60:]
    assert await directory.read(GROUP, group.id, members=MemberView.ALL) == changed
    assert await check(tables, tenant) == []
