"""Requests carried out in this process by the service's own code, to count what each asks of the storage."""

import json
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from azure.core.pipeline.transport import AioHttpTransport

from bench.dispatch import carry_out, request_of
from bench.growth.operations import Conversation
from bench.load import Sending
from identity.authenticate import Authenticator
from scim.provider import ServiceProvider
from storage.directory import TableDirectory
from storage.meter import metered
from storage.settings import Settings
from storage.tables import Patience, Tables

_PATIENCE = Patience(answer=120.0)  # a busy machine must not be measured as calls that are tried again


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asked of the storage: round trips one after another, calls, bytes of bodies read, written."""

    trips: int
    calls: int
    read: int
    written: int


class Counting(AioHttpTransport):
    """The transport of the storage library, counting the bytes of the bodies that pass it."""

    read = 0
    written = 0

    async def send(self, request: Any, **options: Any) -> Any:
        """Send a request, and wait for its answer as a whole."""
        body = request.content if hasattr(request, "content") else request.body
        self.written += len(body or b"")
        response = await super().send(request, **{**options, "stream": False})
        self.read += len(response.body())
        return response


class Inside:
    """The bearer check and the service provider of one tenant in this process, on the storage of a running service."""

    def __init__(self, connection_string: str, tenant: str, secret_token: str) -> None:
        self._transport = Counting()
        self.tables = Tables(
            Settings(connection_string=connection_string), patience=_PATIENCE, transport=self._transport
        )
        self._authenticator = Authenticator(self.tables, lambda: datetime.now(UTC), {})
        self._provider = ServiceProvider(TableDirectory(self.tables, tenant), time.monotonic)
        self._bearer = f"Bearer {secret_token}"

    async def asked(self, talk: Conversation, requests: int) -> Asked:
        """Return what the median request of a conversation asked, figure by figure."""
        each, answer = [], None
        for _ in range(requests):
            sending = talk.send(answer)
            before = self._transport.read, self._transport.written
            with metered() as meter:
                answer = await self.answer(sending)
            read, written = self._transport.read - before[0], self._transport.written - before[1]
            each.append((meter.depth, meter.calls, read, written))
        return Asked(*(round(statistics.median(figures)) for figures in zip(*each, strict=True)))

    async def answer(self, sending: Sending) -> Any:
        """Carry out one request, bearer check included, and return the body of its answer."""
        method, target, body = sending
        path, _, query = target.partition("?")
        data = b"" if body is None else json.dumps(body).encode()
        request = request_of(method, path, query, host="localhost", body=data)
        await self._authenticator.authenticate(self._bearer, caller="bench", base_url=request.base_url)
        return (await carry_out(self._provider, request)).body
