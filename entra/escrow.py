"""Objects that failed: kept aside and tried again, less and less often."""

from dataclasses import dataclass
from datetime import datetime

from entra.quarantine import GIVEN_UP_AFTER, retry_at


@dataclass(frozen=True, slots=True)
class Escrow:
    """One object that failed: since when, how often, at which version of the source, and why."""

    source: str
    began: datetime
    failures: int
    version: int
    code: str
    message: str
    reference: bool = False

    @property
    def next_attempt(self) -> datetime:
        """When it is due: in the next cycle after the first failure, then 6, 12, 24 hours after it, then daily."""
        return self.began if self.failures == 1 else retry_at(self.began, self.failures - 1)

    def due(self, now: datetime, version: int) -> bool:
        """Whether to try again: it is time, or the source object changed since."""
        return version > self.version or now >= self.next_attempt

    def pruned(self, now: datetime) -> bool:
        """Whether it is removed: it has been failing for 28 days."""
        return now - self.began > GIVEN_UP_AFTER


def failed_again(
    earlier: Escrow | None,
    source: str,
    version: int,
    code: str,
    message: str,
    now: datetime,
    *,
    reference: bool = False,
) -> Escrow:
    """Record a failure of an object, after an earlier one or as its first."""
    if earlier is None or version > earlier.version:
        return Escrow(source, now, 1, version, code, message, reference)
    return Escrow(source, earlier.began, earlier.failures + 1, version, code, message, reference)
