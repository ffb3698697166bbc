"""`provision-on-demand`: one user, or one group with a few members."""

import argparse

from rich.console import Console

from entra.cli.options import FAILED, add_configuration, add_connection, add_folder, main, open_job
from entra.on_demand import provision_on_demand
from entra.report import show_steps
from entra.source import Directory, Group, User

HELP = "provision one user or group now, and show every step"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("name", help="user principal name, mail, display name or object id")
    parser.add_argument(
        "--member", action="append", default=[], metavar="NAME", help="a member of the group, up to five"
    )
    add_folder(parser)
    add_connection(parser)
    add_configuration(parser)


def run(arguments: argparse.Namespace) -> int:
    """Provision and print the steps; the exit status is 1 if one of them failed."""

    async def work(console: Console) -> int:
        async with open_job(arguments) as job:
            source = _found(job.directory, arguments.name)
            members = [_found(job.directory, name) for name in arguments.member]
            if isinstance(source, Group) and not members:
                console.print("No members chosen: the group itself is provisioned.")
            users = [member for member in members if isinstance(member, User)]
            steps = await provision_on_demand(job, source, users)
        show_steps(console, steps)
        return FAILED if any(step.status == "Failure" for step in steps) else 0

    return main(work)


def _found(directory: Directory, name: str) -> User | Group:
    source = directory.find(name)
    if source is None:
        raise ValueError(f"nobody and nothing is called {name}")
    return source
