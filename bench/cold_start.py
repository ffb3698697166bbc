"""The part that measures a cold start: what importing the app takes, package by package, and the first answer.

Byte code is compiled before; what the disk of a cold instance adds is not in the figures.
"""

import os
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import httpx

from bench import page
from bench.contenders import ROOT
from local.service import Service

_ROUNDS = 9
_STARTS = 5
_AIM = 1.6
_LEAST = 0.01  # of the whole: packages below are summed up
_PACKAGES = ("azure-functions", "azure-data-tables", "aiohttp", "pydantic")
# Pydantic loads nothing of itself before it is asked for something.
_OUTSIDE = "import azure.functions, azure.data.tables.aio, aiohttp; from pydantic import BaseModel, Field"
_APP = "import function_app"
_NOBODY = "http://127.0.0.1:9"
_OTLP = {"OPEN_TELEMETRY": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": _NOBODY}
_INSIGHTS = {
    "OPEN_TELEMETRY": "true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={UUID(int=0)};IngestionEndpoint={_NOBODY}",
}
# What is imported, with which settings. The first two make the ratio.
_IMPORTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "its packages from outside alone": (_OUTSIDE, {}),
    "the app": (_APP, {"OPEN_TELEMETRY": ""}),
    "the app, telling a collector by OpenTelemetry": (_APP, _OTLP),
    "the app, telling Application Insights by OpenTelemetry": (_APP, _INSIGHTS),
}
_INTRODUCTION = """\
## Cold start

What a new process does before its first answer. Byte code is compiled before; what the disk of a cold instance adds is
not in the figures.
"""
_OURS = {"function_app", "edge", "service", "scim", "storage", "identity", "maintenance", "telemetry"}
_STANDARD, _REST = "standard library", "others"


def run(output: Path, tell: Callable[[str], None]) -> None:
    """Measure, and write the section of the page. Raises StartError."""
    tell("cold start: imports")
    taken = _in_turn(_IMPORTS, _ROUNDS)
    parts = _median([by_package(_import_times(_APP)) for _ in range(_ROUNDS)])
    tell("cold start: first answers")
    page.replace(output, "cold start", section(taken, parts, _answers()))


def by_package(lines: Iterable[str]) -> dict[str, float]:
    """Return the milliseconds that modules took themselves, by package, of what `python -X importtime` has written."""
    taken: Counter[str] = Counter()
    for line in lines:
        own, _, module = line.removeprefix("import time:").partition("|")
        if own.strip().isdecimal():
            taken[_package(module.rpartition("|")[2].strip())] += int(own)
    return {name: microseconds / 1000 for name, microseconds in taken.items()}


def _package(module: str) -> str:
    names = module.split(".")
    if names[0] == "azure":
        return ".".join(names[: 3 if names[1:2] == ["data"] else 2])
    return _STANDARD if names[0] in sys.stdlib_module_names else names[0].removesuffix(".py")


def _median(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each.get(name, 0.0) for each in rounds) for name in rounds[0]}


def _in_turn(imports: Mapping[str, tuple[str, Mapping[str, str]]], rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds that fresh interpreters take for each, their own start left out."""
    for statement, settings in imports.values():
        _milliseconds(statement, settings)  # compiles the byte code, fills the page cache
    taken: dict[str, list[float]] = {name: [] for name in imports}
    for _ in range(rounds):
        for name, (statement, settings) in imports.items():
            taken[name].append(_milliseconds(statement, settings))
    return taken


def _milliseconds(statement: str, settings: Mapping[str, str]) -> float:
    timed = f"import time; t = time.perf_counter(); exec({statement!r}); print(time.perf_counter() - t)"
    return float(_python("-c", timed, settings=settings).stdout) * 1000


def _import_times(statement: str) -> list[str]:
    """Return what the import system says; modules that the interpreter needs for its own start are left out."""
    written = _python("-X", "importtime", "-c", f"import sys; print('begin', file=sys.stderr); {statement}").stderr
    return written.partition("begin\n")[2].splitlines()


def _python(*arguments: str, settings: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | dict(settings or {})
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)


def _answers() -> dict[str, list[float]]:
    """Return the milliseconds until a fresh process is healthy, and of the first requests that it then answers."""
    names = ("the first request of a tenant", "the second", "the tenth")
    taken: dict[str, list[float]] = {name: [] for name in ("until it is healthy", *names)}
    with Service(log="warnings") as service:
        headers = {"Authorization": f"Bearer {service.secret_token}"}
        for _ in range(_STARTS):
            service.app.stop()
            began = time.perf_counter()
            service.app.start().wait()
            taken["until it is healthy"].append((time.perf_counter() - began) * 1000)
            with httpx.Client(headers=headers, base_url=service.tenant_url, timeout=60.0) as client:
                asked = [client.get("/Users?count=1").raise_for_status().elapsed for _ in range(10)]
            for name, number in zip(names, (0, 1, 9), strict=True):
                taken[name].append(asked[number].total_seconds() * 1000)
    return taken


def section(taken: dict[str, list[float]], parts: dict[str, float], answers: dict[str, list[float]]) -> str:
    """Return the section of the page."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    outside, app, *_ = (statistics.median(each) for each in taken.values())
    ratio = app / outside
    met = "met" if ratio < _AIM else "**missed**"
    return "\n".join(
        [
            _INTRODUCTION,
            f"- {page.machine()}",
            f"- Python {platform.python_version()}, {packages}; medians of {_ROUNDS} imports and {_STARTS} starts\n",
            *page.table(["milliseconds", "median", "least", "most"], _rows(taken | answers)),
            f"\nThe app takes {ratio:.2f} times what its packages from outside take (aim: below {_AIM}, {met}).\n",
            "### Import of the app, package by package\n",
            "Own time of each package's modules; measuring each module makes the whole slower than above.\n",
            *page.table(["package", "ms", "share"], _shares(parts)),
        ]
    )


def _rows(taken: dict[str, list[float]]) -> Iterable[list[str]]:
    for name, each in taken.items():
        yield [name, *(f"{figure:.0f}" for figure in (statistics.median(each), min(each), max(each)))]


def _shares(parts: dict[str, float]) -> Iterable[list[str]]:
    whole = sum(parts.values())
    large = {name: taken for name, taken in parts.items() if taken >= _LEAST * whole}
    small = sum(parts.values()) - sum(large.values())
    for name, taken in [*sorted(large.items(), key=lambda item: -item[1]), (_REST, small)]:
        yield [f"**{name}**" if name in _OURS else name, f"{taken:.1f}", f"{taken / whole:.0%}"]
