"""`python -m storage.import FILE`: write an exported directory into a tenant that has none.

Run again after an interruption, it goes on. Exit status 0: done and compared, 1: refused, 2: wrong settings, 3: the
tables do not answer.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from storage.backup.importing import restore
from storage.backup.lines import header
from storage.command import carry_out, say
from storage.tables import Tables


def main(arguments: list[str] | None = None) -> int:
    """Import one tenant, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m storage.import", description=__doc__)
    parser.add_argument("file", metavar="FILE", type=Path, help="what storage.export has written")
    parser.add_argument("--tenant", metavar="ID", help="into this tenant, instead of the one that was exported")
    given = parser.parse_args(arguments)

    async def work(tables: Tables, _: Mapping[str, str]) -> int:
        tenant = given.tenant or header(given.file)["tenant"]
        tally = await restore(tables, tenant, given.file)
        say(f"{tenant}: {tally}, sha256 {tally.digest}, as the file says")
        return 0

    return carry_out(work)


if __name__ == "__main__":
    sys.exit(main())
