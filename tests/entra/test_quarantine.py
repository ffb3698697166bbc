"""Quarantine, escrow and accidental deletions: the arithmetic of Microsoft's worked examples."""

from datetime import UTC, datetime, timedelta

import pytest

from entra.deletions import staged
from entra.escrow import failed_again
from entra.quarantine import again, begin, retry_at, threshold_reached

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "successes", "references", "reason"),
    [
        (4_000, 0, 0, None),
        (30_000, 5_000, 0, "EncounteredEscrowProportionThreshold"),
        (45_000, 1_000_000, 0, "EncounteredBaseEscrowThreshold"),
        (20_000, 100_000, 0, None),
        (40_000, 100_000, 21_000, "EncounteredTotalEscrowThreshold"),
        (40_000, 100_000, 20_000, None),
        (5_000, 0, 0, "EncounteredEscrowProportionThreshold"),
        (4_999, 0, 0, None),
        (0, 0, 59_999, None),
        (4_000, 0, 50_000, None),
        (0, 0, 60_001, "EncounteredTotalEscrowThreshold"),
        (5_000, 7_500, 0, None),
        (5_001, 7_500, 0, "EncounteredEscrowProportionThreshold"),
    ],
)
def test_thresholds_are_those_of_the_worked_examples(failures, successes, references, reason):
    assert threshold_reached(failures, successes, references) == reason


def test_a_quarantined_job_is_tried_after_6_12_and_24_hours_and_then_daily():
    hours = [(retry_at(NOON, failures) - NOON) / timedelta(hours=1) for failures in range(1, 7)]
    assert hours == [6, 12, 24, 48, 72, 96]


def test_a_job_is_given_up_28_days_after_the_first_failure():
    held = begin("EncounteredQuarantineException", "InvalidCredentials", "401", NOON)
    attempts = 1
    while not held.given_up:
        held = again(held, "EncounteredQuarantineException", "InvalidCredentials", "401")
        attempts += 1
    assert held.began == NOON
    assert held.next_attempt == NOON + timedelta(days=29)
    assert attempts == 31  # 6 h, 12 h, then day 1 to day 28, then no more


def test_an_object_is_tried_in_the_next_cycle_and_then_less_and_less_often():
    entry = failed_again(None, "u1", 3, "InternalServerError", "500", NOON)
    assert entry.due(NOON, 3)
    entry = failed_again(entry, "u1", 3, "InternalServerError", "500", NOON + timedelta(minutes=40))
    assert not entry.due(NOON + timedelta(hours=5), 3)
    assert entry.due(NOON + timedelta(hours=6), 3)
    entry = failed_again(entry, "u1", 3, "InternalServerError", "500", NOON + timedelta(hours=6))
    assert entry.next_attempt == NOON + timedelta(hours=12)


def test_a_change_of_the_source_object_ends_the_waiting():
    entry = failed_again(None, "u1", 3, "EntryConflict", "409", NOON)
    entry = failed_again(entry, "u1", 3, "EntryConflict", "409", NOON)
    assert entry.due(NOON, 4)
    assert failed_again(entry, "u1", 4, "EntryConflict", "409", NOON).failures == 1


def test_an_object_leaves_escrow_after_28_days():
    entry = failed_again(None, "u1", 3, "EntryConflict", "409", NOON)
    assert not entry.pruned(NOON + timedelta(days=28))
    assert entry.pruned(NOON + timedelta(days=28, seconds=1))


@pytest.mark.parametrize(
    ("removals", "threshold", "allowed", "expected"),
    [
        (3, 3, False, False),
        (4, 3, False, True),
        (4, 3, True, False),
        (1, 0, False, True),
        (0, 0, False, False),
        (4_000, None, False, False),
    ],
)
def test_more_removals_than_the_threshold_are_staged_unless_allowed(removals, threshold, allowed, expected):
    assert staged([str(n) for n in range(removals)], threshold, allowed=allowed) is expected
