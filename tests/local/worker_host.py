"""The local host with the project's app behind the worker library: `python -m tests.local.worker_host --fd N`."""

import argparse
import asyncio
import importlib.util
import socket

from local.functions import read
from local.host import ROOT, Host, HostSettings, serve
from tests.local.worker import index, through_worker

APP = "function_app"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--log-level")
    options = parser.parse_args()
    settings = HostSettings.read(ROOT)
    ids = index(ROOT, APP)
    # An app tells its functions once only, and the worker has asked: the module is loaded again for its routes.
    specification = importlib.util.spec_from_file_location("the_same_app", ROOT / f"{APP}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    functions = through_worker(read(module.app, settings.route_prefix), ids)
    asyncio.run(serve(Host(functions, settings), socket.socket(fileno=options.fd)))


if __name__ == "__main__":
    main()
