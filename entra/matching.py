"""Find target objects: by the matching attributes in order of precedence, or by id."""

import uuid
from collections.abc import Mapping
from typing import Any

from entra.assertions import failure as failure_of
from entra.assertions import of_any, of_query, of_resource
from entra.errors import JobError, ObjectError
from entra.exchange import Exchange
from entra.functions.values import IgnoreFlow, as_text
from entra.job import Job
from entra.log import Entry
from entra.mapping import AttributeMapping
from entra.paths import parse_target, read
from entra.rules import RULES
from entra.source import Kind

Resource = dict[str, Any]
_NOT_FOUND = 404


async def test_connection(job: Job) -> list[Exchange]:
    """Ask for a user and a group that cannot exist, as every activity of the service begins.

    Return the exchanges. Raise JobError in the words of the portal if an answer is not an empty list.
    """
    exchanges = []
    for kind in _kinds(job):
        text = comparison(job, job.mapping(kind).matching[0], str(uuid.uuid4()))
        entry = Entry(kind, "", "Test connection")
        exchange = await query(job, kind, text, entry, probing=True)
        job.tally.judge(entry.findings)
        exchanges.append(exchange)
        if exchange.resources:
            raise JobError(RULES["other-match"][0], f"{RULES['other-match'][1]} {exchange.url}", exchange)
    return exchanges


async def match(job: Job, kind: Kind, attributes: Mapping[str, Any], entry: Entry) -> Resource | None:
    """Return the one target object that an object of the source corresponds to, None if there is none.

    Raise ObjectError if it has no value to match by, or if there are several.
    """
    asked = False
    for mapping in job.mapping(kind).matching:
        value = matching_value(job, mapping, attributes)
        if not value:
            continue
        asked = True
        found = await _one(job, kind, mapping, value, entry)
        if found is not None:
            return found
    if not asked:
        raise ObjectError("MissingValues", "the object has no value for any matching attribute", skipped=True)
    return None


def matching_value(job: Job, mapping: AttributeMapping, attributes: Mapping[str, Any]) -> str:
    """Return the value that an object is matched by; the empty string if it has none. Raise ExpressionError."""
    try:
        return as_text(mapping.value(attributes, job.context))
    except IgnoreFlow:
        return ""


def comparison(job: Job, mapping: AttributeMapping, value: str) -> str:
    """Return the filter that looks for a value of a matching attribute."""
    if job.wire.dialect.filter_quote == "unquoted":
        return f"{mapping.target} eq {value}"
    return f'{mapping.target} eq "{_escaped(value)}"'


async def query(job: Job, kind: Kind, text: str, entry: Entry, *, probing: bool = False) -> Exchange:
    """Send a filter and judge the answer. Raise JobError or ObjectError if it is not one to go on with.

    In a probe every wrong answer is the job's.
    """
    parameters = {"excludedAttributes": "members"} if kind == "Group" else {}
    exchange = await job.wire.get(job.mapping(kind).endpoint, **parameters, filter=text)
    try:
        entry.findings += of_query(exchange, without_members=kind == "Group")
    except ObjectError as problem:
        if probing:
            raise JobError(problem.code, problem.message, exchange) from None
        raise
    return exchange


async def fetch(job: Job, kind: Kind, target: str, entry: Entry) -> Resource | None:
    """Return a target object by id, a group without its members; None if it is gone. Raise JobError, ObjectError."""
    parameters = {"excludedAttributes": "members"} if kind == "Group" else {}
    exchange = await job.wire.get(f"{job.mapping(kind).endpoint}/{target}", **parameters)
    if exchange.status == _NOT_FOUND:
        entry.findings += of_any(exchange)
        return None
    if not exchange.succeeded or not isinstance(exchange.body, dict):
        raise failure_of(exchange)
    entry.findings += of_any(exchange)
    entry.findings += of_resource(exchange.body, exchange, expected=target, without_members=kind == "Group")
    return exchange.body


async def _one(job: Job, kind: Kind, mapping: AttributeMapping, value: str, entry: Entry) -> Resource | None:
    exchange = await query(job, kind, comparison(job, mapping, value), entry)
    found = exchange.resources
    if len(found) > 1:
        raise ObjectError(RULES["one-match"][0], f"{len(found)} objects match {exchange.url}", exchange)
    if not found:
        entry.step("Match", "Success", f"No object matches {mapping.target} {value}")
        return None
    resource: Resource = found[0]
    held = read(resource, parse_target(mapping.target))
    if as_text(held).casefold() != value.casefold():
        said = f"{RULES['other-match'][1]} {exchange.url} returned {mapping.target} {held!r}"
        raise ObjectError(RULES["other-match"][0], said, exchange)
    if not isinstance(resource.get("id"), str) or not resource["id"]:
        raise ObjectError(RULES["id-present"][0], RULES["id-present"][1], exchange)
    entry.step("Match", "Success", f"Matched {mapping.target} {value}", id=resource["id"])
    return resource


def _kinds(job: Job) -> list[Kind]:
    return ["User", "Group"] if job.mappings.groups.enabled else ["User"]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
