"""Users and groups as the validators create and change them."""

from collections.abc import Iterable
from typing import Any

from entra.paths import write
from entra.source import Kind
from entra.validation.attempt import Attempt, Resource
from entra.validation.comparison import Values
from entra.validation.surface import GROUP, USER, Attribute
from entra.validation.verdict import Skipped

Body = dict[str, Any]
Operation = dict[str, Any]


def new_values(attempt: Attempt, kind: Kind) -> Values:
    """Return a value for every attribute that can be written, members apart."""
    attributes = attempt.surface.users if kind == "User" else attempt.surface.groups
    return fresh(attempt, (each for each in attributes if each.writable and each.path.name != "members"))


def fresh(attempt: Attempt, attributes: Iterable[Attribute]) -> Values:
    """Return new values for the attributes."""
    return {
        each.path.text: (each, attempt.words.value(each.path.name, each.path.sub, each.type, each.canonical))
        for each in attributes
    }


def creation(kind: Kind, values: Values, *, first_primary: Any = "True") -> Body:
    """Return the body of a POST.

    `first_primary` is the `primary` of an element whose attributes are selected by it: the SCIM Validator writes the
    string "True", which every service provider is expected to read as a boolean.
    """
    body: Body = {}
    for attribute, value in values.values():
        write(body, attribute.path, {"value": value} if attribute.is_reference else value)
        if attribute.path.key == "primary":
            body[attribute.path.name][0]["primary"] = first_primary
    extensions = [name for name in body if name.startswith("urn:")]
    return body | {"schemas": [USER if kind == "User" else GROUP, *extensions]}


async def create(attempt: Attempt, kind: Kind, values: Values) -> Resource:
    """Create a resource with the values and return it as the answer has it. Raise Failed."""
    resource: Resource = (await attempt.create(kind, creation(kind, values))).body
    return resource


def joined(attempt: Attempt, kind: Kind, values: Values) -> str:
    """Return the value of the joining property. Raise Skipped if it is none of the attributes."""
    joining = attempt.candidate.joining[kind]
    found = next((value for name, (_, value) in values.items() if name.lower() == joining.lower()), None)
    if found is None:
        raise Skipped(f"the joining property {joining} is not among the attributes")
    return str(found)


def verbose(op: str, values: Values) -> list[Operation]:
    """Return one operation per attribute."""
    return [{"op": op, "path": each.path.text, "value": value} for each, value in values.values()]


def together(op: str, values: Values) -> list[Operation]:
    """Return one operation per attribute that has a filter, and one without a path for all others."""
    filtered = {name: pair for name, pair in values.items() if pair[0].path.filtered}
    plain = {name: value for name, (_, value) in values.items() if name not in filtered}
    return verbose(op, filtered) + ([{"op": op, "value": plain}] if plain else [])
