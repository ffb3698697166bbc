"""No operation holds rows in proportion to the tenant."""

import gc
from pathlib import Path
from typing import Any

from local.azurite import Azurite
from local.azurite_file import fill
from storage import keys, walk
from storage.directory import TABLE
from storage.partition import Partition
from storage.settings import Settings
from storage.tables import PAGE_ROWS, Patience, Row, Slice, Table, Tables, Write

RANGES = len(keys.HEX)
USERS = 3 * RANGES * PAGE_ROWS
TENANT = "big"


class Watched(Table):
    """A table that notes, whenever a page is asked for, how many rows are in memory."""

    most = 0

    async def page(self, *where: Any, **options: Any) -> Slice:
        self.most = max(self.most, sum(isinstance(each, Row) for each in gc.get_objects()))
        return await super().page(*where, **options)


async def test_counting_holds_a_page_of_each_range_however_many_users_there_are(tmp_path: Path) -> None:
    names = [f"user{number}" for number in range(USERS)]
    with Azurite(folder=tmp_path) as azurite:
        settings = Settings(connection_string=azurite.connection_string)
        tables = Tables(settings, patience=Patience(answer=60.0, attempts=30.0))
        await tables.ensure(TABLE)
        fill(azurite, TABLE, TENANT, (Write("insert", keys.claim("User", name, ""), {"id": name}) for name in names))
        table = Watched(tables, TABLE)
        counted = await walk.count(Partition(table, TENANT), "User")
        await tables.close()

    assert counted == USERS
    assert table.most <= (RANGES + 1) * PAGE_ROWS
