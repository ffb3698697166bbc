"""Whose turn it is: how many requests of a tenant are worked on at once, so that none takes the process from others.

A process works on all its requests in turn, a little of each. A tenant that sends a hundred at once would make the one
request of another a hundred times slower; so it waits for itself, in the order in which it asked.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from scim.errors import TooManyRequests

# A request waits for the storage two thirds of its time: three of them keep the processor busy, and eight do so where
# the storage is slow. A request of many steps must not be alone either, however many tenants there are.
AT_ONCE, LEAST = 8, 2
MOST_WAITING = 100  # about the work of a second
_RETRY_SECONDS = "2"


@dataclass(slots=True)
class _Requests:
    """The requests of a tenant: how many are worked on, and what tells each of the others that its turn has come."""

    working: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Turns:
    """Shares `AT_ONCE` turns among the tenants that have requests, at least `LEAST` for each; one per process."""

    def __init__(self) -> None:
        self._tenants: dict[str, _Requests] = {}

    def __len__(self) -> int:
        return len(self._tenants)

    @asynccontextmanager
    async def turn(self, tenant_id: str) -> AsyncIterator[None]:
        """Wait until a request of the tenant has its turn, which is over where the context ends.

        Raises TooManyRequests with Retry-After, without waiting, when too many of the tenant wait already.
        """
        requests = self._tenants.setdefault(tenant_id, _Requests())
        if len(requests.waiting) >= MOST_WAITING:
            raise _too_many(tenant_id)
        turn = asyncio.get_running_loop().create_future()
        requests.waiting.append(turn)
        try:
            self._share_out()
            await turn
            yield
        finally:
            if turn.cancelled():
                with suppress(ValueError):
                    requests.waiting.remove(turn)
            else:
                requests.working -= 1
            if not requests.working and not requests.waiting:
                del self._tenants[tenant_id]
            self._share_out()

    def _share_out(self) -> None:
        share = max(LEAST, AT_ONCE // max(1, len(self._tenants)))
        for requests in self._tenants.values():
            while requests.waiting and requests.working < share:
                turn = requests.waiting.popleft()
                if not turn.cancelled():
                    requests.working += 1
                    turn.set_result(None)


def _too_many(tenant_id: str) -> TooManyRequests:
    return TooManyRequests(
        f"{MOST_WAITING} requests of the tenant {tenant_id} wait already; try again in {_RETRY_SECONDS} seconds.",
        headers={"Retry-After": _RETRY_SECONDS},
    )
