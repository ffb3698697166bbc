"""The text of a secret token: what an administrator types into Entra as the Secret Token.

    ideo_scim_<tenant id, "_" for "-">_<token id>_<secret><checksum>

    ideo_scim_demo_k3v9x0qa_7Jx0Q…43 letters and digits…zT4b1Kq9
                   8 a-z0-9  43 base62: 256 bits        6 base62: CRC32 of all before it

It carries the ids of its row, so that authentication is one point read; a checksum, so that junk costs none; and
only letters, digits and "_", so that a double click selects all of it and no client has to encode it. Secret
scanners find it by the expression `SCANNER_PATTERN` and can confirm it by the checksum.
"""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Self

PREFIX = "ideo_scim_"

# Ids are lower case because people type them; they have no "_", which separates them in a token.
TENANT_ID_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
SCANNER_PATTERN = r"\bideo_scim_[a-z0-9](?:[a-z0-9_]{0,38}[a-z0-9])?_[a-z0-9]{8}_[0-9A-Za-z]{49}\b"

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
BASE62 = _BASE36 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ID_LENGTH = 8
SECRET_LENGTH = 43  # 43 * log2(62) = 256 bits
CHECKSUM_LENGTH = 6  # 62 ** 6 > 2 ** 32
_TOKEN = re.compile(
    rf"{PREFIX}([a-z0-9](?:[a-z0-9_]{{0,38}}[a-z0-9])?)"
    rf"_([a-z0-9]{{{_ID_LENGTH}}})_([0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})"
)


class MalformedToken(ValueError):
    """The text is not a secret token; the message says how it differs and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A secret token: the ids of its tenant and of its row, and the secret, which `repr` leaves out."""

    tenant_id: str
    id: str
    secret: str = field(repr=False)

    @classmethod
    def new(cls, tenant_id: str) -> Self:
        """Make a token of the tenant with a random id and 256 random bits."""
        return cls(tenant_id, random_id(), "".join(secrets.choice(BASE62) for _ in range(SECRET_LENGTH)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text that `render` makes, and no other. Raises MalformedToken."""
        if not text.startswith(PREFIX):
            raise MalformedToken(f"it does not begin with {PREFIX}")
        match = _TOKEN.fullmatch(text)
        if match is None:
            raise MalformedToken("it is cut off or has characters that a secret token never has")
        if match[4] != checksum(text[:-CHECKSUM_LENGTH]):
            raise MalformedToken("its checksum does not fit: a character was lost, added or changed")
        return cls(match[1].replace("_", "-"), match[2], match[3])

    def render(self) -> str:
        """Return the text to show once and never to store."""
        body = f"{PREFIX}{self.tenant_id.replace('-', '_')}_{self.id}_{self.secret}"
        return body + checksum(body)

    def digest(self) -> str:
        """Return the SHA-256 of the secret in hexadecimal: what is stored of it.

        256 random bits cannot be guessed from a fast hash; a slow one would only let junk cost us more.
        """
        return hashlib.sha256(self.secret.encode()).hexdigest()


def random_id() -> str:
    """Return a short random id of lower-case letters and digits (41 bits: unique by insertion, not by luck)."""
    return "".join(secrets.choice(_BASE36) for _ in range(_ID_LENGTH))


def checksum(body: str) -> str:
    """Return the CRC32 of the text in base62: it catches every single wrong character, and most other slips."""
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(BASE62))
        digits = BASE62[digit] + digits
    return digits
