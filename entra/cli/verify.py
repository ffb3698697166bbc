"""`verify`: read the target back."""

import argparse

from rich.console import Console
from rich.markup import escape

from entra.cli.options import FAILED, add_configuration, add_connection, add_folder, main, open_job
from entra.errors import JobError
from entra.report import Bars, show_verification
from entra.verify import verify

HELP = "compare the target with what it should be"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_folder(parser)
    add_connection(parser)
    add_configuration(parser)
    parser.add_argument(
        "--exclusive", action="store_true", help="the target holds nothing else: the rest is a difference"
    )


def run(arguments: argparse.Namespace) -> int:
    """Compare and print every difference; the exit status is 1 if there is one."""

    async def work(console: Console) -> int:
        with Bars(console) as bars:
            async with open_job(arguments, bars) as job:
                try:
                    result = await verify(job, exclusive=arguments.exclusive)
                except JobError as problem:
                    console.print(f"[red]{escape(problem.code)}[/]: {escape(problem.message)}")
                    return FAILED
        show_verification(console, result)
        return FAILED if result.deviations else 0

    return main(work)
