"""The comparison as Markdown: CPU time first, which noise disturbs least; losses beside wins."""

from collections.abc import Callable, Mapping, Sequence

from bench.goals import GOALS
from bench.load import Measured
from bench.page import machine, table

# (contender, operation, clients) -> what was measured, or why it could not be
Results = Mapping[tuple[str, str, int], "Measured | str"]

_INTRODUCTION = """\
## Beside other servers

Two public SCIM servers and this service, in one run on one machine.

- **ours, in memory**: the protocol of this service on the in-process directory of its contract suite, behind uvicorn,
  so that protocol is compared with protocol.
- **scim2-server**: its ASGI application on its own storage in memory, behind the same uvicorn.
- **SCIMMY**: its express routers, with handlers on maps and an index for the attributes that are filtered by.
- **ours, whole, on Azurite**: the app as deployed, with the bearer check and Table Storage's emulator behind it; the
  CPU time is the app's, without Azurite's. Its directory is smaller, for it is filled over HTTP like the others'.

None of the three in memory checks a token that costs anything. Ours does more than the others' storages in memory: it
keeps the `groups` of users and refuses members that do not exist.
"""

_SPEED = "Requests per second · p50 ms · p99 ms · CPU ms of the server per request"


def markdown(results: Results, contenders: Sequence[str], facts: Sequence[str]) -> str:
    """Return the section."""
    operations = list(dict.fromkeys(operation for _, operation, _ in results))
    clients = sorted({clients for *_, clients in results})
    parts = [_INTRODUCTION, *(f"- {fact}" for fact in (machine(), *facts)), "", "![CPU time](benchmarks.svg)", ""]
    parts += ["### CPU milliseconds of the server per request, one client", ""]
    parts += _table(results, contenders, operations, 1, lambda each: f"{each.cpu_ms:.2f}")
    parts += ["", "### Goals", "", *_goals(results)]
    for number in clients:
        parts += ["", f"### {_SPEED}, clients: {number}", ""]
        parts += _table(results, contenders, operations, number, _speed)
    return "\n".join(parts) + "\n"


def _speed(each: Measured) -> str:
    return f"{each.per_second:.0f} · {each.percentile_ms(50):.1f} · {each.percentile_ms(99):.1f} · {each.cpu_ms:.2f}"


def _table(
    results: Results,
    contenders: Sequence[str],
    operations: Sequence[str],
    clients: int,
    show: Callable[[Measured], str],
) -> list[str]:
    rows: list[list[str]] = []
    notes: list[str] = []
    for operation in operations:
        row = [operation]
        for contender in contenders:
            measured = results.get((contender, operation, clients), "")
            row.append(show(measured) if isinstance(measured, Measured) else "—")
            if isinstance(measured, str) and measured:
                notes.append(f"- {contender}, {operation}: {measured}")
        rows.append(row)
    return table(["", *contenders], rows) + (["", *notes] if notes else [])


def _goals(results: Results) -> list[str]:
    cpu = {
        (contender, operation): each.cpu_ms
        for (contender, operation, clients), each in results.items()
        if clients == 1 and isinstance(each, Measured)
    }
    rows = ["| goal | measured | met |", "|---|---:|---|"]
    for goal in GOALS:
        ratio = goal.ratio(cpu)
        shown = "not measured" if ratio is None else f"{ratio:.2f} times (at most {goal.most:.2f})"
        rows.append(f"| {goal.text} | {shown} | {'' if ratio is None else 'yes' if ratio <= goal.most else '**no**'} |")
    return rows
