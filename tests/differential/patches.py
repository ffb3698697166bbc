"""PATCH operations of every form on every attribute."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st

from scim.notation import Location
from scim.schema import Attribute, ResourceType
from tests.differential.choices import Draw, number, one_in, pick, spelled
from tests.differential.filters import Comparison, favoured, known, value_filter, written_path
from tests.differential.resources import element, listed, value

_ODD: Final[tuple[Any, ...]] = (None, "", [], {}, "ana", "True", 5, True, ["ana"], {"value": "ana"})
Named: TypeAlias = tuple[Location, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation as a client writes it, and the attributes that it names, each with what it gives them.

    What a remove gives is None. `within` are the comparisons in the brackets of the path, None where it has none.
    """

    written: Mapping[str, Any]
    named: tuple[Named, ...] = field(repr=False)
    within: tuple[Comparison, ...] | None = field(default=None, repr=False)

    @property
    def op(self) -> str:
        """The operation: "add", "replace" or "remove"."""
        return str(self.written["op"]).lower()

    @property
    def path(self) -> str:
        """The path, "" where there is none."""
        return str(self.written.get("path", ""))


def step(op: str, *named: Named, path: str = "", within: tuple[Comparison, ...] | None = None) -> Step:
    """Write an operation in the plainest way: with a path where it names one attribute, else without."""
    if len(named) != 1:
        return Step({"op": op, "value": {where.path: given for where, given in named}}, named)
    where, given = named[0]
    written = {"op": op, "path": path or where.path}
    return Step(written if op == "remove" else written | {"value": given}, named, within)


@st.composite
def patches(draw: Draw, resource_type: ResourceType, resource: Mapping[str, Any]) -> list[Step]:
    """Write the operations of a PATCH of the resource."""
    return [_step(draw, resource_type, resource) for _ in range(number(draw, 1, 3))]


def _step(draw: Draw, resource_type: ResourceType, resource: Mapping[str, Any]) -> Step:
    op = pick(draw, ("add", "replace", "remove"))
    form = number(draw, 0, 9)
    if form == 0 and op != "remove":
        return _without_path(draw, op, resource_type)
    if form == 1 and resource_type.extensions:
        return _on_extension(draw, op, resource_type)
    where = favoured(draw, _heads(draw, resource_type), resource)
    path = written_path(draw, where, resource_type)
    subs = where.attribute.sub_attributes
    if where.attribute.multi_valued and form < 7 and (subs or form < 4):
        return _on_selected(draw, op, path, where, resource)
    if subs and form < 9:
        return _on_sub(draw, op, path, where)
    return _operation(draw, op, path, where, value(draw, where.attribute))


def _operation(draw: Draw, op: str, path: str, where: Location, given: Any, within: Any = None) -> Step:
    """Write an operation with a path, now and then with a value that does not fit."""
    written = {"op": spelled(draw, op), "path": path}
    if op == "remove":
        return Step(written, ((where, None),), within)
    if one_in(draw, 15):
        given = pick(draw, _ODD)
    elif where.leaf.multi_valued and one_in(draw, 8):
        given = given[0] if isinstance(given, list) else given
    return Step(written | {"value": given}, ((where, given),), within)


def _on_sub(draw: Draw, op: str, path: str, where: Location, within: Any = None) -> Step:
    """Write an operation on a sub-attribute of what the path selects."""
    sub = pick(draw, where.attribute.sub_attributes)
    place = Location(where.extension, where.attribute, sub)
    return _operation(draw, op, f"{path}.{spelled(draw, sub.name)}", place, value(draw, sub), within)


def _on_selected(draw: Draw, op: str, path: str, where: Location, resource: Mapping[str, Any]) -> Step:
    """Write an operation on the values that a filter selects, mostly on one that there is."""
    present = listed(where.holder(resource).get(where.attribute.name))
    if not present or one_in(draw, 3):
        inner = value_filter(draw, where, resource)
        text, within = inner.text, inner.terms
    else:
        text, within = _describing(draw, pick(draw, present), where)
    if where.attribute.sub_attributes and one_in(draw, 2):
        return _on_sub(draw, op, f"{path}[{text}]", where, within)
    return _operation(draw, op, f"{path}[{text}]", where, element(draw, where.attribute), within)


def _describing(draw: Draw, chosen: Any, where: Location) -> tuple[str, tuple[Comparison, ...]]:
    """Write the filter that a client writes for a value that it knows: `type eq "work"`."""
    said = chosen if isinstance(chosen, dict) else {"value": chosen}
    name = pick(draw, [name for name, item in said.items() if not isinstance(item, list)])
    text = f"{name} eq {json.dumps(said[name])}"
    place = Location(where.extension, where.attribute, where.attribute.sub(name))
    return text, (Comparison(text, place, "eq", said[name]),)


def _without_path(draw: Draw, op: str, resource_type: ResourceType) -> Step:
    """Write an operation on the resource itself; the names in its value may be paths, and URNs of extensions."""
    given: dict[str, Any] = {}
    named: list[Named] = []
    for _ in range(number(draw, 1, 3)):
        where = pick(draw, _heads(draw, resource_type))
        if where.attribute.type == "complex" and not where.attribute.multi_valued and one_in(draw, 3):
            where = Location(where.extension, where.attribute, pick(draw, where.attribute.sub_attributes))
        if all(where.attribute is not other.attribute for other, _ in named):
            named.append((where, value(draw, where.leaf)))
            given[written_path(draw, where, resource_type)] = named[-1][1]
    for extension in resource_type.extensions:
        if one_in(draw, 4) and not any(where.extension for where, _ in named):
            part = _part(draw, extension.id, extension.attributes)
            given[extension.id] = {where.attribute.name: item for where, item in part}
            named += part
    return Step({"op": op, "value": given}, tuple(named))


def _on_extension(draw: Draw, op: str, resource_type: ResourceType) -> Step:
    """Write an operation on an extension as a whole, by its URN."""
    extension = pick(draw, resource_type.extensions)
    written: dict[str, Any] = {"op": op, "path": spelled(draw, extension.id)}
    if op == "remove":
        return Step(written, tuple((Location(extension.id, attribute), None) for attribute in extension.attributes))
    part = _part(draw, extension.id, extension.attributes)
    return Step(written | {"value": {where.attribute.name: item for where, item in part}}, part)


def _part(draw: Draw, urn: str, attributes: Iterable[Attribute]) -> tuple[Named, ...]:
    some = [each for each in attributes if one_in(draw, 2) and (each.mutability != "readOnly" or one_in(draw, 8))]
    return tuple((Location(urn, each), value(draw, each)) for each in some)


def _heads(draw: Draw, resource_type: ResourceType) -> Sequence[Location]:
    """Return the attributes that an operation may name: those that are read-only now and then."""
    heads = known(resource_type.name)
    return heads if one_in(draw, 15) else [each for each in heads if each.attribute.mutability != "readOnly"]
