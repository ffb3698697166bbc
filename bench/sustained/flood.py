"""A tenant gone wild, in a process of its own: so many clients at once who send the next request with every answer,
whatever it says. `python -m bench.sustained.flood URL CLIENTS` with the secret token as the first line of its standard
input floods until the input ends, and prints what it was answered as JSON."""

import asyncio
import json
import sys
from collections import Counter
from threading import Event, Thread

from bench.load import Client
from bench.pace import Done, Job, at_once, drive
from bench.traffic import Traffic


def main(url: str, clients: int) -> int:
    """Flood; return the exit code."""
    secret_token = sys.stdin.readline().strip()
    over = Event()
    Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    print(json.dumps(asyncio.run(_flood(Client(url, secret_token), clients, over))))
    return 0


async def _flood(client: Client, clients: int, over: Event) -> dict[str, int]:
    answered = Counter({"served": 0, "refused": 0, "wrong": 0})

    def note(done: Done) -> None:
        answered["refused" if done.refused else "wrong" if done.fault else "served"] += 1

    async with client:
        jobs = [Job(Traffic(job).conversation()) for job in range(clients)]
        await drive(client, jobs, at_once(over.is_set), note)
    return dict(answered)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
