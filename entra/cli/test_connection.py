"""`test-connection`: the portal's button."""

import argparse

from rich.console import Console
from rich.markup import escape

from entra.cli.options import FAILED, add_configuration, add_connection, main, open_wire, read_mappings
from entra.errors import JobError
from entra.job import Job
from entra.matching import test_connection
from entra.source import Directory
from entra.state import State

HELP = 'what the button "Test Connection" does'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_connection(parser)
    add_configuration(parser)


def run(arguments: argparse.Namespace) -> int:
    """Send the probes and give the verdict."""

    async def work(console: Console) -> int:
        mappings = read_mappings(arguments)
        async with open_wire(arguments) as wire:
            job = Job(Directory(tenant_id="", domain=""), mappings, wire, State())
            try:
                exchanges = await test_connection(job)
            except JobError as problem:
                console.print("[red]You appear to have entered invalid credentials or an unsuitable Tenant URL.[/]")
                console.print(f"Error code: {escape(problem.code)}\n{escape(problem.message)}")
                return FAILED
        for exchange in exchanges:
            console.print(
                f"{exchange.method} {escape(exchange.url)} → {exchange.status} in {exchange.seconds * 1000:.0f} ms"
            )
        for finding in job.tally.examples.values():
            console.print(f"[yellow]{escape(str(finding))}[/]")
        console.print("[green]The supplied credentials are authorized to enable provisioning.[/]")
        return 0

    return main(work)
