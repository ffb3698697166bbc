"""Cursors: where a walk by cursor pagination has got to, as an opaque URL-safe string (RFC 9865).

A cursor holds all that the next page needs, so that no instance has to remember it and it never expires. It is not
secret and grants nothing: it names a place in the caller's own tenant, whose directory comes from the credential.
A checksum tells damaged cursors; a forged one only has its author begin at another place. The query it belongs to
is in it as a digest, because a place in one order means nothing in another.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from scim.errors import InvalidCount, InvalidCursor
from scim.sort import SortKey

MAX_LENGTH: Final = 4096
_DIGEST = 8
_ID = re.compile(r"[A-Za-z0-9-]*")
_REFUSAL = "The cursor was not issued for this query: begin with an empty cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """What follows in a walk: the resources behind `key` (when sorted), `type_index` and `id`.

    `type_index` counts the resource types of a query over several; `count` is the page size of the walk and `total`
    the `totalResults` of its first page, which is not counted again.
    """

    id: str
    count: int
    total: int
    type_index: int = 0
    key: SortKey | None = None


def encode(cursor: Cursor, query: str) -> str:
    """Return the cursor as a string of unreserved characters; `query` is anything that identifies the query."""
    fields = [cursor.id, cursor.count, cursor.total, cursor.type_index, cursor.key]
    payload = _digest(query.encode()) + _to_json(fields)
    return base64.urlsafe_b64encode(_digest(payload) + payload).rstrip(b"=").decode()


def decode(text: str, query: str, count: int) -> Cursor:
    """Return what `encode` was given. `count` is the page size now asked for.

    Raises InvalidCursor for what was not issued for this query, InvalidCount if the page size has changed since.
    """
    payload = _unwrap(text)
    if payload[:_DIGEST] != _digest(query.encode()):
        raise InvalidCursor(_REFUSAL)
    cursor = _read(payload[_DIGEST:])
    if cursor.count != count:
        raise InvalidCount(f"count must stay {cursor.count}, as on the first page of this cursor; it is {count}")
    return cursor


def _unwrap(text: str) -> bytes:
    """Return the bytes that the checksum confirms."""
    if not text.isascii() or len(text) > MAX_LENGTH:
        raise InvalidCursor(_REFUSAL)
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise InvalidCursor(_REFUSAL) from None
    if data[:_DIGEST] != _digest(data[_DIGEST:]):
        raise InvalidCursor(_REFUSAL)
    return data[_DIGEST:]


def _read(payload: bytes) -> Cursor:
    """Read the fields, trusting none: anyone can compute a checksum."""
    try:
        return _from_fields(json.loads(payload))
    except (ValueError, RecursionError):
        raise InvalidCursor(_REFUSAL) from None


def _from_fields(fields: Any) -> Cursor:
    """Return the cursor. Raises ValueError where a field is not what `encode` writes."""
    match fields:
        case [str(id), int(count), int(total), int(type_index), key] if (
            _ID.fullmatch(id) and min(total, type_index) >= 0
        ):
            return Cursor(id, count, total, type_index, _sort_key(key))
        case _:
            raise ValueError(fields)


def _sort_key(key: Any) -> SortKey | None:
    match key:
        case None:
            return None
        case [int(rank), int() | float() as number, str(text)]:
            return rank, number, text
        case _:
            raise ValueError(key)


def _to_json(fields: list[Any]) -> bytes:
    """Return JSON in UTF-8; escapes would make a key of emoji three times as long. `json.loads` reads surrogates so."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_DIGEST]
