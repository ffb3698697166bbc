"""How far the round through all tenants has come: one row, so that the next run goes on where the last one stopped."""

from dataclasses import asdict, dataclass
from typing import Self

from identity.models import TABLE
from storage.tables import Tables, Write

PARTITION = "_maintenance"  # no tenant id has a "_"
END = "~"  # behind every row of a tenant
_ROW = "position"


@dataclass(frozen=True, slots=True)
class Position:
    """Of the round that began on `day` (RFC 3339 date): the tenant it is at ("": none yet), and the key of the last
    row that was checked of it ("": none yet, END: all). `complete` when all tenants have been seen."""

    day: str
    tenant: str = ""
    row: str = ""
    complete: bool = False

    def at(self, tenant: str) -> bool:
        """Tell whether the round is in the middle of that tenant."""
        return tenant == self.tenant and self.row != END

    @classmethod
    async def read(cls, tables: Tables) -> Self | None:
        """Return the position of the last run, or None before the first. Raises Unavailable."""
        row = await tables.table(TABLE).get(PARTITION, _ROW)
        return None if row is None else cls(**{name: row.values[name] for name in cls.__slots__})

    async def write(self, tables: Tables) -> Self:
        """Remember it. Of two that run at once, the later one wins, and some rows are checked twice. Raises
        Unavailable."""
        await tables.table(TABLE).commit(PARTITION, [Write("put", _ROW, asdict(self))])
        return self
