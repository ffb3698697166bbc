"""`demo`: a company is provisioned, a week passes, and everything is checked, in both dialects."""

import argparse
import time
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from entra.change import Rates, change
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
from entra.source import Directory, User
from entra.state import State
from entra.verify import verify

HELP = "provision a company, let a week pass, verify: in both dialects"
_DIALECTS = ("legacy", "optscim")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--tenant-url", required=True)
    parser.add_argument("--token", required=True, help="of a tenant that is empty")
    parser.add_argument("--users", type=int, default=500, metavar="N", help="(default: 500)")
    parser.add_argument("--groups", type=int, default=60, metavar="N", help="(default: 60)")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--mappings", default="default", help='"ideo", "default" or a file (default: default)')


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration; the exit status is 1 unless every comparison ends with no difference."""

    async def work(console: Console) -> int:
        directory = generate(arguments.users, arguments.groups, arguments.seed)
        console.print(f"A company of {len(directory.users)} people and {len(directory.groups)} groups.")
        traffic, began, differences = Traffic(), time.perf_counter(), 0
        with TemporaryDirectory() as folder:
            for dialect in _DIALECTS:
                differences += await _rehearse(console, arguments, directory, dialect, Files(Path(folder)), traffic)
        seconds = time.perf_counter() - began
        console.rule("Summary")
        show_traffic(console, traffic, seconds)
        colour = "red" if differences else "green"
        console.print(f"[bold {colour}]{differences} differences[/] in both dialects together, {seconds:.0f} s")
        return FAILED if differences else 0

    return main(work)


async def _rehearse(
    console: Console, arguments: argparse.Namespace, directory: Directory, dialect: str, files: Files, traffic: Traffic
) -> int:
    console.rule(f"Dialect {dialect}")
    async with AsyncExitStack() as opened:
        wire = Wire(arguments.tenant_url, SecretToken(arguments.token), Dialect.named(dialect))
        wire.traffic = traffic
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
        show_steps(console, await provision_on_demand(job, _newcomer(directory)))
        result = await verify(job, exclusive=True)
        show_verification(console, result)
        return len(result.deviations)


def _newcomer(directory: Directory) -> User:
    """Hire somebody after the cycle, for provisioning on demand."""
    directory.version += 1
    before = set(directory.users)
    change(directory, Rates(joiners=1 / max(1, len(directory.users)), movers=0, leavers=0), directory.version)
    return next(user for user in directory.users.values() if user.id not in before)
