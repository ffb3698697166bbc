"""The door's rules for values: from the shapes in which clients write an attribute to the one of its schema.

Each rule is a function of a value and its attribute, returns the value as it is where it does not apply, and says
who sends what it mends (`scim.dialect` says who is who). The tables at the end give their order.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from scim.errors import InvalidValue, ScimError
from scim.jsonbody import read_json
from scim.schema import Attribute
from scim.validate import is_relation

Rule: TypeAlias = Callable[[Any, Attribute], Any]


def shaped(value: Any, attribute: Attribute) -> Any:
    """Return the value of an attribute in the shape of its schema, with the sub-attributes that the schema knows.

    Raises InvalidValue when a sub-attribute is given twice in one value.
    """
    if attribute.mutability == "readOnly" or _is_plain(value, attribute):
        return value
    for rule in _WHOLE_VALUE:
        value = rule(value, attribute)
    if not attribute.multi_valued:
        return shaped_one(value, attribute)
    return [shaped_one(element, attribute) for element in value] if isinstance(value, list) else value


def _is_plain(value: Any, attribute: Attribute) -> bool:
    """Whether it is text where the schema wants text, as nearly every value is: none of the rules changes that."""
    return attribute.type == "string" and not attribute.multi_valued and isinstance(value, str) and value != ""


def shaped_one(value: Any, attribute: Attribute) -> Any:
    """Return one value of an attribute, as `shaped` does."""
    for rule in _rules(attribute):
        value = rule(value, attribute)
    if attribute.type != "complex" or not isinstance(value, Mapping):
        return value
    element: dict[str, Any] = {}
    for name, item in value.items():
        if sub := attribute.sub(name):
            given = shaped(item, sub)
            element[sub.name] = together(element[sub.name], given, name) if sub.name in element else given
    return element


def together(first: Any, second: Any, place: str) -> Any:
    """Join what two keys say of one attribute: `{"name": {…}, "name.givenName": …}`.

    Raises InvalidValue, naming the place, when they cannot both hold.
    """
    if first is None or second is None:
        return second if first is None else first
    if isinstance(first, dict) and isinstance(second, dict):
        return first | second
    raise InvalidValue(f"{place} is given twice")


# Rules for the whole of an attribute


def _cleared(value: Any, _: Attribute) -> Any:
    """Entra clears by "" what a mapping yields nothing for, and the manager also by {"value": ""}.

    An empty list is unassigned whatever the attribute (RFC 7643 section 2.5).
    """
    return None if value in ("", []) else value


def _listed(value: Any, attribute: Attribute) -> Any:
    """Entra and OneLogin send one value of a multi-valued attribute without its list: `"roles": "Admin"`."""
    return [value] if attribute.multi_valued and value is not None and not isinstance(value, list) else value


# Rules for one value


def _unlisted(value: Any, _: Attribute) -> Any:
    """Entra's documented PATCH has the manager in a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def strict_boolean(value: Any, attribute: Attribute) -> Any:
    """Entra without the flag sends "True" and "False" for booleans; its mapping expressions and filters always do."""
    if attribute.type != "boolean" or not isinstance(value, str):
        return value
    return {"true": True, "false": False}.get(value.strip().lower(), value)


def _decoded_role(value: Any, _: Attribute) -> Any:
    """Entra's SingleAppRoleAssignment and AppRoleAssignmentsComplex put a role's JSON into a string, in `value`."""
    text = value.get("value") if isinstance(value, Mapping) else value
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return value
    try:
        role = read_json(text.encode())
    except (ScimError, UnicodeEncodeError):
        return value
    if "value" not in role:
        return value
    return {**value, **role} if isinstance(value, Mapping) else role


def _object_of(value: Any, _: Attribute) -> Any:
    """Entra sends the manager as a bare id, and roles and members as bare strings."""
    return {"value": value} if isinstance(value, str) else value


def _display(value: Any, _: Attribute) -> Any:
    """Entra calls a role's `display` "displayName"."""
    if not isinstance(value, Mapping):
        return value
    names = {name.lower() for name in value}
    if "displayname" not in names or "display" in names:
        return value
    return {"display" if name.lower() == "displayname" else name: item for name, item in value.items()}


def _member_type(value: Any, attribute: Attribute) -> Any:
    """`type` may come in any case, as it is not caseExact, or be anything; the member itself tells what it is."""
    kind = attribute.sub("type")
    if kind is None or not isinstance(value, Mapping):
        return value
    known = {name.lower(): name for name in kind.canonical_values}
    return {name: known.get(str(item).lower()) if name.lower() == "type" else item for name, item in value.items()}


_WHOLE_VALUE: Final[tuple[Rule, ...]] = (_cleared, _listed)
# The rules for one value, each with the attributes that it is for
_ONE_VALUE: Final[tuple[tuple[Rule, Callable[[Attribute], bool]], ...]] = (
    (_cleared, lambda _: True),
    (_unlisted, lambda attribute: attribute.type == "complex"),
    (strict_boolean, lambda attribute: attribute.type == "boolean"),
    (_decoded_role, lambda attribute: attribute.name == "roles"),
    (_object_of, lambda attribute: attribute.sub("value") is not None),
    (_display, lambda attribute: attribute.sub("display") is not None and attribute.sub("displayName") is None),
    (_member_type, is_relation),
)


@cache
def _rules(attribute: Attribute) -> tuple[Rule, ...]:
    return tuple(rule for rule, is_for in _ONE_VALUE if is_for(attribute))
