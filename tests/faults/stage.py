"""The service with a proxy between it and Azurite, and what a test sees of a tenant."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from identity.credentials import SecretTokens
from identity.tenants import Tenants
from local import oauth
from local.app import App
from local.azurite import Azurite
from local.demo import make_tables
from storage.check import Finding, check
from storage.directory import TABLE
from storage.settings import Settings
from storage.tables import Patience, Tables
from tests.faults.proxy import Proxy
from tests.http.client import Client

_T = TypeVar("_T")
_TRIES = 10
_MOST_TENANTS = 100
# What differs from one run to the next although the same was done.
_PASSING = {"meta", "$ref", "id", "location", "version"}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of its own, and a client of it that knows its token already."""

    name: str
    client: Client


class Asking(Client):
    """A client that, as it should, asks again when a GET is answered 503: a busy machine is no finding."""

    def get(self, path: str, query: str = "") -> Any:
        """Return the body of a GET that must succeed in the end."""
        for _ in range(_TRIES):
            answer = self.call("GET", path, query=query)
            if answer.status != 503:
                break
        assert answer.status == 200, f"GET {path}?{query}: {answer.status} {answer.content[:500]!r}"
        return answer.body


class Stage:
    """Azurite, the proxy and the service, each test with a tenant of its own. `tenants` counts them."""

    def __init__(self, azurite: Azurite | None = None, host: str = "tests.faults.impatient") -> None:
        self.azurite = azurite or Azurite()
        self.tenants = 0
        self._host = host
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as running:
            running.enter_context(self.azurite)
            make_tables(self.azurite.connection_string)
            self.proxy = running.enter_context(Proxy(self.azurite.port, TABLE))
            proxied = self.proxy.through(self.azurite.connection_string)
            self.app = App(proxied, host=self._host, settings=oauth.settings())
            running.callback(self.app.stop)
            self.app.start().wait()
            self._running = running.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @contextmanager
    def tenant(self) -> Iterator[Tenant]:
        """Yield a new and empty tenant."""

        async def work(tables: Tables) -> str:
            await Tenants(tables, _now).create(name, name)
            token, _ = await SecretTokens(tables, _now).issue(name)
            return token.render()

        self.tenants += 1
        name = f"t-{secrets.token_hex(6)}"
        with Asking(f"{self.app.url}/scim/v2", self.with_tables(work)) as client:
            client.get("/ServiceProviderConfig")  # the token is known from here on
            yield Tenant(name, client)

    def check(self, tenant: Tenant) -> list[Finding]:
        """Return the broken invariants of a tenant."""
        return self.with_tables(lambda tables: check(tables, tenant.name))

    def with_tables(self, work: Callable[[Tables], Awaitable[_T]]) -> _T:
        """Work on the tables past the proxy."""

        async def run() -> _T:
            tables = Tables(Settings(connection_string=self.azurite.connection_string), patience=Patience(answer=30.0))
            try:
                return await work(tables)
            finally:
                await tables.close()

        return asyncio.run(run())


class Stages:
    """One stage after the other: Azurite's writes take the longer, the more rows it has."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self._stage: Stage | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def stage(self) -> Stage:
        """Return the stage; a new one where the last has had many tenants."""
        if self._stage is None or self._stage.tenants >= _MOST_TENANTS:
            self._running.close()
            self._stage = self._running.enter_context(Stage())
        return self._stage


def picture(client: Client) -> dict[str, Any]:
    """Return all that the tenant holds, by name and with names in place of ids: the same for the same content."""
    found = {id: resource for part in client.dump().values() for id, resource in part.items()}
    names = {id: str(resource.get("userName") or resource["displayName"]) for id, resource in found.items()}
    assert len(set(names.values())) == len(names), f"a name is there twice: {sorted(names.values())}"
    return {names[id]: plain(resource, names) for id, resource in found.items()}


def plain(value: Any, names: Mapping[str, str]) -> Any:
    """Return a JSON value without ids, versions, times and addresses."""
    match value:
        case dict():
            return {key: plain(each, names) for key, each in value.items() if key not in _PASSING}
        case list():
            return sorted((plain(each, names) for each in value), key=repr)
        case str():
            return names.get(value, value)
        case _:
            return value


def _now() -> datetime:
    return datetime.now(UTC)
