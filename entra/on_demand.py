"""Provision one user, or one group with up to five of its members, now; and say what each step found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from entra.errors import JobError
from entra.job import Job, kind_of
from entra.log import Entry, Status
from entra.matching import test_connection
from entra.plan import Removal, Scope, scope_of
from entra.provisioning import provision, remove
from entra.references import update_references
from entra.source import Group, User, imported

MOST_MEMBERS = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """One step of the portal: its name, how it ended, a sentence, and the details behind "View details"."""

    name: str
    status: Status
    text: str
    details: dict[str, Any] = field(default_factory=dict)


async def provision_on_demand(job: Job, source: User | Group, members: Sequence[User] = ()) -> list[Shown]:
    """Run the steps for one object and return them. A group gains those of `members` that it has in the source.

    Raise ValueError for more than five members, members of a user, or a user in the recycle bin.
    """
    _check(source, members)
    job.begin()
    try:
        try:
            await test_connection(job)
        except JobError as problem:
            # "This step is shown only when it fails."
            return [Shown("Test connection", "Failure", problem.message, {"error code": problem.code})]
        return await _steps(job, source, members)
    except JobError as problem:
        return [Shown("Perform action", "Failure", problem.message, {"error code": problem.code})]
    finally:
        job.state.compact()
        job.log.close()


def _check(source: User | Group, members: Sequence[User]) -> None:
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"a group is provisioned on demand with up to {MOST_MEMBERS} members, not {len(members)}")
    if isinstance(source, User) and members:
        raise ValueError("only groups have members")
    if isinstance(source, User) and source.soft_deleted:
        raise ValueError(f"{source.name} is deleted: the portal does not offer deleted users")
    strangers = [member.name for member in members if isinstance(source, Group) and member.id not in source.members]
    if strangers:
        raise ValueError(f"{', '.join(strangers)} is not a member of {source.name}")


async def _steps(job: Job, source: User | Group, members: Sequence[User]) -> list[Shown]:
    kind = kind_of(source)
    scope = scope_of(job, source, set() if job.mappings.scope == "all" else job.directory.entitled())
    steps = [
        Shown(f"Import {kind.lower()}", "Success", f"Read {source.name} from the directory", imported(source)),
        _scoped(job, kind.lower(), source, scope),
    ]
    entry = Entry(kind, source.id, source.name)
    if scope.covers:
        await job.attempt(entry, source.version, partial(provision, job, source))
        await _references(job, source, members)
    elif isinstance(source, User) and job.linked(source.id) is not None:
        removal = Removal("User", source.id, source.name, source.version, not job.mappings.users.disables, forget=True)
        await job.attempt(entry, source.version, partial(remove, job, removal))
    else:
        entry.fail("Skipped", "NotEffectivelyEntitled", "the object is not in scope and is not in the target")
    return steps + _matched(kind.lower(), entry) + [_acted(entry)] + _outcome_of_references(job)


async def _references(job: Job, source: User | Group, members: Sequence[User]) -> None:
    if isinstance(source, User):
        await update_references(job, [source], [])
        return
    chosen = {member.id for member in members}
    # The rest of the members is left as it is: what is known of them stands for what is wanted.
    known = job.state.membership(source.id).sure
    shown = source.model_copy(update={"members": [m for m in source.members if m in chosen or m in known]})
    if chosen:
        await update_references(job, [], [shown])


def _scoped(job: Job, kind: str, source: User | Group, scope: Scope) -> Shown:
    mapping = job.mappings.users if isinstance(source, User) else job.mappings.groups
    details: dict[str, Any] = {
        "Active in source system": scope.active,
        "Assigned to application": scope.assigned,
        "Scope sync all": job.mappings.scope == "all",
    }
    details |= {f"Scoping filter {each.title}": str(each) for each in mapping.scoping_filters}
    text = f"{source.name} is in scope" if scope.covers else f"{source.name} is not in scope"
    return Shown(f"Determine if {kind} is in scope", "Success" if scope.covers else "Skipped", text, details)


def _matched(kind: str, entry: Entry) -> list[Shown]:
    name = f"Match {kind} between source and target"
    found = [Shown(name, status, text, details) for step, status, text, details in entry.steps if step == "Match"]
    if not found and entry.target:
        found = [Shown(name, "Success", f"Matched by the id that is known from earlier: {entry.target}")]
    return found


def _acted(entry: Entry) -> Shown:
    details: dict[str, Any] = {name: {"old": old, "new": new} for name, old, new in entry.modified}
    details |= {f"finding {finding.rule}": str(finding) for finding in entry.findings}
    if entry.code:
        details["error code"] = entry.code
    text = entry.reason or f"{entry.action} {entry.kind} {entry.name}: {entry.target}"
    return Shown("Perform action", entry.status, text, details)


def _outcome_of_references(job: Job) -> list[Shown]:
    failed = [entry for entry in job.state.escrows.values() if entry.reference]
    return [Shown("Perform action", "Failure", entry.message, {"error code": entry.code}) for entry in failed]
