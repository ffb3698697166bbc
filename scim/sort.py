"""Sorting: the keys by which resources are ordered (RFC 7644 section 3.4.2.3)."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from scim.comparison import reading
from scim.errors import InvalidValue
from scim.notation import Location, locate, read_attr_path
from scim.schema import Attribute, ResourceType

# 1 where the attribute is unassigned, else 0; a number; a text. One shape for every type, so that any two compare.
SortKey: TypeAlias = tuple[int, int | float, str]

UNASSIGNED: Final[SortKey] = (1, 0, "")

_TEXT_LENGTH = 256
"""Characters of a text that count, so that a key fits into a cursor; texts that agree in them sort by id."""


def sort_key(sort_by: str, resource_type: ResourceType) -> Callable[[Mapping[str, Any]], SortKey]:
    """Return the function from full representations to keys that sort them in ascending order.

    Strings sort by code point, folded unless case-exact; a multi-valued attribute sorts by its primary value, else
    its first; a complex one by its `value`. Unassigned sorts last (first when reversed), and an attribute that the
    resource type does not have is unassigned. Equal keys must be told apart by id. Raises InvalidValue when
    `sort_by` is no attribute notation or names a complex attribute without a `value`.
    """
    path = read_attr_path(sort_by.strip(), resource_type.urns)
    if path is None or not path.name:
        raise InvalidValue(f"sortBy is not the name of an attribute: '{sort_by[:100]}'")
    location = locate(path, resource_type)
    if location is None or "never" in (location.attribute.returned, location.leaf.returned):
        return lambda _: UNASSIGNED
    sub = location.sub
    if location.leaf.type == "complex":
        sub = location.attribute.sub("value")
        if sub is None:
            raise InvalidValue(f"sortBy '{sort_by}' is complex: name one of its sub-attributes")
    return _key(Location(location.extension, location.attribute, sub))


def _key(location: Location) -> Callable[[Mapping[str, Any]], SortKey]:
    read = reading(location.leaf)
    name, sub = location.attribute.name, location.sub

    def key(resource: Mapping[str, Any]) -> SortKey:
        value = _first(location.holder(resource).get(name))
        if sub is not None:
            value = value.get(sub.name) if isinstance(value, Mapping) else None
        return _triple(read(value), location.leaf)

    return key


def _first(value: Any) -> Any:
    """Return the primary value of a multi-valued attribute, else its first, or a singular attribute's value."""
    if not isinstance(value, list):
        return value
    primary = (each for each in value if isinstance(each, Mapping) and each.get("primary") is True)
    return next(primary, value[0] if value else None)


def _triple(comparable: Any, attribute: Attribute) -> SortKey:
    if comparable is None:
        return UNASSIGNED
    match attribute.type:
        case "dateTime":
            return 0, *comparable
        case "boolean" | "integer" | "decimal":
            return 0, comparable, ""
        case _:
            return 0, 0, comparable[:_TEXT_LENGTH]
