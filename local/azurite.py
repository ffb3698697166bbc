"""Azurite, the storage emulator, as a child process: for the local run, the tests and the benchmarks."""

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).parent.parent
_PROGRAM = _ROOT / "node_modules" / "azurite" / "dist" / "src" / "table" / "main.js"
_ACCOUNT = "devstoreaccount1"
# Azurite's published development key, the same on every machine: not a secret.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_START_SECONDS = 30.0


class AzuriteError(RuntimeError):
    """Azurite could not be started; the message says what to do."""


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Azurite:
    """The table service of Azurite; in memory, or with its data in `folder`, which survives `kill` and `start`."""

    def __init__(self, port: int = 0, folder: Path | None = None) -> None:
        self.port = port or free_port()
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The endpoint of the table service."""
        return f"http://127.0.0.1:{self.port}/{_ACCOUNT}"

    @property
    def connection_string(self) -> str:
        """The connection string of the development account."""
        return f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};TableEndpoint={self.url};"

    def start(self) -> Self:
        """Start it and wait until it accepts connections. Raises AzuriteError."""
        node = shutil.which("node")
        if node is None:
            raise AzuriteError("node is not installed: install Node.js 20 or newer, then run the command again")
        if not _PROGRAM.exists():
            raise AzuriteError("Azurite is not installed: run `npm ci` in the project's folder")
        where = ["--inMemoryPersistence"] if self.folder is None else ["--location", str(self.folder)]
        address = ["--tableHost", "127.0.0.1", "--tablePort", str(self.port)]
        flags = ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
        self._process = subprocess.Popen(
            [node, str(_PROGRAM), *where, *address, *flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in the right order
        )
        self._wait()
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise AzuriteError(f"Azurite ended while starting: is port {self.port} in use?")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        self.kill()
        raise AzuriteError(f"Azurite did not accept connections within {_START_SECONDS:.0f} s")

    def stop(self) -> None:
        """End it as a person would (SIGTERM), and by force if it lingers."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
