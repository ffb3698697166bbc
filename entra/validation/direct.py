"""The gallery's tests 15 to 20 and 25, which speak to the endpoint itself."""

import json
from collections.abc import Iterable
from typing import Any

from entra.exchange import CREATED, OK
from entra.paths import read
from entra.source import Kind
from entra.validation.attempt import Attempt, Resource
from entra.validation.bodies import Body, Operation, creation, fresh, new_values, together, verbose
from entra.validation.comparison import Values, check_manager
from entra.validation.surface import GROUP, MANAGER, USER, Attribute, Surface
from entra.validation.verdict import Failed, Test

_CREATED = (OK, CREATED)
_UPDATED_TYPES = {"string", "integer", "dateTime", "boolean"}
_NEVER_UPDATED = {"id", "schemas", "meta", "active", "groups", "roles"}
_NEVER_CLEARED = {"userName", "active", "externalId", "roles"}


async def schema_discoverability(attempt: Attempt) -> None:
    """Every attribute that is mapped must be published."""
    exchange = await attempt.ask("GET", "/Schemas")
    published, mappings = attempt.published or Surface((), (), "discovered"), attempt.candidate.mappings
    for kind, id, mapped, declared in (
        ("user", USER, mappings.users, published.users),
        ("group", GROUP, mappings.groups, published.groups),
    ):
        if id not in published.schema_ids:
            raise Failed(f"the schema {id}", f"no {kind} schema of that id", exchange)
        names = {attribute.path.text.lower() for attribute in declared}
        missing = [row.target for row in mapped.attributes if row.target.lower() not in names]
        if missing:
            raise Failed(f"every mapped {kind} attribute", f"Missing {kind} attrs: {', '.join(missing)}", exchange)


async def null_update(attempt: Attempt) -> None:
    """Clear every mapped attribute by an empty string, then by null."""
    created = await _created_user(attempt, f"scnull{attempt.words.hex()}@example.com")
    cleared = [each for each in attempt.surface.users if _may_be_cleared(attempt, each)]
    for empty, allowed in (("", ("", None)), (None, (None,))):
        values: Values = {each.path.text: (each, empty) for each in cleared}
        await attempt.patch("User", created["id"], _operations(attempt, values))
        exchange = await attempt.read("User", created["id"])
        left = {
            each.path.text: held for each in cleared if (held := read(exchange.body, each.path)) not in (*allowed, [])
        }
        if left:
            wanted = " or ".join(map(repr, allowed))
            raise Failed(f"{len(cleared)} attributes set to {empty!r} to be {wanted} or absent", repr(left), exchange)


async def user_create(attempt: Attempt) -> None:
    """Create a user."""
    await _created_user(attempt, f"sccreate{attempt.words.hex()}@example.com")


async def user_update(attempt: Attempt) -> None:
    """Update every simple attribute that can be written, the user name among them."""
    created = await _created_user(attempt, f"scupdate{attempt.words.hex()}@example.com")
    await _update(attempt, "User", created["id"], attempt.surface.users)


async def group_create(attempt: Attempt) -> None:
    """Create a group."""
    await _created_group(attempt)


async def group_update(attempt: Attempt) -> None:
    """Update every simple attribute of a group."""
    created = await _created_group(attempt)
    await _update(attempt, "Group", created["id"], attempt.surface.groups, always_verbose=True)


async def update_manager(attempt: Attempt) -> None:
    """Set, change and clear a manager, whose id comes as a plain string."""
    names = (f"scmanaged{attempt.words.hex()}", f"scmanager{attempt.words.hex()}", f"scmanager{attempt.words.hex()}")
    user, first, second = [(await _created_user(attempt, f"{name}@example.com"))["id"] for name in names]
    for op, value, expected in (("Add", first, first), ("replace", second, second), ("replace", "", None)):
        await attempt.patch("User", user, [{"op": op, "path": MANAGER, "value": value}])
        exchange = await attempt.read("User", user)
        check_manager(exchange.body, expected, exchange)


async def _created_user(attempt: Attempt, name: str) -> Resource:
    exchange = await attempt.create("User", user_body(attempt, name), expect=_CREATED)
    resource: Resource = exchange.body
    if resource.get("userName") != name:
        raise Failed(f"userName {name!r}", repr(resource.get("userName")), exchange)
    return resource


def user_body(attempt: Attempt, name: str) -> Body:
    """Return the body of a user with every attribute but references, as the gallery's tests make it."""
    values = {key: pair for key, pair in new_values(attempt, "User").items() if not pair[0].is_reference}
    body = creation("User", values, first_primary=True) | {"userName": name, "active": True}
    for elements in body.values():
        if isinstance(elements, list) and all(isinstance(element, dict) for element in elements):
            for place, element in enumerate(elements):
                element["primary"] = place == 0
    return body


async def _created_group(attempt: Attempt) -> Resource:
    name = f"LASCDirectGroup-{attempt.words.hex()}"
    body = {"schemas": [GROUP], "displayName": name, "externalId": attempt.words.guid()}
    exchange = await attempt.create("Group", body, expect=_CREATED)
    resource: Resource = exchange.body
    if resource.get("displayName") != name:
        raise Failed(f"displayName {name!r}", repr(resource.get("displayName")), exchange)
    return resource


async def _update(
    attempt: Attempt, kind: Kind, id: str, attributes: Iterable[Attribute], *, always_verbose: bool = False
) -> None:
    """Write a new value to every simple attribute, and check that each is returned as it was written."""
    values: Values = {}
    for each in attributes:
        if each.writable and each.type in _UPDATED_TYPES and each.path.text not in _NEVER_UPDATED:
            values |= fresh(attempt, [each])
            if each.type == "string" and not each.canonical and not each.is_reference:
                values[each.path.text] = (each, f"upd-{attempt.words.hex()}")
    await attempt.patch(kind, id, verbose("replace", values) if always_verbose else _operations(attempt, values))
    exchange = await attempt.read(kind, id)
    different = [
        f"{each.path.text} is {held!r}, not {value!r}"
        for each, value in values.values()
        if not _returned(held := _held(exchange.body, each), value, filtered=each.path.filtered)
    ]
    if different:
        raise Failed(f"the {len(values)} values as they were written", "; ".join(different), exchange)


def _held(resource: Resource, attribute: Attribute) -> Any:
    """Return an attribute's value; of a filtered one the whole multi-valued attribute, written as JSON."""
    if attribute.path.filtered:
        return json.dumps(resource.get(attribute.path.name), ensure_ascii=False)
    return read(resource, attribute.path)


def _returned(held: Any, value: Any, *, filtered: bool) -> bool:
    written = str(value).lower() if isinstance(value, bool) else str(value)
    if filtered:
        return written in held
    return (str(held).lower() if isinstance(held, bool) else str(held)) == written


def _may_be_cleared(attempt: Attempt, attribute: Attribute) -> bool:
    mapped = {row.target.lower(): row for row in attempt.candidate.mappings.users.attributes}
    row = mapped.get(attribute.path.text.lower())
    if row is None or row.matching or row.reference or attribute.required or not attribute.writable:
        return False
    return attribute.path.name not in _NEVER_CLEARED


def _operations(attempt: Attempt, values: Values) -> list[Operation]:
    """Return the operations in the form that the dialect says: the job setting PatchBodyFormat decides on it."""
    return (verbose if attempt.candidate.wire.dialect.patch == "verbose" else together)("replace", values)


_SUITE = "Gallery: direct SCIM tests"

TESTS = (
    Test(_SUITE, "15 Schema_Discoverability_Test", schema_discoverability),
    Test(_SUITE, "16 SCIM_Null_Update_Test", null_update),
    Test(_SUITE, "17 SCIM_User_Create_Test", user_create),
    Test(_SUITE, "18 SCIM_User_Update_Test", user_update),
    Test(_SUITE, "19 SCIM_Group_Create_Test", group_create),
    Test(_SUITE, "20 SCIM_Group_Update_Test", group_update),
)

MANAGER_TEST = Test(_SUITE, "25 SCIM_Update_Manager_Test", update_manager)
