"""`issuer`: a local Entra tenant that issues tokens and lets people sign in, until it is stopped."""

import argparse
import asyncio
import contextlib
import os
import signal
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from entra.cli.options import Files, add_folder, main
from entra.issuer.claims import NON_GALLERY_AUDIENCE
from entra.issuer.clients import Client
from entra.issuer.issuer import Issuer
from entra.source import Directory, write_whole

HELP = "issue tokens as Entra does, and let people of the directory sign in"
_PORT = 8400
_RENEWED = 1800.0  # seconds between two tokens in a file, each of which lives 65 minutes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_folder(parser)
    parser.add_argument("--port", type=int, default=_PORT, help=f"0 takes a free one (default: {_PORT})")
    parser.add_argument("--login-base", default="", metavar="URL", help="origin in the issuer of 2.0 tokens")
    parser.add_argument("--sts-base", default="", metavar="URL", help="origin in the issuer of 1.0 tokens")
    parser.add_argument("--audience", default="", metavar="AUDIENCE", help="what assertions are for")
    parser.add_argument(
        "--app-audience", default=NON_GALLERY_AUDIENCE, metavar="AUDIENCE", help="what app tokens are for"
    )
    parser.add_argument("--client", action="append", default=[], metavar="ID=REDIRECT_URI", help="app to sign in to")
    parser.add_argument(
        "--client-secret",
        default=os.environ.get("ENTRA_CLIENT_SECRET", ""),
        help="of all of them, or ENTRA_CLIENT_SECRET",
    )
    parser.add_argument("--rotate-every", type=float, metavar="MINUTES", help="sign with a new key that often")


def run(arguments: argparse.Namespace) -> int:
    """Answer until the process is told to stop; write tokens into the folder and renew them."""

    async def work(console: Console) -> int:
        files = Files(arguments.folder)
        directory = Directory.load(files.directory) if files.directory.exists() else None
        with Issuer(
            directory,
            clients=_clients(arguments),
            port=arguments.port,
            login=arguments.login_base,
            sts=arguments.sts_base,
        ) as issuer:
            _introduce(console, issuer, arguments)
            stop = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            await _serve(console, issuer, arguments, stop)
        return 0

    return main(work)


async def _serve(console: Console, issuer: Issuer, arguments: argparse.Namespace, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    every = arguments.rotate_every * 60 if arguments.rotate_every else None
    renewal, rotation = loop.time(), loop.time() + every if every else float("inf")
    while not stop.is_set():
        if loop.time() >= rotation:
            console.print(f"Signing with the key {issuer.rotate()}")
            renewal = loop.time()
            rotation += every or 0.0
        if loop.time() >= renewal:
            _write_tokens(issuer, arguments)
            renewal = loop.time() + _RENEWED
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), max(0.0, min(renewal, rotation) - loop.time()))


def _write_tokens(issuer: Issuer, arguments: argparse.Namespace) -> None:
    app_token, assertion = _token_files(arguments)
    write_whole(app_token, issuer.app_token(arguments.app_audience).encode())
    if arguments.audience:
        write_whole(assertion, issuer.assertion(arguments.audience).encode())


def _token_files(arguments: argparse.Namespace) -> tuple[Path, Path]:
    return arguments.folder / "app-token.jwt", arguments.folder / "assertion.jwt"


def _introduce(console: Console, issuer: Issuer, arguments: argparse.Namespace) -> None:
    app_token, assertion = _token_files(arguments)
    rows = {
        "tenant id": issuer.tenant_id,
        "issuer of app tokens": issuer.v1_issuer,
        "issuer of assertions and ID tokens": issuer.v2_issuer,
        "JWKS URL": issuer.jwks_url,
        "subject": issuer.subject,
        "OpenID discovery": f"{issuer.url}/{issuer.tenant_id}/v2.0/.well-known/openid-configuration",
        "app token": f"{app_token} (for {arguments.app_audience})",
        "assertion": f"{assertion} (for {arguments.audience})" if arguments.audience else "none: give --audience",
        "people": str(len(issuer.directory.users)),
    }
    for name, value in rows.items():
        # Not cut off where the terminal ends: these are to be copied.
        console.print(f"{name:<36}{escape(value)}", soft_wrap=True, highlight=False)
    console.print("Ctrl-C ends it.")


def _clients(arguments: argparse.Namespace) -> list[Client]:
    uris: dict[str, list[str]] = {}
    for text in arguments.client:
        id, equals, uri = text.partition("=")
        if not equals:
            raise ValueError(f"--client {text}: give ID=REDIRECT_URI")
        uris.setdefault(id, []).append(uri)
    return [Client(id, tuple(found), arguments.client_secret) for id, found in uris.items()]
