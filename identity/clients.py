"""OAuth clients as credentials of a tenant: creating, listing and revoking them, and rotating their secrets."""

from collections.abc import Callable
from datetime import datetime

from identity import record, rules
from identity.client_secrets import Secret, new_client_id, tenant_of
from identity.errors import InvalidClient, TooManySecrets, UnknownClient, UnknownSecret
from identity.models import CLIENT_PREFIX, TABLE, ClientSecret, OAuthClient, Trust
from identity.record import Change, Record
from storage.tables import Tables

VALID_AT_ONCE = 2  # what a rotation without a gap needs
DEFAULT_MINUTES = 60
_ENDED_SHOWN = 10  # secrets that are over are kept to be listed, not for ever


class OAuthClients:
    """The OAuth clients of all tenants; `clock` is the time now, in UTC."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._table = tables.table(TABLE)
        self._clock = clock

    async def find(self, client_id: str) -> OAuthClient | None:
        """Return the client, or None when there is none: one point read at most. Raises Unavailable."""
        tenant_id = tenant_of(client_id)
        if tenant_id is None:
            return None
        row = await self._table.get(tenant_id, CLIENT_PREFIX + client_id)
        return None if row is None else OAuthClient.of(row.values)

    async def list(self, tenant_id: str) -> tuple[OAuthClient, ...]:
        """Return all clients of the tenant, oldest first. Raises UnknownTenant, Unavailable."""
        return (await record.read(self._table, tenant_id)).clients

    async def get(self, tenant_id: str, client_id: str) -> OAuthClient:
        """Return the client, whatever has become of it. Raises UnknownTenant, UnknownClient, Unavailable."""
        return _of(await record.read(self._table, tenant_id), client_id)

    async def create(
        self,
        tenant_id: str,
        label: str = "",
        minutes: int = DEFAULT_MINUTES,
        *,
        trust: Trust | None = None,
        secret: ClientSecret | None = None,
    ) -> OAuthClient:
        """Add a client whose access tokens live so many minutes; with a trust it needs no secret.

        Raises InvalidToken, InvalidClient, UnknownTenant, TenantDisabled, KindBarred, Unavailable.
        """
        label, life = rules.token_label(label), rules.access_token_life(minutes)
        client = OAuthClient(
            tenant_id=rules.tenant_id(tenant_id),
            id=new_client_id(tenant_id),
            label=label,
            created=self._clock(),
            lifetime=int(life.total_seconds()),
            secrets=() if secret is None else (secret,),
            trust=trust,
        )

        def decide(found: Record) -> Change | None:
            if found.client(client.id) == client:
                return None
            found.admit(client.kind)
            return Change(found.tenant, added=(client,))

        return _of(await record.change(self._table, tenant_id, decide), client.id)

    async def add_secret(
        self, tenant_id: str, client_id: str, days: int, *, instead_of: str | None = None
    ) -> tuple[Secret, ClientSecret]:
        """Add a secret and return it as nobody can learn it again, and as it is stored.

        `instead_of` is the id of a secret that is revoked in the same step. Raises InvalidClient, UnknownTenant,
        UnknownClient, UnknownSecret, TenantDisabled, KindBarred, TooManySecrets, Unavailable.
        """
        now = self._clock()
        secret, stored = new_secret(days, now)

        def decide(found: Record) -> Change | None:
            client = _of(found, client_id)
            if stored in client.secrets:
                return None
            _check_takes_secrets(client)
            found.admit(client.kind)
            kept = client.secrets if instead_of is None else _without(client, instead_of, now)
            valid = [each for each in kept if each.valid(now)]
            if len(valid) >= VALID_AT_ONCE:
                raise TooManySecrets(client_id, valid[0].id)
            ended = [each for each in kept if not each.valid(now)][-_ENDED_SHOWN:]
            return _changed(found, client, (*ended, *valid, stored))

        await record.change(self._table, tenant_id, decide)
        return secret, stored

    async def revoke_secret(self, tenant_id: str, client_id: str, secret_id: str) -> OAuthClient:
        """End a secret for ever (within a minute); access tokens that it brought live on until they expire.

        Raises UnknownTenant, UnknownClient, UnknownSecret, Unavailable.
        """
        now = self._clock()

        def decide(found: Record) -> Change | None:
            client = _of(found, client_id)
            secrets = _without(client, secret_id, now)
            return None if secrets == client.secrets else _changed(found, client, secrets)

        return _of(await record.change(self._table, tenant_id, decide), client_id)

    async def revoke(self, tenant_id: str, client_id: str) -> OAuthClient:
        """End a client and its access tokens for ever (within a minute). Raises UnknownTenant, UnknownClient,
        Unavailable."""
        now = self._clock()

        def decide(found: Record) -> Change | None:
            client = _of(found, client_id)
            if client.revoked is not None:
                return None
            return Change(found.tenant, changed=(client.model_copy(update={"revoked": now}),))

        return _of(await record.change(self._table, tenant_id, decide), client_id)


def new_secret(days: int, now: datetime) -> tuple[Secret, ClientSecret]:
    """Make a secret that lives so many days from now: as nobody can learn it again, and to be stored.

    Raises InvalidClient.
    """
    life, secret = rules.secret_life(days), Secret.new()
    return secret, ClientSecret(id=secret.id, digest=secret.digest(), created=now, expires=now + life)


def _of(found: Record, client_id: str) -> OAuthClient:
    client = found.client(client_id)
    if client is None:
        raise UnknownClient(found.tenant.id, client_id)
    return client


def _check_takes_secrets(client: OAuthClient) -> None:
    if client.trust is not None:
        raise InvalidClient(f"the OAuth client {client.id} proves itself by its trust and takes no secret")
    if client.revoked is not None:
        raise InvalidClient(f"the OAuth client {client.id} is revoked: create another one")


def _changed(found: Record, client: OAuthClient, secrets: tuple[ClientSecret, ...]) -> Change:
    return Change(found.tenant, changed=(client.model_copy(update={"secrets": secrets}),))


def _without(client: OAuthClient, secret_id: str, now: datetime) -> tuple[ClientSecret, ...]:
    """Return the secrets of the client with that one revoked."""
    if all(each.id != secret_id for each in client.secrets):
        raise UnknownSecret(client.id, secret_id)
    return tuple(
        each.model_copy(update={"revoked": now}) if each.id == secret_id and each.revoked is None else each
        for each in client.secrets
    )
