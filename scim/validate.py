"""Documents that a client gives, checked against the schema and brought into one form.

The form, which everything behind relies on: names as the schema spells them, core attributes at the top, those of
an extension in an object under its URN, and nothing unassigned: no null, no empty list, no empty object (RFC 7643
section 2.5 calls these equivalent to absence). Strings are kept as they came.

Attributes and URNs that the schema does not know are left out, as is what only the service provider may write
(RFC 7644 section 3.3: readOnly attributes in the body SHALL be ignored). `schemas` is not required and may list
anything: Entra lists neither a customer's extension nor the right URN for its own.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from scim.errors import InvalidSyntax, InvalidValue, Mutability
from scim.instant import instant
from scim.schema import Attribute, ResourceType

_SHOWN = 50

# RFC 7643 section 2.3.6: base64 or its URL-safe form, and padding may be left out.
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}|[A-Za-z0-9_-]*={0,2}")


def new_document(body: Mapping[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """Return the document that the body of a POST or PUT asks for (RFC 7644 sections 3.3 and 3.5.1).

    Raises InvalidSyntax when `schemas` is no list, InvalidValue naming the attribute that is missing, given twice
    or of another type than the schema says.
    """
    if not isinstance(body.get("schemas") or [], list):
        raise InvalidSyntax(f"schemas: expected a list of URNs, got {shown(body['schemas'])}")
    document = _complex(body, resource_type.attribute, "")
    require(document, resource_type.base.attributes, "")
    for extension in resource_type.extensions:
        values = [value for name, value in body.items() if name.lower() == extension.id.lower() and value is not None]
        if len(values) > 1:
            raise InvalidValue(f"{extension.id} is given twice")
        part = _complex(_object(values[0], extension.id), extension.attribute, f"{extension.id}:") if values else {}
        if part:
            require(part, extension.attributes, f"{extension.id}:")
            document[extension.id] = part
    return document


def check_immutable(document: Mapping[str, Any], stored: Mapping[str, Any], resource_type: ResourceType) -> None:
    """Raise Mutability when a PUT would change an immutable attribute that has a value (RFC 7644 section 3.5.1)."""
    _check_immutable(document, stored, resource_type.base.attributes, "")
    for extension in resource_type.extensions:
        before, after = (each.get(extension.id, {}) for each in (stored, document))
        _check_immutable(after, before, extension.attributes, f"{extension.id}:")


def conform(value: Any, attribute: Attribute, place: str) -> Any:
    """Return an attribute's value in the one form, None when it is unassigned.

    `place` names it in errors. Raises InvalidValue when it is of another type than the schema says, misses a
    required sub-attribute, or has more than one primary value.
    """
    if value is None:
        return None
    if not attribute.multi_valued:
        return conform_element(value, attribute, place)
    if not isinstance(value, list):
        raise InvalidValue(f"{place}: expected a list, got {shown(value)}")
    each = (conform_element(element, attribute, f"{place}[{index}]") for index, element in enumerate(value))
    elements = distinct((element for element in each if element is not None), attribute)
    if sum(map(is_primary, elements)) > 1:
        raise InvalidValue(f"{place}: only one value can be primary")
    return elements or None


def conform_element(value: Any, attribute: Attribute, place: str) -> Any:
    """Return one value of the attribute in the one form, None when it is unassigned. Raises InvalidValue."""
    if value is None:
        return None
    if attribute.type != "complex":
        expected, fits = _TYPES[attribute.type]
        if not fits(value):
            raise InvalidValue(f"{place}: expected {expected}, got {shown(value)}")
        return value
    given = sub_values(value, attribute, place)
    element = {name: item for name, item in given.items() if item is not None}
    unassigned = not element or (len(element) < len(given) and is_hollow(element, attribute))
    if unassigned and not is_relation(attribute):  # a member that is not named must not be lost without a word
        return None
    require_subs(element, attribute, place)
    return element


def sub_values(value: Any, attribute: Attribute, place: str) -> dict[str, Any]:
    """Return the sub-attributes that the value gives, by their schema names; None for those it says are unassigned."""
    given = _conformed(_object(value, place), attribute.sub, f"{place}.")
    return {name: item for name, item in given.items() if not is_derived(attribute, name)}


def require_subs(element: Mapping[str, Any], attribute: Attribute, place: str) -> None:
    """Raise InvalidValue when a required sub-attribute has no value, or an element of a relation no `value`."""
    require(element, attribute.sub_attributes, f"{place}.")
    if is_relation(attribute) and "value" not in element:
        raise InvalidValue(f"{place}.value is required")


@cache
def is_relation(attribute: Attribute) -> bool:
    """Whether the values refer to resources, which they name by an immutable `value`, as members do."""
    identifier = attribute.sub("value")
    return attribute.multi_valued and identifier is not None and identifier.mutability == "immutable"


def is_derived(attribute: Attribute, name: str) -> bool:
    """Whether the sub-attribute is a `$ref` that follows from the `value` beside it, as a manager's and a member's do.

    Clients may send it (RFC 7643 sections 4.2 and 4.3); it is never kept, and answered with our own address.
    """
    return name == "$ref" and attribute.sub("value") is not None


def is_hollow(element: Mapping[str, Any], attribute: Attribute) -> bool:
    """Whether nothing is left of a value but its labels, `type` and `primary`, or nothing at all."""
    return not element or (attribute.multi_valued and element.keys() <= {"type", "primary"})


def is_primary(element: Any) -> bool:
    """Whether a value of a multi-valued attribute is the primary one."""
    return isinstance(element, dict) and element.get("primary") is True


def identity(element: Any, attribute: Attribute) -> Any:
    """Return what makes a value of a multi-valued attribute the same as another.

    A relation's is the resource it refers to; otherwise it is all that the value holds except whether it is
    primary, of which there is one (RFC 7643 section 2.4).
    """
    if not isinstance(element, dict):
        return element
    if is_relation(attribute):
        return element["value"]
    return json.dumps({name: item for name, item in element.items() if name != "primary"}, sort_keys=True)


def distinct(elements: Iterable[Any], attribute: Attribute) -> list[Any]:
    """Return the values, each once, in the order of their first appearance; the last says whether it is primary."""
    given = list(elements)
    if len(given) == 1:  # as nearly always, and an identity costs as much as the element's JSON
        return given
    found: dict[Any, Any] = {}
    for element in given:
        key = identity(element, attribute)
        if key not in found:
            found[key] = element
        elif is_primary(element) != is_primary(found[key]) and "primary" in element:
            found[key] = found[key] | element
    return list(found.values())


def shown(value: Any) -> str:
    """Describe a JSON value in a few characters: "the string 'abc'", "a list"."""
    match value:
        case None:
            return "null"
        case bool():
            return f"the boolean {str(value).lower()}"
        case int() | float():
            return f"the number {str(value)[:_SHOWN]}"
        case str():
            return f"the string '{value[:_SHOWN]}{'…' if len(value) > _SHOWN else ''}'"
        case list():
            return "a list"
        case _:
            return "an object"


def _check_immutable(
    after: Mapping[str, Any], before: Mapping[str, Any], attributes: Iterable[Attribute], prefix: str
) -> None:
    for attribute in attributes:
        value = before.get(attribute.name)
        if attribute.mutability == "immutable" and value is not None and value != after.get(attribute.name):
            raise Mutability(f"{prefix}{attribute.name} is immutable and has another value")


def _complex(value: Mapping[str, Any], find: Callable[[str], Attribute | None], prefix: str) -> dict[str, Any]:
    return {name: item for name, item in _conformed(value, find, prefix).items() if item is not None}


def _conformed(value: Mapping[str, Any], find: Callable[[str], Attribute | None], prefix: str) -> dict[str, Any]:
    """Return the values of all that is known and may be written, by schema name."""
    result: dict[str, Any] = {}
    for attribute, item in _known(value, find):
        place = prefix + attribute.name
        if attribute.name in result:
            raise InvalidValue(f"{place} is given twice")
        result[attribute.name] = conform(item, attribute, place)
    return result


def _known(value: Mapping[str, Any], find: Callable[[str], Attribute | None]) -> Iterator[tuple[Attribute, Any]]:
    for name, item in value.items():
        attribute = find(name)
        if attribute is not None and attribute.mutability != "readOnly":
            yield attribute, item


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{place}: expected an object, got {shown(value)}")
    return value


def require(values: Mapping[str, Any], attributes: Iterable[Attribute], prefix: str) -> None:
    """Raise InvalidValue when a required attribute has no value, or an empty one."""
    for attribute in attributes:
        missing = attribute.required and attribute.mutability != "readOnly"
        if missing and values.get(attribute.name) in (None, ""):
            raise InvalidValue(f"{prefix}{attribute.name} is required")


def _is_base64(value: Any) -> bool:
    if not isinstance(value, str) or not _BASE64.fullmatch(value):
        return False
    digits = len(value.rstrip("="))
    return digits % 4 != 1 and (len(value) == digits or len(value) % 4 == 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[dict[str, tuple[str, Callable[[Any], bool]]]] = {
    "string": ("a string", lambda value: isinstance(value, str)),
    "boolean": ("a boolean", lambda value: isinstance(value, bool)),
    "decimal": ("a number", _is_number),
    "integer": ("an integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    # xsd:dateTime, with date and time of day (RFC 7643 section 2.3.5)
    "dateTime": (
        "a date and time such as '2024-05-01T12:00:00Z'",
        lambda value: isinstance(value, str) and instant(value) is not None,
    ),
    "binary": ("base64", _is_base64),
    "reference": ("a reference as a string", lambda value: isinstance(value, str)),
}
