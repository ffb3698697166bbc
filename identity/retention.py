"""The end of credentials: what is revoked or expired is kept to be looked at, not for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta

from identity import record
from identity.models import (
    ENTRA_PARTITION,
    TABLE,
    USED_PREFIX,
    ClientSecret,
    Credential,
    EntraRegistration,
    OAuthClient,
    SecretToken,
)
from identity.record import Change, Record
from identity.registrations import EntraRegistrations
from storage.faults import Conflict
from storage.tables import Tables, Write

KEPT = timedelta(days=30)  # after its end
_AT_ONCE = 45  # of two rows each, in a transaction of a hundred


async def remove_ended(tables: Tables, tenant_id: str, clock: Callable[[], datetime]) -> int:
    """Remove the credentials of a tenant that ended 30 days ago or earlier, and return how many there were.

    Secrets of an OAuth client that lives on count like credentials. Raises UnknownTenant, Unavailable.
    """
    table, before, removed = tables.table(TABLE), clock() - KEPT, 0

    def decide(found: Record) -> Change | None:
        gone = [each for each in found.credentials if _ended(each, before)][:_AT_ONCE]
        kept = [each for each in found.clients if each not in gone and any(_over(one, before) for one in each.secrets)]
        changed = tuple(_without_ended(client, before) for client in kept[: _AT_ONCE - len(gone)])
        rows = [each.row_key for each in gone]
        rows += [USED_PREFIX + each.id for each in gone if each.id in found.used]
        return Change(found.tenant, changed=changed, removed=tuple(rows)) if gone or changed else None

    while True:
        found = await record.read(table, tenant_id)
        change = decide(found)
        if change is None:
            return removed
        for each in found.registrations:
            if each.row_key in change.removed:
                await _release(tables, each, clock)
        after = await record.change(table, tenant_id, decide)
        removed += _count(found) - _count(after)


def _count(found: Record) -> int:
    return len(found.credentials) + sum(len(client.secrets) for client in found.clients)


def _ended(credential: Credential, before: datetime) -> bool:
    """Tell whether a credential ended before a moment; an OAuth client without secrets has not."""
    expires = credential.expires if isinstance(credential, SecretToken) else None
    return any(end is not None and end <= before for end in (credential.revoked, expires))


def _over(secret: ClientSecret, before: datetime) -> bool:
    return any(end is not None and end <= before for end in (secret.revoked, secret.expires))


def _without_ended(client: OAuthClient, before: datetime) -> OAuthClient:
    return client.model_copy(update={"secrets": tuple(one for one in client.secrets if not _over(one, before))})


async def _release(tables: Tables, registration: EntraRegistration, clock: Callable[[], datetime]) -> None:
    """Let others register the Entra tenant where a removal was cut off before it did."""
    if await EntraRegistrations(tables, clock).tenant_of(registration.id) == registration.tenant_id:
        try:
            await tables.table(TABLE).commit(ENTRA_PARTITION, [Write("delete", registration.id)])
        except Conflict:
            return  # it was released at the same moment
