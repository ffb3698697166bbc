"""One cycle of the provisioning service: full if there is no watermark, else of what changed since.

In order: credentials and probe, users, groups, references, then those that go, then the watermark. A cycle that stops
half-way leaves the watermark where it was; the next one does it again, and links and journal spare it what was done.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from entra.client import Traffic
from entra.deletions import staged
from entra.errors import JobError
from entra.job import Job, Tally, kind_of
from entra.log import Entry
from entra.matching import test_connection
from entra.parallel import in_parallel
from entra.plan import Plan, Removal, make_plan, scope_of
from entra.provisioning import provision, remove
from entra.quarantine import Quarantine, Reason, again, begin, threshold_reached
from entra.references import unresolved, update_references
from entra.source import Group, User


@dataclass(slots=True)
class Outcome:
    """What a cycle came to."""

    initial: bool
    tally: Tally
    traffic: Traffic
    seconds: float = 0.0
    staged: int = 0
    escrowed: int = 0
    quarantine: Quarantine | None = None

    @property
    def healthy(self) -> bool:
        """Whether nothing failed and no rule was broken; that an answer was slow may be the machine's fault."""
        return self.quarantine is None and not self.tally.count("Failure") and not self.tally.broken.keys() - {"slow"}


async def run_cycle(job: Job) -> Outcome:
    """Run one cycle and return what it came to; whatever goes wrong is in the outcome, the log and the state."""
    job.begin()
    began = time.perf_counter()
    job.state.update_job(cycles=job.state.job.cycles + 1, last_execution=job.clock().isoformat())
    outcome = Outcome(job.state.job.watermark is None, job.tally, job.wire.traffic)
    try:
        job.progress.stage("Test connection", 1)
        await test_connection(job)
        outcome.staged = await _work(job)
        outcome.quarantine = _after(job, outcome.staged)
    except JobError as problem:
        outcome.quarantine = _quarantine(job, "EncounteredQuarantineException", problem.code, problem.message)
    finally:
        job.state.compact()
        job.log.close()
    outcome.escrowed = len(job.state.escrows)
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _work(job: Job) -> int:
    """Do everything and return how many removals were staged instead."""
    watermark, version, plan = job.state.job.watermark or 0, job.directory.version, make_plan(job)
    allowed = job.options.allow_deletes or job.state.job.deletes_allowed
    held_back = staged(plan.removed, job.mappings.deletion_threshold, allowed=allowed)
    if held_back:
        _stage(job, plan)
    await _provision(job, "Users", plan.users + ([] if held_back else plan.blocked))
    await _provision(job, "Groups", plan.groups)
    users, groups = _in_scope(job)
    await update_references(job, users, groups)
    for entry in unresolved(job, users, watermark):
        job.record(entry)
    if not held_back:
        job.progress.stage("Disable and delete", len(plan.removals))
        await in_parallel(plan.removals, partial(_attempt_removal, job), job.options.width)
        job.state.update_job(deletes_allowed=False)
    job.state.update_job(watermark=version)
    _prune(job)
    return len(plan.removed) if held_back else 0


async def _provision(job: Job, stage: str, sources: Sequence[User | Group]) -> None:
    async def attempt(source: User | Group) -> None:
        entry = Entry(kind_of(source), source.id, source.name)
        await job.attempt(entry, source.version, partial(provision, job, source))

    job.progress.stage(stage, len(sources))
    await in_parallel(sources, attempt, job.options.width)


async def _attempt_removal(job: Job, removal: Removal) -> None:
    entry = Entry(removal.kind, removal.source, removal.name)
    await job.attempt(entry, removal.version, partial(remove, job, removal))


def _in_scope(job: Job) -> tuple[list[User], list[Group]]:
    """Return the objects whose references are kept up to date."""
    everybody = job.mappings.scope == "all"
    entitled = set() if everybody else job.directory.entitled()
    users = [user for user in job.directory.users.values() if not user.soft_deleted and job.linked(user.id)]
    groups = [group for group in job.directory.groups.values() if job.linked(group.id)]
    return (
        [user for user in users if scope_of(job, user, entitled).covers],
        [group for group in groups if scope_of(job, group, entitled).covers],
    )


def _stage(job: Job, plan: Plan) -> None:
    names = [("User", user.id, user.name) for user in plan.blocked]
    names += [(removal.kind, removal.source, removal.name) for removal in plan.removals]
    for kind, source, name in names:
        entry = Entry(kind, source, name, action="StagedDelete")
        limit = job.mappings.deletion_threshold
        entry.fail("Skipped", "TooManyDeletes", f"held back: more than {limit} removals in this cycle")
        job.record(entry)


def _prune(job: Job) -> None:
    for entry in [entry for entry in job.state.escrows.values() if entry.pruned(job.clock())]:
        job.state.release(entry.source)


def _after(job: Job, held_back: int) -> Quarantine | None:
    """Quarantine a job whose cycle ended but must not go on like this, or end its quarantine."""
    if held_back:
        said = f"{held_back} objects would be disabled or deleted, {job.mappings.deletion_threshold} are allowed"
        return _quarantine(job, "TooManyDeletes", "TooManyDeletes", said)
    base = sum(not entry.reference for entry in job.state.escrows.values())
    succeeded = sum(link.managed for link in job.state.links.values())
    reason = threshold_reached(base, succeeded, len(job.state.escrows) - base)
    if reason:
        return _quarantine(job, reason, reason, f"{len(job.state.escrows)} objects are in escrow")
    job.state.update_job(quarantine=None)
    return None


def _quarantine(job: Job, reason: Reason, code: str, message: str) -> Quarantine:
    current = job.state.job.quarantine
    held = again(current, reason, code, message) if current else begin(reason, code, message, job.clock())
    job.state.update_job(quarantine=held, disabled=held.given_up)
    return held
