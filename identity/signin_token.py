"""What Entra says of the person who signed in: the ID token, verified (OpenID Connect Core 1.0 section 3.1.3.7)."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from identity.assertion import examine, failure
from identity.errors import InvalidTrust
from identity.issuers import guid
from identity.jws import Jws, MalformedJws
from identity.models import Trust
from identity.remote_keys import RemoteKeys
from identity.signin_authority import Metadata


class InvalidIdToken(ValueError):
    """The token does not say who signed in; the message tells which check failed and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of an Entra tenant: `object_id` is the same for ever, `name` is what people type."""

    entra_tenant_id: str
    object_id: str
    name: str


class IdTokens:
    """Verifies ID tokens for one client id; `clock` is the time now, in UTC."""

    def __init__(self, client_id: str, keys: RemoteKeys, clock: Callable[[], datetime]) -> None:
        self._client_id = client_id
        self._keys = keys
        self._clock = clock

    async def verify(self, text: str, nonce: str, metadata: Metadata) -> Account:
        """Return whose token it is. Raises InvalidIdToken, Unavailable when the issuer's keys cannot be had."""
        try:
            token = Jws.parse(text)
            tenant = guid(token.claim("tid"))
        except (MalformedJws, InvalidTrust) as error:
            raise InvalidIdToken(f"the ID token cannot be verified: {error}") from None
        trust = Trust(
            issuer=metadata.issuer_for(tenant),
            jwks_url=metadata.jwks_uri,
            audiences=(self._client_id,),
            entra_tenant_id=tenant,
        )
        key = await self._keys.find(trust.jwks_url, token.kid) if token.claim("iss") == trust.issuer else None
        failed = failure(examine(token, trust, key, self._clock()))
        if failed is not None:
            raise InvalidIdToken(f"the ID token is refused. {failed}")
        if not hmac.compare_digest(token.claim("nonce").encode(), nonce.encode()):
            raise InvalidIdToken("the ID token is of another sign-in: its nonce differs")
        if not token.claim("oid"):
            raise InvalidIdToken("the ID token names no object id (oid)")
        return Account(tenant, token.claim("oid"), token.claim("preferred_username") or token.claim("upn"))
