"""A provisioning job: a source, a target, the mappings between them, and what is remembered of earlier cycles."""

import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from entra.client import Wire
from entra.errors import ObjectError
from entra.escrow import failed_again
from entra.functions.values import Context, ExpressionError
from entra.log import Entry, Log, Run
from entra.mapping import Mappings, ObjectMapping
from entra.rules import Finding
from entra.source import Directory, Group, Kind, User
from entra.state import Link, State

REFERENCE = "/reference"  # distinguishes an object's references in escrow from the object itself


class Progress(Protocol):
    """Who watches a cycle."""

    def stage(self, name: str, total: int) -> None:
        """Begin a stage of so many steps."""

    def advance(self) -> None:
        """Note one step."""


class Unwatched:
    """Nobody watches."""

    def stage(self, name: str, total: int) -> None:
        """Do nothing."""

    def advance(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a job works; Entra documents none of these numbers, see docs/entra-in-a-box.md for the choices.

    `width` objects are worked on at once. `members_per_patch` members go into one request; the batches of one group
    follow each other unless `parallel_members`. `double_check` asks again after every write. `reference_check` asks
    whether a manager is already set before setting it.
    """

    width: int = 8
    members_per_patch: int = 20
    parallel_members: bool = False
    double_check: bool = False
    reference_check: bool = False
    allow_deletes: bool = False
    retry_escrows: bool = False


@dataclass(slots=True)
class Tally:
    """What a cycle did: how many objects by kind, action and status; which rules were broken, how often, with what.

    `reasons` has, for every error code, the first sentence that came with it.
    """

    objects: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Finding] = field(default_factory=dict)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Count an entry of the log."""
        self.objects[entry.kind, entry.action, entry.status] += 1
        if entry.code:
            self.errors[entry.status, entry.code] += 1
            self.reasons.setdefault(entry.code, entry.reason)
        self.judge(entry.findings)

    def judge(self, findings: list[Finding]) -> None:
        """Count broken rules."""
        for finding in findings:
            self.broken[finding.rule] += 1
            self.examples.setdefault(finding.rule, finding)

    def count(self, status: str) -> int:
        """Return how many objects ended with a status."""
        return sum(count for (_, _, ended), count in self.objects.items() if ended == status)


@dataclass(slots=True)
class Job:
    """Everything that a cycle needs."""

    directory: Directory
    mappings: Mappings
    wire: Wire
    state: State
    log: Log = field(default_factory=Log)
    options: Options = field(default_factory=Options)
    context: Context = field(default_factory=Context)
    progress: Progress = field(default_factory=Unwatched)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    tally: Tally = field(default_factory=Tally)
    run: Run = field(default_factory=lambda: Run("", "", "", ""))

    def __post_init__(self) -> None:
        if self.wire.dialect.external_id_matching == "on":
            self.mappings = _also_by_external_id(self.mappings)

    def begin(self) -> None:
        """Start counting anew, under a new cycle id."""
        self.tally = Tally()
        job_id = f"scim.{self.directory.tenant_id.replace('-', '')}"
        self.run = Run(self.directory.tenant_id, job_id, str(uuid.uuid4()), self.mappings.name)

    def mapping(self, kind: Kind) -> ObjectMapping:
        """Return how objects of a kind are provisioned."""
        return self.mappings.users if kind == "User" else self.mappings.groups

    def linked(self, source: str) -> Link | None:
        """Return the link of an object that is managed and known to exist in the target."""
        link = self.state.links.get(source)
        return link if link is not None and link.managed and link.target else None

    async def attempt(self, entry: Entry, version: int, work: Callable[[Entry], Awaitable[None]]) -> None:
        """Work on one object, log what came of it, and escrow the object if it failed. Raise JobError."""
        began, key = time.perf_counter(), entry.source
        if entry.kind.endswith(REFERENCE):
            entry.kind, key = entry.kind.removesuffix(REFERENCE), key + REFERENCE
        try:
            await work(entry)
            self.state.release(key)
        except (ObjectError, ExpressionError) as problem:
            self._failed(entry, key, version, problem)
        entry.seconds = time.perf_counter() - began
        self.record(entry)
        self.progress.advance()

    def record(self, entry: Entry) -> None:
        """Log and count an entry."""
        self.tally.add(entry)
        self.log.write(entry, self.run, self.clock())

    def _failed(self, entry: Entry, key: str, version: int, problem: ObjectError | ExpressionError) -> None:
        code = problem.code if isinstance(problem, ObjectError) else "InvalidExpression"
        if isinstance(problem, ObjectError):
            entry.findings += problem.findings
        if isinstance(problem, ObjectError) and problem.skipped:
            entry.fail("Skipped", code, problem.message)
            self.state.release(key)
            return
        entry.fail("Failure", code, str(problem))
        earlier, reference = self.state.escrows.get(key), key.endswith(REFERENCE)
        self.state.escrow(failed_again(earlier, key, version, code, str(problem), self.clock(), reference=reference))

    def due(self, key: str, version: int) -> bool:
        """Whether an object may be tried: it never failed, or its time has come."""
        entry = self.state.escrows.get(key)
        return entry is None or self.options.retry_escrows or entry.due(self.clock(), version)


def kind_of(source: User | Group) -> Kind:
    """Return what an object is."""
    return "User" if isinstance(source, User) else "Group"


def _also_by_external_id(mappings: Mappings) -> Mappings:
    def extended(mapping: ObjectMapping) -> ObjectMapping:
        last = max(each.matching for each in mapping.attributes)
        rows = tuple(
            each.model_copy(update={"matching": last + 1})
            if each.target == "externalId" and not each.matching
            else each
            for each in mapping.attributes
        )
        return ObjectMapping.model_validate(mapping.model_dump() | {"attributes": [row.model_dump() for row in rows]})

    return mappings.model_copy(update={"users": extended(mappings.users), "groups": extended(mappings.groups)})
