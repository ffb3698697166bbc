"""The whole app in this process: real routes, edge, bearer check and protocol, on the in-process directory."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import azure.functions as func

import edge
import function_app
from local.functions import read
from local.messages import Invocation, trace_of
from local.target import Target, TargetError
from scim.errors import ERROR_URN
from scim.provider import ServiceProvider
from storage.memory import MemoryDirectory
from tests.fuzz import inputs, words
from tests.scim.world import mint

FUNCTIONS = read(function_app.app, "")
LONGEST_SECONDS = 1.0
_ENDPOINTS = ("Users", "Groups", "Users/.search", "Groups/.search", ".search", "Bulk", "Schemas", "ResourceTypes", "Me")
_RENEWED = 400  # inputs after which an empty directory takes the place of one that has grown


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it goes to the app."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class App:
    """The app, with one tenant that is kept in memory."""

    def __init__(self, tenant: str, token: str) -> None:
        self._tenant = tenant
        self._token = token
        self._ids: list[str] = []
        self._cursors: list[str] = []
        self.statuses: dict[int, int] = {}
        self.longest = 0.0
        self._invocation = Invocation("fuzz", "fuzz", "", trace_of({}))

    def renew(self) -> None:
        """Begin with an empty directory."""
        edge._service._providers[self._tenant] = ServiceProvider(MemoryDirectory(mint()), time.monotonic)
        self._ids, self._cursors = [], []

    def next(self, random: Random, number: int) -> Sent:
        """Return the next request."""
        if number % _RENEWED == 0:
            self.renew()
        method = random.choice(("GET", "POST", "PUT", "PATCH", "PATCH", "DELETE", "GET", "POST"))
        endpoint = random.choice(_ENDPOINTS)
        query = ""
        given: Any = None
        if method == "POST" and endpoint in ("Users", "Groups"):
            given = inputs.resource(random, self._ids)
        elif method == "POST" and endpoint == "Bulk":
            given = inputs.bulk(random, self._ids)
        elif method == "POST":
            given = inputs.search(random, self._cursors)
            given["schemas"] = [f"{words.MESSAGES}:SearchRequest"]
        elif method == "GET" and random.random() < 0.7:
            query = self._query(random)
        elif endpoint in ("Users", "Groups"):
            endpoint += f"/{self._id(random)}"
            given = {"PATCH": inputs.patch, "PUT": inputs.resource}.get(method, lambda *_: None)(random, self._ids)
        return Sent(method, f"/scim/v2/{endpoint}?{query}", self._headers(random), self._body(random, given))

    def _query(self, random: Random) -> str:
        wanted = inputs.search(random, self._cursors)
        if random.random() < 0.05:
            return quote(inputs.text(random), errors="replace") + "&=&&" + "%" * 3
        return urlencode({name: str(each) for name, each in wanted.items()}, errors="replace")

    def _id(self, random: Random) -> str:
        if self._ids and random.random() < 0.8:
            return random.choice(self._ids)
        return quote(inputs.text(random, 4), safe="", errors="replace") or "x"

    def _headers(self, random: Random) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self._token}", "host": "localhost"}
        while random.random() < 0.15:
            headers[random.choice(words.HEADERS)] = random.choice(words.HEADER_VALUES)
        return headers

    def _body(self, random: Random, given: Any) -> bytes:
        if given is None:
            return b""
        return inputs.body(random, inputs.value(random, self._ids) if random.random() < 0.03 else given)

    async def send(self, sent: Sent) -> func.HttpResponse | None:
        """Have the app answer, and check that the answer is one; None where the host itself refuses the target."""
        try:
            target = Target.parse(sent.target)
        except TargetError:
            return None
        found = FUNCTIONS.find(sent.method, target.path)
        if found is None:
            return None
        function, parameters = found
        url = target.url("http", "localhost")
        request = func.HttpRequest(
            sent.method,
            url,
            headers=sent.headers,
            params=target.values(),
            route_params=parameters,
            body=sent.body,
        )
        began = time.process_time()
        answer: func.HttpResponse = await function.handler(request, self._invocation)
        self._judge(sent, answer, time.process_time() - began)
        return answer

    def _judge(self, sent: Sent, answer: func.HttpResponse, seconds: float) -> None:
        self.longest = max(self.longest, seconds)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        assert seconds < LONGEST_SECONDS, f"{seconds:.2f} s: {sent}"
        assert answer.status_code not in {500, 503}, f"{answer.status_code} {answer.get_body()!r}: {sent}"
        content = answer.get_body()
        document = edge.json.loads(content) if content else {}
        if answer.status_code >= 400:
            assert document["schemas"] == [ERROR_URN], sent
            assert document["status"] == str(answer.status_code), sent
            assert document["detail"], sent
        self._remember(document)

    def _remember(self, document: dict[str, Any]) -> None:
        if isinstance(id := document.get("id"), str) and id not in self._ids:
            self._ids.append(id)
        if cursor := document.get("nextCursor"):
            self._cursors = [*self._cursors[-9:], cursor]


def quiet() -> None:
    """Have the app log only what is a bug."""
    logging.getLogger("scim").setLevel(logging.ERROR)


async def drive(app: App, seed: int, count: int) -> None:
    """Send so many inputs."""
    random = Random(seed)
    for number in range(count):
        sent = app.next(random, number)
        try:
            await app.send(sent)
        except Exception as error:
            raise AssertionError(f"seed {seed}, input {number}: {sent}") from error
        if number % 500 == 0:
            await asyncio.sleep(0)
