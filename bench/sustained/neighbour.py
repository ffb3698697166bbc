"""What a tenant at a steady rate feels of another tenant that floods the same instance."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.contenders import ROOT
from bench.growth.stage import Stage
from bench.sustained.rate import Run, jobs_of, run

RATE = 10.0  # requests a second of the tenant that is measured
CLIENTS = 64  # of the one that floods
_SUFFERS_TIMES, _SUFFERS_MS = 3.0, 500.0  # p99 beyond both
_RAMP_SECONDS = 5.0


@dataclass(slots=True)
class Flood:
    """What a flood was answered: requests served, refused and answered wrongly, in so many seconds."""

    seconds: float = 0.0
    answered: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Felt:
    """The same tenant alone and beside a flood."""

    alone: Run
    beside: Run
    flood: Flood

    @property
    def times(self) -> float:
        """How many times as long its slowest requests (p99) take beside the flood."""
        return self.beside.measured.percentile_ms(99) / self.alone.measured.percentile_ms(99)

    @property
    def suffers(self) -> bool:
        """Whether a flood makes itself felt: far slower than alone, and slow."""
        slow = self.beside.measured.percentile_ms(99) > _SUFFERS_MS
        lost = self.beside.refused or self.beside.faults
        return bool(lost) or (slow and self.times > _SUFFERS_TIMES)


async def measure(staged: Stage, seconds: float, tell: Callable[[str], None]) -> Felt:
    """Measure the staged tenant for so many seconds alone, and as long while another tenant floods."""
    async with staged.client() as client:
        jobs = await jobs_of(staged.company, client)
        await run(staged, client, jobs, RATE, _RAMP_SECONDS)
        alone = await run(staged, client, jobs, RATE, seconds)
        tell(f"alone: p99 {alone.measured.percentile_ms(99):.0f} ms")
        async with _flooded(staged) as flood:
            await asyncio.sleep(_RAMP_SECONDS)
            beside = await run(staged, client, jobs, RATE, seconds)
        tell(f"beside a flood: p99 {beside.measured.percentile_ms(99):.0f} ms; the flood: {flood.answered}")
    return Felt(alone, beside, flood)


@asynccontextmanager
async def _flooded(staged: Stage) -> AsyncIterator[Flood]:
    """Let another tenant flood inside; afterwards it is known what it was answered."""
    service, flood = staged.service, Flood()
    secret_token = await asyncio.to_thread(service.new_token, "flood")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sustained.flood", service.tenant_url, str(CLIENTS)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the flood has no pipes")
    began = time.perf_counter()
    process.stdin.write(f"{secret_token}\n".encode())
    try:
        yield flood
        process.stdin.close()  # which ends the flood
        flood.answered = json.loads(await process.stdout.read())
        flood.seconds = time.perf_counter() - began
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
