"""Clients that write without a pause until something dies, and remember what they were promised."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.http.client import Answer, Client

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_LOST = (OSError, http.client.HTTPException)


@dataclass(slots=True)
class Writer:
    """Creates users, gives each a title, and adds it to a group that all writers share.

    `promised` holds what was acknowledged: of each user its title and whether it is a member. `refused` holds the
    answers that were neither a success nor 503.
    """

    client: Client
    group: str
    number: int
    promised: dict[str, dict[str, Any]] = field(default_factory=dict)
    when: dict[str, float] = field(default_factory=dict)
    refused: list[Answer] = field(default_factory=list)
    unavailable: int = 0

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop or until the service is gone."""
        turn = 0
        while not stop.is_set():
            turn += 1
            try:
                self._turn(f"w{self.number}-{turn}")
            except _LOST:
                return

    def _turn(self, name: str) -> None:
        created = self._call("POST", "/Users", {"userName": name})
        if created is None:
            return
        id = created.body["id"]
        self.promised[id] = {"userName": name}
        add = {"op": "add", "path": "members", "value": [{"value": id}]}
        if self._call("PATCH", f"/Groups/{self.group}", {"schemas": [PATCH_OP], "Operations": [add]}):
            self.promised[id]["member"] = True
        title = {"op": "add", "path": "title", "value": name}
        if self._call("PATCH", f"/Users/{id}", {"schemas": [PATCH_OP], "Operations": [title]}):
            self.promised[id]["title"] = name
        self.when[id] = time.monotonic()

    def _call(self, method: str, path: str, body: Any) -> Answer | None:
        answer = self.client.call(method, path, body)
        if answer.status == 503 and answer.headers.get("retry-after"):
            self.unavailable += 1
            time.sleep(0.05)
            return None
        if answer.status >= 400:
            self.refused.append(answer)
            return None
        return answer


class Crowd:
    """Writers at work, each on a thread of its own."""

    def __init__(self, writers: list[Writer]) -> None:
        self.writers = writers
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=each.run, args=(self._stop,)) for each in writers]

    def start(self) -> None:
        """Begin to write."""
        for thread in self._threads:
            thread.start()

    def wait_for(self, users: int) -> None:
        """Wait until so many users were promised."""
        deadline = time.monotonic() + 60
        while sum(len(each.promised) for each in self.writers) < users:
            assert time.monotonic() < deadline, "the writers get nothing done"
            time.sleep(0.01)

    def end(self) -> None:
        """Wait until all have ended."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def promised(self, *, before: float = float("inf")) -> dict[str, dict[str, Any]]:
        """Return what was promised of the users that were complete before a moment."""
        found: dict[str, dict[str, Any]] = {}
        for each in self.writers:
            found |= {id: said for id, said in each.promised.items() if each.when.get(id, time.monotonic()) < before}
        return found


def broken_promises(client: Client, group: str, promised: dict[str, dict[str, Any]]) -> list[str]:
    """Return what was promised and is not so."""
    held = client.dump()
    members = {member["value"] for member in held["/Groups"][group].get("members", ())}
    broken: list[str] = []
    for id, said in promised.items():
        user = held["/Users"].get(id, {})
        broken += [f"{id}: {name}" for name in ("userName", "title") if name in said and user.get(name) != said[name]]
        if "member" in said and (id not in members or group not in {each["value"] for each in user.get("groups", ())}):
            broken.append(f"{id}: member")
    return broken
