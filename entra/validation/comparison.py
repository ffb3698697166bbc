"""What was sent against what came back, and what a list of results must be like."""

from collections.abc import Iterable, Mapping
from typing import Any

from entra.assertions import LIST_RESPONSE
from entra.compare import same
from entra.exchange import OK, Exchange
from entra.functions.values import as_text
from entra.paths import read
from entra.source import Kind
from entra.validation.attempt import ENDPOINTS, Attempt, Resource
from entra.validation.surface import MANAGER, Attribute
from entra.validation.verdict import Failed

Values = dict[str, tuple[Attribute, Any]]  # what was written, by the attribute's name


async def find(attempt: Attempt, kind: Kind, value: str, *, attribute: str = "") -> Exchange:
    """Query by an attribute (the joining property if none is given) and return a list that is one."""
    name = attribute or attempt.candidate.joining[kind]
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    query = {"excludedAttributes": "members"} if kind == "Group" else {}
    exchange = await attempt.ask("GET", ENDPOINTS[kind], query=query | {"filter": f'{name} eq "{escaped}"'})
    check_list(exchange)
    return exchange


async def find_one(attempt: Attempt, kind: Kind, value: str, id: str = "") -> tuple[Resource, Exchange]:
    """Query by the joining property and return the one resource, which must have that id if one is given."""
    exchange = await find(attempt, kind, value)
    if exchange.body["totalResults"] != 1 or len(exchange.resources) != 1:
        got = f"totalResults {exchange.body['totalResults']} and {len(exchange.resources)} Resources"
        raise Failed("exactly 1 resource that matches", got, exchange)
    resource = exchange.resources[0]
    if not isinstance(resource, dict) or not resource.get("id") or not resource.get("schemas"):
        raise Failed("the required attributes id and schemas", str(resource)[:200], exchange)
    if id and resource["id"] != id:
        raise Failed(f"the resource {id}", f"the resource {resource['id']}", exchange)
    return resource, exchange


def check_list(exchange: Exchange) -> None:
    """Check what makes a ListResponse. Raise Failed."""
    body = exchange.body if isinstance(exchange.body, dict) else {}
    total = body.get("totalResults")
    if exchange.status != OK:
        raise Failed("status 200", str(exchange.status), exchange)
    if "schemas" not in body or total is None:
        raise Failed("schemas and totalResults in the answer", f"the keys {', '.join(body) or '(none)'}", exchange)
    if LIST_RESPONSE not in (body["schemas"] or ()):
        raise Failed(f"the schema {LIST_RESPONSE}", str(body["schemas"]), exchange)
    if not isinstance(total, int) or isinstance(total, bool):
        raise Failed("totalResults as a number", repr(total), exchange)
    if total and not exchange.resources:
        raise Failed("Resources, because totalResults is not 0", "none", exchange)


def check_values(resource: Mapping[str, Any], values: Values, exchange: Exchange) -> None:
    """Check that a resource has the values that were written. Raise Failed naming every one that is not so."""
    different = [
        f"{attribute.path.text} is {held!r}, not {value!r}"
        for attribute, value in values.values()
        if not same(held := value_of(resource, attribute), value)
    ]
    if different:
        raise Failed(f"the {len(values)} values as they were written", "; ".join(different), exchange)


def value_of(resource: Mapping[str, Any], attribute: Attribute) -> Any:
    """Return an attribute's value; of a reference the id that it holds."""
    held = read(resource, attribute.path)
    return held.get("value") if isinstance(held, Mapping) and attribute.is_reference else held


def check_manager(resource: Mapping[str, Any], expected: str | None, exchange: Exchange) -> None:
    """Check the manager: an object whose value is the id, or none at all. Raise Failed."""
    prefix, _, name = MANAGER.rpartition(":")
    held = next((value for key, value in resource.items() if key.lower() == prefix.lower()), None)
    manager = held.get(name) if isinstance(held, Mapping) else None
    if expected is None:
        left = manager.get("value") if isinstance(manager, Mapping) else manager
        if left:
            raise Failed("no manager", repr(manager), exchange)
    elif not isinstance(manager, Mapping):
        raise Failed(f"manager as an object with the value {expected!r}", repr(manager), exchange)
    elif manager.get("value") != expected:
        raise Failed(f"manager.value {expected!r}", repr(manager.get("value")), exchange)


def member_ids(resource: Mapping[str, Any]) -> list[str]:
    """Return the ids of a group's members."""
    members = resource.get("members")
    return [as_text(each.get("value")) for each in members if isinstance(each, Mapping)] if members else []


def check_members(resource: Mapping[str, Any], expected: Iterable[str], exchange: Exchange) -> None:
    """Check that a group has exactly these members. Raise Failed."""
    held, wanted = sorted(member_ids(resource)), sorted(expected)
    if held != wanted:
        raise Failed(f"the members {wanted}", str(held), exchange)
