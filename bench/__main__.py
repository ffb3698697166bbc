"""`make bench`: measure this service beside its peers, under load, as its directory grows, and when it starts."""

import argparse
import sys
import time
from pathlib import Path

from bench import cold_start, growth, peers, sustained
from bench.contenders import CONTENDERS, ROOT

_SUSTAINED, _GROWTH, _COLD_START = "sustained", "growth", "cold start"


def main(arguments: list[str]) -> int:
    """Run the command line; return its exit code."""
    contenders = [each.name for each in CONTENDERS]
    parts = [*contenders, _SUSTAINED, _GROWTH, _COLD_START]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=parts, help="a contender, or a part; may be repeated")
    parser.add_argument("--users", type=int, default=11_000, help="users of the servers in memory")
    parser.add_argument("--azurite-users", type=int, default=1_300, help="users of the service on Azurite")
    parser.add_argument("--spare", type=int, default=300, help="users who are in no group, to be added")
    parser.add_argument("--requests", type=int, default=200, help="most requests of one measurement beside the peers")
    parser.add_argument("--seconds", type=float, default=5.0, help="longest time of one of them")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8], help="clients at once; the goals are for 1")
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second that are to be sustained")
    parser.add_argument("--sustain", type=float, default=60.0, help="seconds for which they are")
    sizes = [100, 1_000, 10_000, 100_000]
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes, help="users of the directories of growth")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks.md")
    options = parser.parse_args(arguments)
    wanted = options.only or parts
    if chosen := [each for each in CONTENDERS if each.name in wanted]:
        peers.run(chosen, options, _tell)
    if _SUSTAINED in wanted:
        sustained.run(options.rate, options.sustain, options.output, _tell)
    if _GROWTH in wanted:
        growth.run(sorted(set(options.sizes)), options.output, _tell)
    if _COLD_START in wanted:
        cold_start.run(options.output, _tell)
    print(options.output.read_text(encoding="utf-8"))
    return 0


def _tell(progress: str) -> None:
    print(time.strftime("%H:%M:%S"), progress, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
