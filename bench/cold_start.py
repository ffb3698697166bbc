"""How long a cold start takes: importing the app, against what its packages from outside need by themselves.

`python bench/cold_start.py` starts a fresh interpreter for each measurement, in turn, and prints the medians. The aim
is a ratio below 1.6. What OpenTelemetry adds, where it is switched on, stands beside it. Byte code is compiled before;
what the disk of a cold instance adds is not in the figures.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_ROUNDS = 9
_AIM = 1.6
_NOBODY = "http://127.0.0.1:9"
_OTLP = {"OPEN_TELEMETRY": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": _NOBODY}
_KEY = "00000000-0000-0000-0000-000000000000"
_INSIGHTS = {
    "OPEN_TELEMETRY": "true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={_KEY};IngestionEndpoint={_NOBODY}",
}
_PACKAGES = "import azure.functions, azure.data.tables.aio, aiohttp, pydantic"
# What is measured, with which settings.
_IMPORTS: dict[str, tuple[str, dict[str, str]]] = {
    "third-party minimum": (_PACKAGES, {}),
    "function_app": ("import function_app", {"OPEN_TELEMETRY": ""}),
    "telling a collector": ("import function_app", _OTLP),
    "telling Azure Monitor": ("import function_app", _INSIGHTS),
}


def _seconds(statement: str, settings: dict[str, str]) -> float:
    """Return how long a fresh interpreter takes for a statement, its own start left out."""
    timed = f"import time; t = time.perf_counter(); exec({statement!r}); print(time.perf_counter() - t)"
    environment = os.environ | settings
    command = [sys.executable, "-c", timed]
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> int:
    """Print both medians and their ratio; 1 if it is not below the aim."""
    for measured in _IMPORTS.values():
        _seconds(*measured)  # compiles the byte code, fills the page cache
    taken: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    for _ in range(_ROUNDS):
        for name, measured in _IMPORTS.items():
            taken[name].append(_seconds(*measured))
    medians = {name: statistics.median(each) for name, each in taken.items()}
    for name, median in medians.items():
        lowest, highest = (round(bound(taken[name]) * 1000) for bound in (min, max))
        print(f"{name:<22}{median * 1000:7.0f} ms  ({lowest} to {highest}, {_ROUNDS} runs)")
    ratio = medians["function_app"] / medians["third-party minimum"]
    print(f"{'ratio':<22}{ratio:7.2f}     (aim: below {_AIM})")
    return 0 if ratio < _AIM else 1


if __name__ == "__main__":
    sys.exit(main())
