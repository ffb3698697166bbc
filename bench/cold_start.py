"""How long a cold start takes: importing the app, against what its packages from outside need by themselves.

`python bench/cold_start.py` starts a fresh interpreter for each measurement, in turn, and prints the medians. The aim
is a ratio below 1.6. Byte code is compiled before; what the disk of a cold instance adds is not in the figures.
"""

import statistics
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_ROUNDS = 9
_AIM = 1.6
_IMPORTS = {
    "third-party minimum": "import azure.functions, azure.data.tables.aio, aiohttp, pydantic",
    "function_app": "import function_app",
}


def _seconds(statement: str) -> float:
    """Return how long a fresh interpreter takes for a statement, its own start left out."""
    timed = f"import time; t = time.perf_counter(); exec({statement!r}); print(time.perf_counter() - t)"
    done = subprocess.run([sys.executable, "-c", timed], cwd=_ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> int:
    """Print both medians and their ratio; 1 if it is not below the aim."""
    for statement in _IMPORTS.values():
        _seconds(statement)  # compiles the byte code, fills the page cache
    taken: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    for _ in range(_ROUNDS):
        for name, statement in _IMPORTS.items():
            taken[name].append(_seconds(statement))
    medians = {name: statistics.median(each) for name, each in taken.items()}
    for name, median in medians.items():
        lowest, highest = (round(bound(taken[name]) * 1000) for bound in (min, max))
        print(f"{name:<22}{median * 1000:7.0f} ms  ({lowest} to {highest}, {_ROUNDS} runs)")
    ratio = medians["function_app"] / medians["third-party minimum"]
    print(f"{'ratio':<22}{ratio:7.2f}     (aim: below {_AIM})")
    return 0 if ratio < _AIM else 1


if __name__ == "__main__":
    sys.exit(main())
