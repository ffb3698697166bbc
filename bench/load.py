"""The load: requests from a number of clients at once, timed on this side, their CPU time counted on the other."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import aiohttp

Sending = tuple[str, str, Any]  # method, path below the base URL, body

_WITH_BODY = {"Content-Type": "application/scim+json; charset=utf-8"}
_WARM_REQUESTS, _WARM_SECONDS = 20, 1.0
_TIMEOUT = aiohttp.ClientTimeout(total=300)


class RefusedError(RuntimeError):
    """A server has answered what is no success; the message says what."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One operation on one server: requests, seconds that they took in all, latencies in seconds (rising), and CPU
    seconds of the server."""

    requests: int
    seconds: float
    latencies: tuple[float, ...]
    cpu: float

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of the server per request."""
        return self.cpu / self.requests * 1000

    def percentile_ms(self, percent: int) -> float:
        """Milliseconds within which that share of the requests was answered."""
        return self.latencies[min(len(self.latencies) * percent // 100, len(self.latencies) - 1)] * 1000


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that all threads of a process have had, to the nanosecond (Linux: schedstat)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


class Client:
    """Sends requests to one server over connections that are kept alive."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base_url = base_url
        self._token = token

    async def __aenter__(self) -> Self:
        """Open the session."""
        headers = {"Authorization": f"Bearer {self._token}"}
        # As many connections as clients: none must wait for another's.
        unlimited = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT, connector=unlimited)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._session.close()

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request and return the JSON that answers it. Raises RefusedError."""
        answer = await self.answer(method, path, body)
        return json.loads(answer) if answer else None

    async def answer(self, method: str, path: str, body: Any = None) -> bytes:
        """Send one request and return the body that answers it. Raises RefusedError."""
        status, answer = await self.call(method, path, body)
        if status >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(f"{method} {path[:60]}: {status} {answer[:200].decode(errors='replace')}")
        return answer

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Send one request and return the status and the body that answer it, whatever they are."""
        data = None if body is None else json.dumps(body).encode()
        headers = None if data is None else _WITH_BODY  # like Entra, which declares what it sends and nothing else
        async with self._session.request(method, self._base_url + path, data=data, headers=headers) as response:
            return response.status, await response.read()

    async def measure(
        self, sendings: Iterator[Sending], clients: int, requests: int, seconds: float, cpu: Callable[[], float]
    ) -> Measured:
        """Send what comes next, after a warm-up, until `requests` are answered or `seconds` are over.

        `cpu` answers the server's CPU seconds so far. Raises RefusedError.
        """
        await self._send_all(sendings, clients, _WARM_REQUESTS, _WARM_SECONDS)
        used, began = cpu(), time.perf_counter()
        latencies = await self._send_all(sendings, clients, requests, seconds)
        took = time.perf_counter() - began
        return Measured(len(latencies), took, tuple(sorted(latencies)), cpu() - used)

    async def _send_all(self, sendings: Iterator[Sending], clients: int, requests: int, seconds: float) -> list[float]:
        end = time.perf_counter() + seconds
        numbers = iter(range(requests))
        latencies: list[float] = []

        async def work() -> None:
            for _ in numbers:
                method, path, body = next(sendings)
                began = time.perf_counter()
                await self.answer(method, path, body)
                latencies.append(time.perf_counter() - began)
                if time.perf_counter() > end:
                    return

        await asyncio.gather(*(work() for _ in range(clients)))
        return latencies
