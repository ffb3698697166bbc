"""A resource as a row: the document in chunks, the groups it is in, and the keys of its own index rows."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scim.errors import TooLarge
from scim.schema import ResourceType
from scim.store import Member, Stored
from storage import ids, keys
from storage.tables import Row

CHUNK_UNITS = 32_767  # UTF-16 units of a string property (64 KiB with its length)
CHUNK_BYTES = 65_536  # of a binary property
DOCUMENT_BYTES = 880 * 1024  # of the 1 MiB of a row; the rest is for the groups and the index
GROUPS = 8_192  # that a resource can be a direct member of
INDEXED = 45  # values: a change that replaces them all still fits one transaction
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIRST_HALF = range(0xD8, 0xDC)  # high byte of the unit that begins a surrogate pair
_GROUP_COLUMNS = [f"groups{n}" for n in range(4)]  # twice GROUPS, for additions that meet at the limit
# What a membership needs to know of a member: everything but the document.
WITHOUT_DOCUMENT = [
    "RowKey",
    "type",
    "version",
    "created",
    "lastModified",
    "index",
    "journal",
    "applied",
    *_GROUP_COLUMNS,
]


@dataclass(frozen=True, slots=True)
class Record:
    """A resource as its row says, before any journal is taken into account.

    `text` is the document as JSON; `index` the keys of the claim and the look-ups that belong to the resource;
    `journal` the id of the journal that still has to carry out its change of members ("" for none); `applied` the
    id of the last journal that took a deleted member out.
    """

    id: str
    type: str
    text: str
    version: str
    created: str
    last_modified: str
    index: tuple[str, ...]
    groups: frozenset[str] = frozenset()
    journal: str = ""
    applied: str = ""
    etag: str = ""

    @property
    def key(self) -> str:
        """The row key."""
        return keys.resource(self.type, self.id)

    @property
    def document(self) -> dict[str, Any]:
        """The document, read anew each time: the caller may change it."""
        document: dict[str, Any] = json.loads(self.text)
        return document

    def stored(self, members: Collection[Member] = ()) -> Stored:
        """Return what the protocol sees of it."""
        return Stored(
            self.id,
            self.type,
            self.document,
            self.version,
            self.created,
            self.last_modified,
            tuple(sorted(members, key=lambda member: member.id)),
            tuple(sorted(self.groups)),
        )


def text_of(document: Mapping[str, Any]) -> str:
    """Return a document as JSON text that any encoding can carry. Raises TooLarge."""
    plain = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    text = _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", plain)
    size = len(text.encode("utf-16-le"))
    if size > DOCUMENT_BYTES:
        raise TooLarge(f"the resource takes {size:,} bytes; the directory holds at most {DOCUMENT_BYTES:,} of one")
    return text


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two documents are the same JSON value: unlike Python, JSON tells true from 1."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def index_of(resource_type: ResourceType, id: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of the claim (first) and the look-ups of a document. Raises TooLarge."""
    name = resource_type.name
    values = resource_type.index_values(document)
    found = {keys.lookup(name, path, value, id) for path, value in values}
    if len(found) > INDEXED:
        paths = ", ".join(resource_type.indexes)
        raise TooLarge(f"{len(found)} values of {paths}: a {name} can have at most {INDEXED} of them")
    return (keys.claim(name, resource_type.unique_value(document), id), *sorted(found))


def encode(record: Record) -> dict[str, Any]:
    """Return the properties of the row."""
    chunks = {f"document{n}": chunk for n, chunk in enumerate(chunked(record.text))}
    return {
        "type": record.type,
        "version": record.version,
        "created": record.created,
        "lastModified": record.last_modified,
        "index": "\n".join(record.index),
        "journal": record.journal,
        "applied": record.applied,
        **group_columns(record.groups),
        **chunks,
    }


def decode(row: Row) -> Record:
    """Return the record of a row, with an empty text if the row was read without its document.

    Raises KeyError or ValueError for a row that `encode` did not make.
    """
    values = row.values
    return Record(
        id=keys.last(row.key),
        type=values["type"],
        text="".join(numbered(values, "document")),
        version=values["version"],
        created=values["created"],
        last_modified=values["lastModified"],
        index=tuple(values["index"].split("\n")),
        groups=frozenset(ids.unpack(b"".join(numbered(values, "groups")))),
        journal=values["journal"],
        applied=values["applied"],
        etag=row.etag,
    )


def group_columns(groups: Collection[str], before: int = 0) -> dict[str, bytes]:
    """Return the packed groups as properties; those that `before` groups needed more are emptied."""
    packed = ids.pack(sorted(groups))
    length = max(len(packed), before * ids.PACKED)
    starts = range(0, length, CHUNK_BYTES)
    return {f"groups{n}": packed[start : start + CHUNK_BYTES] for n, start in enumerate(starts)}


def chunked(text: str) -> Iterator[str]:
    """Cut a text into pieces of at most 32,767 UTF-16 units, never inside a surrogate pair."""
    units = text.encode("utf-16-le")
    start = 0
    while start < len(units):
        end = min(start + 2 * CHUNK_UNITS, len(units))
        if end < len(units) and units[end - 1] in _FIRST_HALF:
            end -= 2
        yield units[start:end].decode("utf-16-le")
        start = end


def numbered(values: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Yield the properties name0, name1, … while there are any."""
    number = 0
    while (value := values.get(f"{name}{number}")) is not None:
        yield value
        number += 1
