"""The second pass: managers and members, once the objects that they refer to are there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from entra import bodies
from entra.errors import ObjectError
from entra.job import REFERENCE, Job
from entra.log import Entry
from entra.matching import query
from entra.parallel import batches, in_parallel
from entra.provisioning import send_patch
from entra.source import Group, User
from entra.state import UNCERTAIN

UNRESOLVED = "UnableToResolveReferenceAttributeValue"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """Members, by source id, that a group is to gain and to lose."""

    group: Group
    gained: tuple[str, ...]
    lost: tuple[str, ...]


async def update_references(job: Job, users: Iterable[User], groups: Iterable[Group]) -> None:
    """Write the managers and members of all objects in scope that the target does not have yet. Raise JobError."""
    if job.mappings.users.reference is not None:
        waiting = [user for user in users if _manager_differs(job, user)]
        job.progress.stage("Managers", len(waiting))
        await in_parallel(waiting, partial(_attempt_manager, job), job.options.width)
    if job.mappings.groups.enabled and job.mappings.groups.reference is not None:
        changes = [change for group in groups for change in _member_changes(job, group)]
        job.progress.stage("Members", len(changes))
        await in_parallel(changes, partial(_attempt_members, job), job.options.width)


def unresolved(job: Job, users: Iterable[User], since: int) -> Iterator[Entry]:
    """Return a warning for every changed user whose manager is not in the target."""
    for user in users if job.mappings.users.reference is not None else ():
        if user.manager and user.version > since and not job.linked(user.manager):
            entry = Entry("User", user.id, user.name)
            entry.fail("Warning", UNRESOLVED, f"We were unable to assign {user.manager} as the manager of {user.name}")
            yield entry


def wanted_members(job: Job, group: Group) -> set[str]:
    """Return the members that a group is to have for sure: users that are provisioned.

    Groups nested in it are not members, which is a limit of Entra's. Users that are not provisioned any more are
    neither added nor removed.
    """
    users = (job.directory.users.get(member) for member in group.members)
    return {user.id for user in users if user is not None and not user.soft_deleted and job.linked(user.id)}


def _manager_differs(job: Job, user: User) -> bool:
    link = job.linked(user.id)
    if link is None or not job.due(user.id + REFERENCE, user.version):
        return False
    if user.manager is None:
        return bool(link.manager)
    return link.manager != user.manager and job.linked(user.manager) is not None


async def _attempt_manager(job: Job, user: User) -> None:
    entry = Entry("User" + REFERENCE, user.id, user.name, action="Update")
    await job.attempt(entry, user.version, partial(_write_manager, job, user))


async def _write_manager(job: Job, user: User, entry: Entry) -> None:
    link, row = job.linked(user.id), job.mappings.users.reference
    boss = job.linked(user.manager) if user.manager else None
    if link is None or row is None:
        return
    entry.target = link.target
    if boss is not None and job.options.reference_check and await _is_manager(job, link.target, boss.target, entry):
        job.state.link(user.id, replace(link, manager=user.manager or ""))
        raise ObjectError("RedundantExport", "the manager is set already", skipped=True)
    job.state.link(user.id, replace(link, manager=UNCERTAIN))
    operation = bodies.manager(
        row.path,
        boss.target if boss else None,
        had_one=bool(link.manager),
        dialect=job.wire.dialect,
        location=f"{job.wire.base}{job.mappings.users.endpoint}/{boss.target if boss else ''}",
    )
    await send_patch(job, "User", link.target, [operation], entry, [])
    job.state.link(user.id, replace(link, manager=user.manager or ""))
    entry.modified.append((row.target, None, boss.target if boss else None))
    entry.step("Export", "Success", f"The manager of {entry.name} was updated")


async def _is_manager(job: Job, target: str, boss: str, entry: Entry) -> bool:
    return bool((await query(job, "User", f'id eq "{target}" and manager eq "{boss}"', entry)).resources)


def _member_changes(job: Job, group: Group) -> list[MemberChange]:
    if job.linked(group.id) is None or not job.due(group.id + REFERENCE, group.version):
        return []
    known = job.state.membership(group.id)
    gained = sorted(wanted_members(job, group) - known.sure)
    lost = sorted((known.sure | known.maybe) - set(group.members))
    size = job.options.members_per_patch
    adds = [MemberChange(group, tuple(batch), ()) for batch in batches(gained, size)]
    removes = [MemberChange(group, (), tuple(batch)) for batch in batches(lost, size)]
    if job.options.parallel_members:
        return adds + removes
    return [MemberChange(group, tuple(gained), tuple(lost))] if gained or lost else []


async def _attempt_members(job: Job, change: MemberChange) -> None:
    entry = Entry("Group" + REFERENCE, change.group.id, change.group.name, action="Update")
    await job.attempt(entry, change.group.version, partial(_write_members, job, change))


async def _write_members(job: Job, change: MemberChange, entry: Entry) -> None:
    link = job.linked(change.group.id)
    if link is None:
        return
    entry.target = link.target
    size, group, dialect = job.options.members_per_patch, change.group.id, job.wire.dialect
    for batch in batches(change.gained, size):
        await _send_members(job, link.target, entry, group, batch, partial(bodies.members_added, dialect=dialect))
        job.state.joined(group, batch)
    for batch in batches(change.lost, size):
        await _send_members(job, link.target, entry, group, batch, partial(bodies.members_removed, dialect=dialect))
        job.state.left(group, batch)
    entry.modified.append(("members", list(change.lost) or None, list(change.gained) or None))
    entry.step("Export", "Success", f"The members of {entry.name} were updated")


async def _send_members(
    job: Job,
    target: str,
    entry: Entry,
    group: str,
    members: Sequence[str],
    write: Callable[[Sequence[str]], list[dict[str, Any]]],
) -> None:
    # Of a member that was deleted there is no link any more; the target has dropped it with the user.
    ids = [link.target for member in members if (link := job.state.links.get(member)) is not None and link.target]
    job.state.intend(group, members)
    for operation in write(ids) if ids else ():
        await send_patch(job, "Group", target, [operation], entry, [])
