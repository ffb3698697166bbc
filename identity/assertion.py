"""What a foreign token must say to be believed (RFC 7523 section 3, RFC 8725): a list of checks, each explained."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt import PyJWK

from identity.jws import Jws
from identity.models import Trust

SKEW = timedelta(minutes=5)
LONGEST_LIFE = timedelta(hours=24)
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what was expected, what came, and whether that is good enough."""

    name: str
    expected: str
    received: str
    passed: bool

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, received {self.received}"


def examine(token: Jws, trust: Trust, key: PyJWK | None, now: datetime, skew: timedelta = SKEW) -> list[Check]:
    """Return every check of the token; it is believed if all have passed.

    `key` is the issuer's key with the token's kid, None when it has none. `skew` is how long after `exp` the token is
    still good, because clocks differ.
    """
    checks = [_equal(token.claims, "iss", trust.issuer), _kid(token, trust, key)]
    if key is not None:
        checks.append(_signature(token, key))
    checks.append(_audience(token.claims.get("aud"), trust.audiences))
    if trust.subject is not None:
        checks.append(_equal(token.claims, "sub", trust.subject))
    if trust.entra_tenant_id is not None:
        checks.append(_equal(token.claims, "tid", trust.entra_tenant_id))
    return checks + _times(token.claims, now, skew)


def failure(checks: list[Check]) -> Check | None:
    """Return the first check that failed."""
    return next((check for check in checks if not check.passed), None)


def expiry(token: Jws) -> datetime:
    """Return when the token ends, of a token that was examined."""
    return datetime.fromtimestamp(float(token.claims["exp"]), UTC)


def shown(value: Any) -> str:
    """Return a claim as it may be shown: JSON in ASCII, not longer than anybody reads."""
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _equal(claims: Mapping[str, Any], name: str, expected: str) -> Check:
    received = claims.get(name)
    return Check(name, shown(expected), shown(received), isinstance(received, str) and received == expected)


def _audience(received: Any, expected: tuple[str, ...]) -> Check:
    # RFC 7519 section 4.1.3: one string, or an array of which one must be ours.
    values = received if isinstance(received, list) else [received]
    passed = any(isinstance(value, str) and value in expected for value in values)
    return Check("aud", " or ".join(map(shown, expected)), shown(received), passed)


def _kid(token: Jws, trust: Trust, key: PyJWK | None) -> Check:
    return Check("kid", f"a key of {trust.jwks_url}", shown(token.kid), key is not None)


def _signature(token: Jws, key: PyJWK) -> Check:
    try:
        # The key decides on the algorithm, not the token (RFC 8725 section 3.1).
        jwt.api_jws.decode(token.text, key, algorithms=[str(key.algorithm_name)])
    except jwt.InvalidAlgorithmError:
        return Check("alg", str(key.algorithm_name), token.algorithm, passed=False)
    except jwt.InvalidTokenError:
        return Check("signature", "made with the issuer's key of that kid", "another", passed=False)
    return Check("signature", "made with the issuer's key of that kid", "that", passed=True)


def _times(claims: Mapping[str, Any], now: datetime, skew: timedelta) -> list[Check]:
    at, soon, latest = now - skew, now + SKEW, now + LONGEST_LIFE + SKEW
    expires = _number(claims.get("exp"))
    good = expires is not None and at.timestamp() < expires <= latest.timestamp()
    checks = [Check("exp", f"after {_moment(at.timestamp())}, within a day", _moment(claims.get("exp")), good)]
    for name in filter(claims.__contains__, ("nbf", "iat")):
        begins = _number(claims[name])
        good = begins is not None and begins <= soon.timestamp()
        checks.append(Check(name, f"not after {_moment(soon.timestamp())}", _moment(claims[name]), good))
    return checks


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(value: Any) -> str:
    try:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (TypeError, ValueError, OverflowError, OSError):
        return shown(value)
