"""The bill of a year as Markdown: what it supposes, what was measured, its lines and their sum."""

from collections.abc import Mapping
from textwrap import fill

from bench.growth.measure import Results
from bench.growth.prices import (
    GIB,
    TIMER_SECONDS,
    Line,
    Prices,
    Unit,
    Year,
    bill,
    check_calls,
    check_cpu_seconds,
    given,
    stored_bytes,
)
from bench.page import WIDTH, table

_KINDS = {"u": "a person", "c": "a claim", "x": "a look-up", "m": "a membership"}


def markdown(results: Results) -> list[str]:
    """Return the lines of the section's end."""
    year, prices = Year(), Prices()
    largest = max(results.sizes)
    calls = {name: figures.asked.calls for (name, size), figures in results.figures.items() if size == largest}
    unit = Unit(calls, results.kinds, results.event_bytes)
    lines = bill(unit, year, prices)
    return [
        f"### A year of {year.people:,} people at list price",
        "",
        fill(
            f"Computed from the storage calls above and the rows below, both of the directory of {largest:,} users. A "
            "transaction is billed as one call. Prices are those of an ordinary region; look up yours.",
            WIDTH,
        ),
        "",
        *table(["supposed", ""], _rows(given(year, prices))),
        "",
        *table(["measured", "billed bytes", "rows for each person", "storage calls to check one"], _kinds(unit)),
        "",
        *table(["a year", "requests", "storage calls", "$"], [*map(_line, lines), _sum(lines)]),
        "",
        fill(_sentences(unit, year), WIDTH),
    ]


def _rows(figures: Mapping[str, float]) -> list[list[str]]:
    return [[name, f"{value:,.6f}".rstrip("0").rstrip(".")] for name, value in figures.items()]


def _kinds(unit: Unit) -> list[list[str]]:
    rows = []
    for letter, kind in unit.kinds.items():
        each = "as supposed" if letter == "m" else f"{kind.each:.2f}"
        rows.append([_KINDS[letter], f"{kind.bytes:,.0f}", each, f"{kind.check_calls:.2f}"])
    return [*rows, ["an event", f"{unit.event_bytes:,.0f}", "", ""]]


def _line(line: Line) -> list[str]:
    return [line.what, _number(line.requests), _number(line.storage_calls), f"{line.dollars:,.2f}"]


def _sum(lines: list[Line]) -> list[str]:
    return ["**in all**", "", "", f"**{sum(line.dollars for line in lines):,.2f}**"]


def _number(figure: float | None) -> str:
    return "" if figure is None else f"{figure:,.0f}"


def _sentences(unit: Unit, year: Year) -> str:
    stored, hours = stored_bytes(unit, year), check_cpu_seconds(unit, year) / 3600
    return (
        f"A person takes {stored / year.people:,.0f} billed bytes with everything that belongs to them, "
        f"{stored / GIB:.1f} GiB in all. Checking every row once makes {check_calls(unit, year):,.0f} storage calls "
        f"and takes {hours:.1f} hours of CPU time on this machine; the timer has {TIMER_SECONDS / 3600:.1f} a day."
    )
