"""Dates in .NET's custom format strings, which mapping expressions are written in."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NOON = 12
_CENTURY_TURNS = 50  # two-digit years below are of this century, as .NET has it
_SPECIFIER = re.compile(
    r"y{1,5}|M{1,4}|d{1,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|f{1,6}|t{1,2}|z{1,3}|K|'[^']*'|\\.|.", re.DOTALL
)

# What a specifier looks like in a text.
_PATTERNS: Mapping[str, str] = {
    "yyyy": r"(?P<year>\d{4})", "yy": r"(?P<year>\d{2})",
    "MMMM": rf"(?P<month_name>{'|'.join(_MONTHS)})", "MMM": rf"(?P<month_name>{'|'.join(m[:3] for m in _MONTHS)})",
    "MM": r"(?P<month>\d{2})", "M": r"(?P<month>\d{1,2})", "dd": r"(?P<day>\d{2})", "d": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{2})", "H": r"(?P<hour>\d{1,2})", "hh": r"(?P<hour>\d{2})", "h": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})", "m": r"(?P<minute>\d{1,2})", "ss": r"(?P<second>\d{2})", "s": r"(?P<second>\d{1,2})",
    "tt": r"(?P<half>AM|PM)", "t": r"(?P<half>A|P)", "zzz": r"(?P<zone>[+-]\d{2}:?\d{2})", "zz": r"(?P<zone>[+-]\d{2})",
    "K": r"(?P<zone>Z|[+-]\d{2}:\d{2})?",
}  # fmt: skip

_WRITERS: Mapping[str, Callable[[datetime], str]] = {
    "yyyy": lambda at: f"{at.year:04}", "yy": lambda at: f"{at.year % 100:02}",
    "MMMM": lambda at: _MONTHS[at.month - 1], "MMM": lambda at: _MONTHS[at.month - 1][:3],
    "MM": lambda at: f"{at.month:02}", "M": lambda at: str(at.month),
    "dddd": lambda at: _DAYS[at.weekday()], "ddd": lambda at: _DAYS[at.weekday()][:3],
    "dd": lambda at: f"{at.day:02}", "d": lambda at: str(at.day),
    "HH": lambda at: f"{at.hour:02}", "H": lambda at: str(at.hour),
    "hh": lambda at: f"{(at.hour - 1) % 12 + 1:02}", "h": lambda at: str((at.hour - 1) % 12 + 1),
    "mm": lambda at: f"{at.minute:02}", "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}", "s": lambda at: str(at.second),
    "tt": lambda at: "AM" if at.hour < _NOON else "PM", "t": lambda at: "A" if at.hour < _NOON else "P",
    "zzz": lambda at: at.strftime("%z")[:3] + ":" + at.strftime("%z")[3:5], "zz": lambda at: at.strftime("%z")[:3],
    "K": lambda at: "Z" if at.utcoffset() == timedelta(0) else at.strftime("%z")[:3] + ":" + at.strftime("%z")[3:5],
}  # fmt: skip


def parse_date(text: str, form: str) -> datetime | None:
    """Read a date of one format; UTC if it names no zone, None if it is not of the format."""
    found = re.fullmatch("".join(_pattern(part) for part in _SPECIFIER.findall(form)), text.strip())
    if found is None:
        return None
    parts = {name: value for name, value in found.groupdict().items() if value}
    try:
        return datetime(
            _year(parts.get("year", "1")),
            _month(parts),
            int(parts.get("day", 1)),
            _hour(parts),
            int(parts.get("minute", 0)),
            int(parts.get("second", 0)),
            int(parts.get("fraction", "0").ljust(6, "0")),
            tzinfo=_zone(parts.get("zone", "Z")),
        )
    except ValueError:
        return None


def format_date(moment: datetime, form: str) -> str:
    """Write a date in one format."""
    return "".join(_write(part, moment) for part in _SPECIFIER.findall(form))


def _pattern(part: str) -> str:
    if part.startswith("f"):
        return rf"(?P<fraction>\d{{{len(part)}}})"
    return _PATTERNS.get(part) or re.escape(_literal(part))


def _write(part: str, moment: datetime) -> str:
    if part.startswith("f"):
        return f"{moment.microsecond:06}"[: len(part)]
    writer = _WRITERS.get(part)
    return writer(moment) if writer else _literal(part)


def _literal(part: str) -> str:
    return part[1:] if part.startswith("\\") else part.strip("'")


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == len("yyyy") else year + (2000 if year < _CENTURY_TURNS else 1900)


def _month(parts: Mapping[str, str]) -> int:
    if "month_name" in parts:
        return next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(parts["month_name"]))
    return int(parts.get("month", 1))


def _hour(parts: Mapping[str, str]) -> int:
    hour = int(parts.get("hour", 0))
    return hour % 12 + (12 if parts["half"].startswith("P") else 0) if "half" in parts else hour


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text.startswith("-") else offset)
