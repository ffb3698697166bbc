"""What is remembered of walks by index pages, so that a walk over n resources costs O(n) and not O(n²).

A client that asks for startIndex 1, 101, 201, … walks. After each page the place it ended at and the total are
remembered for a while; the next page goes on from there. It is a memory, not a truth: without it (another
instance, an old walk) the place is counted from the start again, and the answer is the same.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

_SECONDS = 60.0
_WALKS = 64
_PLACES = 8


@dataclass(frozen=True, slots=True)
class Walk:
    """One query's walk: behind which position each startIndex lies, and the total, None when it must be counted."""

    types: tuple[str, ...]
    places: dict[int, Any] = field(default_factory=dict)
    total: int | None = None
    expires: float = 0.0


class Walks:
    """The walks that go on in one tenant, bounded in number and time. `clock` answers growing seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._walks: OrderedDict[str, Walk] = OrderedDict()

    def find(self, query: str) -> Walk | None:
        """Return what is remembered of a query's walk."""
        walk = self._walks.get(query)
        return walk if walk and walk.expires > self._clock() else None

    def remember(self, query: str, types: tuple[str, ...], start_index: int, position: Any, total: int) -> None:
        """Note that the resource with `start_index` is the first behind `position`."""
        known = self.find(query)
        places = {**known.places, start_index: position} if known else {start_index: position}
        recent = dict(list(places.items())[-_PLACES:])
        self._walks[query] = Walk(types, recent, total, self._clock() + _SECONDS)
        self._walks.move_to_end(query)
        while len(self._walks) > _WALKS:
            self._walks.popitem(last=False)

    def forget_totals(self, type_name: str) -> None:
        """Count again on the next page: something of this type was written through this instance."""
        for query, walk in self._walks.items():
            if type_name in walk.types:
                self._walks[query] = replace(walk, total=None)
