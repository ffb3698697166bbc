"""The texts of an OAuth client: its client id, and its client secrets.

    client id      <tenant id>.<8 of a-z0-9>                                   fabrikam.k3v9x0qa
    client secret  ideo_secret_<secret id>_<43 base62: 256 bits><checksum>

A client id names its tenant, so that finding the client is one point read. Neither has a character that form encoding
(RFC 6749 section 2.3.1) would change, so that clients which forget to encode are understood as well.
"""

import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from identity.tokens import (
    BASE62,
    CHECKSUM_LENGTH,
    SECRET_LENGTH,
    TENANT_ID_PATTERN,
    MalformedToken,
    checksum,
    random_id,
)

PREFIX = "ideo_secret_"
SCANNER_PATTERN = r"\bideo_secret_[a-z0-9]{8}_[0-9A-Za-z]{49}\b"

_CLIENT_ID = re.compile(rf"({TENANT_ID_PATTERN})\.[a-z0-9]{{8}}")
_SECRET = re.compile(rf"{PREFIX}([a-z0-9]{{8}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})")


def new_client_id(tenant_id: str) -> str:
    """Return a client id of the tenant that is most probably new: insertion tells."""
    return f"{tenant_id}.{random_id()}"


def tenant_of(client_id: str) -> str | None:
    """Return the id of the tenant that the client id names, or None when it is no client id of ours."""
    match = _CLIENT_ID.fullmatch(client_id)
    return match[1] if match else None


@dataclass(frozen=True, slots=True)
class Secret:
    """A client secret: its id, and what is secret, which `repr` leaves out."""

    id: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Make a secret with a random id and 256 random bits."""
        return cls(random_id(), "".join(secrets.choice(BASE62) for _ in range(SECRET_LENGTH)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text that `render` makes, and no other. Raises MalformedToken."""
        match = _SECRET.fullmatch(text)
        if match is None:
            raise MalformedToken(f"it is cut off, or is not of the form {PREFIX}...")
        if match[3] != checksum(text[:-CHECKSUM_LENGTH]):
            raise MalformedToken("its checksum does not fit: a character was lost, added or changed")
        return cls(match[1], match[2])

    def render(self) -> str:
        """Return the text to show once and never to store."""
        body = f"{PREFIX}{self.id}_{self.secret}"
        return body + checksum(body)

    def digest(self) -> str:
        """Return the SHA-256 of the secret in hexadecimal: what is stored of it."""
        return sha256(self.secret.encode()).hexdigest()
