"""Losing to others, and trying again: how often, how long, and what is said in the end."""

import asyncio
import time

from scim.errors import Unavailable
from storage.faults import RETRY_AFTER
from storage.tables import Patience

_TRIES = 60
_SECONDS = 20.0
_PACE = Patience(first_pause=0.05, longest_pause=2.0)


class Race:
    """Counts the times that somebody else was faster."""

    def __init__(self) -> None:
        self._lost = 0
        self._deadline = time.monotonic() + _SECONDS

    async def lost(self) -> None:
        """Pause, longer each time and by chance, before the next try. Raises Unavailable after the last."""
        self._lost += 1
        if self._lost >= _TRIES or time.monotonic() > self._deadline:
            raise busy()
        await asyncio.sleep(_PACE.pause(self._lost))


def busy() -> Unavailable:
    """Return what a client is told when too many others change the same."""
    return Unavailable("too many requests change the same resource at once; try again", headers=RETRY_AFTER)
