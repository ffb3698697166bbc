"""OAuth clients as every request needs them: found by one point read, then remembered for at most a minute."""

from collections.abc import Callable
from datetime import datetime, timedelta

from identity.cache import Cache
from identity.client_secrets import tenant_of
from identity.clients import OAuthClients
from identity.models import OAuthClient
from storage.tables import Tables

_CACHED = timedelta(seconds=60)  # a revoked client dies within it
_UNKNOWN_CACHED = timedelta(seconds=10)
_SIZE = 10_000


class ClientLookup:
    """Finds clients by their ids; one per process, because it caches. `clock` is the time now, in UTC."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._clients = OAuthClients(tables, clock)
        self._known: Cache[str, OAuthClient] = Cache(_SIZE, _CACHED)
        # Apart from the known ones, so that a flood of inventions drives out no customer.
        self._unknown: Cache[str, bool] = Cache(_SIZE, _UNKNOWN_CACHED)

    def remembered(self, client_id: str, now: datetime) -> OAuthClient | None:
        """Return the client as it was at most a minute ago if it was met since, else None; asks nobody."""
        return self._known.get(client_id, now)

    async def find(self, client_id: str, now: datetime) -> OAuthClient | None:
        """Return the client as it was at most a minute ago, or None when there was none at most 10 seconds ago.

        Raises Unavailable.
        """
        known = self._known.get(client_id, now)
        if known is not None or self._unknown.get(client_id, now):
            return known
        return await self.read(client_id, now)

    async def read(self, client_id: str, now: datetime) -> OAuthClient | None:
        """Return the client as it is, or None when there is none: one point read. Raises Unavailable."""
        if tenant_of(client_id) is None:  # whatever it is, it is not worth remembering
            return None
        client = await self._clients.find(client_id)
        if client is None:
            self._unknown.put(client_id, True, now)
        else:
            self._known.put(client_id, client, now)
        return client
