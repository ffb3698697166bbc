"""The load as Markdown: whether the rate is sustained, the highest that is, and what a noisy neighbour does."""

from collections.abc import Sequence
from textwrap import fill

from bench.load import Measured
from bench.page import WIDTH, machine, table
from bench.sustained.neighbour import CLIENTS, RATE, Felt
from bench.sustained.rate import JOBS, MOST_MS, Run

_INTRODUCTION = """\
## Under load

The service as deployed, on Azurite, one process each, with a tenant of {users:,} users. The load is Entra's: {jobs}
provisioning jobs look people up, create, change, disable and delete them, and move them between groups, each with the
bearer check. Requests are due at a fixed rate, answered or not, and a latency counts from when its request was due.
Service, Azurite and the clients share the machine.
"""


def markdown(asked: Run, ladder: Sequence[Run], felt: Felt, users: int) -> str:
    """Return the section."""
    parts = [_INTRODUCTION.format(users=users, jobs=JOBS), f"- {machine()}", ""]
    parts += ["### A rate that one tenant sustains", "", *_rates(asked, ladder), ""]
    parts += [f"What the {asked.rate:.0f} requests a second are:", "", *_kinds(asked), ""]
    parts += ["### A noisy neighbour", "", *_neighbour(felt)]
    return "\n".join(parts) + "\n"


def verdict(asked: Run, ladder: Sequence[Run]) -> str:
    """Return whether the rate that is aimed at is sustained, and the highest that is."""
    held = [run.rate for run in (asked, *ladder) if run.sustained]
    return (
        f"{asked.rate:.0f} requests a second for one tenant, 99 of 100 answered within {MOST_MS:.0f} ms: "
        f"{'**met**' if asked.sustained else '**missed**'}. The highest rate that was sustained: "
        f"{f'{max(held):.0f} a second' if held else 'none of those tried'}."
    )


def _rates(asked: Run, ladder: Sequence[Run]) -> list[str]:
    head = ["requests due a second", "answered a second", "p50 ms", "p99 ms", "refused", "wrong"]
    head += ["CPU ms of the app per request", *(f"cores busy: {name}" for name in asked.cpu), "sustained"]
    lines = [fill(verdict(asked, ladder), WIDTH), "", *table(head, map(_rate, (asked, *ladder)))]
    faults = [fault for run in (asked, *ladder) for fault in run.faults]
    return [*lines, "", *(f"- wrong: `{fault}`" for fault in faults[:5])] if faults else lines


def _rate(run: Run) -> list[str]:
    figures = run.measured
    cores = [f"{seconds / figures.seconds:.2f}" for seconds in run.cpu.values()]
    counts = [str(run.refused), str(len(run.faults)), f"{figures.cpu_ms:.2f}"]
    return [f"{run.rate:.0f}", *_speed(figures), *counts, *cores, "yes" if run.sustained else "**no**"]


def _speed(figures: Measured) -> list[str]:
    return [f"{figures.per_second:.1f}", f"{figures.percentile_ms(50):.1f}", f"{figures.percentile_ms(99):.1f}"]


def _kinds(run: Run) -> list[str]:
    rows = [[what, f"{each.requests / len(run.done):.0%}", *_speed(each)[1:]] for what, each in run.kinds().items()]
    return table(["", "share", "p50 ms", "p99 ms"], rows)


def _neighbour(felt: Felt) -> list[str]:
    answered = {name: count / felt.flood.seconds for name, count in felt.flood.answered.items()}
    flood = ", ".join(f"{each:.1f} {name}" for name, each in answered.items())
    told = (
        f"A tenant sends {RATE:.0f} requests a second; in another, {CLIENTS} clients flood the same process, each "
        f"sending its next request with every answer, whatever it says. A second, the flood was {flood}."
    )
    rows = [
        [name, *_speed(run.measured), str(run.refused)]
        for name, run in (("alone", felt.alone), ("beside the flood", felt.beside))
    ]
    end = (
        f"Its p99 is {felt.times:.1f} times that of the tenant alone: the tenant "
        f"{'**suffers**' if felt.suffers else 'does **not** suffer'} (which it does when p99 is beyond 500 ms and more "
        "than three times that, or when a request of its own is lost)."
    )
    return [
        fill(told, WIDTH),
        "",
        *table(["", "answered a second", "p50 ms", "p99 ms", "refused"], rows),
        "",
        fill(end, WIDTH),
    ]
