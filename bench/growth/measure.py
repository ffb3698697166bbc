"""The measurements of one directory: time and storage of each operation, walks from end to end, memory."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from bench.growth.company import Company
from bench.growth.inside import Asked, Inside
from bench.growth.memory import forget_peak, peak_mib, resident_mib
from bench.growth.operations import OPERATIONS, Conversation, by_cursor, by_index, warm_up
from bench.growth.prices import Kind
from bench.growth.stage import Stage, stage
from bench.growth.upkeep import event_bytes, kinds
from bench.load import Client, Measured
from local.service import TENANT

WALKS: dict[str, Callable[[Company], Conversation]] = {"walk by cursor": by_cursor, "walk by index": by_index}
_ASKED = 5  # requests whose storage calls are counted
_WARM = 5
_WARM_STORAGE = 4_000  # requests until Azurite has compiled itself and collected the garbage of a large file
_WARM_PROCESS = 40  # requests that a process has answered before its memory is looked at


@dataclass(frozen=True, slots=True)
class Hungry:
    """A measurement of memory: how often it is done (None: to its end), and what the memory is in proportion to."""

    requests: int | None
    why: str


_COUNT = "a page of 1,000 keys in each of 16 ranges, while it counts"
_NOTHING = "nothing"
HUNGRY = {
    "walk by cursor": Hungry(None, _COUNT),
    "walk by index": Hungry(None, _COUNT),
    "first page of 100": Hungry(3, _COUNT),
    "last page of 100, sorted": Hungry(1, "a page of 1,000 users; up to 100,000 places in the order"),
    "filter without an index": Hungry(1, "a page of 1,000 users"),
    "PATCH: add 1 member": Hungry(20, _NOTHING),
    "PATCH: remove 1 member": Hungry(20, _NOTHING),
    "GET group without members": Hungry(20, _NOTHING),
    "page of groups without members": Hungry(5, _NOTHING),
    "GET group with members": Hungry(2, "its answer"),
    "page of groups with members": Hungry(2, "its answer"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """An operation: what was measured from outside, and what the median request asked of the storage."""

    measured: Measured
    asked: Asked


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB that the app held once it was warm, and the most that it held while it answered."""

    warm: float
    peak: float


@dataclass(slots=True)
class Results:
    """Everything, by what was measured and the number of users; `kinds` are the rows of the largest directory, and
    `event_bytes` what an event of its tenant is billed for."""

    figures: dict[tuple[str, int], Figures] = field(default_factory=dict)
    walks: dict[tuple[str, int], Measured] = field(default_factory=dict)
    memory: dict[tuple[str, int], Memory] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    event_bytes: float = 0.0

    @property
    def sizes(self) -> list[int]:
        """The numbers of users, rising."""
        return sorted({size for _, size in self.figures})

    def of(self, take: Callable[[Figures], float]) -> dict[str, dict[int, float]]:
        """Return one figure of each operation at each size."""
        found: dict[str, dict[int, float]] = {}
        for (name, size), each in self.figures.items():
            found.setdefault(name, {})[size] = take(each)
        return found

    def cpu(self) -> dict[str, dict[int, float]]:
        """Return the CPU milliseconds of the server per request."""
        return self.of(lambda each: each.measured.cpu_ms)


def measure(size: int, results: Results, tell: Callable[[str], None]) -> None:
    """Add the results of a directory of `size` users; `tell` is told how far it has got.

    Raises StartError, RefusedError, Unavailable.
    """
    tell(f"{size:,} users: writing the directory")
    with stage(size) as staged:
        asyncio.run(_operations(staged, size, results, tell))
        talks = {each.name: each.talk for each in OPERATIONS} | WALKS
        for name, hungry in HUNGRY.items():
            tell(f"{size:,} users: memory of {name}")
            held, measured = asyncio.run(_afresh(staged, talks[name](staged.company), hungry.requests))
            results.memory[name, size] = held
            if hungry.requests is None:
                results.walks[name, size] = measured


async def _operations(staged: Stage, size: int, results: Results, tell: Callable[[str], None]) -> None:
    service = staged.service
    inside = Inside(service.connection_string, TENANT, service.secret_token)
    async with staged.client() as client:
        tell(f"{size:,} users: warming up")
        await _converse(client, warm_up(staged.company), staged.cpu, requests=_WARM_STORAGE)
        for operation in OPERATIONS:
            tell(f"{size:,} users: {operation.name}")
            few = operation.large
            asked = await inside.asked(operation.talk(staged.company), 1 if few else _ASKED)
            talk = operation.talk(staged.company)
            warm = 1 if few else _WARM
            measured = await _converse(client, talk, staged.cpu, warm=warm, requests=operation.requests)
            results.figures[operation.name, size] = Figures(measured, asked)
    tell(f"{size:,} users: check of rows")
    results.kinds = await kinds(inside.tables, TENANT, staged.company, staged.tally)
    results.event_bytes = event_bytes(TENANT)
    await inside.tables.close()


async def _afresh(staged: Stage, talk: Conversation, requests: int | None) -> tuple[Memory, Measured]:
    """Return what a conversation of so many requests, or to its end, takes in a process that begins with it."""
    staged.service.restart()
    async with staged.client() as client:
        await _converse(client, warm_up(staged.company), staged.cpu, requests=_WARM_PROCESS)
        forget_peak(staged.pid)
        warm = resident_mib(staged.pid)
        measured = await _converse(client, talk, staged.cpu, requests=requests)
    return Memory(warm, peak_mib(staged.pid)), measured


async def _converse(
    client: Client, talk: Conversation, cpu: Callable[[], float], *, warm: int = 0, requests: int | None = None
) -> Measured:
    """Send the requests of a conversation one after the other, the first `warm` of them unmeasured, up to so many or
    to its end. `cpu` answers the server's CPU seconds so far. Raises RefusedError."""
    answer, latencies = None, list[float]()
    for number in count() if requests is None else range(warm + requests):
        if number == warm:
            latencies.clear()
            used, started = cpu(), time.perf_counter()
        try:
            sending = talk.send(answer)
        except StopIteration:
            break
        began = time.perf_counter()
        body = await client.answer(*sending)
        latencies.append(time.perf_counter() - began)
        answer = json.loads(body) if body else None
    return Measured(len(latencies), time.perf_counter() - started, tuple(sorted(latencies)), cpu() - used)
