"""Ids and moments: UUIDv7 text, its packed form, RFC 3339 times. Clock and randomness come from the caller."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from scim.errors import InvalidCursor

PACKED = 16  # bytes of a packed id
_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_FRACTIONS = 4096  # of a millisecond: what fits in the 12 bits of rand_a


def uuid7(seconds: float, random: Callable[[int], bytes]) -> str:
    """Return a UUIDv7 for a Unix time, in lower case (RFC 9562 section 5.7).

    The bits behind the milliseconds hold the fraction of the millisecond (section 6.2, method 3), so that ids made
    one after another are in order without any memory of the last one.
    """
    milliseconds, fraction = divmod(int(seconds * 1000 * _FRACTIONS), _FRACTIONS)
    tail = int.from_bytes(random(8), "big") & (1 << 62) - 1
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | tail))


def is_id(text: str) -> bool:
    """Tell whether the text has the form of an id of ours: anything else names nothing, and makes no row key."""
    return _TEXT.fullmatch(text) is not None


def place(after: str) -> str:
    """Return the id behind which a walk goes on, "" for the start. Raises InvalidCursor for what is no id.

    It may come from a cursor, whose checksum anybody can compute.
    """
    if after and not is_id(after):
        raise InvalidCursor("The cursor names no place among the resources: begin with an empty cursor")
    return after


def pack(ids: Iterable[str]) -> bytes:
    """Return the ids as 16 bytes each."""
    return b"".join(UUID(id).bytes for id in ids)


def unpack(packed: bytes) -> tuple[str, ...]:
    """Return the ids that `pack` made the bytes of. Raises ValueError for bytes that are no whole ids."""
    if len(packed) % PACKED:
        raise ValueError(f"{len(packed)} bytes are not a whole number of ids")
    return tuple(str(UUID(bytes=packed[at : at + PACKED])) for at in range(0, len(packed), PACKED))


def moment(seconds: float) -> str:
    """Return a Unix time as RFC 3339 text in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digest(text: str, digits: int) -> str:
    """Return the first hexadecimal digits of the SHA-256 of a text, lone surrogates included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes what must be new: ids, versions, and the present moment."""

    clock: Callable[[], float]
    random: Callable[[int], bytes]

    def id(self) -> str:
        """Return a new id."""
        return uuid7(self.clock(), self.random)

    def version(self) -> str:
        """Return a new version: 16 hexadecimal digits that no other version shares."""
        return self.random(8).hex()

    def now(self) -> str:
        """Return the present moment as RFC 3339 text."""
        return moment(self.clock())


def well_formed(ids: Collection[str]) -> list[str]:
    """Return those of the ids that could name something, each once, in the order given."""
    return [id for id in dict.fromkeys(ids) if is_id(id)]
