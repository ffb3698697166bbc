"""The connection to Table Storage: rows in, rows out, every call counted, bounded in time and tried again.

A write that got no answer is tried again like any other; when the second attempt meets rows in its way, `Conflict`
says that they may be its own. The SDK's own retries are off, for they would hide exactly that.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from random import SystemRandom
from typing import Any, Literal, TypeVar
from urllib.request import getproxies

from azure.core import MatchConditions
from azure.core.exceptions import AzureError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient, TableServiceClient

from storage import meter
from storage.credential import credential
from storage.faults import Conflict, Fault, denied, fault_of, too_large, unavailable
from storage.settings import Settings

PAGE_ROWS = 1000  # the service returns no more at a time
TRANSACTION_ROWS = 100
_PING = ("healthz", "healthz")
_RANDOM = SystemRandom()
_T = TypeVar("_T")
# At INFO, which the Functions worker listens to, it tells the URL of every call, and keys hold names.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read: its RowKey, its properties without the keys, and its ETag."""

    key: str
    values: Mapping[str, Any]
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """One row's part of a transaction.

    insert: the row must not exist. put: whatever was there is replaced. replace, merge, delete: the row must exist
    and have the `etag` ("*": any); merge leaves the properties that `values` does not name.
    """

    verb: Literal["insert", "put", "replace", "merge", "delete"]
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    etag: str = "*"


@dataclass(frozen=True, slots=True)
class Span:
    """The RowKeys from `low` up to, not including, `high`."""

    low: str
    high: str

    @classmethod
    def prefix(cls, start: str) -> "Span":
        """Return the span of all keys that start so."""
        return cls(start, start[:-1] + chr(ord(start[-1]) + 1))


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a span in key order, and where to go on: `token` is None behind the last."""

    rows: tuple[Row, ...]
    token: Any


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take, in seconds: to connect, to wait for an answer, and in all its attempts."""

    connect: float = 2.0
    answer: float = 10.0
    attempts: float = 5.0
    first_pause: float = 0.05
    longest_pause: float = 1.0

    def pause(self, attempt: int) -> float:
        """Return how long to wait before the next attempt: twice as long each time, with full jitter."""
        return _RANDOM.uniform(0.0, min(self.longest_pause, self.first_pause * 2**attempt))


class Tables:
    """The tables of one storage account: made once per process, connected on first use inside the running loop.

    `transport` replaces the SDK's own, which tests use to cut connections.
    """

    def __init__(self, settings: Settings, *, patience: Patience | None = None, transport: Any = None) -> None:
        self._settings = settings
        self._transport = transport
        self._service: TableServiceClient | None = None
        self._clients: dict[str, TableClient] = {}
        self.patience = patience or Patience()

    def table(self, name: str) -> "Table":
        """Return the table of that name; nothing is sent."""
        return Table(self, name)

    async def ensure(self, *names: str) -> None:
        """Create the tables that do not exist yet. Raises Unavailable."""
        for name in names:
            await self.attempt("create", name, partial(self.connect().create_table_if_not_exists, name))

    async def ping(self, name: str = "directory") -> None:
        """Make one small read, once, to tell whether the table is there and answers. Raises Unavailable."""
        await self.table(name).get(*_PING, patient=False)

    async def close(self) -> None:
        """Close the connections."""
        service, self._service, self._clients = self._service, None, {}
        if service is not None:
            await service.close()

    def connect(self) -> TableServiceClient:
        """Return the SDK's client, made at the first call. Raises SettingsError."""
        if self._service is None:
            options: dict[str, Any] = {
                "retry_total": 0,
                "connection_timeout": self.patience.connect,
                "read_timeout": self.patience.answer,
                # Else the SDK's transport asks the environment again for every call, by two jumps to a thread.
                "use_env_settings": not {"http", "https", "all"}.isdisjoint(getproxies()),
            }
            if self._transport is not None:
                options["transport"] = self._transport
            if self._settings.connection_string:
                self._service = TableServiceClient.from_connection_string(self._settings.connection_string, **options)
            else:
                signed_in = credential(self._settings.client_id, os.environ)
                self._service = TableServiceClient(self._settings.table_endpoint, credential=signed_in, **options)
        return self._service

    def client(self, name: str) -> TableClient:
        """Return the SDK's client of one table."""
        if name not in self._clients:
            self._clients[name] = self.connect().get_table_client(name)
        return self._clients[name]

    async def attempt(self, verb: str, table: str, act: Callable[[], Awaitable[_T]], *, patient: bool = True) -> _T:
        """Do one call, again while the service is busy or silent, within the patience; each attempt is metered.

        Raises Conflict (also for a row that is not there), Unavailable, TooLarge.
        """
        deadline = time.monotonic() + (self.patience.attempts if patient else 0.0)
        number = 0
        while True:
            try:
                with meter.call(verb, table):
                    return await act()
            except AzureError as error:
                fault, status = fault_of(error), getattr(error, "status_code", None)
                if fault in {Fault.MISSING, Fault.CONFLICT}:
                    raise Conflict(status or 0, uncertain=number > 0) from error
                if fault is Fault.TOO_LARGE:
                    raise too_large() from error
                if fault is Fault.BUG:
                    raise
                if fault is Fault.REFUSED:
                    raise denied(error) from error
                pause = self.patience.pause(number)
                if time.monotonic() + pause >= deadline:
                    raise unavailable() from error
            await asyncio.sleep(pause)
            number += 1


class Table:
    """One table. Every method but `rows` and `partition_after` is one storage call."""

    def __init__(self, tables: Tables, name: str) -> None:
        self._tables = tables
        self.name = name

    async def get(
        self, partition: str, key: str, *, select: list[str] | None = None, patient: bool = True
    ) -> Row | None:
        """Return one row, or None when there is none. Raises Unavailable."""
        client = self._tables.client(self.name)
        try:
            entity = await self._tables.attempt(
                "get", self.name, lambda: client.get_entity(partition, key, select=select), patient=patient
            )
        except Conflict as conflict:
            if conflict.status == HTTPStatus.NOT_FOUND:
                return None
            # A read has no condition that could fail: whatever this is, it does not say that there is no row.
            raise unavailable() from conflict
        return _row(entity, key)

    async def commit(self, partition: str, writes: Sequence[Write]) -> None:
        """Write up to 100 rows of a partition, all or none. Raises Conflict, TooLarge, Unavailable."""
        client = self._tables.client(self.name)
        operations = [_operation(partition, write) for write in writes]
        await self._tables.attempt("commit", self.name, lambda: client.submit_transaction(operations))

    async def page(
        self,
        partition: str,
        span: Span,
        *,
        select: list[str] | None = None,
        size: int = PAGE_ROWS,
        token: Any = None,
    ) -> Slice:
        """Return up to `size` (at most 1,000) rows of the span in key order. Raises Unavailable.

        A page may hold fewer rows than there are, even none, with a `token` to go on from.
        """
        where = f"PartitionKey eq '{_quote(partition)}' and RowKey ge '{_quote(span.low)}'"
        where += f" and RowKey lt '{_quote(span.high)}'"
        entities, token = await self._query(where, select, size, token)
        return Slice(tuple(map(_row, entities)), token)

    async def rows(
        self, partition: str, span: Span, *, select: list[str] | None = None, size: int = PAGE_ROWS
    ) -> AsyncIterator[Row]:
        """Yield all rows of the span in key order, `size` a call. Raises Unavailable."""
        token: Any = None
        while True:
            page = await self.page(partition, span, select=select, size=size, token=token)
            for row in page.rows:
                yield row
            token = page.token
            if not token:
                return

    async def partition_after(self, partition: str) -> str | None:
        """Return the next partition that has a row, in key order. Raises Unavailable."""
        token: Any = None
        while True:
            where = f"PartitionKey gt '{_quote(partition)}'"
            entities, token = await self._query(where, ["PartitionKey"], 1, token)
            if entities or not token:
                return str(entities[0]["PartitionKey"]) if entities else None

    async def _query(self, where: str, select: list[str] | None, size: int, token: Any) -> tuple[list[Any], Any]:
        """Return a page of entities and where to go on (one call)."""
        client = self._tables.client(self.name)

        async def act() -> tuple[list[Any], Any]:
            pages: Any = client.query_entities(where, select=select, results_per_page=size).by_page(token)
            return [entity async for entity in await anext(pages)], pages.continuation_token

        try:
            return await self._tables.attempt("query", self.name, act)
        except Conflict as conflict:
            raise unavailable() from conflict


def _quote(key: str) -> str:
    return key.replace("'", "''")


def _row(entity: Any, key: str | None = None) -> Row:
    values = {name: value for name, value in entity.items() if name not in {"PartitionKey", "RowKey"}}
    return Row(entity.get("RowKey", key), values, entity.metadata.get("etag") or "")


def _operation(partition: str, write: Write) -> tuple[str, dict[str, Any], dict[str, Any]]:
    entity = {**write.values, "PartitionKey": partition, "RowKey": write.key}
    condition: dict[str, Any] = {}  # the SDK then sends "If-Match: *"
    if write.etag != "*":
        condition = {"etag": write.etag, "match_condition": MatchConditions.IfNotModified}
    match write.verb:
        case "insert":
            return "create", entity, {}
        case "put":
            return "upsert", entity, {"mode": UpdateMode.REPLACE}
        case "delete":
            return "delete", entity, condition
        case "replace" | "merge":
            mode = UpdateMode.REPLACE if write.verb == "replace" else UpdateMode.MERGE
            return "update", entity, {"mode": mode, **condition}
