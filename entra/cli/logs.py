"""`logs`: the provisioning log."""

import argparse
import json
import sys

from rich.console import Console

from entra.cli.options import Files, add_folder, main
from entra.log import Selection, read_log
from entra.report import show_log

HELP = "show the provisioning log"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_folder(parser)
    parser.add_argument("--user", default="", metavar="NAME", help="name or id, in the source or the target")
    parser.add_argument("--status", default="", choices=("", "success", "failure", "skipped", "warning"))
    parser.add_argument(
        "--action", default="", metavar="ACTION", help="create, update, disable, delete, stagedDelete …"
    )
    parser.add_argument("--cycle", default="", metavar="ID", help="a cycle's id, or the beginning of it")
    parser.add_argument("--json", action="store_true", help="as JSON Lines, in Microsoft Graph's shape")


def run(arguments: argparse.Namespace) -> int:
    """Print the selected entries."""

    async def work(console: Console) -> int:
        selection = Selection(arguments.user, arguments.status, arguments.action, arguments.cycle)
        entries = read_log(Files(arguments.folder).log, selection)
        if arguments.json:
            for entry in entries:
                sys.stdout.write(json.dumps(entry, ensure_ascii=False) + "\n")
        else:
            show_log(console, entries)
        return 0

    return main(work)
