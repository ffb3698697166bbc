"""`validate`: the checks of Microsoft's SCIM Validator and of the application gallery, as far as HTTP reaches."""

import argparse
import json
import secrets
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from entra.cli.options import (
    FAILED,
    add_configuration,
    add_connection,
    main,
    read_credentials,
    read_dialect,
    read_mappings,
)
from entra.credentials import SecretToken
from entra.errors import JobError
from entra.validation.attempt import Candidate, OAuth, RecordingWire
from entra.validation.report import Mask, as_json, show
from entra.validation.run import chosen, validate
from entra.validation.surface import default_surface
from entra.validation.verdict import Test, Verdict, accepted
from entra.validation.words import Words

HELP = "run the checks of Microsoft's SCIM Validator and of the gallery"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_connection(parser)
    parser.add_argument("--url", dest="tenant_url", default=argparse.SUPPRESS, help="the same as --tenant-url")
    add_configuration(parser)
    group = parser.add_argument_group("validation")
    group.add_argument("--only", action="append", default=[], metavar="WORD", help="tests with this in suite or name")
    group.add_argument(
        "--attributes",
        choices=("discover", "default"),
        default="discover",
        help="those that /Schemas declares, or Entra's default ones (default: discover)",
    )
    group.add_argument("--user-joining", default="userName", metavar="ATTRIBUTE", help="(default: userName)")
    group.add_argument("--group-joining", default="displayName", metavar="ATTRIBUTE", help="(default: displayName)")
    group.add_argument("--seed", type=int, metavar="N", help="the same seed makes the same values (default: another)")
    group.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(mappings="default")


def run(arguments: argparse.Namespace) -> int:
    """Run the tests and print the verdicts; the exit status is 1 unless the service is accepted."""

    async def work(console: Console) -> int:
        tests = chosen(arguments.only)
        if not tests:
            raise ValueError(f"no test has {' or '.join(arguments.only)} in its name")
        seed = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
        mask = Mask(_secrets(arguments))
        async with _open(arguments) as wire:
            candidate = _candidate(arguments, wire, seed)
            try:
                verdicts = await _watched(candidate, tests)
            except JobError as problem:
                console.print(f"[red]{escape(problem.code)}[/]: {escape(mask.text(problem.message))}")
                return FAILED
        if arguments.json:
            json.dump(as_json(candidate, verdicts, seed, mask), sys.stdout, ensure_ascii=False, indent=1)
            sys.stdout.write("\n")
        else:
            show(console, candidate, verdicts, mask)
        return 0 if accepted(verdicts) else FAILED

    return main(work)


async def _watched(candidate: Candidate, tests: Sequence[Test]) -> list[Verdict]:
    # On standard error: standard output is the result's alone.
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Validating", total=len(tests))
        return await validate(candidate, tests, lambda _: progress.advance(task))


def _open(arguments: argparse.Namespace) -> RecordingWire:
    if not arguments.tenant_url:
        raise ValueError("give the Tenant URL: --url or ENTRA_TENANT_URL")
    # A token that is given is used, even if a token endpoint is to be tested beside it.
    credentials = SecretToken(arguments.token) if arguments.token else read_credentials(arguments)
    return RecordingWire(
        arguments.tenant_url,
        credentials,
        read_dialect(arguments),
        width=arguments.concurrency,
        timeout=arguments.timeout,
    )


def _candidate(arguments: argparse.Namespace, wire: RecordingWire, seed: int) -> Candidate:
    return Candidate(
        wire,
        default_surface(),
        Words(seed),
        read_mappings(arguments),
        OAuth(
            arguments.token_endpoint or "",
            arguments.client_id,
            arguments.client_secret,
            arguments.oauth_scope,
            arguments.assertion,
        ),
        {"User": arguments.user_joining, "Group": arguments.group_joining},
        discovers=arguments.attributes == "discover",
    )


def _secrets(arguments: argparse.Namespace) -> list[str | None]:
    assertion = arguments.assertion.read_text().strip() if arguments.assertion else None
    return [arguments.token, arguments.client_secret, assertion]
