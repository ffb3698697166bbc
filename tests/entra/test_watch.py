"""The clock of the service: every 40 minutes, and ever more seldom in quarantine."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from entra.client import Traffic
from entra.cycle import Outcome
from entra.job import Tally
from entra.quarantine import again, begin
from entra.state import State
from entra.watch import watch

START = datetime(2026, 1, 1, tzinfo=UTC)
CAUSE = ("EncounteredQuarantineException", "InvalidCredentials", "the token was refused")


class FakeClock:
    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    async def sleep(self, seconds):
        self.time += timedelta(seconds=seconds)


class Service:
    """Cycles that fail from `broken` to `repaired`, by the clock."""

    def __init__(self, clock, broken, repaired):
        self.clock, self.broken, self.repaired = clock, broken, repaired
        self.state, self.ran, self.news = State(), [], []

    async def cycle(self):
        now, held = self.clock.now(), self.state.job.quarantine
        self.ran.append(now - START)
        if self.broken <= now - START < self.repaired:
            held = again(held, *CAUSE) if held else begin(*CAUSE, now)
            self.state.update_job(quarantine=held, disabled=held.given_up)
        else:
            self.state.update_job(quarantine=None)
        return Outcome(False, Tally(), Traffic(Counter()))

    async def watch(self, cycles=None):
        await watch(self.cycle, lambda: self.state.job, self.news.append, clock=self.clock, cycles=cycles)


def hours(*values):
    return [timedelta(hours=value) for value in values]


async def test_a_healthy_job_runs_every_40_minutes():
    service = Service(FakeClock(), timedelta(days=9), timedelta(days=9))
    await service.watch(cycles=4)
    assert service.ran == [timedelta(minutes=40 * n) for n in range(4)]
    assert service.news == []


async def test_a_quarantined_job_is_tried_less_and_less_often_and_recovers_by_one_success():
    service = Service(FakeClock(), timedelta(0), timedelta(hours=47))
    await service.watch(cycles=6)
    assert service.ran == [*hours(0, 6, 12, 24, 48), timedelta(hours=48, minutes=40)]
    assert len(service.news) == 2
    assert "EncounteredQuarantineException" in service.news[0]
    assert service.news[1].startswith("Out of quarantine")


async def test_a_job_that_is_never_repaired_is_disabled_after_28_days():
    service = Service(FakeClock(), timedelta(0), timedelta(days=100))
    await service.watch()
    assert service.ran[-1] == timedelta(days=28)
    assert service.state.job.disabled
    assert service.news[-1].startswith("Disabled")
    attempts = len(service.ran)
    await service.watch(cycles=1)
    assert len(service.ran) == attempts
    service.state.restart()
    await service.watch(cycles=1)
    assert len(service.ran) == attempts + 1


async def test_a_restarted_watch_keeps_to_the_next_attempt():
    service = Service(FakeClock(), timedelta(0), timedelta(hours=5))
    await service.watch(cycles=1)
    await service.watch(cycles=1)
    assert service.ran == hours(0, 6)
