"""`python -m storage.erase TENANT`: remove a tenant's directory, all of it; its credentials stay.

Disable the tenant first, and wait a minute, so that nobody writes meanwhile. Exit status 0: done, 1: refused, 2: wrong
settings, 3: the tables do not answer.
"""

import argparse
import sys
from collections.abc import Mapping

from storage.backup.erasing import erase
from storage.command import carry_out, confirm, say
from storage.tables import Tables


def main(arguments: list[str] | None = None) -> int:
    """Erase one tenant's directory, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m storage.erase", description=__doc__)
    parser.add_argument("tenant", metavar="TENANT", help="the id of the tenant")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)

    async def work(tables: Tables, _: Mapping[str, str]) -> int:
        confirm(f"Every user and group of {given.tenant} will be removed, for ever.", asked=given.yes)
        say(f"{given.tenant}: {await erase(tables, given.tenant):,} rows removed")
        return 0

    return carry_out(work)


if __name__ == "__main__":
    sys.exit(main())
