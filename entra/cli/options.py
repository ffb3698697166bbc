"""What the sub-commands have in common: where the files are, how to reach the target, what to send it."""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from entra.client import TIMEOUT, Wire, split_tenant_url
from entra.credentials import ClientCredentials, Credentials, SecretToken
from entra.dialect import DIALECTS, Dialect
from entra.functions.values import Context
from entra.job import Job, Options, Progress, Unwatched
from entra.log import Log
from entra.mapping import Mappings
from entra.source import Directory
from entra.state import State

FAILED, MISUSED = 1, 2
_WIDTH = 120  # where there is no terminal that has one


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one rehearsal, in one folder."""

    folder: Path

    @property
    def directory(self) -> Path:
        """The directory that is provisioned."""
        return self.folder / "directory.json"

    @property
    def state(self) -> Path:
        """What is remembered between cycles."""
        return self.folder / "state.jsonl"

    @property
    def log(self) -> Path:
        """The provisioning log."""
        return self.folder / "log.jsonl"


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the files are."""
    parser.add_argument(
        "--folder", type=Path, default=Path("rehearsal"), help="folder of directory, state and log (default: rehearsal)"
    )


def add_connection(parser: argparse.ArgumentParser) -> None:
    """Add the options of the portal's Admin Credentials."""
    group = parser.add_argument_group("admin credentials")
    group.add_argument("--tenant-url", default=os.environ.get("ENTRA_TENANT_URL"), help="or ENTRA_TENANT_URL")
    group.add_argument("--token", default=os.environ.get("ENTRA_SECRET_TOKEN"), help="or ENTRA_SECRET_TOKEN")
    group.add_argument("--token-endpoint", help="ask for tokens here (OAuth client credentials)")
    group.add_argument("--client-id", default=os.environ.get("ENTRA_CLIENT_ID", ""), help="or ENTRA_CLIENT_ID")
    group.add_argument(
        "--client-secret", default=os.environ.get("ENTRA_CLIENT_SECRET", ""), help="or ENTRA_CLIENT_SECRET"
    )
    group.add_argument("--oauth-scope", default="", help="the scope to ask for")
    group.add_argument("--credentials-in", choices=("header", "body", "both"), default="header")
    group.add_argument("--assertion", type=Path, help="file with a token of Entra's own, instead of a client secret")


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Add the options of mappings, scope and settings."""
    group = parser.add_argument_group("configuration")
    group.add_argument("--mappings", default="ideo", help='"ideo", "default" or a file (default: ideo)')
    group.add_argument("--scope", choices=("assigned", "all"), help="overrides the mappings' scope")
    group.add_argument("--deletion-threshold", type=int, metavar="N", help="stage more than N removals in a cycle")
    group.add_argument("--dialect", choices=tuple(DIALECTS), help="how requests look (default: legacy)")
    group.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="one switch of the dialect")
    group.add_argument("--concurrency", type=int, default=8, metavar="N", help="objects at once (default: 8)")
    group.add_argument("--members-per-patch", type=int, default=20, metavar="N", help="(default: 20)")
    group.add_argument("--parallel-members", action="store_true", help="send one group's batches at once")
    group.add_argument("--double-check", action="store_true", help="ask again after every write")
    group.add_argument("--reference-check", action="store_true", help="ask whether a manager is set before setting it")
    group.add_argument("--timeout", type=float, default=TIMEOUT, metavar="SECONDS", help=f"(default: {TIMEOUT:.0f})")


def read_mappings(arguments: argparse.Namespace) -> Mappings:
    """Read the mappings, with what the command line overrides. Raise OSError or ValueError."""
    mappings = Mappings.load(arguments.mappings)
    overridden = {"scope": arguments.scope, "deletion_threshold": arguments.deletion_threshold}
    return mappings.model_copy(update={name: value for name, value in overridden.items() if value is not None})


def open_wire(arguments: argparse.Namespace) -> Wire:
    """Return the connection that the options describe. Raise ValueError if they describe none."""
    if not arguments.tenant_url:
        raise ValueError("give the Tenant URL: --tenant-url or ENTRA_TENANT_URL")
    return Wire(
        arguments.tenant_url,
        read_credentials(arguments),
        read_dialect(arguments),
        width=arguments.concurrency,
        timeout=arguments.timeout,
    )


def read_dialect(arguments: argparse.Namespace) -> Dialect:
    """Return the dialect that the options describe, or the Tenant URL by its flag. Raise ValueError."""
    _, flagged = split_tenant_url(arguments.tenant_url)
    return Dialect.named(arguments.dialect or ("optscim" if flagged else "legacy"), arguments.switch)


def read_credentials(arguments: argparse.Namespace) -> Credentials:
    """Return the credentials that the options describe. Raise ValueError if they describe none."""
    if arguments.token_endpoint:
        if not arguments.client_id or not (arguments.client_secret or arguments.assertion):
            raise ValueError("--token-endpoint needs --client-id, and --client-secret or --assertion")
        return ClientCredentials(
            arguments.token_endpoint,
            arguments.client_id,
            arguments.client_secret,
            arguments.oauth_scope,
            arguments.credentials_in,
            arguments.assertion,
        )
    if not arguments.token:
        raise ValueError("give the Secret Token (--token or ENTRA_SECRET_TOKEN), or --token-endpoint")
    return SecretToken(arguments.token)


@asynccontextmanager
async def open_job(arguments: argparse.Namespace, progress: Progress | None = None) -> AsyncIterator[Job]:
    """Open the job that the options describe, and close its files and connections in the end.

    Raise OSError or ValueError if files or options are wrong.
    """
    files = Files(arguments.folder)
    directory, state, log = Directory.load(files.directory), State(files.state), Log(files.log)
    mappings = read_mappings(arguments)
    async with open_wire(arguments) as wire:
        job = Job(
            directory,
            mappings,
            wire,
            state,
            log,
            _options(arguments),
            Context(domain=directory.domain),
            progress or Unwatched(),
        )
        try:
            yield job
        finally:
            state.close()
            log.close()


def main(work: Callable[[Console], Awaitable[int]]) -> int:
    """Run a sub-command and return its exit status; wrong files and options end in one sentence."""
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    try:
        return asyncio.run(_finished(work, console))
    except (OSError, ValueError) as problem:
        Console(stderr=True).print(f"[red]{problem}[/]", markup=True, highlight=False)
        return MISUSED
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130


async def _finished(work: Callable[[Console], Awaitable[int]], console: Console) -> int:
    return await work(console)


def _options(arguments: argparse.Namespace) -> Options:
    if arguments.concurrency < 1 or arguments.members_per_patch < 1:
        raise ValueError("--concurrency and --members-per-patch are 1 or more")
    return Options(
        width=arguments.concurrency,
        members_per_patch=arguments.members_per_patch,
        parallel_members=arguments.parallel_members,
        double_check=arguments.double_check,
        reference_check=arguments.reference_check,
        allow_deletes=getattr(arguments, "allow_deletes", False),
        retry_escrows=getattr(arguments, "retry_escrows", False),
    )
