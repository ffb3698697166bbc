"""`python -m identity`: tenants and their credentials, for operators and scripts."""

import asyncio
import json
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from identity.arguments import parser
from identity.command import Answer, Session
from identity.commands import COMMANDS
from identity.errors import Refused
from identity.models import TABLE
from scim.errors import ScimError
from storage.faults import advice
from storage.settings import TABLES_SETTINGS, Settings, SettingsError, environment
from storage.tables import Tables

_PROJECT = Path(__file__).parent.parent
_REFUSED, _WRONG, _UNREACHABLE, _INTERRUPTED = 1, 2, 3, 130


class Declined(Refused):
    """The person did not confirm."""


def main(arguments: list[str]) -> int:
    """Carry out one command and return its exit status (see `--help`)."""
    given = parser().parse_args(arguments)
    settings: Mapping[str, str] = {}
    try:
        settings = environment(os.environ, _PROJECT)
        answer = asyncio.run(_carry_out(given, settings))
    except Refused as error:
        return _failed(str(error), _REFUSED)
    except SettingsError as error:
        return _failed(str(error), _WRONG)
    except ScimError as error:
        return _failed(f"{advice(error)}; the tables are those that {_where(settings)} names", _UNREACHABLE)
    except KeyboardInterrupt:
        return _failed("interrupted", _INTERRUPTED)
    print(json.dumps(answer.data, ensure_ascii=False) if given.json else "\n".join(answer.lines))
    return answer.status


async def _carry_out(given: Namespace, settings: Mapping[str, str]) -> Answer:
    tables = _open(Settings.from_environment(settings))
    try:
        await tables.ensure(TABLE)
        confirm = partial(_confirm, asked=not getattr(given, "yes", False))
        session = Session(tables, partial(datetime.now, UTC), confirm, settings, sys.stdin.read)
        return await COMMANDS[given.noun, given.verb](session, given)
    finally:
        await tables.close()


def _open(settings: Settings) -> Tables:
    tables = Tables(settings)
    try:
        tables.connect()
    except ValueError as error:
        # The SDK's sentence names the missing part of a connection string, not its contents.
        raise SettingsError(f"the settings do not lead to any tables: {error}") from error
    return tables


def _confirm(consequence: str, *, asked: bool) -> None:
    if not asked:
        return
    # Standard output is the answer's alone.
    print(f"{consequence}\nGo on? [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        reply = input()
    except EOFError:
        reply = ""
        print(file=sys.stderr)
    if reply.strip().lower() not in {"y", "yes"}:
        raise Declined("nothing was changed: answer y, or give --yes")


def _where(settings: Mapping[str, str]) -> str:
    return next(name for name in TABLES_SETTINGS if settings.get(name))


def _failed(sentence: str, status: int) -> int:
    print(f"error: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
