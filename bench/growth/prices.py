"""What the storage of a directory and the changes of a year cost at list price, from what was measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from storage.tables import Write

DAYS = 365
GIB = 1024**3
TIMER_SECONDS = 24 * 4 * 240.0  # a day: what maintenance has at most, four minutes in every fifteen


def _said(text: str, value: float) -> Any:
    """Return a field with its value and what it is in words."""
    return field(default=value, metadata={"text": text})


@dataclass(frozen=True, slots=True)
class Prices:
    """List prices in US dollars of an ordinary region, locally redundant (docs/deploy.md)."""

    storage_calls: float = _said("$ for 10,000 storage calls", 0.00036)
    stored: float = _said("$ for a GiB stored for a month", 0.045)
    executions: float = _said("$ for a million executions of functions", 0.40)
    memory: float = _said("$ for a GB of memory for a second", 0.000026)


@dataclass(frozen=True, slots=True)
class Year:
    """What happens in a year."""

    people: int = _said("people", 1_000_000)
    memberships: int = _said("memberships of a person", 5)
    joining: float = _said("share of the people who join in a year", 0.15)
    leaving: float = _said("share who leave", 0.15)
    changes: int = _said("changes of a person in a year", 3)
    membership_changes: int = _said("memberships of a person that begin or end in a year", 4)
    customers: int = _said("customers whom they belong to", 200)
    cycles: int = _said("cycles of a customer a day", 36)
    requests_at_rest: int = _said("requests of a cycle that finds nothing to do", 3)
    events_days: int = _said("days that events are kept", 30)
    instance_gb: int = _said("GB of memory of an instance", 2)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of row: billed bytes of one, rows of it for each person, storage calls and CPU seconds to check one."""

    bytes: float
    each: float
    check_calls: float
    check_cpu: float


@dataclass(frozen=True, slots=True)
class Unit:
    """What was measured: storage calls by operation, the kinds of rows by their letter, bytes of an event."""

    calls: Mapping[str, float]
    kinds: Mapping[str, Kind]
    event_bytes: float

    def rows(self, year: Year) -> dict[str, float]:
        """Return how many rows of each kind there are in a year's directory."""
        each = {letter: kind.each for letter, kind in self.kinds.items()} | {"m": year.memberships}
        return {letter: number * year.people for letter, number in each.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill; None where it has no storage calls or no requests."""

    what: str
    dollars: float
    storage_calls: float | None = None
    requests: float | None = None


@dataclass(frozen=True, slots=True)
class _Happening:
    """What happens how many times a year, and the requests that Entra sends for it: names of operations."""

    what: str
    times: Callable[[Year], float]
    requests: tuple[str, ...]

    @property
    def events(self) -> int:
        return sum(not name.startswith(("GET", "filter")) for name in self.requests)


_HAPPENINGS = (
    _Happening("people join", lambda year: year.people * year.joining, ("filter by userName: nobody", "POST user")),
    _Happening(
        "people leave: disabled, later deleted",
        lambda year: year.people * year.leaving,
        ("GET user", "PATCH one attribute", "DELETE user"),
    ),
    _Happening("a person changes", lambda year: year.people * year.changes, ("GET user", "PATCH one attribute")),
    _Happening(
        "a membership begins",
        lambda year: year.people * (year.membership_changes / 2 + year.joining * year.memberships),
        ("PATCH: add 1 member",),
    ),
    _Happening(
        "a membership ends",
        lambda year: year.people * year.membership_changes / 2,
        ("PATCH: remove 1 member",),
    ),
    _Happening(
        "a cycle finds nothing to do",
        lambda year: year.customers * year.cycles * DAYS * year.requests_at_rest,
        ("filter by userName: nobody",),
    ),
)


def entity_bytes(partition: str, write: Write) -> int:
    """Return what a row counts in Table Storage's bill: 4 bytes, the keys in UTF-16, and each property."""
    properties = sum(8 + 2 * len(name) + _value_bytes(value) for name, value in write.values.items())
    return 4 + 2 * (_units(partition) + _units(write.key)) + properties


def _value_bytes(value: Any) -> int:
    match value:
        case int():
            return 4
        case bytes():
            return 4 + len(value)
        case str():
            return 4 + 2 * _units(value)
        case _:
            raise TypeError(f"no row of ours holds {type(value).__name__}")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def bill(unit: Unit, year: Year, prices: Prices) -> list[Line]:
    """Return the lines of a year's bill."""
    happenings = [_happening(each, unit, year, prices) for each in _HAPPENINGS]
    executions = sum(line.requests or 0 for line in happenings)
    checks = check_calls(unit, year) * DAYS
    seconds = min(check_cpu_seconds(unit, year), TIMER_SECONDS) * DAYS
    gib = stored_bytes(unit, year) / GIB
    second = year.instance_gb * prices.memory
    return [
        *happenings,
        Line("the daily check of every row", _calls(checks, prices), storage_calls=checks),
        Line(f"{gib:.1f} GiB are stored", gib * prices.stored * 12),
        Line("executions of functions", executions / 1e6 * prices.executions, requests=executions),
        Line("their time, at most: each wakes an instance for a second", executions * second, requests=executions),
        Line(f"{seconds / 3600:,.0f} hours of the daily check", seconds * second),
    ]


def check_calls(unit: Unit, year: Year) -> float:
    """Return the storage calls of checking every row once."""
    return sum(number * unit.kinds[letter].check_calls for letter, number in unit.rows(year).items())


def check_cpu_seconds(unit: Unit, year: Year) -> float:
    """Return the CPU seconds of checking every row once, on the machine that measured."""
    return sum(number * unit.kinds[letter].check_cpu for letter, number in unit.rows(year).items())


def stored_bytes(unit: Unit, year: Year) -> float:
    """Return the bytes that are billed at any time of the year: rows, and events that are still kept."""
    rows = sum(number * unit.kinds[letter].bytes for letter, number in unit.rows(year).items())
    events = sum(each.times(year) * each.events for each in _HAPPENINGS)
    return rows + events * unit.event_bytes * year.events_days / DAYS


def _happening(happening: _Happening, unit: Unit, year: Year, prices: Prices) -> Line:
    times = happening.times(year)
    calls = times * sum(unit.calls[name] for name in happening.requests)
    return Line(happening.what, _calls(calls, prices), calls, times * len(happening.requests))


def _calls(number: float, prices: Prices) -> float:
    return number / 10_000 * prices.storage_calls


def given(year: Year, prices: Prices) -> dict[str, float]:
    """Return what the bill supposes, in words."""
    return {each.metadata["text"]: getattr(group, each.name) for group in (year, prices) for each in fields(group)}
