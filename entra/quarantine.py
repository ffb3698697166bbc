"""When a job is quarantined, how often it is tried then, and when it is given up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Reason: TypeAlias = Literal[
    "EncounteredQuarantineException",  # credentials refused, target unreachable, or not SCIM
    "EncounteredEscrowProportionThreshold",
    "EncounteredBaseEscrowThreshold",
    "EncounteredTotalEscrowThreshold",
    "TooManyDeletes",
]

EVALUATED_FROM = 5_000  # fewer failures never quarantine
PROPORTION = 0.4
MOST_FAILURES = 40_000
MOST_FAILURES_WITH_REFERENCES = 60_000

FIRST_RETRIES = (timedelta(hours=6), timedelta(hours=12), timedelta(hours=24))  # after the first failure
THEN_EVERY = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A job's quarantine: why and since when, how many attempts failed since, and when the next one is due."""

    reason: Reason
    began: datetime
    failures: int
    next_attempt: datetime
    code: str
    message: str

    @property
    def given_up(self) -> bool:
        """Whether the job is disabled: its next attempt would come more than 28 days after the first failure."""
        return self.next_attempt - self.began > GIVEN_UP_AFTER


def begin(reason: Reason, code: str, message: str, now: datetime) -> Quarantine:
    """Quarantine a job."""
    return Quarantine(reason, now, 1, retry_at(now, 1), code, message)


def again(current: Quarantine, reason: Reason, code: str, message: str) -> Quarantine:
    """Record one more failed attempt of a quarantined job; its clock goes on from the first failure."""
    failures = current.failures + 1
    following = retry_at(current.began, failures)
    return replace(current, reason=reason, failures=failures, next_attempt=following, code=code, message=message)


def retry_at(first_failure: datetime, failures: int) -> datetime:
    """Return when the next attempt is due after so many failures: 6, 12, 24 hours after the first, then daily."""
    if failures <= len(FIRST_RETRIES):
        return first_failure + FIRST_RETRIES[failures - 1]
    return first_failure + FIRST_RETRIES[-1] + THEN_EVERY * (failures - len(FIRST_RETRIES))


def threshold_reached(failures: int, successes: int, reference_failures: int = 0) -> Reason | None:
    """Return why so many failures quarantine a job, None if they do not.

    References that failed (managers, members) count towards the total of 60,000 only.
    """
    if failures + reference_failures < EVALUATED_FROM:
        return None
    if failures + reference_failures > MOST_FAILURES_WITH_REFERENCES:
        return "EncounteredTotalEscrowThreshold"
    if failures > MOST_FAILURES:
        return "EncounteredBaseEscrowThreshold"
    if failures >= EVALUATED_FROM and failures > PROPORTION * (failures + successes):
        return "EncounteredEscrowProportionThreshold"
    return None
