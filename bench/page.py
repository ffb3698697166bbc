"""The page that the benchmarks write: a section for each part, of which a run replaces those that it has measured."""

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

WIDTH = 120  # of a line
SECTIONS = ("peers", "sustained", "growth", "cold start")
_MARK = re.compile(rf"<!-- ({'|'.join(SECTIONS)}) -->\n")
_INTRODUCTION = """\
# Benchmarks

`make bench` measures this service and writes this page: beside two public SCIM servers, under load, as its directory
grows, and when a process starts. `make bench ARGS="--only growth"` measures one of the four. CPU time of the server
process per request is the figure to compare: other programs on the machine disturb it least. Requests per second and
latencies contain whatever else the machine was doing, the measuring client included.
"""


def sections(page: str) -> dict[str, str]:
    """Return the sections of a page that `page` has returned, by name."""
    parts = _MARK.split(page)[1:]
    return {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


def page(sections: Mapping[str, str]) -> str:
    """Return the page of these sections."""
    present = [f"<!-- {name} -->\n{sections[name].strip()}\n" for name in SECTIONS if name in sections]
    return "\n".join([_INTRODUCTION, *present])


def replace(path: Path, name: str, section: str) -> None:
    """Put a section in the place of the one that a file has had so far."""
    before = sections(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(page(before | {name: section}), encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table: text on the left in the first column, figures on the right in the others."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] + ["---:"] * (len(head) - 1), *rows)]


def machine() -> str:
    """Return the date, the processors and what else they had to do."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    today = date.today().isoformat()  # noqa: DTZ011
    return f"{today}, {os.cpu_count()} CPUs ({model}), load averages at the end {load}"
