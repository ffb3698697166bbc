"""The part that measures growth: what each operation costs in time, storage calls, bytes and memory, as a directory
grows, and what a year of a very large one costs at list price."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bench import page
from bench.growth.measure import Results, measure
from bench.growth.plot import svg
from bench.growth.report import markdown

_PLOT = "benchmarks-growth.svg"


def run(sizes: Sequence[int], output: Path, tell: Callable[[str], None]) -> None:
    """Measure directories of these sizes, rising, and write the section of the page and its plot after each.

    Raises StartError, RefusedError, Unavailable.
    """
    results = Results()
    for size in sizes:
        measure(size, results, tell)
        page.replace(output, "growth", markdown(results, _PLOT))
        (output.parent / _PLOT).write_text(svg(results.cpu()), encoding="utf-8")
