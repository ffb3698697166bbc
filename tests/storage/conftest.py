"""The directories that the contract is checked on: in memory, and on Table Storage."""

import itertools
import secrets
import time
from collections.abc import AsyncIterator, Callable

import pytest

from scim.schema import ResourceType, resource_types
from scim.store import Directory, Draft, Member, MemberView, Stored
from storage.check import check
from storage.directory import TableDirectory
from storage.ids import Mint
from storage.memory import MemoryDirectory
from storage.tables import Tables

USER, GROUP = resource_types()["User"], resource_types()["Group"]


@pytest.fixture
async def on_tables(tables: Tables, tenant: str) -> AsyncIterator[TableDirectory]:
    """A directory on Table Storage, in which no invariant is broken when the test ends."""
    yield TableDirectory(tables, tenant)
    assert await check(tables, tenant) == []


@pytest.fixture(params=["memory", "tables"])
def directory(request: pytest.FixtureRequest) -> Directory:
    """Each implementation of the port in turn."""
    if request.param == "memory":
        ticks = itertools.count(time.time(), 0.001)
        return MemoryDirectory(Mint(lambda: next(ticks), secrets.token_bytes))
    directory: Directory = request.getfixturevalue("on_tables")
    return directory


async def add(directory: Directory, name: str, type: ResourceType = USER, **attributes: object) -> Stored:
    """Add a resource with a unique value."""
    return await directory.create(type, Draft({type.unique: name, **attributes}))


def rename(name: str) -> Callable[[Stored], Draft]:
    """Return a decision that gives a user another display name."""
    return lambda stored: Draft({**stored.document, "displayName": name})


def with_members(*ids: str) -> Callable[[Stored], Draft]:
    """Return a decision that makes these the members within the view."""
    return lambda stored: Draft(stored.document, [Member(id, "") for id in ids])


async def group_of(directory: Directory, name: str, *members: Stored) -> Stored:
    """Add a group with members."""
    return await directory.create(GROUP, Draft({"displayName": name}, [Member(m.id, m.type) for m in members]))


async def members(directory: Directory, group: Stored) -> list[str]:
    """Return the ids of the members of a group."""
    read = await directory.read(GROUP, group.id, members=MemberView.ALL)
    assert read is not None
    return [member.id for member in read.members]


async def groups(directory: Directory, user: Stored) -> list[str]:
    """Return the ids of the groups that a resource is in."""
    read = await directory.read(USER, user.id)
    assert read is not None
    return list(read.groups)
