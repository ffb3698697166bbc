"""`python -m maintenance`: do now, for all tenants, what the timer does in slices: finish interrupted changes, remove
old events and credentials that ended, rotate the signing key when it is due, check every row.

Exit status 0: all done, 1: something is broken or could not be done (the lines say what), 2: wrong settings, 3: the
tables do not answer.
"""

import argparse
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from identity.signing_keys import ENCRYPTION_KEY, SigningKeys
from maintenance.run import Maintenance
from storage.command import carry_out
from storage.tables import Tables


async def _all(tables: Tables, settings: Mapping[str, str]) -> int:
    keys = SigningKeys(tables, _now, settings)

    async def rotate() -> str | None:
        key = await keys.rotate_if_due()
        return None if key is None else key.kid

    maintenance = Maintenance(tables, _now, settings, rotate if settings.get(ENCRYPTION_KEY) else None)
    total = await maintenance.run(anew=True)
    while not total.complete:
        total.add(await maintenance.run())
    print(json.dumps(asdict(total)))
    return 1 if total.findings or total.failures else 0


def _now() -> datetime:
    return datetime.now(UTC)


def main(arguments: list[str] | None = None) -> int:
    """Carry it out, print the counts as JSON, and return the exit status."""
    argparse.ArgumentParser(prog="python -m maintenance", description=__doc__).parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(message)s", stream=sys.stderr)
    return carry_out(_all)


if __name__ == "__main__":
    sys.exit(main())
