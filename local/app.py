"""The function app as a child process on a port: under the Core Tools, or under the local host."""

import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from local.child import Child, StartError

Log = Literal["kept", "warnings", "all"]  # kept from standard error, or written to it: warnings, or every request

ROOT = Path(__file__).parent.parent
_READY_SECONDS = 120.0
# Settings of another deployment in the caller's shell must not leak into a local run.
_FOREIGN = ("STORAGE_TABLE_ENDPOINT", "AZURE_CLIENT_ID", "SCIM_BASE_URL", "SIGNING_KEY_ENCRYPTION_KEY")
# What `func start` would otherwise look for in local.settings.json.
# A timer needs a blob service, which the local run has not: there the maintenance is started by hand.
_CORE_TOOLS = {
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "AzureWebJobsDisableHomepage": "true",
    "AzureWebJobs.maintenance.Disabled": "true",
}


def environment(connection_string: str) -> dict[str, str]:
    """Return the environment of processes that work on the tables that the connection string leads to."""
    inherited = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    # Where functions are started from, their own Python comes first.
    path = f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', '')}"
    return inherited | {"STORAGE_CONNECTION_STRING": connection_string, "PATH": path}


class App:
    """The app on `port` of the loopback interface; 0 takes a free one, which it keeps once it has started."""

    def __init__(
        self,
        connection_string: str,
        port: int = 0,
        *,
        log: Log = "kept",
        core_tools: bool = False,
        host: str = "local.host",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Choose what runs the app: the Core Tools, or a module that serves it on the socket of `--fd`.

        `settings` are app settings beside the connection string.
        """
        self.port = port
        self.child: Child | None = None
        self._environment = environment(connection_string) | dict(settings or {})
        self._log = log
        self._core_tools = core_tools
        self._host = host

    @property
    def url(self) -> str:
        """Where it answers, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start it; `wait` tells when it answers. Raises StartError when the port is in use."""
        try:
            # Taken here, handed on: between choosing a free port and listening, nobody else can take it.
            listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        except OSError as error:
            advice = f"end the program that uses it, or choose another: make run PORT={self.port + 1}"
            raise StartError(f"port {self.port} cannot be used ({os.strerror(error.errno or 0)}): {advice}") from error
        with listener:
            self.port = listener.getsockname()[1]
            if not self._core_tools:
                self.child = self._run([*self._local_host(), "--fd", str(listener.fileno())], listener)
        if self._core_tools:
            self._environment |= _CORE_TOOLS
            self.child = self._run([str(shutil.which("func")), "start", "--port", str(self.port)])
        return self

    def _local_host(self) -> list[str]:
        level = "WARNING" if self._log == "warnings" else "INFO"
        return [sys.executable, "-m", self._host, "--log-level", level]

    def _run(self, command: list[str], *sockets: socket.socket) -> Child:
        return Child(
            "The app",
            command,
            environment=self._environment,
            folder=ROOT,
            sockets=[each.fileno() for each in sockets],
            quiet=self._log == "kept",
        )

    def wait(self) -> None:
        """Wait until it says that it is healthy. Raises StartError when it ends first, or never becomes so."""
        if self.child is not None:
            self.child.wait_until(lambda: reachable(f"{self.url}/healthz"), _READY_SECONDS)

    def stop(self) -> None:
        """Let it finish the requests that are under way, then end it."""
        if self.child is not None:
            self.child.stop()
            self.child = None

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        if self.child is not None:
            self.child.kill()
            self.child = None


def reachable(url: str, token: str = "") -> bool:
    """Whether a GET, with the bearer token if there is one, is answered with a 2xx status."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as response:  # noqa: S310
            return bool(200 <= response.status < 300)  # noqa: PLR2004
    except (OSError, urllib.error.URLError):
        return False
