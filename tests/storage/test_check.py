"""Every broken invariant is found, and nothing else."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from subprocess import PIPE
from typing import Any

import pytest

from local.azurite import Azurite, free_port
from scim.store import Draft, Member, Stored
from storage import keys
from storage.check import Checked, Finding, check, check_slice, tenants
from storage.directory import TABLE, TableDirectory
from storage.journal import Membership, rows_of
from storage.meter import metered
from storage.record import group_columns
from storage.tables import Tables, Write
from tests.storage.conftest import GROUP, USER
from tests.storage.line import seed_users

ABSENT = "0190aaaa-0000-7000-8000-000000000000"
Damage = Callable[[Stored, Stored], list[Write]]


async def whole(tables: Tables, tenant: str) -> tuple[Stored, Stored]:
    """Make a tenant with a user who is in a group."""
    directory = TableDirectory(tables, tenant)
    user = await directory.create(USER, Draft({"userName": "ana", "externalId": "x"}))
    group = await directory.create(GROUP, Draft({"displayName": "g"}, [Member(user.id, "User")]))
    return user, group


def claim(user: Stored, value: str = "ana") -> str:
    return keys.claim("User", value, user.id)


def look_up(user: Stored, value: str = "x") -> str:
    return keys.lookup("User", "externalId", value, user.id)


def membership(user: Stored, group: Stored) -> str:
    return keys.edge(group.id, user.id)


def row(user: Stored, **values: Any) -> list[Write]:
    return [Write("merge", keys.resource("User", user.id), values)]


DAMAGES: list[tuple[Damage, str]] = [
    (lambda u, _: [Write("delete", claim(u))], "resource without its claim"),
    (lambda u, _: [Write("merge", claim(u), {"id": ABSENT})], "claim without a resource"),
    (
        lambda u, _: [Write("insert", keys.claim("User", "bob", ""), {"id": u.id})],
        "claim that its resource does not hold",
    ),
    (lambda u, _: [Write("delete", look_up(u))], "resource without its look-up"),
    (lambda u, _: [Write("insert", look_up(u, "y"))], "look-up that its resource does not hold"),
    (lambda _u, _g: [Write("insert", keys.lookup("User", "externalId", "y", ABSENT))], "look-up without a resource"),
    (lambda u, _: row(u, document0='{"userName":"bob"}'), "index that disagrees with the document"),
    (lambda u, _: row(u, version=""), "resource without a version"),
    (lambda u, _: row(u, type="Group"), "resource under the key of another type"),
    (lambda u, _: row(u, type="Thing"), "row that cannot be read"),
    (lambda u, _: row(u, document0="{"), "row that cannot be read"),
    (lambda u, _: row(u, groups0=b"short"), "row that cannot be read"),
    (lambda u, _: row(u, journal=ABSENT), "resource with a journal under way"),
    (lambda u, g: [Write("delete", membership(u, g))], "group listed by a resource that is no member of it"),
    (lambda u, _: row(u, **group_columns([], before=1)), "member that does not list the group"),
    (lambda u, _: row(u, **group_columns([ABSENT])), "group listed by a resource that is no member of it"),
    (lambda u, g: [Write("put", membership(u, g), {"type": "Group"})], "membership with the wrong type"),
    (lambda u, g: [Write("insert", f"m|{g.id}|zz|{u.id}", {"type": "User"})], "membership under the wrong key"),
    (lambda _, g: [Write("insert", keys.edge(g.id, ABSENT), {"type": "User"})], "member that does not exist"),
    (
        lambda u, _: [Write("insert", keys.edge(ABSENT, u.id), {"type": "User"})],
        "membership of a group that does not exist",
    ),
    (lambda _u, _g: [Write("insert", keys.event(ABSENT), {})], "row that cannot be read"),
    (lambda _, g: rows_of(Membership(ABSENT, g.id, "t", {}, {})), "journal left over"),
    (lambda _u, _g: [Write("insert", "z|1")], "row of no known kind"),
]


async def test_what_the_directory_makes_is_whole(tables: Tables, tenant: str) -> None:
    user, group = await whole(tables, tenant)
    assert await check(tables, tenant) == []

    directory = TableDirectory(tables, tenant)
    await directory.delete(GROUP, group.id)
    await directory.delete(USER, user.id)
    assert await check(tables, tenant) == []


@pytest.mark.parametrize(("damage", "problem"), DAMAGES, ids=[problem for _, problem in DAMAGES])
async def test_a_broken_invariant_is_found(tables: Tables, tenant: str, damage: Damage, problem: str) -> None:
    user, group = await whole(tables, tenant)

    await tables.table(TABLE).commit(tenant, damage(user, group))

    found = await check(tables, tenant)
    assert problem in {finding.problem for finding in found}
    for size in (1, 2, 100):
        sliced = await by_slices(tables, tenant, size)
        assert problem in {finding.problem for finding in sliced}
        assert sliced == found or problem == "row that cannot be read"


async def by_slices(tables: Tables, tenant: str, size: int) -> list[Finding]:
    """Check a tenant slice by slice."""
    found: list[Finding] = []
    last: str | None = ""
    while last is not None:
        checked = await check_slice(tables, tenant, last, size)
        assert checked.rows <= size
        found += checked.findings
        last = checked.last
    return sorted(found)


async def test_a_slice_costs_the_same_in_a_large_tenant(tables: Tables, tenant: str) -> None:
    await whole(tables, tenant)
    await seed_users(tables, tenant, 300)

    with metered() as meter:
        checked = await check_slice(tables, tenant, size=10)

    assert checked == Checked([], 10, checked.last)
    assert meter.calls < 40
    assert await by_slices(tables, tenant, 100) == []


async def test_a_tombstone_is_not_left_over(tables: Tables, tenant: str) -> None:
    await tables.table(TABLE).commit(tenant, [Write("insert", keys.tombstone(ABSENT), {"kind": "done", "time": "t"})])

    assert await check(tables, tenant) == []


async def test_one_tenants_damage_is_not_anothers(tables: Tables, tenant: str) -> None:
    await whole(tables, tenant)
    await tables.table(TABLE).commit(f"{tenant}-other", [Write("insert", "z|1")])

    assert await check(tables, tenant) == []
    assert await tenants(tables) == [tenant, f"{tenant}-other"]


async def command(connection_string: str, *arguments: str) -> tuple[int | None, str, str]:
    """Run the command line, and return its exit status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "storage.check", *arguments),
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "STORAGE_CONNECTION_STRING": connection_string},
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_the_command_line_tells_whole_from_broken(azurite: Azurite, tables: Tables, tenant: str) -> None:
    await whole(tables, tenant)
    assert await command(azurite.connection_string) == (0, f"{tenant}: whole\n", "")

    await tables.table(TABLE).commit(tenant, [Write("insert", "z|1")])

    status, out, _ = await command(azurite.connection_string, "--tenant", tenant)
    assert (status, out) == (1, f"{tenant}: 1 broken\n  row of no known kind  z|1\n")
    status, out, _ = await command(azurite.connection_string, "--json")
    assert status == 1
    assert json.loads(out) == {tenant: [{"problem": "row of no known kind", "key": "z|1", "detail": ""}]}


@pytest.mark.parametrize("settings", ["", "nowhere"])
async def test_the_command_line_says_in_a_sentence_what_is_missing(settings: str) -> None:
    status, out, err = await command(Azurite(free_port()).connection_string if settings else "")

    assert (status, out) == (2, "")
    assert err.startswith("could not look: ")
    assert "Traceback" not in err
