"""What a timer does for the data of all tenants, a bounded time at once.

Every run finishes what interrupted changes have left, and rotates the signing key when it is time. Once a day a round
goes through all tenants: credentials that ended long ago and old events are removed, those that end soon are told of,
and every row is checked against those it refers to. A run that is out of time remembers where it was.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from identity.errors import UnknownTenant
from identity.expiring import SOON, expiring
from identity.models import TABLE
from identity.record import read
from identity.retention import remove_ended
from identity.tenants import Tenants
from maintenance.position import END, Position
from maintenance.report import Report
from maintenance.settings import event_age
from scim.errors import ScimError
from storage.check import Finding, check_slice
from storage.directory import TableDirectory
from storage.events import trim
from storage.faults import advice
from storage.partition import each
from storage.tables import Tables

SECONDS = 240.0  # the host ends a function after ten minutes
_TENANTS_AT_ONCE = 8
_SLICE_ROWS = 500
_EVENTS = 1000

Rotate = Callable[[], Awaitable[str | None]]


class Maintenance:
    """Takes care of the data of all tenants; `clock` is the time now in UTC, `settings` may have EVENT_RETENTION_DAYS.

    `rotate` makes a new signing key where it is time and returns its id; None where OAuth is not set up. Raises
    SettingsError.
    """

    def __init__(
        self,
        tables: Tables,
        clock: Callable[[], datetime],
        settings: Mapping[str, str],
        rotate: Rotate | None = None,
        *,
        slice_rows: int = _SLICE_ROWS,
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._events_live = event_age(settings)
        self._rotate = rotate
        self._slice_rows = slice_rows

    async def run(self, seconds: float = SECONDS, *, anew: bool = False) -> Report:
        """Do what is due, and go on with the round of the day for about so many seconds, at least one step.

        `anew` begins the round again although today's is complete. Raises Unavailable.
        """
        deadline, report = time.monotonic() + seconds, Report()
        tenants = [id async for id in Tenants(self._tables, self._clock).ids()]
        report.tenants = len(tenants)
        await each(tenants, lambda tenant: self._heal(tenant, report), at_once=_TENANTS_AT_ONCE)
        await self._rotate_key(report)
        await self._round(tenants, deadline, report, anew=anew)
        report.tell()
        return report

    async def _heal(self, tenant: str, report: Report) -> None:
        """Finish the journals that interrupted changes have left."""
        try:
            healed = await TableDirectory(self._tables, tenant).heal()
            report.journals += healed  # not in one line with the await: others count at the same time
        except Exception as error:  # noqa: BLE001  # one tenant whose rows cannot be read must not stop the others
            report.failed("journal", _reason(error), tenant)

    async def _rotate_key(self, report: Report) -> None:
        if self._rotate is not None:
            try:
                report.signing_key = await self._rotate() or ""
            except ScimError as error:
                report.failed("signing key", advice(error))

    async def _round(self, tenants: Sequence[str], deadline: float, report: Report, *, anew: bool) -> None:
        today = self._clock().date().isoformat()
        position = await Position.read(self._tables)
        if position is None or (position.complete and (anew or position.day < today)):
            position = Position(today)
        if not position.complete:
            for tenant in [id for id in tenants if id > position.tenant or position.at(id)]:
                if not position.at(tenant):
                    position = replace(position, tenant=tenant, row="")
                if not await self._maintain(position, deadline, report):
                    return
                position = await replace(position, row=END).write(self._tables)
                if time.monotonic() >= deadline:
                    break
            else:
                position = await replace(position, complete=True).write(self._tables)
        report.complete = position.complete

    async def _maintain(self, position: Position, deadline: float, report: Report) -> bool:
        """Take care of one tenant, and tell whether that was done before the time was up."""
        try:
            if not position.row:
                await position.write(self._tables)
                report.credentials += await remove_ended(self._tables, position.tenant, self._clock)
                for each in expiring(await read(self._tables.table(TABLE), position.tenant), self._clock(), SOON):
                    report.expires(each)
                if not await self._trim(position.tenant, deadline, report):
                    return False
            return await self._check(position, deadline, report)
        except UnknownTenant:  # deleted a moment ago
            return True
        except ScimError:
            raise
        except Exception as error:  # noqa: BLE001  # one tenant whose rows cannot be read must not stop the round
            report.failed("maintenance", _reason(error), position.tenant)
            return True

    async def _trim(self, tenant: str, deadline: float, report: Report) -> bool:
        """Remove old events, and tell whether none is left."""
        before = (self._clock() - self._events_live).timestamp()
        while True:
            removed = await trim(self._tables, tenant, before, most=_EVENTS)
            report.events += removed
            if removed < _EVENTS:
                return True
            if time.monotonic() >= deadline:
                return False

    async def _check(self, position: Position, deadline: float, report: Report) -> bool:
        """Check slices of a tenant from the position on, and tell whether the last one was among them."""
        while True:
            checked = await check_slice(self._tables, position.tenant, position.row, self._slice_rows)
            report.rows += checked.rows
            for finding in await self._confirmed(position, checked.findings):
                report.found(position.tenant, finding)
            if checked.last is None:
                return True
            position = await replace(position, row=checked.last).write(self._tables)
            if time.monotonic() >= deadline:
                return False

    async def _confirmed(self, position: Position, findings: Sequence[Finding]) -> list[Finding]:
        """Return what is still broken once changes that were under way are done."""
        if not findings:
            return []
        await TableDirectory(self._tables, position.tenant).heal()
        again = await check_slice(self._tables, position.tenant, position.row, self._slice_rows)
        return [finding for finding in findings if finding in again.findings]


def _reason(error: Exception) -> str:
    return advice(error) if isinstance(error, ScimError) else repr(error)[:400]
