"""The benchmarks' own arithmetic: what is charged, which requests are made, which goals are met."""

import os
import threading
import time
from pathlib import Path

import pytest

from bench.contenders import OURS, SCIM2_SERVER, SCIMMY
from bench.directory import Filled
from bench.goals import GOALS, Goal
from bench.load import Measured, cpu_seconds
from bench.operations import OPERATIONS
from bench.plot import svg
from bench.report import markdown

FILLED = Filled(
    users=tuple(f"u{n}" for n in range(20)),
    spare=("u18", "u19"),
    groups={10: ("a", "b"), 1_000: ("c",), 10_000: ("d",)},
    empty="e",
)
FAST = Measured(4, 2.0, (0.1, 0.2, 0.3, 0.9), 0.004)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="CPU time is read from Linux' /proc")
def test_the_work_of_every_thread_is_charged():
    done = threading.Event()

    def work() -> None:
        end = time.thread_time() + 0.05
        while time.thread_time() < end:
            pass
        done.set()
        release.wait()

    release = threading.Event()
    before = cpu_seconds(os.getpid())
    thread = threading.Thread(target=work)
    thread.start()
    done.wait()
    used = cpu_seconds(os.getpid()) - before
    release.set()
    thread.join()
    assert used >= 0.04


def test_a_measurement_gives_rates_percentiles_and_cpu_time_per_request():
    assert (FAST.per_second, FAST.cpu_ms) == (2.0, 1.0)
    assert (FAST.percentile_ms(50), FAST.percentile_ms(99)) == (300.0, 900.0)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_no_write_is_made_twice(operation):
    sendings = operation.requests(FILLED)
    writes = [repr(each) for each, _ in zip(sendings, range(2), strict=False) if each[0] != "GET"]
    assert len(set(writes)) == len(writes)


def test_neighbouring_requests_add_other_members_to_other_groups_and_each_group_grows_alike():
    add = next(each for each in OPERATIONS if each.members == 10).requests(FILLED)
    made = [next(add) for _ in range(4)]
    added = [(path, body["Operations"][0]["value"][0]["value"]) for _, path, body in made]
    assert added == [("/Groups/a", "u18"), ("/Groups/b", "u19"), ("/Groups/a", "u19"), ("/Groups/b", "u18")]


def test_a_goal_compares_with_the_best_peer():
    goal = Goal("page", "page", ((SCIM2_SERVER, "page"), (SCIMMY, "page")), 0.5)
    assert goal.ratio({(OURS, "page"): 2.0, (SCIM2_SERVER, "page"): 10.0, (SCIMMY, "page"): 8.0}) == 0.25
    assert goal.ratio({(OURS, "page"): 2.0, (SCIMMY, "page"): 4.0}) == 0.5
    assert goal.ratio({(OURS, "page"): 2.0}) is None


def test_every_goal_names_operations_that_are_measured():
    names = {each.name for each in OPERATIONS}
    assert {name for goal in GOALS for name in (goal.ours, *(other for _, other in goal.others))} <= names


def test_the_page_tells_losses_and_refusals_and_every_number_of_clients():
    slow = Measured(1, 1.0, (1.0,), 1.0)
    results = {
        (OURS, "POST", 1): slow,
        (SCIM2_SERVER, "POST", 1): FAST,
        (SCIM2_SERVER, "POST", 8): FAST,
        (SCIMMY, "POST", 1): "POST /Users: 500 <broken>",
    }
    page = markdown(results, [OURS, SCIM2_SERVER, SCIMMY], ["a fact"])
    assert "| POST | 1000.00 | 1.00 | — |" in page
    assert f"- {SCIMMY}, POST: POST /Users: 500 <broken>" in page
    assert "CPU ms of the server per request, clients: 8" in page
    assert "| POST | — | 2 · 300.0 · 900.0 · 1.00 | — |" in page
    assert "| POST: at most 1/3 of scim2-server | 1000.00 times (at most 0.33) | **no** |" in page


def test_the_plot_draws_a_bar_for_each_figure():
    drawn = svg({(OURS, "a < b", 1): FAST, (SCIMMY, "a < b", 1): FAST, (SCIMMY, "a < b", 8): FAST}, [OURS, SCIMMY])
    assert drawn.count(">1.00</text>") == 2
    assert "a &lt; b" in drawn
