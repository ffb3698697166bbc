"""The rate of requests that one tenant can sustain: the one that is aimed at, then higher or lower ones."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bench.growth.company import Company
from bench.growth.stage import Stage
from bench.load import Client, Measured, cpu_seconds
from bench.pace import Done, Job, at_rate, drive, measured
from bench.traffic import Person, Traffic

JOBS = 64  # connections at once: at 100 requests a second enough for answers that take half a second
MOST_MS = 500.0  # of p99
_STEP = 1.2  # from one rate to the next
_LOWEST, _HIGHEST = 10.0, 1_000.0
_WARM_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """Requests at one rate: what was measured, the CPU seconds of each process, and what was not answered well."""

    rate: float
    done: tuple[Done, ...]
    cpu: dict[str, float]

    @property
    def measured(self) -> Measured:
        """The figures of all requests, and the app's CPU time."""
        return measured(self.done, self.cpu["app"])

    @property
    def refused(self) -> int:
        """How many requests were answered 429 or 503."""
        return sum(each.refused for each in self.done)

    @property
    def faults(self) -> list[str]:
        """What was wrong with answers."""
        return [each.fault for each in self.done if each.fault]

    @property
    def sustained(self) -> bool:
        """Whether the service has kept up: every request answered well, and 99 of 100 soon after they were due."""
        return self.measured.percentile_ms(99) < MOST_MS and not self.refused and not self.faults

    def kinds(self) -> dict[str, Measured]:
        """Return the figures of each kind of request, the most frequent first."""
        kinds: dict[str, list[Done]] = {}
        for each in self.done:
            kinds.setdefault(each.what, []).append(each)
        return {what: measured(kinds[what]) for what in sorted(kinds, key=lambda kind: -len(kinds[kind]))}


def rates(aim: float, *, upwards: bool) -> list[float]:
    """Return the rates to try after the aim, whole numbers: each a fifth above or below the one before."""
    step = _STEP if upwards else 1 / _STEP
    powers = (round(aim * step**power) for power in range(1, 100))
    return list(takewhile(lambda each: _LOWEST <= each <= _HIGHEST, powers))


async def jobs_of(company: Company, client: Client) -> list[Job]:
    """Return the provisioning jobs of a company, which change its people and its groups. Raises RefusedError."""
    people = [Person(place, id) for place, id in enumerate(company.members)]
    found = await client.send("GET", "/Groups?excludedAttributes=members&count=1000")
    groups = [group["id"] for group in found["Resources"]]
    return [Job(Traffic(job, people, groups).conversation()) for job in range(JOBS)]


async def measure(staged: Stage, aim: float, seconds: float, tell: Callable[[str], None]) -> tuple[Run, list[Run]]:
    """Return the run at the aim, and those that followed to find the highest rate that is sustained."""
    async with staged.client() as client:
        jobs = await jobs_of(staged.company, client)
        await run(staged, client, jobs, aim / 2, _WARM_SECONDS)
        asked = await _told(staged, client, jobs, aim, seconds, tell)
        ladder: list[Run] = []
        upwards = asked.sustained
        for rate in rates(aim, upwards=upwards):
            ladder.append(await _told(staged, client, jobs, rate, seconds / 3, tell))
            if ladder[-1].sustained != upwards:
                break
        return asked, ladder


async def _told(
    staged: Stage, client: Client, jobs: Sequence[Job], rate: float, seconds: float, tell: Callable[[str], None]
) -> Run:
    done = await run(staged, client, jobs, rate, seconds)
    figures = done.measured
    tell(
        f"{rate:.0f}/s for {seconds:.0f} s: {figures.per_second:.1f}/s answered, "
        f"p50 {figures.percentile_ms(50):.0f} ms, p99 {figures.percentile_ms(99):.0f} ms, "
        f"{done.refused} refused, {len(done.faults)} wrong: "
        f"{'sustained' if done.sustained else 'not sustained'}"
    )
    return done


async def run(staged: Stage, client: Client, jobs: Sequence[Job], rate: float, seconds: float) -> Run:
    """Send requests at a rate for so many seconds, and wait for the last answer."""
    before = _cpu(staged)
    done: list[Done] = []
    await drive(client, jobs, at_rate(rate, seconds), done.append)
    after = _cpu(staged)
    return Run(rate, tuple(done), {name: after[name] - before[name] for name in after})


def _cpu(staged: Stage) -> dict[str, float]:
    azurite = staged.service.azurite.child
    if azurite is None:
        raise RuntimeError("Azurite does not run")
    return {"app": staged.cpu(), "Azurite": cpu_seconds(azurite.pid), "the clients": time.process_time()}
