"""The verdict on a soak: flat, or what grew from the beginning to the end."""

import pytest

from bench.load import Measured
from tests.soak.verdict import Slice, trends, verdict


def part(memory: float = 60, files: int = 30, p50: float = 20, p99: float = 90, cpu: float = 8, faults=()) -> Slice:
    latencies = (p50 / 1000,) * 99 + (p99 / 1000,)
    return Slice(Measured(100, 1.0, latencies, cpu / 10), 0, tuple(faults), memory, files, 100)


FLAT = [part()] * 10


def test_what_stays_as_it_was_is_flat():
    held, text = verdict(FLAT)
    assert held
    assert text.endswith("Verdict: flat, and no answer was wrong.")
    assert [(each.early, each.late) for each in trends(FLAT)] == [(60, 60), (30, 30), (8, 8), (20, 20), (90, 90)]


@pytest.mark.parametrize(
    ("late", "name"),
    [
        (part(memory=70), "memory, MiB"),
        (part(files=36), "open files and connections"),
        (part(cpu=10.5), "CPU ms per request"),
        (part(p50=31), "p50 ms"),
        (part(p99=181), "p99 ms"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_figure_that_is_worse_at_the_end_is_named(late: Slice, name: str):
    held, text = verdict([*FLAT[:7], late, late, late])
    assert not held
    assert text.endswith(f"Verdict: {name} grew.")
    assert verdict([late] * 10)[0], "it is the growth that counts"


def test_what_has_become_better_is_no_growth():
    slow = part(memory=90, files=50, cpu=20, p50=100, p99=500)
    assert verdict([slow, slow, slow, slow, *FLAT])[0]


def test_the_slice_that_warms_up_and_a_single_bad_one_do_not_count():
    bad = part(p50=500, p99=900, cpu=30)
    assert verdict([bad, *FLAT])[0]
    assert verdict([*FLAT[:8], bad, part()])[0]
    assert verdict([part(memory=1), *FLAT])[0]


def test_one_wrong_answer_is_enough():
    held, text = verdict([*FLAT, part(faults=["GET user, /Users/1: 500 b''"])])
    assert not held
    assert text.endswith("Verdict: wrong answers: 1.")


def test_four_slices_compare_the_second_with_the_last():
    (memory, *_) = trends([part(memory=1), part(memory=2), part(memory=3), part(memory=4)])
    assert (memory.early, memory.late) == (2, 4)
