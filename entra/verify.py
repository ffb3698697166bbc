"""Read the target back and compare it with what source, scope and mappings say it should be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from entra.assertions import failure, of_query
from entra.compare import differences
from entra.errors import JobError, ObjectError
from entra.exchange import Exchange
from entra.functions.values import as_text
from entra.job import Job
from entra.matching import Resource, matching_value
from entra.parallel import in_parallel
from entra.paths import read
from entra.plan import scope_of
from entra.source import Group, Kind, User, imported

PAGE = 100


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing in the target that is not as it should be."""

    kind: Kind
    name: str
    what: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.what} should be {self.expected!r}, is {self.found!r}"


@dataclass(slots=True)
class Verification:
    """What was compared. `unmanaged` objects of the target correspond to nothing that is or was provisioned."""

    users: int = 0
    groups: int = 0
    memberships: int = 0
    deviations: list[Deviation] = field(default_factory=list)
    unmanaged: list[Deviation] = field(default_factory=list)


@dataclass(slots=True)
class _Target:
    """All objects of one kind in the target, by id and by the value of the first matching attribute."""

    by_id: dict[str, Resource]
    by_value: dict[str, list[Resource]]


async def verify(job: Job, *, exclusive: bool = False) -> Verification:
    """Compare everything. `exclusive`: the target holds nothing but what was provisioned, the rest deviates.

    Raise JobError if the target cannot be read.
    """
    result = Verification()
    users = await _read_all(job, "User")
    groups = await _read_all(job, "Group") if job.mappings.groups.enabled else _Target({}, {})
    job.progress.stage("Compare users", len(users.by_id))
    seen = {resource["id"] for resource in _check_users(job, users, result)}
    job.progress.stage("Compare groups", len(groups.by_id))
    seen |= await _check_groups(job, groups, result)
    for kind, target in (("User", users), ("Group", groups)):
        result.unmanaged += _unmanaged(kind, target, seen)
    if exclusive:
        result.deviations += result.unmanaged
    return result


async def _read_all(job: Job, kind: Kind) -> _Target:
    """Read every object of a kind, page by page, groups without their members."""
    parameters = {"excludedAttributes": "members"} if kind == "Group" else {}
    found: dict[str, Resource] = {}
    start, total = 1, 1
    job.progress.stage(f"Read {kind.lower()}s", 1)
    while start <= total:
        page = {"startIndex": str(start), "count": str(PAGE)}
        exchange = await job.wire.get(job.mapping(kind).endpoint, **parameters, **page)
        total = _judged(exchange, kind)
        if not exchange.resources and start <= total:
            raise JobError("InternalError", f"{exchange.url}: {total} results, but none on this page", exchange)
        found |= {str(resource["id"]): resource for resource in exchange.resources}
        start += len(exchange.resources) or 1
    path, by_value = job.mapping(kind).matching[0].path, defaultdict(list)
    for resource in found.values():
        by_value[as_text(read(resource, path)).casefold()].append(resource)
    return _Target(found, by_value)


def _judged(exchange: Exchange, kind: Kind) -> int:
    try:
        of_query(exchange, without_members=kind == "Group")
    except ObjectError as problem:
        raise JobError(problem.code, problem.message, exchange) from None
    return int(exchange.body["totalResults"])


def _check_users(job: Job, target: _Target, result: Verification) -> Iterator[Resource]:
    """Compare every user, and yield the resources that correspond to one."""
    entitled = set() if job.mappings.scope == "all" else job.directory.entitled()
    for user in job.directory.users.values():
        link, scope = job.state.links.get(user.id), scope_of(job, user, entitled)
        provisioned = scope.covers and not user.soft_deleted and (user.enabled or job.linked(user.id) is not None)
        resource = _counterpart(job, "User", user, target, result, wanted=provisioned and user.enabled)
        if resource is None:
            continue
        yield resource
        if provisioned:
            result.users += 1
            result.deviations += _values(job, user, resource)
            result.deviations += _manager(job, user, resource)
        elif link is not None and not (user.soft_deleted and not link.managed):
            result.deviations += _inactive(job, user, resource, forgotten=not link.managed)
    for source, link in job.state.links.items():
        # Purged from the source after it was unassigned: disabled, and left alone ever since.
        if link.kind == "User" and source not in job.directory.users and link.target in target.by_id:
            yield target.by_id[link.target]


def _counterpart(
    job: Job, kind: Kind, source: User | Group, target: _Target, result: Verification, *, wanted: bool
) -> Resource | None:
    """Find an object in the target by link and by matching value, which must agree."""
    link = job.state.links.get(source.id)
    linked = target.by_id.get(link.target) if link is not None else None
    by, attributes = job.mapping(kind).matching[0], imported(source)
    value = matching_value(job, by, attributes)
    matched = target.by_value.get(value.casefold(), []) if value else []
    if len(matched) > 1:
        result.deviations.append(Deviation(kind, source.name, "objects with its name", 1, len(matched)))
    if wanted and linked is None and link is not None and link.managed and link.target:
        result.deviations.append(Deviation(kind, source.name, "object that it is linked to", link.target, None))
    found = linked or (matched[0] if matched else None)
    if wanted and found is None and value:
        result.deviations.append(Deviation(kind, source.name, "object in the target", "there", "missing"))
    return found


def _values(job: Job, source: User | Group, resource: Resource) -> Iterator[Deviation]:
    kind: Kind = "User" if isinstance(source, User) else "Group"
    blocked = isinstance(source, User) and not source.enabled
    attributes = imported(source, soft_deleted=blocked)
    for each in differences(resource, job.mapping(kind).values(attributes, job.context)):
        if "RandomString" in each.new.mapping.source or "Guid" in each.new.mapping.source:
            continue  # another value every time: what was written cannot be known
        yield Deviation(kind, source.name, each.new.path.text, each.new.shown, _plain(each.old))
    if "active" in resource and not isinstance(resource["active"], bool):
        yield Deviation(kind, source.name, "active", "a boolean", resource["active"])


def _manager(job: Job, user: User, resource: Resource) -> Iterator[Deviation]:
    row = job.mappings.users.reference
    if row is None:
        return
    held = read(resource, row.path)
    held = held.get("value") if isinstance(held, dict) else held
    boss = job.linked(user.manager) if user.manager else None
    if user.manager is None or boss is not None:
        expected = boss.target if boss else None
        if (held or None) != expected:
            yield Deviation("User", user.name, row.target, expected, held)


def _inactive(job: Job, user: User, resource: Resource, *, forgotten: bool) -> Iterator[Deviation]:
    if not job.mappings.users.disables or (forgotten and job.mappings.skip_out_of_scope_deletions):
        return
    if job.mappings.skip_out_of_scope_deletions and not user.soft_deleted:
        return
    if resource.get("active") is not False:
        yield Deviation("User", user.name, "active", False, resource.get("active"))


async def _check_groups(job: Job, target: _Target, result: Verification) -> set[str]:
    seen: set[str] = set()
    work: list[tuple[Group, Resource]] = []
    for group in job.directory.groups.values():
        wanted = scope_of(job, group, set()).covers and job.mappings.groups.enabled
        resource = _counterpart(job, "Group", group, target, result, wanted=wanted)
        if resource is None:
            continue
        seen.add(resource["id"])
        if wanted:
            work.append((group, resource))
        elif group.id in job.state.links and not job.mappings.skip_out_of_scope_deletions:
            result.deviations.append(Deviation("Group", group.name, "object in the target", "deleted", "there"))
    await in_parallel(work, partial(_check_group, job, result), job.options.width)
    return seen


async def _check_group(job: Job, result: Verification, pair: tuple[Group, Resource]) -> None:
    group, resource = pair
    result.groups += 1
    result.deviations += _values(job, group, resource)
    if job.mappings.groups.reference is not None:
        exchange = await job.wire.get(f"{job.mappings.groups.endpoint}/{resource['id']}")
        if not exchange.succeeded or not isinstance(exchange.body, dict):
            raise JobError("InternalError", failure(exchange).message, exchange)
        held = [str(member.get("value")) for member in exchange.body.get("members") or ()]
        result.memberships += len(held)
        result.deviations += _members(job, group, held)
    job.progress.advance()


def _members(job: Job, group: Group, held: list[str]) -> Iterator[Deviation]:
    links = job.state.links
    wanted: set[str] = set()
    allowed: set[str] = set()
    for member in group.members:
        link, user = links.get(member), job.directory.users.get(member)
        if link is not None and user is not None and link.target:
            # Who is not provisioned any more, or is in the bin, may stay a member or never have become one.
            (wanted if link.managed and not user.soft_deleted else allowed).add(link.target)
    for gone in sorted(wanted - set(held)):
        yield Deviation("Group", group.name, "members", f"with {_name(job, gone)}", "without")
    for extra in sorted(set(held) - wanted - allowed):
        yield Deviation("Group", group.name, "members", f"without {_name(job, extra)}", "with")
    if len(held) != len(set(held)):
        yield Deviation("Group", group.name, "members", "each once", f"{len(held) - len(set(held))} twice")


def _unmanaged(kind: Any, target: _Target, seen: set[str]) -> Iterable[Deviation]:
    for identifier, resource in target.by_id.items():
        if identifier not in seen:
            name = as_text(resource.get("userName") or resource.get("displayName"))
            yield Deviation(kind, name, "object in the target", "nothing in the source", identifier)


def _name(job: Job, target: str) -> str:
    user = job.directory.users.get(job.state.anchors.get(target, ""))
    return user.name if user is not None else target


def _plain(value: Any) -> Any:
    return [each.get("value") for each in value if isinstance(each, dict)] if isinstance(value, list) else value
