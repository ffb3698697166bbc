"""Functions on dates. Dates travel between functions as strings in UTC, written M/d/yyyy h:mm:ss tt."""

import calendar
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from entra.functions.dotnet import format_date, parse_date
from entra.functions.logic import number
from entra.functions.values import Context, ExpressionError, as_text

_PLAIN = "M/d/yyyy h:mm:ss tt"
_FORMS = (_PLAIN, "M/d/yyyy", "yyyy-MM-ddzzz", "yyyy-MM-dd HH:mm:sszzz", "yyyy-MM-dd HH:mm:ss")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # where the dates of Active Directory begin; they count 100 ns
_STEPS = {"d": timedelta(days=1), "ww": timedelta(weeks=1), "h": timedelta(hours=1), "n": timedelta(minutes=1)}
_STEPS["s"] = timedelta(seconds=1)
_MONTHS = {"yyyy": 12, "m": 1}


def date_add(_: Context, interval: Any, value: Any, date: Any) -> str:
    """Add so many years (yyyy), months (m), weeks (ww), days (d), hours (h), minutes (n) or seconds (s)."""
    start, count = _moment("DateAdd", date), number("DateAdd", value)
    if interval in _MONTHS:
        months = start.year * 12 + start.month - 1 + count * _MONTHS[interval]
        year, month = divmod(months, 12)
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        return _written(start.replace(year=year, month=month + 1, day=day))
    return _written(start + _step("DateAdd", interval) * count)


def date_diff(_: Context, interval: Any, first: Any, second: Any) -> int:
    """Return how far the second date is after the first.

    Years and months count calendar pages and weeks count Sundays, as in Visual Basic; the rest is time that passed.
    """
    start, end = _moment("DateDiff", first), _moment("DateDiff", second)
    match interval:
        case "yyyy":
            return end.year - start.year
        case "m":
            return (end.year - start.year) * 12 + end.month - start.month
        case "ww":
            return (_sunday(end) - _sunday(start)).days // 7
        case _:
            return int((end - start) / _step("DateDiff", interval))


def date_from_num(_: Context, value: Any) -> str:
    """Convert a date of Active Directory."""
    return _written(_EPOCH + timedelta(microseconds=number("DateFromNum", value) // 10))


def num_from_date(_: Context, value: Any) -> int:
    """Convert to a date of Active Directory."""
    return (_moment("NumFromDate", value) - _EPOCH) // timedelta(microseconds=1) * 10


def format_date_time(_: Context, source: Any, styles: Any, pattern: Any, wanted: Any) -> str | None:
    """Write a date of one format in another. `styles` is accepted: its default is what happens."""
    del styles
    if source in (None, ""):
        return None
    moment = parse_date(as_text(source), as_text(pattern))
    if moment is None:
        raise ExpressionError(f"FormatDateTime: {as_text(source)!r} is not of the form {as_text(pattern)}")
    return format_date(moment, as_text(wanted))


def _moment(function: str, value: Any) -> datetime:
    text = as_text(value).strip()
    for form in _FORMS:
        moment = parse_date(text, form)
        if moment is not None:
            return moment.astimezone(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ExpressionError(f"{function}: {text!r} is not a date") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _step(function: str, interval: Any) -> timedelta:
    if interval not in _STEPS:
        raise ExpressionError(f"{function}: the interval {as_text(interval)!r} is none of yyyy, m, d, ww, h, n, s")
    return _STEPS[interval]


def _sunday(moment: datetime) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _written(moment: datetime) -> str:
    return format_date(moment, _PLAIN)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "CDate": lambda _, value: None if value in (None, "") else _written(_moment("CDate", value)),
    "DateAdd": date_add,
    "DateDiff": date_diff,
    "DateFromNum": date_from_num,
    "NumFromDate": num_from_date,
    "FormatDateTime": format_date_time,
    "Now": lambda context: _written(context.now()),
}
