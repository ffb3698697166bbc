"""Azurite, the storage emulator, as a child process: for the local run, the tests and the benchmarks."""

import shutil
import signal
import socket
from pathlib import Path
from typing import Self

from local.child import Child, StartError

_ROOT = Path(__file__).parent.parent
_PROGRAM = _ROOT / "node_modules" / "azurite" / "dist" / "src" / "table" / "main.js"
_INDEX = _ROOT / "local" / "azurite_index.cjs"
_UNSAVED = _ROOT / "local" / "azurite_unsaved.cjs"
ACCOUNT = "devstoreaccount1"
# Azurite's published development key, the same on every machine: not a secret.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_START_SECONDS = 60.0
_ATTEMPTS = 5


class AzuriteError(StartError):
    """Azurite could not be started; the message says what to do."""


class PortTakenError(AzuriteError):
    """Another program listens on the port."""


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Azurite:
    """The table service of Azurite; in memory, or with its data in `folder`, which survives `stop` and `start`.

    `port` 0 takes a free one, which it keeps once it has started. Not `indexed` it searches every row in every call.
    `saves` tells whether it writes what it is told to the folder, `start_seconds` how long it may take to start.
    """

    def __init__(self, port: int = 0, folder: Path | None = None, *, indexed: bool = True) -> None:
        self.port = port or free_port()
        self.folder = folder
        self._program = ["--require", str(_INDEX), str(_PROGRAM)] if indexed else [str(_PROGRAM)]
        self.saves = folder is not None
        self.start_seconds = _START_SECONDS
        self.child: Child | None = None
        self._attempts = 1 if port else _ATTEMPTS

    @property
    def url(self) -> str:
        """The endpoint of the table service."""
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    @property
    def connection_string(self) -> str:
        """The connection string of the development account."""
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={_KEY};TableEndpoint={self.url};"

    def start(self) -> Self:
        """Start it and wait until it serves. Raises AzuriteError."""
        node = shutil.which("node")
        if node is None:
            raise AzuriteError("node is not installed: install Node.js 20 or newer, then run the command again")
        if not _PROGRAM.exists():
            raise AzuriteError("Azurite is not installed: run `npm ci` in the project's folder")
        while True:
            try:
                return self._start(node)
            except PortTakenError:
                # Between free_port and here, another process may have taken the port.
                self._attempts -= 1
                if not self._attempts:
                    raise
                self.port = free_port()

    def _start(self, node: str) -> Self:
        where = ["--inMemoryPersistence"] if self.folder is None else ["--location", str(self.folder)]
        address = ["--tableHost", "127.0.0.1", "--tablePort", str(self.port)]
        flags = ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        unsaved = ["--require", str(_UNSAVED)] if self.folder is not None and not self.saves else []
        self.child = child = Child("Azurite", [node, *unsaved, *self._program, *where, *address, *flags])
        try:
            # Not a connection: on a port that was taken, another process would answer it.
            child.wait_until(lambda: "successfully started" in child.output(), self.start_seconds)
        except StartError as error:
            taken = "EADDRINUSE" in child.output()
            self.kill()
            if taken:
                advice = "end that program, which may be another run, or choose another port: make run STORAGE_PORT=…"
                raise PortTakenError(f"port {self.port} for Azurite is in use: {advice}") from error
            raise AzuriteError(f"Azurite does not start: {error}") from error
        self._attempts = 1
        return self

    def stop(self) -> None:
        """End it; what it holds in a folder is written first."""
        if self.child is not None:
            # On SIGTERM it would lose the writes of the last seconds.
            self.child.stop(signal.SIGINT if self.saves else signal.SIGKILL)
            self.child = None

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        if self.child is not None:
            self.child.kill()
            self.child = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
