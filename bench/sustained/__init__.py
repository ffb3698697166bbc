"""The part that measures load: the rate that one tenant can sustain, and what a tenant feels of another that floods."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bench import page
from bench.growth.stage import stage
from bench.sustained import neighbour, rate
from bench.sustained.report import markdown

USERS = 3_000


def run(aim: float, seconds: float, output: Path, tell: Callable[[str], None]) -> None:
    """Measure `aim` requests a second for so many seconds, the highest rate, and a tenant beside a flood; write the
    section of the page. Raises StartError, RefusedError."""
    tell(f"{USERS:,} users: writing the directory")
    with stage(USERS) as staged:
        asked, ladder = asyncio.run(rate.measure(staged, aim, seconds, tell))
    tell("a tenant alone, then beside a flood")
    with stage(USERS) as staged:
        felt = asyncio.run(neighbour.measure(staged, seconds, tell))
    page.replace(output, "sustained", markdown(asked, ladder, felt, USERS))
