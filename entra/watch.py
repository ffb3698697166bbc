"""Cycles on a clock, as the service runs them for months."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from entra.cycle import Outcome
from entra.quarantine import Quarantine
from entra.state import JobState

INTERVAL = timedelta(minutes=40)
_DISABLED = "Disabled: the job was in quarantine for 28 days. Restart it: sync --restart links-kept."


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def next_cycle(job: JobState, ended: datetime, interval: timedelta) -> datetime | None:
    """Return when the next cycle begins: after the interval, or when the quarantine's next attempt is due.

    None if the job is disabled.
    """
    if job.disabled:
        return None
    return job.quarantine.next_attempt if job.quarantine else ended + interval


async def watch(
    cycle: Callable[[], Awaitable[Outcome]],
    state: Callable[[], JobState],
    announce: Callable[[str], None],
    *,
    clock: Clock,
    interval: timedelta = INTERVAL,
    cycles: int | None = None,
) -> None:
    """Run cycles until the job is disabled, or so many of them.

    `announce` gets a sentence whenever quarantine begins, changes its reason, or ends, as the notification mail does.
    """
    before: Quarantine | None = state().quarantine
    due: datetime | None = max(clock.now(), before.next_attempt) if before else clock.now()
    if state().disabled:
        announce(_DISABLED)
        return
    done = 0
    while due is not None and (cycles is None or done < cycles):
        await clock.sleep(max(0.0, (due - clock.now()).total_seconds()))
        await cycle()
        done += 1
        now = state()
        for sentence in _news(before, now):
            announce(sentence)
        before, due = now.quarantine, next_cycle(now, clock.now(), interval)


def _news(before: Quarantine | None, job: JobState) -> list[str]:
    held = job.quarantine
    news = []
    if held and (before is None or before.reason != held.reason):
        news.append(f"Quarantined, {held.reason}: {held.message}. Next attempt {held.next_attempt:%Y-%m-%d %H:%M} UTC.")
    if before and not held:
        news.append(f"Out of quarantine, which began {before.began:%Y-%m-%d %H:%M} UTC.")
    if job.disabled:
        news.append(_DISABLED)
    return news
