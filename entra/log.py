"""The provisioning log, in the shape of Microsoft Graph's `provisioningObjectSummary`, one JSON document a line."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

from entra.rules import Finding

Action: TypeAlias = Literal["Create", "Update", "Delete", "Disable", "StagedDelete", "Other"]
Status: TypeAlias = Literal["Success", "Failure", "Skipped", "Warning"]
Step: TypeAlias = Literal["Import", "Scope", "Match", "Export"]

_STEP_TYPES = {"Import": "import", "Scope": "scoping", "Match": "matching", "Export": "export"}


@dataclass(slots=True)
class Entry:
    """What happened to one object in one cycle; filled in while it happens."""

    kind: str
    source: str
    name: str
    action: Action = "Other"
    status: Status = "Success"
    target: str = ""
    code: str = ""
    reason: str = ""
    steps: list[tuple[Step, Status, str, dict[str, Any]]] = field(default_factory=list)
    modified: list[tuple[str, Any, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    def step(self, name: Step, status: Status, text: str, **details: Any) -> None:
        """Note one step, with what the portal shows under "View details"."""
        self.steps.append((name, status, text, details))

    def fail(self, status: Status, code: str, reason: str) -> None:
        """Note that it came to nothing, and why."""
        self.status, self.code, self.reason = status, code, reason


@dataclass(frozen=True, slots=True)
class Run:
    """What all entries of one cycle have in common."""

    tenant_id: str
    job_id: str
    cycle_id: str
    application: str
    initiator: str = "Azure AD Provisioning Service"


def summary(entry: Entry, run: Run, at: datetime) -> dict[str, Any]:
    """Return an entry as Graph shows it."""
    status: dict[str, Any] = {"status": entry.status.lower(), "errorInformation": None}
    if entry.code or entry.findings:
        status["errorInformation"] = _error(entry)
    return {
        "id": str(uuid.uuid4()),
        "activityDateTime": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "tenantId": run.tenant_id,
        "jobId": run.job_id,
        "cycleId": run.cycle_id,
        "changeId": str(uuid.uuid4()),
        "provisioningAction": entry.action[0].lower() + entry.action[1:],
        "durationInMilliseconds": round(entry.seconds * 1000),
        "servicePrincipal": {"id": run.job_id, "displayName": run.application},
        "sourceSystem": {"id": run.tenant_id, "displayName": "Microsoft Entra ID", "details": {}},
        "targetSystem": {"id": run.job_id, "displayName": run.application, "details": {}},
        "initiatedBy": {"id": "", "displayName": run.initiator, "initiatorType": "system"},
        "sourceIdentity": {
            "id": entry.source, "displayName": entry.name, "identityType": entry.kind, "details": {},
        },
        "targetIdentity": {"id": entry.target, "displayName": "", "identityType": entry.kind, "details": {}},
        "provisioningStatusInfo": status,
        "provisioningSteps": [_step(*step) for step in entry.steps],
        "modifiedProperties": [
            {"displayName": name, "oldValue": _shown(old), "newValue": _shown(new)} for name, old, new in entry.modified
        ],
    }  # fmt: skip


class Log:
    """Where entries go: a file of JSON Lines, or nowhere but the counts."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def write(self, entry: Entry, run: Run, at: datetime) -> None:
        """Append an entry."""
        if self.path is None:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab")
        self._file.write(json.dumps(summary(entry, run, at), ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Write what is buffered and close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries to show; an empty field selects all."""

    user: str = ""
    status: str = ""
    action: str = ""
    cycle: str = ""

    def covers(self, entry: dict[str, Any]) -> bool:
        """Whether an entry is selected; names and ids are compared without case, cycles by the start of their id."""
        source, target = entry["sourceIdentity"], entry["targetIdentity"]
        names = [str(text).casefold() for text in (source["id"], source["displayName"], target["id"])]
        return (
            (not self.user or self.user.casefold() in names)
            and self.status.lower() in ("", entry["provisioningStatusInfo"]["status"])
            and self.action.lower() in ("", entry["provisioningAction"].lower())
            and entry["cycleId"].startswith(self.cycle)
        )


def read_log(path: Path, selection: Selection) -> Iterator[dict[str, Any]]:
    """Return the selected entries of a log file in the order they were written. Raise OSError."""
    with path.open("rb") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # a line that is being written, or was cut off
            if selection.covers(entry):
                yield entry


def _error(entry: Entry) -> dict[str, Any]:
    first = entry.findings[0] if entry.findings else None
    return {
        "errorCode": entry.code or (first.code if first else ""),
        "reason": entry.reason or (str(first) if first else ""),
        "additionalDetails": "\n".join(str(finding) for finding in entry.findings) or None,
        "errorCategory": "nonServiceFailure" if entry.code else None,
        "recommendedAction": first.sentence if first else None,
    }


def _step(name: Step, status: Status, text: str, details: dict[str, Any]) -> dict[str, Any]:
    shown = {key: _shown(value) for key, value in details.items()}
    return {
        "name": f"Entry{name}", "provisioningStepType": _STEP_TYPES[name], "status": status.lower(),
        "description": text, "details": shown,
    }  # fmt: skip


def _shown(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
