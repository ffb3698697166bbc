"""Writing a tenant's directory to a file, page by page; a run that was cut off is gone on with."""

import json
import os
import time
from pathlib import Path
from typing import TextIO

from scim.schema import resource_types
from storage.backup.lines import FORMAT, TYPES, Tally, dump, header, line_of, stored_of
from storage.command import Refused, say
from storage.directory import TableDirectory
from storage.ids import moment
from storage.tables import Tables

_PAGE = 500


async def export(tables: Tables, tenant: str, file: Path) -> Tally:
    """Write the directory of a tenant to a new file, ids and versions included, and return what was written.

    Interrupted changes are finished first. Until it is whole, the file is called FILE.part; if that is there, the
    export goes on behind its last whole line. What changes meanwhile may be in it or not. Raises Refused, Unavailable.
    """
    part = _part_of(file)
    directory = TableDirectory(tables, tenant)
    await directory.heal()
    with _opened(part, tenant) as out:
        tally, after = _resume(part, out)
        for type in TYPES[TYPES.index(after[0]) :]:
            start = after[1] if type == after[0] else ""
            async for page in directory.scan(resource_types()[type], after=start, size=_PAGE):
                for stored in page.resources:
                    line = line_of(stored)
                    tally.add(type, line)
                    out.write(line)
                out.flush()
                say(f"exported {tally}")
        out.write(dump(tally.end()))
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
    return tally


def _part_of(file: Path) -> Path:
    if file.exists():
        raise Refused(f"{file} exists already: choose another name")
    return file.with_name(file.name + ".part")


def _opened(part: Path, tenant: str) -> TextIO:
    """Open the part of the file, begun here or before; it is nobody's but its owner's, for it holds personal data."""
    if not part.exists() or part.stat().st_size == 0:
        first = dump({"format": FORMAT, "tenant": tenant, "began": moment(time.time())})
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as new:
            new.write(first)
    else:
        found = header(part)
        if found["tenant"] != tenant:
            raise Refused(f"{part} is an export of {found['tenant']}: remove it, or choose another name")
        say(f"going on with {part}, which was begun at {found['began']}; remove it to begin anew")
    return part.open("r+", encoding="utf-8", newline="\n")


def _resume(part: Path, out: TextIO) -> tuple[Tally, tuple[str, str]]:
    """Count what is there, cut off a line that is not whole, and return where to go on: a type, behind an id."""
    tally, after, size = Tally(), (TYPES[0], ""), 0
    with part.open("rb") as lines:
        for number, raw in enumerate(lines):
            if not raw.endswith(b"\n"):
                break
            value = json.loads(raw)
            if "end" in value:
                break
            size += len(raw)
            if number:
                stored = stored_of(value)
                tally.add(stored.type, raw.decode())
                after = (stored.type, stored.id)
    out.truncate(size)
    out.seek(size)
    return tally, after
