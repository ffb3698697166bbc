"""One run of one test: what it asks, what it expects, and what it has to clean up."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from entra.client import Wire
from entra.errors import JobError, ObjectError
from entra.exchange import CREATED, NO_CONTENT, OK, Exchange
from entra.mapping import Mappings
from entra.source import Kind
from entra.validation.surface import Surface
from entra.validation.verdict import Failed
from entra.validation.words import Words

ENDPOINTS: Mapping[Kind, str] = {"User": "/Users", "Group": "/Groups"}
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

Resource = dict[str, Any]
Operations = Iterable[Mapping[str, Any]]
_PATCHED = (OK, NO_CONTENT)
_DELETED_BEFORE = 404
_FIRST_ERROR = 400


class RecordingWire(Wire):
    """A wire that remembers what went over it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what `Wire` takes."""
        super().__init__(*arguments, **options)
        self.exchanges: list[Exchange] = []

    def record(self) -> None:
        """Begin anew."""
        self.exchanges = []

    async def send(self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> Exchange:
        """Send a request as `Wire` does, and remember it."""
        exchange = await super().send(method, path, body, query)
        self.exchanges.append(exchange)
        return exchange

    @property
    def last_error(self) -> Exchange | None:
        """The last exchange that ended with an error status; without one the last of all."""
        failed = [each for each in self.exchanges if each.status >= _FIRST_ERROR]
        return next(reversed(failed or self.exchanges), None)

    def made(self) -> list[str]:
        """Return the paths of the resources that were created and not deleted, in the order of their creation."""
        paths: dict[str, None] = {}
        for each in self.exchanges:
            if each.method == "POST" and each.succeeded and isinstance(each.body, dict) and each.body.get("id"):
                paths[f"{each.url}/{each.body['id']}".removeprefix(self.base)] = None
            elif each.method == "DELETE" and each.succeeded:
                paths.pop(each.url.removeprefix(self.base), None)
        return list(paths)


@dataclass(frozen=True, slots=True)
class OAuth:
    """What the tests of tokens need: the token endpoint, and a client with a secret or with an assertion."""

    token_endpoint: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    assertion: Path | None = None


@dataclass(slots=True)
class Candidate:
    """The service that is validated, and how.

    `joining` are the matching attributes of the validator's set-up. `discovers`: the attributes that the service
    publishes take the place of those of `surface`. `schemas` is how it answered when it was asked for them,
    `published` what it declares there, if it does.
    """

    wire: RecordingWire
    surface: Surface
    words: Words
    mappings: Mappings
    oauth: OAuth = field(default_factory=OAuth)
    joining: Mapping[Kind, str] = field(default_factory=lambda: {"User": "userName", "Group": "displayName"})
    discovers: bool = True
    schemas: Exchange | None = None
    published: Surface | None = None


class Attempt:
    """What a test works with. Every resource that it makes is deleted by `clean_up`."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.words, self.surface, self.published = candidate.words, candidate.surface, candidate.published
        self.notes: list[str] = []

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: Collection[int] = (OK,),
        query: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send a request and return the exchange. Raise Failed if the status is not an expected one."""
        exchange = await self.candidate.wire.send(method, path, body, query)
        if exchange.status not in expect:
            raise Failed(f"status {' or '.join(map(str, expect))}", f"{exchange.status}", exchange)
        return exchange

    async def create(self, kind: Kind, body: Any, *, expect: Collection[int] = (CREATED,)) -> Exchange:
        """Create a resource and return the exchange. Raise Failed without an expected status or an id."""
        exchange = await self.ask("POST", ENDPOINTS[kind], body, expect=expect)
        id = exchange.body.get("id") if isinstance(exchange.body, dict) else None
        if exchange.succeeded and (not isinstance(id, str) or not id):
            raise Failed("an id in the created resource", repr(id), exchange)
        return exchange

    async def patch(self, kind: Kind, id: str, operations: Operations) -> Exchange:
        """Send a PATCH. Raise Failed unless it is answered 200 or 204."""
        body = {"schemas": [PATCH_OP], "Operations": list(operations)}
        return await self.ask("PATCH", f"{ENDPOINTS[kind]}/{id}", body, expect=_PATCHED)

    async def read(self, kind: Kind, id: str) -> Exchange:
        """Read a resource by id. Raise Failed if there is none."""
        exchange = await self.ask("GET", f"{ENDPOINTS[kind]}/{id}")
        if not isinstance(exchange.body, dict):
            raise Failed("a resource", exchange.text[:100] or "an empty answer", exchange)
        return exchange

    async def delete(self, kind: Kind, id: str, *, expect: Collection[int] = (NO_CONTENT,)) -> Exchange:
        """Delete a resource."""
        return await self.ask("DELETE", f"{ENDPOINTS[kind]}/{id}", expect=expect)

    async def clean_up(self) -> list[str]:
        """Delete what the test made, the last first, and return the paths of what could not be deleted."""
        left = []
        for path in reversed(self.candidate.wire.made()):
            try:
                exchange = await self.candidate.wire.send("DELETE", path)
                gone = exchange.succeeded or exchange.status == _DELETED_BEFORE
            except (JobError, ObjectError):
                gone = False
            if not gone:
                left.append(path)
        return left
