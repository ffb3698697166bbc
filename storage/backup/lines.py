"""The file that a tenant's directory is exported to: JSON Lines, one resource a line, memberships with the member.

{"format": "scim-directory", "tenant": …, "began": …}            what it is
{"type": …, "id": …, "version": …, …, "groups": […], "document": {…}}   groups first, then users, each by id
{"end": true, "groups": …, "users": …, "sha256": …}                     the proof that it is whole
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scim.store import Stored
from storage import keys
from storage.command import Refused

FORMAT = "scim-directory"
TYPES = ("Group", "User")  # a member's line comes behind those of the groups it can be in


@dataclass(slots=True)
class Tally:
    """How many resources have been counted, and the digest of their lines in order."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, type: str, line: str) -> None:
        """Count one line."""
        self.counts[type] += 1
        self._digest.update(line.encode())

    def end(self) -> dict[str, Any]:
        """Return the last line's object."""
        return {"end": True, "groups": self.counts["Group"], "users": self.counts["User"], "sha256": self.digest}

    @property
    def digest(self) -> str:
        """The digest so far."""
        return str(self._digest.hexdigest())

    def __str__(self) -> str:
        return f"{self.counts['User']:,} users and {self.counts['Group']:,} groups"


def dump(value: dict[str, Any]) -> str:
    """Return an object as one line; any text survives, lone surrogates included."""
    return json.dumps(value, separators=(",", ":")) + "\n"


def line_of(stored: Stored, groups: Collection[str] | None = None) -> str:
    """Return the line of a resource, as a member of its groups, or of these."""
    return dump(
        {
            "type": stored.type,
            "id": stored.id,
            "version": stored.version,
            "created": stored.created,
            "lastModified": stored.last_modified,
            "groups": list(stored.groups if groups is None else groups),
            "document": stored.document,
        }
    )


def stored_of(value: dict[str, Any]) -> Stored:
    """Return the resource of a line's object. Raises KeyError, ValueError for an object that is none."""
    if value["type"] not in keys.TAGS:
        raise ValueError(f"no type of resource: {value['type']}")
    return Stored(
        value["id"],
        value["type"],
        value["document"],
        value["version"],
        value["created"],
        value["lastModified"],
        groups=tuple(value["groups"]),
    )


def header(file: Path) -> dict[str, Any]:
    """Return the first line's object. Raises Refused for a file that is no export."""
    try:
        with file.open(encoding="utf-8") as lines:
            first = json.loads(lines.readline())
        if first["format"] == FORMAT:
            return {"tenant": str(first["tenant"]), "began": str(first["began"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{file} cannot be read as an export: {error!r}") from error
    raise Refused(f"{file} is no export of a tenant")


def resources(file: Path) -> Iterator[tuple[Stored, str]]:
    """Yield the resources of a whole export with their lines. Raises Refused, at the latest at the end, where it is
    not whole: cut off, or not as it was written."""
    tally = Tally()
    with file.open(encoding="utf-8") as lines:
        next(lines)
        for number, line in enumerate(lines, start=2):
            try:
                value = json.loads(line)
                if "end" in value:
                    if value != tally.end():
                        raise Refused(f"{file} was changed after it was written: its digest is not that of its lines")
                    return
                stored = stored_of(value)
            except (ValueError, KeyError, TypeError) as error:
                raise Refused(f"{file}, line {number}, cannot be read: {error!r}") from error
            tally.add(stored.type, line)
            yield stored, line
    raise Refused(f"{file} is not whole: its last line is missing; export again")
