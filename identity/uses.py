"""When a credential was last used, to the day: cheap enough to be noted for every request.

A use is noted in memory; the first of a day in this process is written, behind the request, and only if no other
process has written it already. So a credential costs at most one write a day, whatever it does.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextvars import Context
from datetime import date, datetime

from identity.models import TABLE, USED_PREFIX
from scim.errors import ScimError
from storage.faults import Conflict
from storage.tables import Tables, Write

_MOST_NOTED = 100_000
_log = logging.getLogger("identity")


class Uses:
    """Notes the uses of credentials; one per process. `clock` is the time now, in UTC."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._table = tables.table(TABLE)
        self._clock = clock
        self._day: date | None = None
        self._noted: set[tuple[str, str]] = set()
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, tenant_id: str, credential_id: str) -> None:
        """Note that the credential is used now; waits for nothing and never fails."""
        today = self._clock().date()
        if today != self._day:
            self._day, self._noted = today, set()
        use = (tenant_id, credential_id)
        if use in self._noted or len(self._noted) >= _MOST_NOTED:
            return
        self._noted.add(use)
        # In a context of its own: what it costs is no part of the request that happened to be the first.
        task = asyncio.create_task(self._write(tenant_id, credential_id, today), context=Context())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def settle(self) -> None:
        """Wait until what was noted is written."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _write(self, tenant_id: str, credential_id: str, today: date) -> None:
        key = USED_PREFIX + credential_id
        try:
            row = await self._table.get(tenant_id, key, patient=False)
            if row is not None and date.fromisoformat(row.values["day"]) >= today:
                return
            write = Write(
                "insert" if row is None else "replace", key, {"day": today.isoformat()}, row.etag if row else "*"
            )
            await self._table.commit(tenant_id, [write])
        except Conflict:
            return  # another process wrote it at the same moment
        except ScimError as error:
            # Not worth a second attempt: the next use by another process, or tomorrow's, will be written.
            line = {"event": "use", "outcome": "failed", "tenant": tenant_id, "credential": credential_id}
            _log.warning(json.dumps(line | {"reason": error.detail}))
