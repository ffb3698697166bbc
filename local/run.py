"""`make run`: Azurite, the app, a tenant to try it with, and what to type into Entra or curl.

`--ephemeral`, for tests and scripts: storage in memory, nothing kept, and one line of JSON on standard output.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from local import oauth
from local.app import ROOT, App
from local.azurite import Azurite
from local.child import Child, StartError
from local.demo import kept_token, make_tables
from local.service import TENANT, Service

STORAGE_PORT = 10002  # Azurite's own default, which local.settings.json.example names
_LAST_PORT = 65_535
_LOOK_SECONDS = 0.3


def main(arguments: Sequence[str]) -> int:
    """Run the command line until it is stopped; return its exit code."""
    parent = os.getppid()  # asked first: it may be killed at any moment from now on
    parser = argparse.ArgumentParser(prog="python -m local.run", description="Run the service on this machine.")
    parser.add_argument("--port", type=_port, default=7071, help="port of the app; 0 takes a free one")
    parser.add_argument("--storage-port", type=_port, default=STORAGE_PORT, help="port of Azurite's table service")
    parser.add_argument("--folder", type=Path, default=ROOT, help="where .azurite and .local are kept")
    parser.add_argument("--ephemeral", action="store_true", help="storage in memory; print one line of JSON")
    options = parser.parse_args(arguments)
    # An event, not an exception: every child that has been started is known when the stack is unwound.
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    try:
        with ExitStack() as running:
            if options.ephemeral:
                _ephemeral(running, options.port, stop, parent)
            else:
                _lasting(running, options, stop)
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: choose 1 to {_LAST_PORT}, or 0 for a free one")
    return int(text)


def _ephemeral(running: ExitStack, port: int, stop: threading.Event, parent: int) -> None:
    service = running.enter_context(Service(port, log="warnings"))
    answer = {
        "tenant_url": service.tenant_url,
        "secret_token": service.secret_token,
        "storage_url": service.storage_url,
    }
    if not stop.is_set():
        print(json.dumps(answer), flush=True)
    watch(service.azurite.child, service.app.child, stop=stop, parent=parent)


def _lasting(running: ExitStack, options: argparse.Namespace, stop: threading.Event) -> None:
    core_tools = shutil.which("func") is not None
    azurite = Azurite(options.storage_port, options.folder / ".azurite")
    settings = oauth.settings(options.folder / ".local" / "signing-key-encryption-key")
    app = App(azurite.connection_string, options.port, log="all", core_tools=core_tools, settings=settings)
    running.callback(azurite.stop)
    azurite.start()
    make_tables(azurite.connection_string)
    running.callback(app.stop)
    print(f"Starting the app with {'func start' if core_tools else 'the local host'} …", file=sys.stderr)
    app.start().wait()
    token_file = options.folder / ".local" / "demo-token"
    token = kept_token(token_file, azurite.connection_string, TENANT, f"{app.url}/scim/v2")
    url = f"http://localhost:{app.port}/scim/v2"
    print(
        f"\nTenant URL    {url}\nSecret Token  {token}\n\n"
        f"curl -H 'Authorization: Bearer {token}' {url}/Users\n\n"
        f"Tables        {azurite.url}\nCtrl-C ends it.",
        flush=True,
    )
    watch(azurite.child, app.child, stop=stop)


def watch(*children: Child | None, stop: threading.Event, parent: int | None = None) -> None:
    """Return when the run is told to stop or loses its parent. Raises StartError when a child ends before."""
    while not stop.wait(_LOOK_SECONDS):
        for child in filter(None, children):
            if child.ended:
                raise StartError(child.last_words())
        if parent is not None and os.getppid() != parent:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
