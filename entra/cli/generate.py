"""`generate`: make a synthetic directory."""

import argparse

from rich.console import Console

from entra.cli.options import Files, add_folder, main
from entra.generate import generate

HELP = "make a synthetic directory"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_folder(parser)
    parser.add_argument("--users", type=int, default=500, metavar="N", help="(default: 500)")
    parser.add_argument("--groups", type=int, default=60, metavar="N", help="(default: 60)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed makes the same directory")
    parser.add_argument("--domain", default="contoso.com", help="(default: contoso.com)")


def run(arguments: argparse.Namespace) -> int:
    """Write the directory file."""

    async def work(console: Console) -> int:
        directory = generate(arguments.users, arguments.groups, arguments.seed, arguments.domain)
        path = Files(arguments.folder).directory
        directory.save(path)
        sizes = sorted((len(group.members) for group in directory.groups.values()), reverse=True)
        console.print(f"{path}: {len(directory.users)} users, {len(sizes)} groups, the largest of {sizes[0]} members")
        return 0

    return main(work)
