"""Reading a signed token without believing it: JWS compact serialization (RFC 7515 section 7.1), strictly.

Nothing is verified here but the form. What real issuers never do is refused before any key is touched (RFC 8725):
members that occur twice, keys or addresses of keys inside the token, extensions that must be understood, and every
algorithm but two. No library is imported, so that other callers do not pay for it.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

ALGORITHMS = ("RS256", "ES256")
LONGEST = 16 * 1024  # characters; Entra's own have about 1,500

_PART = re.compile(r"[A-Za-z0-9_-]+")
_KEYS_INSIDE = ("jwk", "jku", "x5u", "x5c")  # RFC 8725 sections 3.1 and 3.10: whoever forges a token would bring these
_TYPES = {"jwt", "at+jwt", "application/jwt", "application/at+jwt"}


class MalformedJws(ValueError):
    """The text is not a token that could be verified; the message says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A signed token whose signature nobody has verified: believe nothing of it."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @classmethod
    def looks_like(cls, text: str) -> bool:
        """Tell whether the text has the outer form: three parts between dots, the first a JSON object."""
        return text.startswith("eyJ") and text.count(".") == 2  # noqa: PLR2004

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a token of at most 16,384 characters. Raises MalformedJws."""
        header, claims = peek(text)
        _check_header(header)
        return cls(text, header, claims)

    @property
    def algorithm(self) -> str:
        """RS256 or ES256."""
        return str(self.header["alg"])

    @property
    def kid(self) -> str:
        """The id of the key that it says it is signed with."""
        return str(self.header["kid"])

    def claim(self, name: str) -> str:
        """Return a claim that is a string, or else the empty string."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""


def peek(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a token whatever they are. Raises MalformedJws."""
    if len(text) > LONGEST:
        raise MalformedJws(f"it has {len(text)} characters; at most {LONGEST} are read")
    parts = text.split(".")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):  # noqa: PLR2004
        raise MalformedJws("it is not three parts of base64url, joined by dots")
    return _object(parts[0], "header"), _object(parts[1], "payload")


def _check_header(header: Mapping[str, Any]) -> None:
    inside = [name for name in _KEYS_INSIDE if name in header]
    if inside:
        raise MalformedJws(f"its header brings keys of its own ({', '.join(inside)})")
    if "crit" in header or "b64" in header or "enc" in header:
        raise MalformedJws("its header asks for extensions that are not supported here")
    if header.get("alg") not in ALGORITHMS:
        raise MalformedJws(f"its algorithm is not one of {' and '.join(ALGORITHMS)}")
    if "typ" in header and str(header["typ"]).lower() not in _TYPES:
        raise MalformedJws("its type (typ) is not JWT")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise MalformedJws("its header names no key (kid)")


def _object(part: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(
            urlsafe_b64decode(part + "=" * (-len(part) % 4)), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except MalformedJws:
        raise
    except (binascii.Error, ValueError, RecursionError):
        raise MalformedJws(f"its {name} is not JSON") from None
    if not isinstance(value, dict):
        raise MalformedJws(f"its {name} is not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    # RFC 7519 section 4: reject it, or take the last; two readers that differ are how checks are slipped past.
    if len(members) != len(pairs):
        raise MalformedJws("a member occurs twice in it")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(name)
