"""The part of the benchmarks that measures load: which rates are tried, what is sustained, and who suffers."""

import pytest

from bench.pace import Done
from bench.sustained.neighbour import Felt, Flood
from bench.sustained.rate import Run, rates
from bench.sustained.report import markdown, verdict

USED = {"app": 0.8, "Azurite": 0.4, "the clients": 0.1}


def run(rate: float = 100, slow: float = 0.1, *, refused: int = 0, faults: int = 0) -> Run:
    """A run of 100 requests within 20 ms, but for the slowest two, and those that were not answered well."""
    seconds = [0.02] * 98 + [slow] * 2
    done = [
        Done("GET user" if number % 4 else "POST user", number / rate, number / rate + each, number < refused, "")
        for number, each in enumerate(seconds)
    ]
    return Run(rate, (*done, *[Done("GET user", 0.0, 0.1, refused=False, fault="GET user: 500")] * faults), USED)


@pytest.mark.parametrize(
    ("made", "sustained"),
    [
        (run(slow=0.499), True),
        (run(slow=0.51), False),
        (run(refused=1), False),
        (run(faults=1), False),
    ],
    ids=["soon", "late", "refused", "wrong"],
)
def test_a_rate_is_sustained_where_99_of_100_are_answered_soon_and_all_well(made: Run, sustained: bool):
    assert made.sustained is sustained


def test_a_rate_that_is_sustained_is_followed_by_higher_ones_and_one_that_is_not_by_lower_ones():
    higher, lower = rates(100, upwards=True), rates(100, upwards=False)
    assert higher[:4] == [120, 144, 173, 207]
    assert lower[:4] == [83, 69, 58, 48]
    assert higher == sorted(higher)
    assert lower == sorted(lower, reverse=True)
    assert higher[-1] <= 1000
    assert lower[-1] >= 10


def test_the_verdict_names_the_highest_rate_that_was_sustained():
    assert "within 500 ms: **met**" in verdict(run(), [run(120), run(144, slow=2)])
    assert verdict(run(), [run(120), run(144, slow=2)]).endswith("that was sustained: 120 a second.")
    assert "**missed**" in verdict(run(slow=2), [run(83, slow=1), run(69)])
    assert verdict(run(slow=2), [run(83, slow=1), run(69)]).endswith("that was sustained: 69 a second.")
    assert verdict(run(slow=2), []).endswith("that was sustained: none of those tried.")


@pytest.mark.parametrize(
    ("alone", "beside", "suffers"),
    [
        (run(slow=0.1), run(slow=0.49), False),
        (run(slow=0.2), run(slow=0.59), False),
        (run(slow=0.1), run(slow=0.51), True),
        (run(slow=0.1), run(slow=0.1, refused=1), True),
        (run(slow=0.1), run(slow=0.1, faults=1), True),
    ],
    ids=["quick", "not much slower", "slow and much slower", "refused", "wrong"],
)
def test_a_tenant_suffers_that_is_slow_and_much_slower_than_alone_or_loses_a_request(alone, beside, suffers: bool):
    assert Felt(alone, beside, Flood(1.0, {})).suffers is suffers


def test_the_page_has_what_was_measured():
    felt = Felt(run(10), run(10, slow=0.6), Flood(2.0, {"served": 100, "refused": 30, "wrong": 0}))
    page = markdown(run(faults=1), [run(83)], felt, 3_000)
    assert "with a tenant of 3,000 users" in page
    assert "| 83 | 77.4 | 20.0 | 100.0 | 0 | 0 | 8.00 | 0.62 | 0.31 | 0.08 | yes |" in page
    assert "- wrong: `GET user: 500`" in page
    assert "| POST user | 25% | 20.0 | 20.0 |" in page
    assert "the flood was 50.0 served, 15.0 refused, 0.0 wrong." in " ".join(page.split())
    assert "| beside the flood | 9.5 | 20.0 | 600.0 | 0 |" in page
    assert "Its p99 is 6.0 times that of the tenant alone: the tenant **suffers**" in page
