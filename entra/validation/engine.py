"""The gallery's tests 1 to 14, in which the provisioning service itself writes: here the local one."""

from dataclasses import dataclass, field
from typing import Any

from entra.compare import differences
from entra.cycle import run_cycle
from entra.errors import JobError, ObjectError
from entra.exchange import OK, Exchange
from entra.functions.values import Context
from entra.job import Job, kind_of
from entra.log import Entry
from entra.mapping import ObjectMapping
from entra.matching import fetch, match
from entra.on_demand import provision_on_demand
from entra.paths import read
from entra.source import Directory, Group, User, imported
from entra.state import State
from entra.validation.attempt import Attempt, Resource
from entra.validation.comparison import check_members
from entra.validation.surface import GROUP
from entra.validation.verdict import Failed, Skipped

_DOMAIN = "example.com"
_RANDOM = ("RandomString", "Guid", "Now")  # functions whose value cannot be told afterwards


@dataclass(slots=True)
class Rehearsal:
    """A directory of a few objects, and a job that provisions it."""

    attempt: Attempt
    directory: Directory = field(init=False)
    job: Job = field(init=False)

    def __post_init__(self) -> None:
        candidate, words = self.attempt.candidate, self.attempt.words
        settings = {"scope": "assigned", "deletion_threshold": None, "skip_out_of_scope_deletions": False}
        mappings = candidate.mappings.model_copy(
            update=settings | {"users": _unfiltered(candidate.mappings.users)}
            | {"groups": _unfiltered(candidate.mappings.groups)}
        )  # fmt: skip
        self.directory = Directory(tenant_id=words.guid(), domain=_DOMAIN)
        self.job = Job(self.directory, mappings, candidate.wire, State(), context=Context(domain=_DOMAIN))

    def user(self, prefix: str) -> User:
        """Add a user who is assigned and has a value for everything that is mapped."""
        words = self.attempt.words
        name = f"{prefix}{words.hex()}"
        user = User(id=words.guid(), attributes=self._attributes(self.job.mappings.users), assigned=True, version=1)
        user.attributes |= {
            "userPrincipalName": f"{name}@{_DOMAIN}",
            "mail": f"{name}@{_DOMAIN}",
            "mailNickname": name,
            "accountEnabled": True,
        }
        self.directory.users[user.id] = user
        return user

    def group(self, prefix: str, *members: User) -> Group:
        """Add a group that is assigned; its name has parentheses, as the names of the gallery's tests have."""
        words = self.attempt.words
        group = Group(
            id=words.guid(),
            attributes=self._attributes(self.job.mappings.groups),
            assigned=True,
            members=[each.id for each in members],
            version=1,
        )
        group.attributes["displayName"] = f"{prefix}-({words.hex()})"
        self.directory.groups[group.id] = group
        return group

    def touch(self, source: User | Group) -> None:
        """Let the next cycle see that the object changed."""
        self.directory.version += 1
        source.version = self.directory.version

    def change_everything(self, source: User | Group) -> None:
        """Give the object a new value for every attribute that it is not matched by."""
        mapping = self.job.mapping(kind_of(source))
        matched = {name.lower() for row in mapping.matching for name in row.sources}
        changed = {name: value for name, value in self._attributes(mapping).items() if name.lower() not in matched}
        if "mail" in source.attributes and "mail" not in matched:
            changed["mail"] = self.attempt.words.email()
        source.attributes |= changed
        self.touch(source)

    async def cycle(self, *expected: tuple[str, str]) -> None:
        """Run a cycle. Raise Failed if anything failed in it, or an expected (kind, action) is not in the log."""
        outcome = await run_cycle(self.job)
        self.attempt.notes += map(str, outcome.tally.examples.values())
        at = self.attempt.candidate.wire.last_error
        if outcome.quarantine is not None:
            raise Failed("a cycle that goes through", f"{outcome.quarantine.code}: {outcome.quarantine.message}", at)
        for escrow in self.job.state.escrows.values():
            raise Failed("every object provisioned", f"{escrow.code}: {escrow.message}", at)
        done = {(kind, action) for (kind, action, status), _ in outcome.tally.objects.items() if status == "Success"}
        for kind, action in expected:
            if (kind, action) not in done:
                found = ", ".join(f"{action} {kind}" for kind, action in sorted(done)) or "nothing done"
                raise Failed(f"{action} {kind} in the log", found, at)

    async def find(self, source: User | Group) -> tuple[Resource, Exchange]:
        """Find the object in the target by what it is matched by. Raise Failed if it is not there."""
        found = await self._match(source)
        if found is None:
            raise Failed(f"{source.name} in the target", "nothing", self._last())
        return found, self._last()

    async def check_gone(self, source: User | Group, id: str) -> None:
        """Check that a target object is neither found by its id nor by what it was matched by. Raise Failed."""
        kind, entry = kind_of(source), Entry(kind_of(source), source.id, source.name)
        held = await fetch(self.job, kind, id, entry) is not None
        if held or await self._match(source) is not None:
            raise Failed(f"{source.name} gone from the target", "it is still found", self._last())

    async def check_values(self, source: User | Group) -> Resource:
        """Check that the object has all mapped values in the target, and return it. Raise Failed."""
        resource, exchange = await self.find(source)
        mapping = self.job.mapping(kind_of(source))
        wanted = mapping.values(imported(source), self.job.context)
        different = [
            f"{each.new.path.text} is {each.old!r}, not {each.new.shown!r}"
            for each in differences(resource, wanted)
            if not any(name in each.new.mapping.source for name in _RANDOM)
        ]
        if different:
            raise Failed("every mapped value", "; ".join(different), exchange)
        return resource

    async def check_active(self, user: User, *, active: bool) -> None:
        """Check that a user is there and enabled, or disabled. Raise Failed."""
        resource, exchange = await self.find(user)
        if resource.get("active") is not active:
            raise Failed(f"active {str(active).lower()}", repr(resource.get("active")), exchange)

    async def check_members(self, group: Group, *members: User) -> None:
        """Check the members of a group. Raise Failed."""
        resource, _ = await self.find(group)
        exchange = await self.attempt.ask("GET", f"{self.job.mappings.groups.endpoint}/{resource['id']}", expect=[OK])
        links = self.job.state.links
        check_members(exchange.body, [links[member.id].target for member in members], exchange)

    async def check_manager(self, user: User, manager: User | None) -> None:
        """Check the manager of a user under the attribute that is mapped. Raise Failed."""
        resource, exchange = await self.find(user)
        row = self.job.mappings.users.reference
        held = read(resource, row.path) if row else None
        wanted = self.job.state.links[manager.id].target if manager else None
        if held and not isinstance(held, dict):
            raise Failed("manager as an object", repr(held), exchange)
        if (held or {}).get("value") != wanted:
            raise Failed(f"the manager {wanted}", repr(held), exchange)

    async def on_demand(self, source: User | Group, *members: User) -> None:
        """Provision on demand. Raise Failed if a step fails."""
        for step in await provision_on_demand(self.job, source, members):
            if step.status == "Failure":
                raise Failed(f"{step.name} to succeed", step.text, self.attempt.candidate.wire.last_error)

    def _attributes(self, mapping: ObjectMapping) -> dict[str, Any]:
        names = {name for row in mapping.attributes if not row.reference for name in row.sources}
        provided = {"IsSoftDeleted", "objectId", "appRoleAssignments", "userPrincipalName", "originalUserPrincipalName"}
        texts = {name: self.attempt.words.word() for name in sorted(names - provided)}
        return {"displayName": self.attempt.words.word(), **texts}

    async def _match(self, source: User | Group) -> Resource | None:
        kind = kind_of(source)
        try:
            return await match(self.job, kind, imported(source), Entry(kind, source.id, source.name))
        except (JobError, ObjectError) as problem:
            raise Failed(f"{source.name} found", f"{problem.code}: {problem}", problem.exchange) from None

    def _last(self) -> Exchange:
        return self.attempt.candidate.wire.exchanges[-1]


def _unfiltered(mapping: ObjectMapping) -> ObjectMapping:
    """Return the mapping without its scoping filters: the tests' objects are in scope."""
    return mapping.model_copy(update={"scoping_filters": (), "actions": frozenset({"Create", "Update", "Delete"})})


def for_users(attempt: Attempt, *, disabling: bool = False) -> Rehearsal:
    """Return a rehearsal. Raise Skipped if users have to be disabled and `active` is not mapped."""
    if disabling and not attempt.candidate.mappings.users.disables:
        raise Skipped("active is not mapped, so that nobody is disabled")
    return Rehearsal(attempt)


def for_groups(attempt: Attempt) -> Rehearsal:
    """Return a rehearsal. Raise Failed if the core Group schema is not published: groups are mandatory."""
    if not attempt.candidate.mappings.groups.enabled:
        raise Skipped("groups are not provisioned")
    if attempt.published is None or GROUP not in attempt.published.schema_ids:
        raise Failed(f"the schema {GROUP} in /Schemas", "none", attempt.candidate.schemas)
    return Rehearsal(attempt)
