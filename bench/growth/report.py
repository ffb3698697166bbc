"""The growth as Markdown: flat where it must be, and where it is not, why."""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from textwrap import fill

from bench.growth.bill import markdown as bill
from bench.growth.company import SPARE, TEAM, TEAMS
from bench.growth.measure import HUNGRY, WALKS, Figures, Results
from bench.growth.operations import OPERATIONS
from bench.page import WIDTH, machine, table

_FLAT = 1.5  # times as much in the largest directory as in the smallest is noise
_SAME = 1.1  # figures that differ by no more are shown as one
_WALK = 3.0  # a walk by index costs at most so many times the walk by cursor
_PACKAGES = ("azure-data-tables", "azure-core", "aiohttp", "pydantic")
_INTRODUCTION = f"""\
The service as deployed, on Azurite, with directories of growing size. So many users as the columns say are all members
of one group, whose members are read and changed; {SPARE} more are in none, and {TEAMS} groups have {TEAM} members. The
rows are made by the code that writes them in the service and put into Azurite's file. Azurite finds rows by its index
of their keys, so that what is measured is the service. One client sends one request after the other, once Azurite has
answered some thousand: just started with a large file it works for itself, on the core that the other one shares.
"""
_STORAGE = """\
Round trips are storage calls that waited for each other; a request makes the others at the same time. The budget is the
design's, held by `tests/storage/test_budget.py` too. Every request reads the tenant's journals beside its own rows: one
call, nearly always empty. The bearer check is part of every request and asks nothing while it is warm. Bytes are those
of the bodies, JSON as the storage sends it. One figure stands for all sizes where it hardly differs."""


def markdown(results: Results, plot: str) -> str:
    """Return the section."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    facts = [machine(), f"Python {platform.python_version()}, {packages}"]
    parts = [
        "## Growth",
        "",
        fill(_INTRODUCTION, WIDTH),
        "",
        *(f"- {fact}" for fact in facts),
        "",
        f"![CPU time as the directory grows]({plot})",
        "",
    ]
    parts += ["### CPU milliseconds of the server per request, by number of users", "", *_cpu(results), ""]
    parts += ["### Milliseconds until half of the requests were answered", "", *_latency(results), ""]
    parts += ["### What a request asks of the storage", "", _STORAGE, "", *_storage(results), ""]
    parts += ["### Memory", "", *_memory(results), ""]
    parts += ["### Walking through all users, 100 a page", "", *_walks(results), ""]
    parts += bill(results)
    return "\n".join(parts) + "\n"


def growth(figures: Mapping[int, float]) -> float:
    """Return how many times as much the largest directory takes as the smallest."""
    return figures[max(figures)] / max(figures[min(figures)], 1e-9)


def _by_size(
    results: Results, show: Callable[[float], str], figures: Mapping[str, Mapping[int, float]]
) -> tuple[list[str], dict[str, float]]:
    """Return a table with a column for each size, and how many times as much each row takes in the end."""
    times = {name: growth(each) for name, each in figures.items()}
    rows = [
        [name, *(show(each[size]) for size in results.sizes), f"{times[name]:.1f} times"]
        for name, each in figures.items()
    ]
    return table(["", *(f"{size:,}" for size in results.sizes), "growth"], rows), times


def _cpu(results: Results) -> list[str]:
    lines, times = _by_size(results, lambda each: f"{each:,.1f}", results.cpu())
    return [*lines, "", *_reasons(times, {each.name: each.why for each in OPERATIONS})]


def _reasons(times: Mapping[str, float], reasons: Mapping[str, str]) -> list[str]:
    """Return why some rows grow; one that grows without a reason is said to."""
    grown = [name for name, each in times.items() if each > _FLAT]
    flat = len(times) - len(grown)
    lines = [f"{flat} of {len(times)} are flat (at most {_FLAT} times as much in the largest directory). The others:"]
    return [*lines, "", *(f"- {name}: {reasons.get(name) or '**no reason is known**'}." for name in grown)]


def _latency(results: Results) -> list[str]:
    found = results.of(lambda each: each.measured.percentile_ms(50))
    lines, _ = _by_size(results, lambda each: f"{each:,.1f}", found)
    why = "The time of Azurite is in these figures: what it writes, it puts into a sorted index of all its rows."
    return [*lines, "", why]


def _storage(results: Results) -> list[str]:
    columns: dict[str, Callable[[Figures], float]] = {
        "round trips": lambda each: each.asked.trips,
        "calls": lambda each: each.asked.calls,
        "KiB read": lambda each: each.asked.read / 1024,
        "KiB written": lambda each: each.asked.written / 1024,
    }
    found = {name: results.of(of) for name, of in columns.items()}
    rows, over = [], []
    for operation in OPERATIONS:
        most = max(found["round trips"][operation.name].values())
        budget = "—" if operation.budget is None else str(operation.budget)
        if operation.budget is not None and most > operation.budget:
            over.append(operation.name)
        rows.append([operation.name, budget, *(_range(each[operation.name]) for each in found.values())])
    verdict = f"Over the budget: **{', '.join(over)}**." if over else "Every operation keeps to its budget."
    return [*table(["", "budget", *columns], rows), "", verdict]


def _range(figures: Mapping[int, float]) -> str:
    """Return one figure where all are nearly the same, else those of each size."""
    shown = [f"{figures[size]:,.1f}".removesuffix(".0") for size in sorted(figures)]
    same = max(figures.values()) <= _SAME * min(figures.values())
    return shown[-1] if same else " · ".join(shown)


def _memory(results: Results) -> list[str]:
    warm = sorted(each.warm for each in results.memory.values())
    held = list(dict.fromkeys(f"{each:.0f}" for each in (warm[0], warm[-1])))
    names = dict.fromkeys(name for name, _ in results.memory)
    found = {name: {s: m.peak - m.warm for (n, s), m in results.memory.items() if n == name} for name in names}
    rows = [[name, *(f"{each[size]:,.1f}" for size in results.sizes), HUNGRY[name].why] for name, each in found.items()]
    head = ["MiB above the warm process", *(f"{size:,}" for size in results.sizes), "in proportion to"]
    begin = fill(
        f"A warm process holds {' to '.join(held)} MiB, whatever the size of the directory. The table "
        "has the most that it held beyond that while it answered; each row begins with a new process.",
        WIDTH,
    )
    return [begin, "", *table(head, rows)]


def _walks(results: Results) -> list[str]:
    first, second = WALKS
    rows, ratios = [], []
    for size in results.sizes:
        one, other = results.walks[first, size], results.walks[second, size]
        ratio = other.cpu / one.cpu, other.seconds / one.seconds
        ratios.append(max(ratio))
        seconds = (one.cpu, one.seconds, other.cpu, other.seconds)
        rows.append([f"{size:,}", f"{one.requests:,}", *(f"{each:.2f}" for each in (*seconds, *ratio))])
    head = ["users", "pages", f"{first}: CPU s", "wall s", f"{second}: CPU s", "wall s", "CPU ratio", "wall ratio"]
    met = "met" if ratios[-1] <= _WALK else "**missed**"
    aim = f"A walk by index is to cost at most {_WALK:g} times the walk by cursor: {ratios[-1]:.2f} times, {met}."
    return [*table(head, rows), "", aim]
