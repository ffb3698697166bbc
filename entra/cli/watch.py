"""`watch`: cycles on a clock."""

import argparse
from datetime import timedelta

from rich.console import Console

from entra.cli.options import FAILED, Files, add_configuration, add_connection, add_folder, main, open_job
from entra.cycle import Outcome, run_cycle
from entra.report import show_outcome, show_traffic
from entra.state import JobState, State
from entra.watch import INTERVAL, SystemClock, watch

HELP = "run cycles on a clock, with quarantine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_folder(parser)
    add_connection(parser)
    add_configuration(parser)
    minutes = INTERVAL.total_seconds() / 60
    parser.add_argument("--interval", type=float, default=minutes, metavar="MINUTES", help=f"(default: {minutes:.0f})")
    parser.add_argument("--cycles", type=int, metavar="N", help="stop after so many")


def run(arguments: argparse.Namespace) -> int:
    """Run cycles; the directory file is read anew for each. The exit status is 1 if the job ends in quarantine."""

    async def work(console: Console) -> int:
        async def cycle() -> Outcome:
            async with open_job(arguments) as job:
                outcome = await run_cycle(job)
            console.rule(f"{SystemClock().now():%Y-%m-%d %H:%M:%S} UTC")
            show_outcome(console, outcome)
            show_traffic(console, outcome.traffic, outcome.seconds)
            return outcome

        def state() -> JobState:
            return State(Files(arguments.folder).state).job

        interval = timedelta(minutes=arguments.interval)
        await watch(cycle, state, console.print, clock=SystemClock(), interval=interval, cycles=arguments.cycles)
        return FAILED if state().quarantine else 0

    return main(work)
