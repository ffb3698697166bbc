"""`demo`: a company is provisioned, a week passes, and everything is checked, in both dialects."""

import argparse
import json
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from entra.change import Rates, change, join
from entra.cli.options import FAILED, Files, main
from entra.client import Traffic, Wire
from entra.credentials import SecretToken
from entra.cycle import run_cycle
from entra.dialect import Dialect
from entra.functions.values import Context
from entra.generate import generate
from entra.job import Job
from entra.log import Log
from entra.mapping import Mappings
from entra.on_demand import provision_on_demand
from entra.report import Bars, show_outcome, show_steps, show_traffic, show_verification
from entra.source import Directory
from entra.state import State
from entra.verify import verify

HELP = "provision a company, let a week pass, verify: in both dialects"
_DIALECTS = ("legacy", "optscim")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--tenant-url")
    parser.add_argument("--token", help="of a tenant that is empty")
    parser.add_argument(
        "--start",
        metavar="COMMAND",
        help='starts a service of its own instead: prints one line of JSON with "tenant_url" and "secret_token"',
    )
    parser.add_argument("--users", type=int, default=500, metavar="N", help="(default: 500)")
    parser.add_argument("--groups", type=int, default=60, metavar="N", help="(default: 60)")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--mappings", default="default", help='"ideo", "default" or a file (default: default)')


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration; the exit status is 1 unless every comparison ends with no difference."""

    async def work(console: Console) -> int:
        with _service(arguments) as (tenant_url, token):
            return await _demonstrate(console, arguments, tenant_url, token)

    return main(work)


@contextmanager
def _service(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Return the Tenant URL and the Secret Token to use, of a service that is started here if one is to be."""
    if not arguments.start:
        if not arguments.tenant_url or not arguments.token:
            raise ValueError("give --tenant-url and --token, or --start")
        yield arguments.tenant_url, arguments.token
        return
    command = shlex.split(arguments.start)
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - the command is the caller's own
    try:
        answer = json.loads((process.stdout.readline() if process.stdout else b"") or b"{}")
        if "tenant_url" not in answer:
            raise ValueError(f"{arguments.start} did not start a service")
        yield answer["tenant_url"], answer["secret_token"]
    finally:
        process.terminate()
        process.wait()


async def _demonstrate(console: Console, arguments: argparse.Namespace, tenant_url: str, token: str) -> int:
    directory = generate(arguments.users, arguments.groups, arguments.seed)
    console.print(f"A company of {len(directory.users)} people and {len(directory.groups)} groups.")
    traffic, began, differences = Traffic(), time.perf_counter(), 0
    with TemporaryDirectory() as folder:
        for dialect in _DIALECTS:
            wire = Wire(tenant_url, SecretToken(token), Dialect.named(dialect))
            wire.traffic = traffic
            differences += await _rehearse(console, wire, directory, arguments, Files(Path(folder)))
    seconds = time.perf_counter() - began
    console.rule("Summary")
    show_traffic(console, traffic, seconds)
    colour = "red" if differences else "green"
    console.print(f"[bold {colour}]{differences} differences[/] in both dialects together, {seconds:.0f} s")
    return FAILED if differences else 0


async def _rehearse(
    console: Console, wire: Wire, directory: Directory, arguments: argparse.Namespace, files: Files
) -> int:
    console.rule(f"Dialect {wire.dialect.name}")
    async with AsyncExitStack() as opened:
        await opened.enter_async_context(wire)
        bars = opened.enter_context(Bars(console))
        context = Context(domain=directory.domain)
        job = Job(
            directory, Mappings.load(arguments.mappings), wire, State(files.state), Log(files.log), context=context
        )
        job.progress = bars
        job.state.restart()
        console.print("[bold]Initial cycle[/]")
        show_outcome(console, await run_cycle(job))
        changes = change(directory, Rates(), directory.version + arguments.seed)
        console.print(f"[bold]A week later:[/] {changes}")
        show_outcome(console, await run_cycle(job))
        console.print("[bold]One more person, on demand[/]")
        newcomer = join(directory, arguments.seed)
        show_steps(console, await provision_on_demand(job, newcomer), details=False)
        console.print(f"[bold]The next cycle brings the groups of {newcomer.name}[/]")
        show_outcome(console, await run_cycle(job))
        result = await verify(job, exclusive=True)
        show_verification(console, result)
        return len(result.deviations)
