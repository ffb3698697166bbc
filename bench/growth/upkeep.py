"""The rows of a directory by kind: how many, how large, and what the daily check of each (maintenance/run.py) costs."""

import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.directory import user
from bench.growth.company import SPARE, USER, Company, document_of
from bench.growth.prices import Kind, entity_bytes
from storage import keys, plan
from storage.check import check_slice
from storage.ids import Mint
from storage.meter import metered
from storage.tables import Tables, Write


@dataclass(slots=True)
class Tally:
    """Rows and what they count in the bill, by the letter that their keys begin with."""

    rows: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)

    def passing(self, partition: str, writes: Iterable[Write]) -> Iterator[Write]:
        """Yield the rows as they are, and count them."""
        for write in writes:
            self.rows[write.key[0]] += 1
            self.bytes[write.key[0]] += entity_bytes(partition, write)
            yield write


async def kinds(tables: Tables, tenant: str, company: Company, tally: Tally) -> dict[str, Kind]:
    """Return what a row of each kind takes. A slice in the middle of each kind stands for all of the kind: their keys
    are hashes, or ids in order of time. Raises Unavailable.
    """
    middle = company.members[len(company.members) // 2]
    starts = {
        "u": keys.resource("User", middle),
        "c": f"{keys.all_claims('User').low}8",
        "x": f"{keys.lookups('User', 'externalId', '').low.rpartition('|')[0].rpartition('|')[0]}|8",
        "m": f"{keys.edges(company.everybody).low}80",
    }
    found = {}
    for letter, start in starts.items():
        used = time.process_time()
        with metered() as meter:
            checked = await check_slice(tables, tenant, start)
        cpu = time.process_time() - used
        rows, people = tally.rows[letter], len(company.members) + SPARE
        found[letter] = Kind(
            bytes=tally.bytes[letter] / rows,
            each=rows / people,
            check_calls=meter.calls / checked.rows,
            check_cpu=cpu / checked.rows,
        )
    return found


def event_bytes(partition: str) -> int:
    """Return what the event of a new user is billed for."""
    made = plan.creation(USER, document_of(user(0)), plan.NOBODY, Mint(time.time, secrets.token_bytes))
    return next(entity_bytes(partition, write) for write in made.writes if write.key == made.event)
