"""What the command lines on the tables have in common: where the tables are, and what is said when it goes wrong."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from scim.errors import ScimError
from storage.faults import advice
from storage.settings import Settings, SettingsError, environment
from storage.tables import Tables

_PROJECT = Path(__file__).parent.parent
REFUSED, WRONG, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130


class Refused(Exception):
    """The command cannot be carried out; the message says why, and what to do."""


def carry_out(work: Callable[[Tables, Mapping[str, str]], Awaitable[int]]) -> int:
    """Do some work on the tables that the environment or local.settings.json leads to; return the exit status."""
    try:
        settings = environment(os.environ, _PROJECT)
        return asyncio.run(_connected(work, settings))
    except Refused as error:
        return _failed(str(error), REFUSED)
    except SettingsError as error:
        return _failed(str(error), WRONG)
    except ScimError as error:
        return _failed(advice(error), UNREACHABLE)
    except KeyboardInterrupt:
        return _failed("interrupted; the same command goes on", INTERRUPTED)


async def _connected(work: Callable[[Tables, Mapping[str, str]], Awaitable[int]], settings: Mapping[str, str]) -> int:
    tables = Tables(Settings.from_environment(settings))
    try:
        return await work(tables, settings)
    finally:
        await tables.close()


def confirm(consequence: str, *, asked: bool) -> None:
    """Ask on the terminal whether to go on, unless `asked` already. Raises Refused."""
    if asked:
        return
    say(f"{consequence}\nGo on? [y/N] ", end="")
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise Refused("nothing was changed: answer y, or give --yes")


def say(text: str, *, end: str = "\n") -> None:
    """Tell a person how it goes, on standard error: standard output is the answer's alone."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


def _failed(sentence: str, status: int) -> int:
    say(f"error: {sentence}")
    return status
