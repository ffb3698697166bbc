"""The bill of a year: arithmetic on what was measured."""

import pytest

from bench.growth.operations import OPERATIONS
from bench.growth.prices import (
    GIB,
    TIMER_SECONDS,
    Kind,
    Prices,
    Unit,
    Year,
    bill,
    check_calls,
    entity_bytes,
    given,
    stored_bytes,
)
from storage.tables import Write

PRICES = Prices(storage_calls=1.0, stored=10.0, executions=100.0, memory=0.001)
YEAR = Year(
    people=1_000,
    memberships=2,
    joining=0.1,
    leaving=0.2,
    changes=3,
    membership_changes=4,
    customers=5,
    cycles=6,
    requests_at_rest=7,
    events_days=73,
    instance_gb=2,
)
UNIT = Unit(
    calls={operation.name: 10 for operation in OPERATIONS},
    kinds={"u": Kind(1_000, 1, 5, 0.25), "m": Kind(100, 0.5, 2, 0.125)},
    event_bytes=500,
)
LINES = {line.what: line for line in bill(UNIT, YEAR, PRICES)}


@pytest.mark.parametrize(
    ("write", "size"),
    [
        (Write("insert", "k"), 4 + 2 * 3),
        (Write("insert", "k", {"ab": ""}), 4 + 2 * 3 + 8 + 4 + 4),
        (Write("insert", "k", {"ab": "é😀"}), 4 + 2 * 3 + 8 + 4 + 4 + 2 * 3),
        (Write("insert", "k", {"ab": b"12345"}), 4 + 2 * 3 + 8 + 4 + 4 + 5),
        (Write("insert", "k", {"ab": 7}), 4 + 2 * 3 + 8 + 4 + 4),
    ],
    ids=["keys", "empty text", "text in UTF-16", "bytes", "number"],
)
def test_a_row_is_billed_by_its_keys_names_and_values(write: Write, size: int) -> None:
    assert entity_bytes("tt", write) == size


def test_a_value_whose_size_is_not_known_is_refused() -> None:
    with pytest.raises(TypeError):
        entity_bytes("t", Write("insert", "k", {"a": 1.5}))


@pytest.mark.parametrize(
    ("what", "requests", "calls"),
    [
        ("people join", 200, 2_000),
        ("people leave: disabled, later deleted", 600, 6_000),
        ("a person changes", 6_000, 60_000),
        ("a membership begins", 2_200, 22_000),
        ("a membership ends", 2_000, 20_000),
        ("a cycle finds nothing to do", 76_650, 766_500),
    ],
)
def test_what_happens_is_billed_by_its_requests_and_their_storage_calls(what: str, requests: int, calls: int) -> None:
    line = LINES[what]
    assert (line.requests, line.storage_calls) == pytest.approx((requests, calls))
    assert line.dollars == pytest.approx(calls / 10_000)


def test_the_memberships_of_a_person_are_those_supposed_not_those_of_the_measured_directory() -> None:
    assert UNIT.rows(YEAR) == {"u": 1_000, "m": 2_000}
    assert check_calls(UNIT, YEAR) == 1_000 * 5 + 2_000 * 2
    assert LINES["the daily check of every row"].storage_calls == 365 * 9_000


def test_rows_are_stored_all_year_and_events_for_their_time() -> None:
    events = 100 + 2 * 200 + 3_000 + 2_200 + 2_000
    assert stored_bytes(UNIT, YEAR) == 1_000 * 1_000 + 2_000 * 100 + events * 500 * 73 / 365
    line = next(line for line in LINES.values() if line.what.endswith("GiB are stored"))
    assert line.dollars == pytest.approx(stored_bytes(UNIT, YEAR) / GIB * 10 * 12)


def test_executions_are_billed_by_number_and_by_a_second_of_an_instance_each() -> None:
    requests = 200 + 600 + 6_000 + 2_200 + 2_000 + 76_650
    assert LINES["executions of functions"].dollars == pytest.approx(requests / 1e6 * 100)
    longest = LINES["their time, at most: each wakes an instance for a second"]
    assert longest.dollars == pytest.approx(requests * 2 * 0.001)


@pytest.mark.parametrize(("people", "seconds"), [(1_000, 500.0), (1_000_000, TIMER_SECONDS)])
def test_the_daily_check_takes_its_processor_time_and_never_more_than_the_timer_has(
    people: int, seconds: float
) -> None:
    year = Year(people=people, memberships=2, instance_gb=2)
    hours = next(line for line in bill(UNIT, year, PRICES) if line.what.endswith("hours of the daily check"))
    assert hours.dollars == pytest.approx(seconds * 365 * 2 * 0.001)


def test_everything_that_is_supposed_is_told() -> None:
    told = given(YEAR, PRICES)
    assert len(told) == 15
    assert told["people"] == 1_000
    assert told["$ for 10,000 storage calls"] == 1.0
