"""`make bench`: measure this service and its peers side by side; print the result and write it to docs/."""

import argparse
import asyncio
import json
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from bench.contenders import CONTENDERS, PYTHON, ROOT, Contender, Running, running
from bench.directory import fill
from bench.load import Measured, RefusedError
from bench.operations import OPERATIONS
from bench.plot import svg
from bench.report import markdown

_PACKAGES = ("scim2-server", "scim2-models", "pydantic", "uvicorn")


def main(arguments: list[str]) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure this service and its peers.")
    parser.add_argument("--users", type=int, default=11_000, help="users of the servers in memory")
    parser.add_argument("--azurite-users", type=int, default=1_300, help="users of the service on Azurite")
    parser.add_argument("--spare", type=int, default=300, help="users who are in no group, to be added")
    parser.add_argument("--requests", type=int, default=200, help="most requests of one measurement")
    parser.add_argument("--seconds", type=float, default=5.0, help="longest time of one measurement")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8], help="clients at once; 1 for the CPU times")
    names = [each.name for each in CONTENDERS]
    parser.add_argument("--only", action="append", choices=names, help="a contender; may be repeated")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks.md")
    options = parser.parse_args(arguments)
    chosen = [each for each in CONTENDERS if not options.only or each.name in options.only]
    facts = [_versions(), _sizes(options)]
    results: dict[tuple[str, str, int], Measured | str] = {}
    page = ""
    for number, contender in enumerate(chosen, 1):
        print(f"{contender.name} …", file=sys.stderr, flush=True)
        with running(contender) as server:
            results |= asyncio.run(_measure(contender, server, options))
        # After each: a run that is broken off leaves what it has measured.
        names = [each.name for each in chosen[:number]]
        page = markdown(results, names, facts)
        options.output.write_text(page, encoding="utf-8")
        options.output.with_suffix(".svg").write_text(svg(results, names), encoding="utf-8")
    print(page)
    return 0


async def _measure(
    contender: Contender, server: Running, options: argparse.Namespace
) -> dict[tuple[str, str, int], Measured | str]:
    """Fill the server, then measure one operation after the other, at one client and at several."""
    results: dict[tuple[str, str, int], Measured | str] = {}
    async with server.client as client:
        filled = await fill(client, options.azurite_users if contender.on_azurite else options.users, options.spare)
        for operation in OPERATIONS:
            if operation.members and operation.members not in filled.groups:
                continue
            sendings = operation.requests(filled)
            for clients in options.clients:
                key = (contender.name, operation.name, clients)
                try:
                    results[key] = await client.measure(
                        sendings, clients, options.requests, options.seconds, server.cpu
                    )
                except RefusedError as error:
                    results[key] = str(error)
            print(f"  {operation.name}", file=sys.stderr, flush=True)
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
