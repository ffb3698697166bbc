"""`python -m storage.export TENANT FILE`: write a tenant's directory to a file, as JSON Lines.

Run again after an interruption, it goes on. Exit status 0: done, 1: refused, 2: wrong settings, 3: the tables do not
answer.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from storage.backup.exporting import export
from storage.command import carry_out, say
from storage.tables import Tables


def main(arguments: list[str] | None = None) -> int:
    """Export one tenant, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m storage.export", description=__doc__)
    parser.add_argument("tenant", metavar="TENANT", help="the id of the tenant")
    parser.add_argument("file", metavar="FILE", type=Path, help="where to write; it must not exist")
    given = parser.parse_args(arguments)

    async def work(tables: Tables, _: Mapping[str, str]) -> int:
        tally = await export(tables, given.tenant, given.file)
        say(f"{given.file}: {tally}, sha256 {tally.digest}")
        return 0

    return carry_out(work)


if __name__ == "__main__":
    sys.exit(main())
