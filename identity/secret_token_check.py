"""The check of secret tokens: one point read, then none for a minute.

A caller learns what is wrong with a secret token only by showing its secret: unknown tenant, unknown token and wrong
secret get one and the same answer. A directory that cannot be reached is `Unavailable`, never 401, because Entra
quarantines a customer's provisioning at the first 401.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from identity.bearer import Claim, Principal, check_tenant, invalid_token
from identity.cache import Cache
from identity.credentials import SecretTokens
from identity.models import SecretToken
from identity.tokens import MalformedToken, Token
from scim.errors import Unauthorized
from storage.tables import Tables

_CACHED = timedelta(seconds=60)  # a revoked token dies within it
_UNKNOWN_CACHED = timedelta(seconds=10)
_CACHE_SIZE = 10_000

_NO_DIGEST = "0" * 64  # the digest of no secret: what an unknown token is compared with


class SecretTokenCheck:
    """Verifies secret tokens; one per process, because it caches.

    A token's row is cached for at most a minute, an unknown token's absence for 10 seconds, both bounded in number;
    whether a token has expired is decided anew at every request.
    """

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._tokens = SecretTokens(tables, clock)
        self._known: Cache[tuple[str, str], SecretToken] = Cache(_CACHE_SIZE, _CACHED)
        # Apart from the known ones, so that a flood of inventions drives out no customer.
        self._unknown: Cache[tuple[str, str], bool] = Cache(_CACHE_SIZE, _UNKNOWN_CACHED)

    def remembered(self, token: str, base_url: str, now: datetime) -> Principal | None:  # noqa: ARG002
        """Return who sent the token if it was read within the last minute and is valid; the URL does not matter."""
        try:
            parsed = Token.parse(token)
            stored = self._known.get((parsed.tenant_id, parsed.id), now)
            return None if stored is None else _decide(stored, parsed, now)
        except (MalformedToken, Unauthorized):
            return None  # `prove` tells why

    def claim(self, token: str) -> Claim:
        """Return who the token claims to be from. Raises Unauthorized where it is malformed."""
        parsed = _parse(token)
        return Claim(parsed.tenant_id, parsed.id, "secret_token")

    async def prove(self, token: str, base_url: str, now: datetime) -> Principal:  # noqa: ARG002
        """Return who sent the token; the URL does not matter. Raises Unauthorized, Unavailable."""
        parsed = _parse(token)
        return _decide(await self._find(parsed, now), parsed, now)

    async def _find(self, token: Token, now: datetime) -> SecretToken | None:
        key = (token.tenant_id, token.id)
        known = self._known.get(key, now)
        if known is not None or self._unknown.get(key, now):
            return known
        stored = await self._tokens.find(token.tenant_id, token.id)
        # True since before it was asked, not since the answer came.
        if stored is None:
            self._unknown.put(key, True, now)
        else:
            self._known.put(key, stored, now)
        return stored


def _parse(text: str) -> Token:
    try:
        return Token.parse(text)
    except MalformedToken as error:
        raise invalid_token(
            f"The bearer token is not a secret token of this service: {error}. Copy the whole secret token again."
        ) from None


def _decide(stored: SecretToken | None, token: Token, now: datetime) -> Principal:
    digest = stored.digest if stored else _NO_DIGEST
    if not hmac.compare_digest(digest, token.digest()) or stored is None:
        raise invalid_token(
            "The secret token is not known here: it may have been replaced, or belong to another deployment."
            " Issue a new one and enter it in Entra as the Secret Token."
        )
    if stored.revoked is not None:
        raise invalid_token(
            f"The secret token {stored.id} was revoked on {stored.revoked:%Y-%m-%d}."
            " Issue a new one and enter it in Entra as the Secret Token."
        )
    if now >= stored.expires:
        raise invalid_token(
            f"The secret token {stored.id} expired on {stored.expires:%Y-%m-%d}."
            " Issue a new one and enter it in Entra as the Secret Token."
        )
    check_tenant(stored)
    return Principal(stored.tenant_id, stored.id, "secret_token")
