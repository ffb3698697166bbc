"""A cache bounded in size and in time."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Holds at most `size` values, the most recently used, each for less than `lifetime` after it was put in."""

    def __init__(self, size: int, lifetime: timedelta) -> None:
        self._size = size
        self._lifetime = lifetime
        self._entries: OrderedDict[K, tuple[datetime, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K, now: datetime) -> V | None:
        """Return the value, or None when there is none or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        since, value = entry
        # A value from the future means that the clock was set back: nobody knows its age any more.
        if not timedelta(0) <= now - since < self._lifetime:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V, since: datetime) -> None:
        """Hold the value, true since then; the one that was not used for the longest time makes room."""
        self._entries[key] = (since, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
