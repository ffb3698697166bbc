"""Points in time, for comparing dateTime values chronologically (RFC 7643 section 2.3.5)."""

import re
from datetime import date
from typing import TypeAlias

# Seconds since the year 1 and the digits of the fraction, which order like the instants whatever their precision.
Instant: TypeAlias = tuple[int, str]

_DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-4]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:Z|([+-])(\d\d):([0-5]\d))?",
    re.ASCII | re.IGNORECASE,
)


def instant(text: str) -> Instant | None:
    """Return the instant that an xsd:dateTime (RFC 3339 with an optional offset) names, or None if it is not one.

    Without an offset it is read as UTC. A leap second is the first of the next minute.
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])).toordinal()
    except ValueError:
        return None
    seconds = day * 86_400 + int(found[4]) * 3600 + int(found[5]) * 60 + int(found[6])
    offset = int(found[9]) * 3600 + int(found[10]) * 60 if found[8] else 0
    return seconds + (offset if found[8] == "-" else -offset), (found[7] or "").rstrip("0")
