"""Who is calling, and for which tenant: the bearer check before every request (RFC 6750).

A caller learns what is wrong with a secret token only by showing its secret: unknown tenant, unknown token and wrong
secret get one and the same answer. A directory that cannot be reached is `Unavailable`, never 401, because Entra
quarantines a customer's provisioning at the first 401.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from identity.cache import Cache
from identity.credentials import SecretTokens
from identity.models import SecretToken
from identity.tokens import MalformedToken, Token
from scim.errors import Unauthorized
from storage.tables import Tables

REALM = "IDEO SCIM"
_CACHED = timedelta(seconds=60)  # a revoked token dies within it
_UNKNOWN_CACHED = timedelta(seconds=10)
_CACHE_SIZE = 10_000

_NO_DIGEST = "0" * 64  # the digest of no secret: what an unknown token is compared with


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling: the tenant that the request is about, and the credential that proved it."""

    tenant_id: str
    credential_id: str
    method: Literal["secret_token"]


class Authenticator:
    """Decides on the Authorization header; one per process, because it caches.

    `clock` is the time now, in UTC. A token's row is cached for at most a minute, an unknown token's absence for
    10 seconds, both bounded in number; whether a token has expired is decided anew at every request.
    """

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._tokens = SecretTokens(tables, clock)
        self._clock = clock
        self._known: Cache[tuple[str, str], SecretToken] = Cache(_CACHE_SIZE, _CACHED)
        # Apart from the known ones, so that a flood of inventions drives out no customer.
        self._unknown: Cache[tuple[str, str], bool] = Cache(_CACHE_SIZE, _UNKNOWN_CACHED)

    async def authenticate(self, authorization: str | None) -> Principal:
        """Return who sent this Authorization header (RFC 6750 section 2.1).

        Makes one storage call for a token it has not met for a minute, else none. Raises Unauthorized with its
        WWW-Authenticate header, and Unavailable when the storage does not answer.
        """
        token = _parse(_bearer(authorization))
        now = self._clock()
        stored = await self._find(token, now)
        digest = stored.digest if stored else _NO_DIGEST
        if not hmac.compare_digest(digest, token.digest()) or stored is None:
            raise _invalid_token(
                "The secret token is not known here: it may have been replaced, or belong to another deployment."
                " Issue a new one and enter it in Entra as the Secret Token."
            )
        _check_state(stored, now)
        return Principal(stored.tenant_id, stored.id, "secret_token")

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


def _bearer(authorization: str | None) -> str:
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        # RFC 6750 section 3.1: where no bearer token was sent, the answer names no error code.
        raise Unauthorized(
            "No bearer token was sent: enter the secret token in Entra as the Secret Token; it comes as"
            " 'Authorization: Bearer <secret token>'.",
            headers={"WWW-Authenticate": f'Bearer realm="{REALM}"'},
        )
    return credentials.strip()


def _parse(text: str) -> Token:
    try:
        return Token.parse(text)
    except MalformedToken as error:
        raise _invalid_token(
            f"The bearer token is not a secret token of this service: {error}. Copy the whole secret token again."
        ) from None


def _check_state(stored: SecretToken, now: datetime) -> None:
    if stored.revoked is not None:
        raise _invalid_token(
            f"The secret token {stored.id} was revoked on {stored.revoked:%Y-%m-%d}."
            " Issue a new one and enter it in Entra as the Secret Token."
        )
    if now >= stored.expires:
        raise _invalid_token(
            f"The secret token {stored.id} expired on {stored.expires:%Y-%m-%d}."
            " Issue a new one and enter it in Entra as the Secret Token."
        )
    if stored.suspended:
        raise _invalid_token(f"The tenant {stored.tenant_id} is disabled. Ask IDEO to enable it.")


def _invalid_token(reason: str) -> Unauthorized:
    """Return the refusal of a token that was sent (RFC 6750 section 3.1); `reason` has no quote and no backslash."""
    challenge = f'Bearer realm="{REALM}", error="invalid_token", error_description="{reason}"'
    return Unauthorized(reason, headers={"WWW-Authenticate": challenge})
