"""How often a caller may fail, and how often a tenant may ask: in this process, in bounded memory.

The sums are deliberately those of one instance. What is to be prevented is that one tenant or one guessing caller
takes an instance from the others; a sum over all instances would cost a storage call for every request.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Generic, TypeVar

from storage.settings import SettingsError

BUDGET = "TENANT_REQUESTS_PER_SECOND"
LEAST_BUDGET = 100.0  # Microsoft asks for 25, and for no rate limiting during validation
_DEFAULT_BUDGET = "250"
_BURST_SECONDS = 10
FAILURES_PER_MINUTE = 60
_MOST_CALLERS = 10_000
_LONGEST = 100  # characters

K = TypeVar("K", bound=Hashable)


class Buckets(Generic[K]):
    """A bucket for each key that holds `capacity` units and gets `rate` new ones a second."""

    def __init__(self, capacity: float, rate: float, size: int = _MOST_CALLERS) -> None:
        self._capacity = capacity
        self._rate = rate
        self._size = size
        self._levels: OrderedDict[K, tuple[datetime, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def wait(self, key: K, now: datetime) -> float:
        """Return for how many seconds the bucket has no unit; 0.0 when it has one."""
        return max(0.0, (1.0 - self._level(key, now)) / self._rate)

    def take(self, key: K, now: datetime) -> None:
        """Take one unit; an empty bucket stays empty. The key that was not used for the longest time is forgotten."""
        self._levels[key] = (now, max(0.0, self._level(key, now) - 1.0))
        self._levels.move_to_end(key)
        if len(self._levels) > self._size:
            self._levels.popitem(last=False)

    def _level(self, key: K, now: datetime) -> float:
        since, level = self._levels.get(key, (now, self._capacity))
        # A clock that was set back adds nothing.
        return min(self._capacity, level + self._rate * max(0.0, (now - since).total_seconds()))


class Failures:
    """Counts failures by caller and by the credential that it names.

    By both, because all customers of Entra share its addresses: one whose token has expired must not lock others out.
    """

    def __init__(self) -> None:
        self._buckets: Buckets[tuple[str, str]] = Buckets(FAILURES_PER_MINUTE, FAILURES_PER_MINUTE / 60)

    def wait(self, caller: str, credential: str, now: datetime) -> float:
        """Return for how many seconds the caller is not listened to; 0.0 when it is."""
        return self._buckets.wait(_key(caller, credential), now)

    def note(self, caller: str, credential: str, now: datetime) -> None:
        """Count one failure."""
        self._buckets.take(_key(caller, credential), now)


def budgets(settings: Mapping[str, str]) -> Buckets[str]:
    """Return what counts the requests of tenants; bursts of ten seconds are served. Raises SettingsError."""
    text = settings.get(BUDGET) or _DEFAULT_BUDGET
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not LEAST_BUDGET <= rate < float("inf"):
        raise SettingsError(f"{BUDGET} is {text!r}: give a number of requests a second, {LEAST_BUDGET:.0f} or more")
    return Buckets(rate * _BURST_SECONDS, rate)


def _key(caller: str, credential: str) -> tuple[str, str]:
    # Both are what a stranger wrote, who must not fill the memory with it.
    return caller[:_LONGEST], credential[:_LONGEST]


def caller_of(headers: Mapping[str, str]) -> str:
    """Return the address of who sent a request, from its headers by lower-case name; "" where no front end tells it.

    Of X-Forwarded-For only the last address counts: the platform's front end added it, and the others are hearsay.
    """
    address = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if address.startswith("["):  # an IPv6 address with a port
        return address[1:].partition("]")[0]
    host, colon, _ = address.partition(":")
    return host if colon and ":" not in address[len(host) + 1 :] else address
