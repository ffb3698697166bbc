"""Who is measured: how each is started, where it answers, and which process to charge."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Client, cpu_seconds
from local.app import reachable
from local.azurite import free_port
from local.child import Child
from local.service import Service

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".local" / "bench" / "python" / "bin" / "python"
NODE = ROOT / ".local" / "bench" / "node"
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its client, and the CPU seconds that its process has had so far."""

    client: Client
    cpu: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Contender:
    """A column of the result; `start` runs the server for as long as its context lasts."""

    name: str
    start: Callable[[], "Iterator[Running]"]
    on_azurite: bool = False


def _program(command: list[str], base_path: str, folder: Path) -> Iterator[Running]:
    port = free_port()
    environment = {**os.environ, "NODE_ENV": "production", "PYTHONPATH": str(ROOT)}
    child = Child(command[0], [*command, str(port)], environment=environment, folder=folder)
    url = f"http://127.0.0.1:{port}{base_path}"
    try:
        child.wait_until(lambda: reachable(f"{url}/ServiceProviderConfig", "bench"), _START_SECONDS)
        yield Running(Client(url, "bench"), lambda: cpu_seconds(child.pid))
    finally:
        child.stop()


def _twin() -> Iterator[Running]:
    yield from _program([str(PYTHON), "-m", "bench.servers.twin"], "/scim/v2", ROOT)


def _scim2_server() -> Iterator[Running]:
    yield from _program([str(PYTHON), "-m", "bench.servers.scim2"], "/v2", ROOT)


def _scimmy() -> Iterator[Running]:
    # Node looks for packages beside the program that imports them.
    program = shutil.copy(ROOT / "bench" / "servers" / "scimmy.mjs", NODE)
    yield from _program(["node", str(program)], "/scim", NODE)


def _on_azurite() -> Iterator[Running]:
    with Service(log="warnings") as service:
        child = service.app.child
        if child is None:
            raise RuntimeError("the app has no process of its own")
        yield Running(Client(service.tenant_url, service.secret_token), lambda: cpu_seconds(child.pid))


OURS, SCIM2_SERVER, SCIMMY = "ours, in memory", "scim2-server", "SCIMMY"
CONTENDERS = (
    Contender(OURS, _twin),
    Contender(SCIM2_SERVER, _scim2_server),
    Contender(SCIMMY, _scimmy),
    Contender("ours, whole, on Azurite", _on_azurite, on_azurite=True),
)

running = contextmanager(lambda contender: contender.start())
