"""`python -m tests.soak`: minutes of Entra's traffic with people coming and going, against the running service.

Prints for each slice of time how many requests were answered and how fast, and what the service holds: memory, open
files and connections. Ends with a verdict: 1 when an answer was wrong, or when the end is worse than the beginning.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bench.growth.memory import resident_mib
from bench.load import Client, cpu_seconds
from bench.pace import Done, Job, at_once, drive, measured
from bench.traffic import Traffic
from local.service import Service
from tests.soak.verdict import FEWEST_SLICES, Slice, verdict

_STAY = 5  # people of each job who are there at a time
_TENANTS = 4
_HEAD = "  slice  requests  req/s   p50 ms   p95 ms   p99 ms  CPU ms  429/503  wrong  RSS MiB  open  Azurite MiB"


def main() -> int:
    """Run the traffic and print the table and the verdict; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--slices", type=int, default=10)
    options = parser.parse_args()
    if options.slices < FEWEST_SLICES:
        parser.error(f"at least {FEWEST_SLICES} slices are needed to compare the beginning with the end")
    with Service() as service:
        tokens = [service.new_token(f"soak-{number}") for number in range(_TENANTS)]
        clients = [Client(service.tenant_url, token) for token in tokens]
        seconds = options.minutes * 60 / options.slices
        slices = asyncio.run(_soak(service, clients, options.clients, options.slices, seconds))
    held, text = verdict(slices)
    print(*[fault for each in slices for fault in each.faults][:20], text, sep="\n")
    return int(not held)


async def _soak(service: Service, clients: Sequence[Client], jobs: int, slices: int, seconds: float) -> list[Slice]:
    """Let the jobs work, each in one of the clients' tenants, and print one line for each slice."""
    over = asyncio.Event()
    done: list[Done] = []
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        for client in clients:
            await stack.enter_async_context(client)
        for number in range(jobs):
            job = Job(Traffic(number, stay=_STAY).conversation())
            group.create_task(drive(clients[number % len(clients)], [job], at_once(over.is_set), done.append))
        print(_HEAD, flush=True)
        found = [await _slice(service, number, seconds, done) for number in range(1, slices + 1)]
        over.set()
    return found


async def _slice(service: Service, number: int, seconds: float, done: list[Done]) -> Slice:
    """Wait, take what has been done out of the list, and print what there is to tell of it.

    Raises TimeoutError where nothing was answered.
    """
    app, azurite = service.app.child, service.azurite.child
    assert app is not None
    assert azurite is not None
    used = cpu_seconds(app.pid)
    await asyncio.sleep(seconds)
    mine = tuple(done)
    done.clear()
    if not mine:
        raise TimeoutError(f"no request was answered for {seconds:.0f} seconds")
    figures = measured(mine, cpu_seconds(app.pid) - used)
    refused, faults = sum(each.refused for each in mine), tuple(each.fault for each in mine if each.fault)
    made = Slice(figures, refused, faults, resident_mib(app.pid), open_files(app.pid), resident_mib(azurite.pid))
    p50, p95, p99 = map(figures.percentile_ms, (50, 95, 99))
    print(
        f"{number:7}  {figures.requests:8}  {figures.per_second:5.0f}  {p50:7.1f}  {p95:7.1f}  {p99:7.1f}"
        f"  {figures.cpu_ms:6.2f}  {refused:7}  {len(faults):5}  {made.memory:7.1f}  {made.files:4}"
        f"  {made.storage_memory:11.0f}",
        flush=True,
    )
    return made


def open_files(pid: int) -> int:
    """Return how many files and connections a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


if __name__ == "__main__":
    sys.exit(main())
