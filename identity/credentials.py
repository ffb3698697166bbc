"""Secret tokens as credentials of a tenant: issuing, listing, revoking, and finding the one that a request names."""

from collections.abc import Callable
from datetime import datetime

from identity import record, rules
from identity.errors import TooManyTokens, UnknownToken
from identity.models import TABLE, TOKEN_PREFIX, SecretToken
from identity.record import Change, Record
from identity.tokens import Token
from storage.tables import Tables

VALID_AT_ONCE = 2  # what a rotation without a gap needs, and no more than anybody keeps track of


class SecretTokens:
    """The secret tokens of all tenants; `clock` is the time now, in UTC."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._table = tables.table(TABLE)
        self._clock = clock

    async def find(self, tenant_id: str, token_id: str) -> SecretToken | None:
        """Return the token, or None when there is none: one point read. Raises Unavailable."""
        row = await self._table.get(tenant_id, TOKEN_PREFIX + token_id)
        return None if row is None else SecretToken.of(row.values)

    async def list(self, tenant_id: str) -> tuple[SecretToken, ...]:
        """Return all tokens of the tenant, oldest first. Raises UnknownTenant, Unavailable."""
        return (await record.read(self._table, tenant_id)).tokens

    async def get(self, tenant_id: str, token_id: str) -> SecretToken:
        """Return the token, whatever has become of it. Raises UnknownTenant, UnknownToken, Unavailable."""
        return _of(await record.read(self._table, tenant_id), token_id)

    async def valid(self, tenant_id: str) -> tuple[SecretToken, ...]:
        """Return the valid tokens of the tenant, oldest first: at most two. Raises UnknownTenant, Unavailable."""
        now = self._clock()
        return tuple(token for token in await self.list(tenant_id) if token.valid(now))

    async def issue(
        self, tenant_id: str, label: str = "", days: int = rules.DEFAULT_DAYS, *, instead_of: str | None = None
    ) -> tuple[Token, SecretToken]:
        """Add a token and return it with its secret, which nobody can learn again, and as it is stored.

        `instead_of` is the id of a token that is revoked in the same transaction. Raises InvalidToken, UnknownTenant,
        UnknownToken, TenantDisabled, KindBarred, TooManyTokens, Unavailable.
        """
        label, life, now = rules.token_label(label), rules.token_life(days), self._clock()
        token = Token.new(tenant_id)
        stored = SecretToken(
            tenant_id=tenant_id, id=token.id, label=label, digest=token.digest(), created=now, expires=now + life
        )

        def decide(found: Record) -> Change | None:
            if found.token(token.id) == stored:
                return None
            found.admit("secret_token")
            ended = () if instead_of is None else (_revoked(found, instead_of, now),)
            staying = [other for other in found.tokens if other.valid(now) and other.id != instead_of]
            if len(staying) >= VALID_AT_ONCE:
                raise TooManyTokens(tenant_id, staying[0].id)
            return Change(found.tenant, added=(stored,), changed=ended)

        await record.change(self._table, tenant_id, decide)
        return token, stored

    async def revoke(self, tenant_id: str, token_id: str) -> SecretToken:
        """End a token for ever (within a minute); one that is revoked stays as it is. Raises UnknownTenant,
        UnknownToken, Unavailable."""
        now = self._clock()

        def decide(found: Record) -> Change | None:
            ended = _revoked(found, token_id, now)
            return None if ended == found.token(token_id) else Change(found.tenant, changed=(ended,))

        return _of(await record.change(self._table, tenant_id, decide), token_id)


def _of(found: Record, token_id: str) -> SecretToken:
    token = found.token(token_id)
    if token is None:
        raise UnknownToken(found.tenant.id, token_id)
    return token


def _revoked(found: Record, token_id: str, now: datetime) -> SecretToken:
    token = _of(found, token_id)
    return token if token.revoked is not None else token.model_copy(update={"revoked": now})
