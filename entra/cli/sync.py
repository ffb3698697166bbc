"""`sync`: one cycle."""

import argparse

from rich.console import Console

from entra.cli.options import FAILED, add_configuration, add_connection, add_folder, main, open_job
from entra.cycle import run_cycle
from entra.report import Bars, show_outcome, show_traffic

HELP = "run one provisioning cycle: initial without a state, else incremental"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_folder(parser)
    add_connection(parser)
    add_configuration(parser)
    parser.add_argument("--restart", choices=("links-kept", "full"), help="begin with a new initial cycle")
    parser.add_argument("--allow-deletes", action="store_true", help="send the removals that were staged")
    parser.add_argument("--retry-escrows", action="store_true", help="try failed objects now, whatever their time")


def run(arguments: argparse.Namespace) -> int:
    """Run the cycle and print what it did; the exit status is 1 unless all of it went well."""

    async def work(console: Console) -> int:
        with Bars(console) as bars:
            async with open_job(arguments, bars) as job:
                if arguments.restart:
                    job.state.restart(keep_links=arguments.restart == "links-kept")
                outcome = await run_cycle(job)
        show_outcome(console, outcome)
        show_traffic(console, outcome.traffic, outcome.seconds)
        return 0 if outcome.healthy else FAILED

    return main(work)
