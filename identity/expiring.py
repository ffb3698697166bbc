"""Credentials that will end soon: somebody has to renew them together with the customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from identity.record import Record

if TYPE_CHECKING:
    from identity.models import ClientSecret, Credential, SecretToken

SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Expiring:
    """A valid credential; `id` names a secret of an OAuth client with its client, days are written as ISO 8601 does."""

    expires: str
    tenant_id: str
    kind: str
    id: str
    label: str
    last_used: str | None


def expiring(found: Record, now: datetime, within: timedelta) -> list[Expiring]:
    """Return the valid credentials of a tenant that expire within a time from now, secrets of OAuth clients too."""
    proofs: list[tuple[Credential, str, SecretToken | ClientSecret]] = []
    proofs += [(token, token.id, token) for token in found.tokens]
    for client in found.clients:
        if client.revoked is None:
            proofs += [(client, f"{client.id} secret {each.id}", each) for each in client.secrets]
    return [
        Expiring(
            f"{each.expires:%Y-%m-%d}",
            found.tenant.id,
            credential.kind,
            id,
            credential.label,
            str(found.used[credential.id]) if credential.id in found.used else None,
        )
        for credential, id, each in proofs
        if each.valid(now) and each.expires - now <= within
    ]
