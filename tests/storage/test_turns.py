"""Changes that meet in one process: they wait for each other and lose no race, whoever they have in common."""

import asyncio

from storage.directory import TableDirectory
from storage.meter import metered
from tests.storage.conftest import GROUP, USER, add, group_of, groups, rename, with_members

ADDITION, CHANGE = 4, 3  # storage calls of one that meets nobody


async def test_who_joins_many_groups_at_once_is_changed_once_for_each(on_tables: TableDirectory) -> None:
    ana = await add(on_tables, "ana")
    teams = [await group_of(on_tables, f"team {n}") for n in range(8)]
    joins = [on_tables.change(GROUP, team.id, with_members(ana.id), members=[ana.id]) for team in teams]

    with metered() as meter:
        await asyncio.gather(*joins, on_tables.change(USER, ana.id, rename("Ana")))

    assert meter.calls == len(teams) * ADDITION + CHANGE
    assert await groups(on_tables, ana) == sorted(team.id for team in teams)


async def test_groups_that_join_each_other_at_once_do_not_wait_for_ever(on_tables: TableDirectory) -> None:
    circle = [await group_of(on_tables, f"team {n}") for n in range(6)]
    pairs = [(one, other) for one in circle for other in circle if one is not other]
    await asyncio.gather(*(on_tables.change(GROUP, a.id, with_members(b.id), members=[b.id]) for a, b in pairs))

    for team in circle:
        read = await on_tables.read(GROUP, team.id)
        assert read is not None
        assert len(read.groups) == len(circle) - 1
