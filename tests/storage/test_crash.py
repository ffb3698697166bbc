"""A process that dies after any write, and an answer lost on the way: all or nothing, and the next one heals."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from local.azurite import Azurite
from scim.store import Draft, Member, MemberView, Stored
from storage import keys, walk
from storage.check import Finding, check
from storage.directory import TableDirectory
from storage.journal import members_seen, seen
from storage.record import Record, decode
from storage.settings import Settings
from storage.tables import Span, Tables
from tests.storage.conftest import GROUP, USER, add
from tests.storage.line import Died, Line, seed_groups, seed_users, wired

MEMBERS, GROUPS = 300, 150


async def mended(tables: Tables, tenant: str) -> list[Finding]:
    """Return what is broken once the repair that a request began has ended: after five seconds it goes on by itself."""
    for _ in range(60):
        findings = await check(tables, tenant)
        if not any(finding.problem == "journal left over" for finding in findings):
            break
        await asyncio.sleep(0.5)
    return findings


async def members_and_groups(directory: TableDirectory) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return who is in each group, and where each user is, as readers see it while nobody repairs anything."""
    rows, journals = directory._rows, directory._journals
    edges, found = await journals.beside(lambda: rows.all(Span.prefix("m|")))
    groups = await records(directory, "Group")
    inside = {}
    for group in groups:
        held = [Member(keys.last(row.key), "User") for row in edges if row.key.startswith(f"m|{group.id}|")]
        inside[group.id] = set(members_seen(group, held, found))
    users = await records(directory, "User")
    return inside, {user.id: set(user.groups) for user in users}


async def records(directory: TableDirectory, type: str) -> list[Record]:
    """Return all resources of a type as readers see them."""
    (rows, _), journals = await directory._journals.beside(lambda: walk.stretch(directory._rows, type, "", 999))
    return [record for row in rows if (record := seen(decode(row), journals))]


def turned(relation: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return a relation the other way round."""
    back: dict[str, set[str]] = {}
    for one, others in relation.items():
        for other in others:
            back.setdefault(other, set()).add(one)
    return back


def present(relation: dict[str, set[str]]) -> dict[str, set[str]]:
    return {one: others for one, others in relation.items() if others}


def add_all(group: str, ids: list[str]) -> Callable[[TableDirectory], Awaitable[object]]:
    """Return the request that adds the users to the group."""

    def decide(stored: Stored) -> Draft:
        return Draft({**stored.document, "externalId": "done"}, [Member(id, "User") for id in ids])

    return lambda directory: directory.change(GROUP, group, decide, members=ids)


async def run(settings: Settings, tenant: str, line: Line, act: Callable[[TableDirectory], Awaitable[object]]) -> bool:
    """Do a request over a line, and tell whether its process lived to the end."""
    tables = wired(settings, line)
    try:
        await act(TableDirectory(tables, tenant))
    except Died:
        return False
    finally:
        await tables.close()
    return True


@pytest.mark.parametrize("writes", range(11))
async def test_adding_300_members_happens_entirely_or_not_at_all(
    storage_settings: Settings, tables: Tables, tenant: str, writes: int
) -> None:
    ids = await seed_users(tables, tenant, MEMBERS)
    group = await add(TableDirectory(tables, tenant), "g", GROUP)

    lived = await run(storage_settings, tenant, Line(dies_after=writes), add_all(group.id, ids))

    after = TableDirectory(tables, tenant)
    inside, outside = await members_and_groups(after)
    assert inside[group.id] == (set() if writes == 0 else set(ids))
    assert present(outside) == turned(inside)
    read = await after.read(GROUP, group.id)
    assert read is not None
    assert read.document.get("externalId") == (None if writes == 0 else "done")
    assert await mended(tables, tenant) == []
    assert await members_and_groups(after) == (inside, outside)
    assert lived == (writes == 10), "the last case is one write more than there are"


@pytest.mark.parametrize("writes", range(8))
async def test_deleting_a_user_of_150_groups_happens_entirely_or_not_at_all(
    storage_settings: Settings, tables: Tables, tenant: str, writes: int
) -> None:
    ana, bob = await seed_users(tables, tenant, 2)
    groups = await seed_groups(tables, tenant, ana, GROUPS)
    await add_all(groups[7], [bob])(TableDirectory(tables, tenant))
    assert await mended(tables, tenant) == []

    lived = await run(storage_settings, tenant, Line(dies_after=writes), lambda d: d.delete(USER, ana))

    after = TableDirectory(tables, tenant)
    inside, outside = await members_and_groups(after)
    assert [group for group in groups if ana in inside[group]] == ([] if writes else groups)
    assert outside == {bob: {groups[7]}} | ({} if writes else {ana: set(groups)})
    assert (await after.read(USER, ana) is None) == bool(writes)
    assert await mended(tables, tenant) == []
    assert await members_and_groups(after) == (inside, outside)
    assert lived == (writes == 7), "the last case is one write more than there are"


@pytest.mark.parametrize("writes", [1, 2, 3, 40])
async def test_deleting_a_group_of_120_happens_entirely_or_not_at_all(
    storage_settings: Settings, tables: Tables, tenant: str, writes: int
) -> None:
    ids = await seed_users(tables, tenant, 120)
    directory = TableDirectory(tables, tenant)
    group = await directory.create(GROUP, Draft({"displayName": "g"}, [Member(id, "User") for id in ids]))
    outer = await directory.create(GROUP, Draft({"displayName": "outer"}, [Member(group.id, "Group")]))

    await run(storage_settings, tenant, Line(dies_after=writes), lambda d: d.delete(GROUP, group.id))

    after = TableDirectory(tables, tenant)
    inside, outside = await members_and_groups(after)
    assert inside == {outer.id: set()}
    assert present(outside) == {}
    for id in ids:  # whichever the dead process had not come to begins the repair
        assert await after.read(USER, id) is not None
    assert await mended(tables, tenant) == []


@pytest.mark.parametrize("touch", ["a member", "a stranger's list", "a new member", "the timer"])
async def test_whoever_comes_next_heals(storage_settings: Settings, tables: Tables, tenant: str, touch: str) -> None:
    ids = await seed_users(tables, tenant, 61)
    group = await add(TableDirectory(tables, tenant), "g", GROUP)
    await run(storage_settings, tenant, Line(dies_after=1), add_all(group.id, ids[:60]))
    after = TableDirectory(tables, tenant)

    match touch:
        case "a member":
            await after.read(USER, ids[59])
        case "a stranger's list":
            assert [page async for page in after.scan(USER)]
        case "a new member":
            await add_all(group.id, ids[60:])(after)
        case "the timer":
            assert await after.heal() == 1

    assert await mended(tables, tenant) == []
    read = await after.read(GROUP, group.id, members=MemberView.ALL)
    assert read is not None
    assert len(read.members) == 60 + (touch == "a new member")


@pytest.mark.parametrize("writes", [1, 5])
async def test_a_killed_process_leaves_nothing_half_done(
    azurite: Azurite, tables: Tables, tenant: str, writes: int
) -> None:
    ids = await seed_users(tables, tenant, MEMBERS)
    group = await add(TableDirectory(tables, tenant), "g", GROUP)

    victim = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.storage.victim", tenant, group.id, str(writes)),
        stdin=subprocess.PIPE,
        env={**os.environ, "STORAGE_CONNECTION_STRING": azurite.connection_string},
    )
    await victim.communicate("\n".join(ids).encode())

    assert victim.returncode == -signal.SIGKILL
    after = TableDirectory(tables, tenant)
    read = await after.read(GROUP, group.id, members=MemberView.ALL)
    assert read is not None
    assert {member.id for member in read.members} == set(ids)
    assert await mended(tables, tenant) == []


class TestLostAnswers:
    """The write was done, but nobody said so: what is answered must still be the truth."""

    @pytest.mark.parametrize("members", [0, 3, 60])
    async def test_a_created_resource_is_created(
        self, storage_settings: Settings, tables: Tables, tenant: str, members: int
    ) -> None:
        ids = await seed_users(tables, tenant, members)
        draft = Draft({"displayName": "g"}, [Member(id, "User") for id in ids])

        assert await run(storage_settings, tenant, Line(loses=1), lambda d: d.create(GROUP, draft))

        directory = TableDirectory(tables, tenant)
        (group,) = [group async for page in directory.scan(GROUP, members=MemberView.ALL) for group in page.resources]
        assert [member.id for member in group.members] == ids
        assert await mended(tables, tenant) == []

    @pytest.mark.parametrize(("members", "loses"), [(0, 1), (3, 1), (60, 1), (60, 2), (60, 3), (60, 4)])
    async def test_a_change_is_done_once_and_not_refused(
        self, storage_settings: Settings, tables: Tables, tenant: str, members: int, loses: int
    ) -> None:
        ids = await seed_users(tables, tenant, members)
        group = await add(TableDirectory(tables, tenant), "g", GROUP)
        decided: list[str] = []

        def decide(stored: Stored) -> Draft:
            decided.append(stored.version)
            return Draft({"displayName": "h"}, [Member(id, "") for id in ids])

        await run(storage_settings, tenant, Line(loses=loses), lambda d: d.change(GROUP, group.id, decide, members=ids))

        read = await TableDirectory(tables, tenant).read(GROUP, group.id, members=MemberView.ALL)
        assert read is not None
        assert (read.document, [member.id for member in read.members]) == ({"displayName": "h"}, ids)
        assert decided == [group.version]
        assert await mended(tables, tenant) == []

    async def test_a_deleted_user_was_there_to_be_deleted(
        self, storage_settings: Settings, tables: Tables, tenant: str
    ) -> None:
        (ana,) = await seed_users(tables, tenant, 1)
        answers: list[bool] = []

        async def delete(directory: TableDirectory) -> None:
            answers.append(await directory.delete(USER, ana))

        await run(storage_settings, tenant, Line(loses=1), delete)

        assert answers == [True]
        assert await mended(tables, tenant) == []
