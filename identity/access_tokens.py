"""Access tokens: JWTs of our own, each for one client, one audience and one scope (RFC 9068)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe

import jwt

from identity.endpoints import Endpoints
from identity.jws import Jws
from identity.signing_keys import SigningKey, SigningKeys

SCOPE = "scim"
TYPE = "at+jwt"  # RFC 9068 section 2.1: no other JWT of ours can be taken for an access token
_ISSUED_AHEAD = 60  # seconds by which the clocks of two instances of ours may differ


class InvalidAccessToken(ValueError):
    """The token does not prove anything; the message says which check failed and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token gives: to act for the client until `expires`."""

    client_id: str
    tenant_id: str
    expires: datetime


class AccessTokens:
    """Issues and verifies access tokens; `clock` is the time now, in UTC."""

    def __init__(self, keys: SigningKeys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock

    async def issue(self, endpoints: Endpoints, client_id: str, tenant_id: str, seconds: int) -> str:
        """Return a token for so many seconds. Raises Unavailable."""
        kid, key = await self._keys.signer()
        now = int(self._clock().timestamp())
        claims = {
            "iss": endpoints.issuer,
            "aud": endpoints.scim,
            "sub": client_id,
            "client_id": client_id,
            "tenant": tenant_id,
            "scope": SCOPE,
            "iat": now,
            "exp": now + seconds,
            "jti": token_urlsafe(12),
        }
        return jwt.encode(claims, key, algorithm="ES256", headers={"kid": kid, "typ": TYPE})

    async def verify(self, token: Jws, endpoints: Endpoints) -> Grant:
        """Return what the token gives. Raises InvalidAccessToken, and Unavailable when the keys cannot be read."""
        if token.header.get("typ") != TYPE or token.algorithm != "ES256":
            raise InvalidAccessToken("it is not an access token of this service")
        key = await self._keys.find(token.kid)
        if key is None:
            raise InvalidAccessToken("the key that it is signed with is not known here, or not any more")
        _check_signature(token, key)
        now = self._clock().timestamp()
        for name, expected in (("iss", endpoints.issuer), ("aud", endpoints.scim), ("scope", SCOPE)):
            if token.claim(name) != expected:
                raise InvalidAccessToken(f"its {name} is {token.claim(name)}, and {expected} was expected")
        issued, expires = token.claims.get("iat"), token.claims.get("exp")
        if not isinstance(issued, int) or not isinstance(expires, int) or issued > now + _ISSUED_AHEAD:
            raise InvalidAccessToken("it is not valid yet")
        if now >= expires:
            raise InvalidAccessToken(f"it expired at {datetime.fromtimestamp(expires, UTC):%Y-%m-%d %H:%M:%S} UTC")
        return Grant(token.claim("client_id"), token.claim("tenant"), datetime.fromtimestamp(expires, UTC))


def _check_signature(token: Jws, key: SigningKey) -> None:
    try:
        jwt.api_jws.decode(token.text, key.verifier(), algorithms=["ES256"])
    except jwt.InvalidTokenError:
        raise InvalidAccessToken("its signature does not fit") from None
