"""What is done to one object: create, update, disable, delete."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from entra import bodies
from entra.assertions import failure, of_any, of_creation, of_patch
from entra.bodies import Difference
from entra.compare import differences
from entra.errors import ObjectError
from entra.functions.values import Redacted
from entra.job import Job, kind_of
from entra.log import Entry
from entra.mapping import Value
from entra.matching import Resource, comparison, fetch, match, matching_value, query
from entra.paths import read, write
from entra.plan import Removal
from entra.rules import Finding
from entra.source import Group, Kind, User, imported
from entra.state import UNCERTAIN, Link

_NOT_FOUND = 404


async def provision(job: Job, source: User | Group, entry: Entry) -> None:
    """Bring an object that is in scope into the target: find it, then create it or update what differs.

    Raise ObjectError, ExpressionError or JobError.
    """
    kind = kind_of(source)
    blocked = isinstance(source, User) and (not source.enabled or source.soft_deleted)
    attributes = imported(source, soft_deleted=blocked)
    entry.step("Import", "Success", f"Received {kind} {entry.name} from the directory")
    entry.step("Scope", "Success", f"{kind} {entry.name} is in scope")
    current = await _linked(job, kind, source, entry)
    if current is None:
        current = await match(job, kind, attributes, entry)
        if current is not None:
            _adopt(job, kind, source, current)
    if current is None:
        if blocked:
            raise ObjectError(
                "EntrySynchronizationSkipped", "the account is blocked and not in the target", skipped=True
            )
        await _create(job, kind, source, attributes, entry)
    else:
        entry.target = current["id"]
        await _update(job, kind, source, attributes, current, entry)


async def remove(job: Job, removal: Removal, entry: Entry) -> None:
    """Disable or delete a target object whose source object went out of scope or is gone. Raise as `provision`."""
    link = job.state.links[removal.source]
    if not link.target:
        link = await _found_out(job, removal, link, entry)
    entry.target = link.target
    if removal.delete:
        await _delete(job, removal, link, entry)
    else:
        await _disable(job, removal, link, entry)


async def _linked(job: Job, kind: Kind, source: User | Group, entry: Entry) -> Resource | None:
    """Read the object that a link leads to; a link that leads nowhere is dropped.

    A creation that was never confirmed is looked for under the name that it was made with: the source may have
    renamed the object since.
    """
    pending = job.state.links.get(source.id)
    if pending is not None and not pending.target:
        found: list[Resource] = (await query(job, kind, pending.query, entry)).resources
        if len(found) == 1:
            _adopt(job, kind, source, found[0])
            return found[0]
    link = job.linked(source.id)
    if link is None:
        return None
    current = await fetch(job, kind, link.target, entry)
    if current is None:
        job.state.unlink(source.id)
    return current


def _adopt(job: Job, kind: Kind, source: User | Group, current: Resource) -> None:
    target = str(current["id"])
    owner = job.state.anchors.get(target)
    if owner not in (None, source.id) and job.linked(str(owner)):
        said = f"the target object {target} already belongs to the source object {owner}"
        raise ObjectError("DuplicateSourceEntries", said)
    earlier = job.state.links.get(source.id) or Link(kind)
    job.state.link(source.id, replace(earlier, target=target, query="", managed=True, digest=""))


async def _create(job: Job, kind: Kind, source: User | Group, attributes: dict[str, Any], entry: Entry) -> None:
    mapping, entry.action = job.mapping(kind), "Create"
    if "Create" not in mapping.actions:
        raise ObjectError(
            "EntrySynchronizationSkipped", "creating is not among the target object actions", skipped=True
        )
    values = mapping.values(attributes, job.context, creating=True)
    body = bodies.creation(mapping, kind, values, job.wire.dialect)
    manager = _known_manager(job, source)
    if manager:
        _write_manager(job, body, manager)
    by = mapping.matching[0]
    job.state.link(source.id, Link(kind, query=comparison(job, by, matching_value(job, by, attributes))))
    exchange = await job.wire.send("POST", mapping.endpoint, body)
    entry.findings += of_creation(exchange, values)
    entry.target = str(exchange.body["id"])
    job.state.link(source.id, Link(kind, entry.target, digest=_digest(values), manager=manager))
    entry.modified += [(value.path.text, None, value.shown) for value in values]
    entry.step("Export", "Success", f"{kind} {entry.name} was created")


async def _update(
    job: Job, kind: Kind, source: User | Group, attributes: dict[str, Any], current: Resource, entry: Entry
) -> None:
    mapping, target = job.mapping(kind), str(current["id"])
    values = mapping.values(attributes, job.context)
    found = differences(current, values)
    # What was read counts, not what was written once: the target may have lost it since.
    held = _held_manager(job, kind, current)
    link = replace(job.state.links[source.id], disabled=attributes["IsSoftDeleted"] is True, manager=held)
    digest = _digest(values)
    if not found or "Update" not in mapping.actions:
        job.state.link(source.id, replace(link, digest=digest))
        raise ObjectError("RedundantExport", "the state in source and target already match", skipped=True)
    _name_action(entry, found)
    if digest == link.digest:
        entry.findings += [_endless(each) for each in found]
    operations = bodies.update(found, job.wire.dialect)
    await send_patch(job, kind, target, operations, entry, [each.new for each in found])
    job.state.link(source.id, replace(link, digest=digest))
    entry.modified += [(each.new.path.text, _old(each), each.new.shown) for each in found]
    entry.step("Export", "Success", f"{kind} {entry.name} was updated")


async def send_patch(
    job: Job, kind: Kind, target: str, operations: list[bodies.Operation], entry: Entry, values: list[Value]
) -> None:
    """Send a PATCH and judge the answer; once more if the job double-checks. Raise ObjectError or JobError."""
    body, path = bodies.patch(operations), f"{job.mapping(kind).endpoint}/{target}"
    exchange = await job.wire.send("PATCH", path, body)
    entry.findings += of_patch(exchange, target, values)
    if job.options.double_check:
        again = await job.wire.send("PATCH", path, body)
        if not again.succeeded:
            entry.findings.append(Finding("idempotent", f"answered {again.status}", again))


async def _disable(job: Job, removal: Removal, link: Link, entry: Entry) -> None:
    entry.action = "Disable"
    row = next(each for each in job.mappings.users.attributes if each.path.name == "active")
    operation = bodies.activation(row.path, active=False, dialect=job.wire.dialect)
    body, path = bodies.patch([operation]), f"{job.mappings.users.endpoint}/{link.target}"
    exchange = await job.wire.send("PATCH", path, body)
    if exchange.status != _NOT_FOUND:  # already gone from the target: nothing is left to disable
        entry.findings += of_patch(exchange, link.target, [Value(row.path, False, row)])
        entry.modified.append((row.target, True, False))
    if job.options.double_check and await fetch(job, "User", link.target, entry) is None:
        entry.findings.append(Finding("there-after-disable", f"{link.target} is not found", exchange))
    job.state.link(removal.source, replace(link, disabled=True, managed=not removal.forget, digest=""))
    entry.step("Export", "Success", f"{removal.kind} {entry.name} was disabled")


async def _delete(job: Job, removal: Removal, link: Link, entry: Entry) -> None:
    entry.action = "Delete"
    exchange = await job.wire.send("DELETE", f"{job.mapping(removal.kind).endpoint}/{link.target}")
    if not exchange.succeeded and exchange.status != _NOT_FOUND:
        raise failure(exchange)
    entry.findings += of_any(exchange)
    if job.options.double_check and await fetch(job, removal.kind, link.target, entry) is not None:
        entry.findings.append(Finding("gone-after-delete", f"{link.target} is still found", exchange))
    job.state.unlink(removal.source)
    entry.step("Export", "Success", f"{removal.kind} {entry.name} was deleted")


async def _found_out(job: Job, removal: Removal, link: Link, entry: Entry) -> Link:
    """Ask what became of a creation that was announced and never confirmed. Raise ObjectError if nothing did."""
    found = (await query(job, removal.kind, link.query, entry)).resources
    if len(found) != 1:
        job.state.unlink(removal.source)
        raise ObjectError("EntrySynchronizationSkipped", "it was never created in the target", skipped=True)
    known = replace(link, target=str(found[0]["id"]), query="")
    job.state.link(removal.source, known)
    return known


def _known_manager(job: Job, source: User | Group) -> str:
    """Return the source id of the manager if a creation can name him: he is in the target already."""
    if not isinstance(source, User) or source.manager is None or job.mappings.users.reference is None:
        return ""
    return source.manager if job.linked(source.manager) else ""


def _held_manager(job: Job, kind: Kind, current: Resource) -> str:
    """Return the source id of the manager that a matched object has, UNCERTAIN if he is nobody known."""
    row = job.mapping(kind).reference
    held = read(current, row.path) if kind == "User" and row is not None else None
    held = held.get("value") if isinstance(held, dict) else held
    return job.state.anchors.get(str(held), UNCERTAIN) if held else ""


def _write_manager(job: Job, body: bodies.Body, manager: str) -> None:
    row, link = job.mappings.users.reference, job.linked(manager)
    if row is not None and link is not None:
        write(body, row.path, link.target if job.wire.dialect.manager == "raw" else {"value": link.target})


def _name_action(entry: Entry, found: Sequence[Difference]) -> None:
    disabling = any(each.new.path.name == "active" and each.new.value is False for each in found)
    entry.action = "Disable" if disabling else "Update"


def _endless(difference: Difference) -> Finding:
    written, held = difference.new.shown, _old(difference)
    return Finding("update-without-end", f"{difference.new.path.text} was written as {written!r} and is {held!r}")


def _old(difference: Difference) -> Any:
    return "[Redact]" if isinstance(difference.new.value, Redacted) else difference.old


def _digest(values: Sequence[Value]) -> str:
    text = json.dumps([(value.path.text, str(value.value)) for value in values], ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
