"""A tenant in memory for tests of whole operations: the in-process directory and a service provider on it."""

import itertools

from scim.http import Request
from scim.provider import ServiceProvider
from scim.schema import resource_types
from scim.store import Draft
from storage.ids import Mint
from storage.memory import MemoryDirectory

BASE = "https://ideo.example/scim/v2"
USER, GROUP = resource_types()["User"], resource_types()["Group"]


def mint() -> Mint:
    """Make ids in rising order, without a clock."""
    ticks = itertools.count(1)
    return Mint(lambda: 1_700_000_000 + next(ticks) / 1000, lambda size: next(ticks).to_bytes(size, "big"))


class World:
    """A directory, a service provider on it, and a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0
        self.directory = MemoryDirectory(mint())
        self.provider = ServiceProvider(self.directory, lambda: self.now)

    async def users(self, *names: str, **attributes: object) -> list[str]:
        made = [await self.directory.create(USER, Draft({"userName": name, **attributes})) for name in names]
        return [each.id for each in made]

    async def list(self, resource_type=USER, **query: object) -> dict:
        request = Request("GET", BASE, query={name: str(value) for name, value in query.items()})
        return (await self.provider.list(request, resource_type)).body
