"""The types that Bicep values have: what Azure's resource types ask for, and what an expression yields."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

SCHEMAS = Path(__file__).parent / "schemas"


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever fits everywhere: `any`, or what this checker does not follow."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A string, int or bool; a string may be one of a few. Ranges bound the ints that are written out."""

    name: str
    literals: frozenset[str] = frozenset()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """An array."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a record."""

    type: "Type"
    required: bool = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """An object: its properties, the type of those not named, or the variants that a property's value chooses."""

    properties: Mapping[str, Property]
    additional: "Type | None" = None
    discriminator: str = ""
    variants: Mapping[str, "Type"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Named:
    """A record of a schema that is looked up when needed, since such records refer to each other in circles."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of several: what a condition yields, or the items of an array that differ."""

    options: tuple["Type", ...]


Type: TypeAlias = Anything | Plain | Many | Record | Named | OneOf
STRING, INT, BOOL, NULL, ANY = Plain("string"), Plain("int"), Plain("bool"), Plain("null"), Anything()
_SIMPLE: dict[str, Type] = {"string": STRING, "int": INT, "number": INT, "bool": BOOL, "any": ANY}


@cache
def schema(resource_type: str) -> dict[str, Any] | None:
    """Return what the snapshot says of a resource type, None when it does not hold it."""
    path = SCHEMAS / f"{resource_type.replace('/', '_')}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def body_type(resource_type: str) -> Type:
    """Return the type of a resource's body."""
    found = schema(resource_type)
    assert found is not None
    return _record(found["body"], resource_type)


def resolve(found: Type) -> Type:
    """Return the record behind a name."""
    if not isinstance(found, Named):
        return found
    held = schema(found.schema)
    assert held is not None
    return _record(held["objects"][found.name], found.schema) if found.name in held["objects"] else ANY


def _record(entry: Mapping[str, Any], where: str) -> Record:
    properties = {
        name: Property(
            _type(held["type"], where, held.get("modifiers", "")),
            held.get("required", False),
            held.get("readOnly", False),
        )
        for name, held in entry["properties"].items()
    }
    variants = {}
    for variant in entry.get("variants", []):
        value = variant["properties"][entry["discriminator"]]["type"]
        whole = variant | {"properties": entry["properties"] | variant["properties"]}
        variants[value] = _record(whole, where)
    additional = _type(entry["additional"], where) if "additional" in entry else None
    return Record(properties, additional, entry.get("discriminator", ""), variants)


def _type(written: str | Mapping[str, Any], where: str, modifiers: str = "") -> Type:
    if not isinstance(written, str):
        return _record(written, where)
    if written in _SIMPLE:
        return _bounded(_SIMPLE[written], modifiers)
    if written.endswith("[]"):
        return Many(_type(written.removesuffix("[]"), where))
    if found := re.fullmatch(r"\{(.+)\}", written):
        return Record({}, _type(found[1], where))
    held = schema(where)
    if held and written in held["objects"]:
        return Named(where, written)
    # What is neither simple nor an object is a string, or one of several. An open list (`| string`) is taken as
    # closed: a value that Azure does not document is more often a slip than a discovery.
    return Plain("string", frozenset(written.split(" | ")) - {"string"})


def _bounded(found: Type, modifiers: str) -> Type:
    bounds = dict(re.findall(r"(minValue|maxValue): (-?\d+)", modifiers))
    if not bounds or not isinstance(found, Plain):
        return found
    least, most = (int(bounds[key]) if key in bounds else None for key in ("minValue", "maxValue"))
    return Plain(found.name, least=least, most=most)


def member(found: Type, name: str) -> Type | None:
    """Return the type of a property, None when there is no such property."""
    match resolve(found):
        case Anything():
            return ANY
        case Record(properties, additional, _, variants):
            if name in properties:
                return properties[name].type
            inner = (member(variant, name) for variant in variants.values())
            return next((one for one in inner if one is not None), additional)
        case OneOf(options):
            members = [member(option, name) for option in options]
            return None if None in members else one_of([one for one in members if one is not None])
        case _:
            return None


def one_of(found: Sequence[Type]) -> Type:
    """Return what a value is that may be any of these; what cannot be followed when there is none."""
    options = [one for place, one in enumerate(found) if one not in found[:place]]
    return options[0] if len(options) == 1 else OneOf(tuple(options)) if options else ANY


def fits(found: Type, wanted: Type) -> bool:
    """Tell whether a value of one type may stand where another is wanted."""
    match resolve(found), resolve(wanted):
        case OneOf(options), _:
            return all(fits(option, wanted) for option in options)
        case (Anything(), _) | (_, Anything()) | (Plain("null"), _):
            return True
        case Plain(name, held), Plain(other, allowed):
            return name == other and (not allowed or not held or held <= allowed)
        case Many(item), Many(other_item):
            return fits(item, other_item)
        case Record(), Record() as other_record:
            return other_record.additional is None or _values_fit(resolve(found), other_record.additional)
        case _:
            return False


def _values_fit(found: Type, wanted: Type) -> bool:
    assert isinstance(found, Record)
    return all(fits(held.type, wanted) for held in found.properties.values())


def show(found: Type) -> str:
    """Return a type's name for a message."""
    match found:
        case Plain(name, literals):
            return " | ".join(sorted(literals)) or name
        case Many(item):
            return f"{show(item)}[]"
        case Named(_, name):
            return name
        case OneOf(options):
            return " or ".join(sorted({show(option) for option in options}))
        case Anything():
            return "any"
        case _:
            return "object"
