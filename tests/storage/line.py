"""A connection that can be cut: a transport that loses answers, or takes the whole process with it."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import AioHttpTransport

from scim.schema import ResourceType
from storage import keys, plan
from storage.directory import TABLE
from storage.ids import Mint
from storage.record import group_columns
from storage.settings import Settings
from storage.tables import TRANSACTION_ROWS, Patience, Tables, Write
from tests.storage.conftest import GROUP, USER

NEVER = -1


class Died(BaseException):
    """The process ended here: nothing of it may catch this."""


class Line(AioHttpTransport):
    """Sends calls on, until the one that it was told of: it counts those of a method, POST for writes, GET for reads.

    `dies_after` so many were answered, no later call leaves the process. Of the one numbered `loses` (the first is 1)
    the answer is lost on the way back.
    """

    def __init__(
        self,
        *,
        dies_after: int = NEVER,
        loses: int = NEVER,
        end: Callable[[], None] | None = None,
        counts: str = "POST",
    ) -> None:
        super().__init__()
        self.counted = 0
        self._counts = counts
        self._dies_after = dies_after
        self._loses = loses
        self._end = end

    async def send(self, request: Any, **options: Any) -> Any:
        if self.counted == self._dies_after:
            self._die()
        response = await super().send(request, **options)
        if request.method == self._counts:
            self.counted += 1
            if self.counted == self._dies_after:
                await response.read()
                self._die()
            if self.counted == self._loses:
                await response.read()
                raise ServiceResponseError("the answer was lost")
        return response

    def _die(self) -> None:
        if self._end:
            self._end()
        raise Died


def wired(settings: Settings, line: Line) -> Tables:
    """Return tables that are reached over a line."""
    return Tables(settings, patience=Patience(answer=30.0), transport=line)


async def seed_users(tables: Tables, tenant: str, count: int) -> list[str]:
    """Add many users in few transactions, each as the directory would, and return their ids."""
    return await _seed(tables, tenant, USER, count)


async def seed_groups(tables: Tables, tenant: str, member: str, count: int) -> list[str]:
    """Add many groups that one user is a member of, and return their ids."""
    table = tables.table(TABLE)
    groups = await _seed(tables, tenant, GROUP, count)
    edges = [Write("put", keys.edge(group, member), {"type": "User"}) for group in groups]
    for start in range(0, count, TRANSACTION_ROWS):
        await table.commit(tenant, edges[start : start + TRANSACTION_ROWS])
    await table.commit(tenant, [Write("merge", keys.resource("User", member), group_columns(groups))])
    return groups


async def _seed(tables: Tables, tenant: str, type: ResourceType, count: int) -> list[str]:
    mint = Mint(time.time, secrets.token_bytes)
    made = [plan.creation(type, {type.unique: f"{type.name}{n}"}, plan.NOBODY, mint) for n in range(count)]
    for start in range(0, count, 33):
        writes = [write for each in made[start : start + 33] for write in each.writes]
        await tables.table(TABLE).commit(tenant, writes)
    return [each.record.id for each in made if each.record]
