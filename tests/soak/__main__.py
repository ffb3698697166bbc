"""`python -m tests.soak`: minutes of Entra's traffic with people coming and going, against the running service.

Prints for each slice of time how many requests were answered and how fast, and what the service holds: memory, open
files and connections. Ends with 1 when an answer was wrong or the service grew.
"""

import argparse
import random
import statistics
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local.service import Service
from tests.http.client import Answer, Client

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_GROWTH = 1.15  # of memory and files, from the second slice to the last: the first one warms up
_MOST_USERS = 40  # of each client; who comes beyond makes another go


@dataclass(slots=True)
class Slice:
    """What was measured in a stretch of time: seconds of each request, statuses, and what was wrong."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Traffic:
    """What one provisioning job does, over and over: match, create, update, put into groups, disable, delete."""

    def __init__(self, client: Client, seed: int) -> None:
        self.slice = Slice()
        self._client = client
        self._random = random.Random(seed)
        self._name = f"job{seed}"
        self._users: list[str] = []
        self._turn = 0

    def begin(self) -> None:
        """Make the groups."""
        names = [f"{self._name} {number}" for number in range(3)]
        self._groups = [self._client.post("/Groups", {"displayName": name})["id"] for name in names]

    def run(self, stop: threading.Event) -> None:
        """Send requests until told to stop."""
        while not stop.is_set():
            self._turn += 1
            self._come()
            self._change()
            if len(self._users) > _MOST_USERS:
                self._go()

    def _come(self) -> None:
        name = f"{self._name}-{self._turn}@example.com"
        self._expect({200}, "GET", "/Users", query={"filter": f'userName eq "{name}"'})
        body = {
            "userName": name,
            "externalId": name,
            "active": True,
            "name": {"givenName": "Jane", "familyName": name},
            "emails": [{"type": "work", "primary": True, "value": name}],
            ENTERPRISE: {"department": "R&D"},
        }
        created = self._expect({201}, "POST", "/Users", body)
        if created.status == 201:
            id = created.body["id"]
            self._users.append(id)
            members = [{"value": id}, {"value": self._random.choice(self._users)}]
            self._patch({204}, f"/Groups/{self._random.choice(self._groups)}", "Add", "members", members)

    def _change(self) -> None:
        id = self._random.choice(self._users)
        self._expect({200}, "GET", f"/Users/{id}")
        self._patch({200}, f"/Users/{id}", "Replace", "active", self._random.choice(["True", "False"]))
        self._patch({200}, f"/Users/{id}", "Add", 'emails[type eq "work"].value', f"{self._turn}@example.com")
        group = self._random.choice(self._groups)
        self._expect({200}, "GET", f"/Groups/{group}", query={"excludedAttributes": "members"})
        if self._turn % 10 == 0:
            self._expect({200}, "GET", "/Users", query={"count": 20, "startIndex": 1})

    def _go(self) -> None:
        id = self._users.pop(self._random.randrange(len(self._users)))
        self._patch({204}, f"/Groups/{self._random.choice(self._groups)}", "Remove", "members", [{"value": id}])
        self._expect({204}, "DELETE", f"/Users/{id}")
        self._expect({404}, "GET", f"/Users/{id}")

    def _patch(self, expected: set[int], path: str, op: str, target: str, value: Any) -> None:
        operation = {"op": op, "path": target, "value": value}
        self._expect(expected, "PATCH", path, {"schemas": [PATCH_OP], "Operations": [operation]})

    def _expect(self, expected: set[int], method: str, path: str, body: Any = None, query: Any = None) -> Answer:
        began = time.monotonic()
        answer = self._client.call(method, path, body, query=urlencode(query or {}))
        now = self.slice  # exchanged by the thread that prints
        now.seconds.append(time.monotonic() - began)
        now.statuses[answer.status] += 1
        if answer.status not in expected and answer.status not in {429, 503}:
            now.wrong.append(f"{method} {path}: {answer.status} {answer.content[:200]!r}")
        return answer


def held(pid: int) -> tuple[float, int]:
    """Return the resident memory of a process in MiB, and how many files and connections it has open."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return resident / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir()))


def main() -> int:
    """Run the traffic and print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--slices", type=int, default=10)
    options = parser.parse_args()
    with Service() as service:
        tokens = [service.new_token(f"soak-{number % 4}") for number in range(min(options.clients, 4))]
        clients = [Client(service.tenant_url, tokens[number % 4]) for number in range(options.clients)]
        jobs = [Traffic(client, number) for number, client in enumerate(clients)]
        for job in jobs:
            job.begin()
        rows, wrong = _run(service, jobs, options.slices, options.minutes * 60 / options.slices)
    print(*wrong[:20], sep="\n")
    (memory, files), (last_memory, last_files) = rows[min(1, len(rows) - 1)], rows[-1]
    grown = last_memory > memory * _GROWTH or last_files > files * _GROWTH
    print(f"{len(wrong)} wrong answers; the service {'grew' if grown else 'did not grow'}.")
    return int(grown or bool(wrong))


def _run(
    service: Service, jobs: list[Traffic], slices: int, seconds: float
) -> tuple[list[tuple[float, int]], list[str]]:
    """Let the jobs work and print one line for each slice; return what the service held, and what was wrong."""
    assert service.app.child is not None
    assert service.azurite.child is not None
    stop = threading.Event()
    threads = [threading.Thread(target=job.run, args=(stop,)) for job in jobs]
    for thread in threads:
        thread.start()
    print("  slice  requests  req/s   p50 ms   p95 ms   p99 ms  429/503  wrong  RSS MiB  open  Azurite MiB", flush=True)
    rows: list[tuple[float, int]] = []
    wrong: list[str] = []
    for number in range(slices):
        time.sleep(seconds)
        done = [job.slice for job in jobs]
        for job in jobs:
            job.slice = Slice()
        taken = [second * 1000 for part in done for second in part.seconds]
        rows.append(held(service.app.child._process.pid))
        wrong += [each for part in done for each in part.wrong]
        p50, p95, p99 = (statistics.quantiles(taken, n=100)[at - 1] for at in (50, 95, 99))
        refused = sum(part.statuses[429] + part.statuses[503] for part in done)
        azurite, _ = held(service.azurite.child._process.pid)
        print(
            f"{number + 1:7}  {len(taken):8}  {len(taken) / seconds:5.0f}  {p50:7.1f}  {p95:7.1f}  {p99:7.1f}"
            f"  {refused:7}  {len(wrong):5}  {rows[-1][0]:7.1f}  {rows[-1][1]:4}  {azurite:11.0f}",
            flush=True,
        )
    stop.set()
    for thread in threads:
        thread.join()
    return rows, wrong


if __name__ == "__main__":
    sys.exit(main())
