"""What a cycle has to do: decided for every object before the first one is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entra.job import Job
from entra.scoping import in_scope
from entra.source import Group, Kind, User, imported
from entra.state import Link


@dataclass(frozen=True, slots=True)
class Scope:
    """Why an object is or is not provisioned, as the portal shows it."""

    active: bool
    assigned: bool
    filters: bool

    @property
    def covers(self) -> bool:
        """Whether the object is in scope; a blocked account in scope is provisioned as a disabled one."""
        return self.assigned and self.filters


@dataclass(frozen=True, slots=True)
class Removal:
    """A target object to be disabled or deleted. `forget` if it is not managed afterwards."""

    kind: Kind
    source: str
    name: str
    version: int
    delete: bool
    forget: bool = False
    user: User | None = None


@dataclass(slots=True)
class Plan:
    """The work of one cycle. `blocked` are users in scope that are to be disabled by an update."""

    initial: bool
    users: list[User] = field(default_factory=list)
    blocked: list[User] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)

    @property
    def removed(self) -> set[str]:
        """The objects that would be disabled or deleted."""
        return {user.id for user in self.blocked} | {removal.source for removal in self.removals}


def scope_of(job: Job, source: User | Group, entitled: set[str]) -> Scope:
    """Return whether an object is in scope and why. `entitled` are the users that are assigned."""
    everybody = job.mappings.scope == "all"
    if isinstance(source, User):
        filters, attributes = job.mappings.users.scoping_filters, _seen(source, job.mappings.users.scoping_filters)
        assigned = everybody or source.id in entitled
        return Scope(source.enabled and not source.soft_deleted, assigned, in_scope(filters, attributes))
    filters = job.mappings.groups.scoping_filters
    secure = bool(source.attributes.get("securityEnabled", True))
    return Scope(True, everybody or (source.assigned and secure), in_scope(filters, _seen(source, filters)))


def make_plan(job: Job) -> Plan:
    """Decide about every object of the directory."""
    plan = Plan(initial=job.state.job.watermark is None)
    entitled = set() if job.mappings.scope == "all" else job.directory.entitled()
    for user in job.directory.users.values():
        _plan_user(job, plan, user, scope_of(job, user, entitled))
    if job.mappings.groups.enabled:
        for group in job.directory.groups.values():
            _plan_group(job, plan, group, scope_of(job, group, entitled))
    for source, gone in job.directory.purged.items():
        link = job.state.links.get(source)
        # An object that was unassigned before is not managed: its deletion is not passed on.
        if link is not None and link.managed and "Delete" in job.mapping(gone.kind).actions:
            plan.removals.append(Removal(gone.kind, source, gone.name, gone.version, delete=True))
    plan.removals = [each for each in plan.removals if job.due(each.source, each.version)]
    return plan


def _plan_user(job: Job, plan: Plan, user: User, scope: Scope) -> None:
    link = job.state.links.get(user.id)
    if user.soft_deleted:
        if link is not None and link.managed and not link.disabled:
            plan.removals.append(_removal(job, user, forget=False))
    elif not scope.covers:
        if link is not None and link.managed and not job.mappings.skip_out_of_scope_deletions:
            plan.removals.append(_removal(job, user, forget=True))
    elif not user.enabled:
        # "Provisioning a user that is disabled in Entra ID isn't supported": only one that is there is disabled.
        if link is not None and link.managed and _due(job, plan, user, link, settled=link.disabled):
            (plan.users if link.disabled else plan.blocked).append(user)
    elif _due(job, plan, user, link, settled=link is not None and not link.disabled):
        plan.users.append(user)


def _plan_group(job: Job, plan: Plan, group: Group, scope: Scope) -> None:
    link = job.state.links.get(group.id)
    if not scope.covers:
        if link is not None and not job.mappings.skip_out_of_scope_deletions:
            plan.removals.append(Removal("Group", group.id, group.name, group.version, delete=True))
    elif _due(job, plan, group, link, settled=True):
        plan.groups.append(group)


def _due(job: Job, plan: Plan, source: User | Group, link: Link | None, *, settled: bool) -> bool:
    """Whether an object is looked at: in a full cycle, when it changed, or when the target is known to be behind."""
    known = link is not None and link.managed and bool(link.target)
    changed = source.version > (job.state.job.watermark or 0)
    behind = not known or not settled or source.id in job.state.escrows
    return (plan.initial or changed or behind) and job.due(source.id, source.version)


def _removal(job: Job, user: User, *, forget: bool) -> Removal:
    delete = not job.mappings.users.disables
    return Removal("User", user.id, user.name, user.version, delete=delete, forget=forget, user=user)


def _seen(source: User | Group, filters: tuple[Any, ...]) -> Mapping[str, Any]:
    return imported(source) if filters else {}
