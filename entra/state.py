"""What the service remembers between cycles, in one file.

The file is a journal: one JSON record a line, the last one about a thing counting. Lines are written before the request
that they announce (a creation, a membership) and after the one that they confirm, so that a process killed at any point
finds out what it must ask the target about. At the end of a cycle the journal is replaced by one record per thing.
A last line that was cut off is no record.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from entra.escrow import Escrow
from entra.quarantine import Quarantine
from entra.source import Kind, write_whole

UNCERTAIN = "?"  # a manager that was being written when the process ended


@dataclass(frozen=True, slots=True)
class Link:
    """What ties a source object to a target object.

    `target` is "" while a creation is under way; `query` is then how to find what it made. An object that went out of
    scope is forgotten: not `managed`, kept only to know that it was disabled. `digest` stands for the values that were
    last written, `manager` is the source id of the manager that was (UNCERTAIN if it is not known whether).
    """

    kind: Kind
    target: str = ""
    query: str = ""
    managed: bool = True
    disabled: bool = False
    digest: str = ""
    manager: str = ""


@dataclass(slots=True)
class Membership:
    """The members of a group, by source id: those that the target has for sure, and those that it may have."""

    sure: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class JobState:
    """The job as a whole. `watermark` is the source version that is provisioned, None before the first full cycle."""

    watermark: int | None = None
    cycles: int = 0
    quarantine: Quarantine | None = None
    disabled: bool = False
    deletes_allowed: bool = False
    last_execution: str = ""


class State:
    """The state of one job. Without a path it lives in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.job = JobState()
        self.links: dict[str, Link] = {}
        self.memberships: dict[str, Membership] = {}
        self.escrows: dict[str, Escrow] = {}
        self.anchors: dict[str, str] = {}  # target id -> source id
        self._journal: BinaryIO | None = None
        if path is not None and path.exists():
            for record in _records(path):
                self._apply(record)

    def update_job(self, **changes: Any) -> None:
        """Change fields of the job's state."""
        self._write({"t": "job", **_job_record(replace(self.job, **changes))})

    def link(self, source: str, link: Link) -> None:
        """Set the link of a source object."""
        self._write({"t": "link", "id": source, **asdict(link)})

    def unlink(self, source: str) -> None:
        """Remove the link of a source object, and what is known of its members."""
        self._write({"t": "unlink", "id": source})

    def intend(self, group: str, members: Iterable[str]) -> None:
        """Announce that memberships are about to change."""
        self._write({"t": "intend", "id": group, "members": list(members)})

    def joined(self, group: str, members: Iterable[str]) -> None:
        """Confirm that the target group has these members."""
        self._write({"t": "joined", "id": group, "members": list(members)})

    def left(self, group: str, members: Iterable[str]) -> None:
        """Confirm that the target group does not have these members."""
        self._write({"t": "left", "id": group, "members": list(members)})

    def escrow(self, entry: Escrow) -> None:
        """Keep a failed object aside."""
        self._write({"t": "escrow", **asdict(entry), "began": entry.began.isoformat()})

    def release(self, source: str) -> None:
        """Take an object out of escrow."""
        if source in self.escrows:
            self._write({"t": "release", "id": source})

    def restart(self, *, keep_links: bool = True) -> None:
        """Begin anew, as "Restart provisioning" does: no watermark, escrows or quarantine.

        Memberships are written again, as far as it is not sure that the target still has them; the links stay unless
        `keep_links` is false, which stands for the reset scope "Full".
        """
        self.job = JobState(cycles=self.job.cycles, last_execution=self.job.last_execution)
        self.escrows.clear()
        if not keep_links:
            self.links.clear()
            self.memberships.clear()
            self.anchors.clear()
        for membership in self.memberships.values():
            membership.maybe |= membership.sure
            membership.sure.clear()
        self.compact()

    def membership(self, group: str) -> Membership:
        """Return what is known of a group's members."""
        return self.memberships.get(group) or Membership()

    def compact(self) -> None:
        """Replace the journal by its outcome, durably and in one step."""
        if self.path is not None:
            self.close()
            write_whole(self.path, b"".join(_line(record) for record in self._snapshot()))

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _snapshot(self) -> Iterator[dict[str, Any]]:
        yield {"t": "job", **_job_record(self.job)}
        for source, link in self.links.items():
            yield {"t": "link", "id": source, **asdict(link)}
        for group, membership in self.memberships.items():
            yield {"t": "joined", "id": group, "members": sorted(membership.sure)}
            if membership.maybe:
                yield {"t": "intend", "id": group, "members": sorted(membership.maybe)}
        for entry in self.escrows.values():
            yield {"t": "escrow", **asdict(entry), "began": entry.began.isoformat()}

    def _write(self, record: dict[str, Any]) -> None:
        self._apply(record)
        if self.path is not None:
            if self._journal is None:
                self._journal = _opened(self.path)
            # Unbuffered: what was written outlives the process, if not the machine.
            self._journal.write(_line(record))

    def _apply(self, record: dict[str, Any]) -> None:
        match record:
            case {"t": "job", **fields}:
                self.job = _job(fields)
            case {"t": "link", "id": source, **fields}:
                self._set_link(source, Link(**fields))
            case {"t": "unlink", "id": source}:
                self._set_link(source, None)
                self.memberships.pop(source, None)
            case {"t": "escrow", **fields}:
                entry = Escrow(**{**fields, "began": datetime.fromisoformat(fields["began"])})
                self.escrows[entry.source] = entry
            case {"t": "release", "id": source}:
                self.escrows.pop(source, None)
            case {"t": step, "id": group, "members": members}:
                self._set_members(self.memberships.setdefault(group, Membership()), step, members)

    def _set_link(self, source: str, link: Link | None) -> None:
        earlier = self.links.pop(source, None)
        if earlier is not None and self.anchors.get(earlier.target) == source:
            del self.anchors[earlier.target]
        if link is not None:
            self.links[source] = link
            if link.target:
                self.anchors[link.target] = source

    @staticmethod
    def _set_members(membership: Membership, step: str, members: list[str]) -> None:
        match step:
            case "intend":
                membership.maybe.update(members)
            case "joined":
                membership.sure.update(members)
                membership.maybe.difference_update(members)
            case "left":
                membership.sure.difference_update(members)
                membership.maybe.difference_update(members)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().split(b"\n"):
        if line:
            try:
                yield json.loads(line)
            except ValueError:
                continue  # cut off when the process was killed: what it announced had not happened yet


def _opened(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = path.open("ab", buffering=0)
    if journal.tell():
        journal.write(b"\n")  # ends a line that was cut off; an empty one is skipped
    return journal


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _job_record(job: JobState) -> dict[str, Any]:
    record = asdict(job)
    if job.quarantine is not None:
        began, following = job.quarantine.began.isoformat(), job.quarantine.next_attempt.isoformat()
        record["quarantine"] |= {"began": began, "next_attempt": following}
    return record


def _job(record: dict[str, Any]) -> JobState:
    held = record.get("quarantine")
    if held:
        times = {name: datetime.fromisoformat(held[name]) for name in ("began", "next_attempt")}
        record = {**record, "quarantine": Quarantine(**{**held, **times})}
    return JobState(**record)
