"""Filters over the whole grammar: each as text, with the terms that it consists of."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from scim.notation import Location
from scim.schema import ResourceType
from tests.differential.choices import Draw, number, one_in, pick, spelled
from tests.differential.resources import TEXTS, TYPES, listed, scalar

ORDERING: Final = ("gt", "ge", "lt", "le")
SUBSTRING: Final = ("co", "sw", "ew")
OPERATORS: Final = ("eq", "ne", "pr", *SUBSTRING, *ORDERING)
_FITTING: Final[dict[str, tuple[str, ...]]] = {
    "string": OPERATORS,
    "reference": OPERATORS,
    "complex": OPERATORS,
    "boolean": ("eq", "ne", "pr"),
    "binary": ("eq", "ne", "pr"),
    "integer": ("eq", "ne", "pr", *ORDERING),
    "decimal": ("eq", "ne", "pr", *ORDERING),
    "dateTime": ("eq", "ne", "pr", *ORDERING),
}
_ANYTHING: Final[tuple[Any, ...]] = (*TEXTS, "", True, False, None, 0, 3, 2.5, "2024-02-29T12:00:00Z", "QUJD")
_UNKNOWN: Final = ("shoe", "name.shoe", "urn:example:unknown:2.0:Shoe:size")


@dataclass(frozen=True, slots=True)
class Comparison:
    """attrExp: `operator` is one of OPERATORS, `where` None for what the resource type does not have."""

    text: str
    where: Location | None = field(repr=False)
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Selection:
    """valuePath: `within` are the comparisons in its brackets, and the one that Entra writes behind them."""

    text: str
    where: Location = field(repr=False)
    within: tuple[Comparison, ...]


Term: TypeAlias = Comparison | Selection
Resource: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A filter: its text, and the terms that stand in it between "and", "or", "not" and parentheses."""

    text: str
    terms: tuple[Any, ...]


@st.composite
def filters(draw: Draw, resource_type: ResourceType, resource: Resource) -> Written:
    """Write a filter on resources of the type, mostly about what this one holds."""

    def term() -> Term:
        if one_in(draw, 3):
            return _selection(draw, resource_type, resource)
        return _comparison(draw, *_path(draw, resource_type, resource), resource)

    return _expression(draw, term, depth=3)


def value_filter(draw: Draw, where: Location, resource: Resource) -> Written:
    """Write what may stand in the brackets of a value path of the attribute."""
    return _expression(draw, lambda: _comparison(draw, *_sub(draw, where), resource), depth=2)


@cache
def known(name: str) -> tuple[Location, ...]:
    """Return every attribute of a resource type, those of its extensions too."""
    resource_type = TYPES[name]
    own = [Location("", attribute) for attribute in (*resource_type.base.attributes, *resource_type.common)]
    return (*own, *(Location(urn.id, attribute) for urn in resource_type.extensions for attribute in urn.attributes))


def favoured(draw: Draw, some: Sequence[Location], resource: Resource) -> Location:
    """Choose one of the attributes, mostly one that the resource holds."""
    held = [where for where in some if where.attribute.name in where.holder(resource)]
    return pick(draw, held if held and not one_in(draw, 3) else some)


def _held(where: Location, resource: Resource) -> list[Any]:
    """Return the simple values that the resource holds of an attribute or sub-attribute."""
    values = listed(where.holder(resource).get(where.attribute.name))
    if where.sub:
        values = [item for each in values for item in listed(each.get(where.sub.name))]
    return [each for each in values if not isinstance(each, dict)]


def written_path(draw: Draw, where: Location, resource_type: ResourceType) -> str:
    """Write a path with its URN, which may be left out in the core schema (RFC 7644 section 3.10)."""
    bare = Location("", where.attribute, where.sub).path
    urn = where.extension or (resource_type.base.id if one_in(draw, 4) else "")
    return spelled(draw, f"{urn}:{bare}" if urn else bare)


def _path(draw: Draw, resource_type: ResourceType, resource: Resource) -> tuple[str, Location | None]:
    if one_in(draw, 25):
        return pick(draw, _UNKNOWN), None
    where = favoured(draw, known(resource_type.name), resource)
    if where.leaf.type == "complex" and not one_in(draw, 4):
        where = Location(where.extension, where.attribute, pick(draw, where.attribute.sub_attributes))
    return written_path(draw, where, resource_type), where


def _sub(draw: Draw, where: Location) -> tuple[str, Location | None]:
    if one_in(draw, 25):
        return "shoe", None
    if where.attribute.type != "complex":
        return "value", where
    sub = pick(draw, where.attribute.sub_attributes)
    return spelled(draw, sub.name), Location(where.extension, where.attribute, sub)


def _comparison(draw: Draw, path: str, where: Location | None, resource: Resource) -> Comparison:
    """Write a comparison, mostly with an operator and a value that the attribute's type allows."""
    kind = where.leaf.type if where else "string"
    operator = pick(draw, OPERATORS if one_in(draw, 20) else _FITTING[kind])
    if operator == "pr":
        return Comparison(f"{path} {spelled(draw, 'pr')}", where, operator)
    value = _comp_value(draw, where, resource)
    literal = json.dumps(value, ensure_ascii=one_in(draw, 2))
    return Comparison(f"{path} {spelled(draw, operator)} {literal}", where, operator, value)


def _comp_value(draw: Draw, where: Location | None, resource: Resource) -> Any:
    if where is None or where.leaf.type == "complex" or one_in(draw, 20):
        return pick(draw, _ANYTHING)
    held = _held(where, resource)
    return pick(draw, held) if held and one_in(draw, 2) else scalar(draw, where.leaf)


def _selection(draw: Draw, resource_type: ResourceType, resource: Resource) -> Selection:
    """Write a value path, and now and then what Entra makes of one: `emails[type eq "work"].value eq "x"`."""
    singular = one_in(draw, 12)
    heads = [
        each
        for each in known(resource_type.name)
        if (each.attribute.type == "complex" if singular else each.attribute.multi_valued)
    ]
    where = favoured(draw, heads, resource)
    inner = value_filter(draw, where, resource)
    text, within = f"{written_path(draw, where, resource_type)}[{inner.text}]", inner.terms
    if one_in(draw, 4):
        more = _comparison(draw, *_sub(draw, where), resource)
        text, within = f"{text}.{more.text}", (*within, more)
    return Selection(text, where, within)


def _expression(draw: Draw, term: Callable[[], Term], depth: int) -> Written:
    """Join terms, also without parentheses, so that precedence matters (RFC 7644 section 3.4.2.2)."""
    form = number(draw, 0, 5) if depth else 0
    if form < 3:
        single = term()
        return Written(single.text, (single,))
    first = _expression(draw, term, depth - 1)
    if form == 3:
        group = pick(draw, ("({})", "not ({})", "not({})", "NOT ( {} )"))
        return Written(group.format(first.text), first.terms)
    second = _expression(draw, term, depth - 1)
    joint = pick(draw, (" and ", " or ", " AND ", " Or ", "  and\t"))
    return Written(first.text + joint + second.text, first.terms + second.terms)
