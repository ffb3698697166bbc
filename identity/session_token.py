"""Statements of our own that browsers carry for us: JWTs, signed with the keys of the deployment (ES256).

Each kind has a type of its own (RFC 8725 section 3.11), so that none can be taken for another or for an access token.
A signing key is believed for six hours after the next one began to sign: what lives longer may end then, and the
person signs in again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from identity.jws import MalformedJws, peek
from identity.signing_keys import SigningKeys

_AHEAD = 60  # seconds by which the clocks of two instances of ours may differ


class InvalidStatement(ValueError):
    """The statement is not ours, not for this use, or over; the message says which and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a statement is for, and how it is told from others."""

    type: str
    name: str


FLOW = Kind("signin+jwt", "sign-in")
SESSION = Kind("session+jwt", "session")


class Statements:
    """Makes and reads statements; `clock` is the time now, in UTC."""

    def __init__(self, keys: SigningKeys, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock

    async def sign(self, kind: Kind, origin: str, claims: Mapping[str, Any], life: timedelta) -> str:
        """Return a statement of the service at that origin. Raises Unavailable."""
        kid, key = await self._keys.signer()
        now = int(self._clock().timestamp())
        stated = {"iss": origin, **claims, "iat": now, "exp": now + int(life.total_seconds())}
        return jwt.encode(stated, key, algorithm="ES256", headers={"kid": kid, "typ": kind.type})

    async def read(self, kind: Kind, origin: str, text: str) -> Mapping[str, Any]:
        """Return what the statement says, of the same service. Raises InvalidStatement, Unavailable."""
        try:
            header, claims = peek(text)
        except MalformedJws as error:
            raise InvalidStatement(f"the {kind.name} cannot be read: {error}") from None
        if header.get("typ") != kind.type or header.get("alg") != "ES256" or not isinstance(header.get("kid"), str):
            raise InvalidStatement(f"it is not a {kind.name} of this service")
        key = await self._keys.find(header["kid"])
        if key is None:
            raise InvalidStatement(f"the key that the {kind.name} is signed with is not known here, or not any more")
        try:
            jwt.api_jws.decode(text, key.verifier(), algorithms=["ES256"])
        except jwt.InvalidTokenError:
            raise InvalidStatement(f"the signature of the {kind.name} does not fit") from None
        now = self._clock().timestamp()
        if claims.get("iss") != origin or claims["iat"] > now + _AHEAD:
            raise InvalidStatement(f"the {kind.name} is another service's")
        if now >= claims["exp"]:
            raise InvalidStatement(f"the {kind.name} has expired")
        return claims


def is_session(token: str) -> bool:
    """Tell whether a bearer token says that it is a session's; nothing is verified."""
    try:
        return peek(token)[0].get("typ") == SESSION.type
    except MalformedJws:
        return False
