"""`change`: let people join, move and leave."""

import argparse

from rich.console import Console

from entra.change import Rates, change
from entra.cli.options import Files, add_folder, main
from entra.source import Directory

HELP = "apply joiners, movers and leavers to the directory"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_folder(parser)
    parser.add_argument(
        "--joiners", type=float, default=0.02, metavar="SHARE", help="of the active users (default: 0.02)"
    )
    parser.add_argument("--movers", type=float, default=0.05, metavar="SHARE", help="(default: 0.05)")
    parser.add_argument("--leavers", type=float, default=0.02, metavar="SHARE", help="(default: 0.02)")
    parser.add_argument("--seed", type=int, metavar="N", help="(default: the number of the change)")


def run(arguments: argparse.Namespace) -> int:
    """Change the directory file."""

    async def work(console: Console) -> int:
        path = Files(arguments.folder).directory
        directory = Directory.load(path)
        rates = Rates(arguments.joiners, arguments.movers, arguments.leavers)
        seed = directory.version + 1 if arguments.seed is None else arguments.seed
        console.print(f"Version {directory.version + 1}: {change(directory, rates, seed)}")
        directory.save(path)
        return 0

    return main(work)
