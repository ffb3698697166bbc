"""How long what is kept for a while is kept."""

from collections.abc import Mapping
from datetime import timedelta

from storage.settings import SettingsError

EVENT_DAYS = "EVENT_RETENTION_DAYS"
_DEFAULT_DAYS = "30"
_MOST_DAYS = 3650


def event_age(settings: Mapping[str, str]) -> timedelta:
    """Return how old events become: EVENT_RETENTION_DAYS, or else 30 days. Raises SettingsError."""
    text = settings.get(EVENT_DAYS) or _DEFAULT_DAYS
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MOST_DAYS:
        raise SettingsError(f"{EVENT_DAYS} is {text!r}: give a number of days, 1 to {_MOST_DAYS}")
    return timedelta(days=int(text))
