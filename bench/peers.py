"""The part that measures this service and its peers side by side."""

import argparse
import asyncio
import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Sequence

from bench import page
from bench.contenders import PYTHON, ROOT, Contender, Running, running
from bench.directory import fill
from bench.load import Measured, RefusedError
from bench.operations import OPERATIONS
from bench.plot import svg
from bench.report import markdown

_PACKAGES = ("scim2-server", "scim2-models", "pydantic", "uvicorn")

Found = dict[tuple[str, str, int], Measured | str]


def run(contenders: Sequence[Contender], options: argparse.Namespace, tell: Callable[[str], None]) -> None:
    """Measure them one after the other, and write the section of the page and its plot after each.

    So a run that is broken off leaves what it has measured. Raises RefusedError, StartError.
    """
    facts = [_versions(), _sizes(options)]
    results: Found = {}
    for number, contender in enumerate(contenders, 1):
        with running(contender) as server:
            results |= asyncio.run(_measure(contender, server, options, tell))
        names = [each.name for each in contenders[:number]]
        page.replace(options.output, "peers", markdown(results, names, facts))
        options.output.with_suffix(".svg").write_text(svg(results, names), encoding="utf-8")


async def _measure(
    contender: Contender, server: Running, options: argparse.Namespace, tell: Callable[[str], None]
) -> Found:
    """Fill the server, then measure one operation after the other, at one client and at several."""
    results: Found = {}
    async with server.client as client:
        tell(f"{contender.name}: filling it")
        filled = await fill(client, options.azurite_users if contender.on_azurite else options.users, options.spare)
        for operation in OPERATIONS:
            if operation.members and operation.members not in filled.groups:
                continue
            tell(f"{contender.name}: {operation.name}")
            sendings = operation.requests(filled)
            for clients in options.clients:
                key = (contender.name, operation.name, clients)
                try:
                    results[key] = await client.measure(
                        sendings, clients, options.requests, options.seconds, server.cpu
                    )
                except RefusedError as error:
                    results[key] = str(error)
    return results


def _versions() -> str:
    code = f"from importlib.metadata import version as v; print(', '.join(f'{{n}} {{v(n)}}' for n in {_PACKAGES}))"
    node = shutil.which("node") or "node"
    peers = json.loads((ROOT / "bench" / "servers" / "package.json").read_text())["dependencies"]
    named = ", ".join(f"{name} {version}" for name, version in peers.items())
    python = f"Python {platform.python_version()}, {_output(str(PYTHON), '-c', code)}"
    return f"{python}; Node.js {_output(node, '--version').removeprefix('v')}, {named}"


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _sizes(options: argparse.Namespace) -> str:
    return (
        f"{options.users:,} users in memory, {options.azurite_users:,} on Azurite; at most {options.requests} requests "
        f"or {options.seconds:g} s for each figure, after a warm-up"
    )
