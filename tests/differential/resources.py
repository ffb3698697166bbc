"""Resources with values of every type that an attribute can have."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from scim.schema import Attribute, ResourceType
from scim.validate import distinct, is_derived, is_hollow, is_primary, is_relation
from tests.differential.choices import Draw, number, one_in, pick
from tests.scim.gadgets import GADGET, GROUP, USER
from tests.scim.shapes import DEVICE

TYPES: Final = {each.name: each for each in (USER, GROUP, DEVICE, GADGET)}

# Few enough that values meet; alike but for their case, their form in Unicode or their end.
TEXTS: Final = ("ana", "ANA", "anabel", "Straße", "STRASSE", "É", "E\u0301", 'q"\\', "work", "home", "a b", "true", "1")
_POOLS: Final[dict[str, tuple[Any, ...]]] = {
    "string": TEXTS,
    "boolean": (True, False),
    "integer": (-1, 0, 1, 3, 10),
    "decimal": (-0.5, 0, 1, 2.5, 3.0),
    "dateTime": ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.5Z", "2024-02-29T14:00:00+02:00", "2011-05-13T04:42:34Z"),
    "binary": ("QUJD", "qujd", "AA=="),
    "reference": ("https://example.com/a", "https://example.com/A", "https://example.com/b"),
}


@st.composite
def resources(draw: Draw, resource_type: ResourceType) -> dict[str, Any]:
    """Make a resource as it is stored: in the one form of `scim.validate`, with what is read-only."""
    resource = _object(draw, resource_type.base.attributes)
    for extension in resource_type.extensions:
        if one_in(draw, 2) and (part := _object(draw, extension.attributes)):
            resource[extension.id] = part
    return resource


@st.composite
def representations(draw: Draw, resource_type: ResourceType) -> dict[str, Any]:
    """Make a resource as it is answered, with the common attributes (RFC 7643 section 3.1)."""
    resource = draw(resources(resource_type))
    meta = next(each for each in resource_type.common if each.name == "meta")
    return {
        "schemas": schemas(resource, resource_type),
        "id": pick(draw, TEXTS),
        **resource,
        "meta": _object(draw, meta.sub_attributes, {"resourceType"}),
    }


def schemas(resource: Mapping[str, Any], resource_type: ResourceType) -> list[str]:
    """Return the URNs of the schemas that the resource uses."""
    return [resource_type.base.id, *(each.id for each in resource_type.extensions if each.id in resource)]


def listed(value: Any) -> list[Any]:
    """Return the values of an attribute, of a singular one too."""
    return value if isinstance(value, list) else [] if value is None else [value]


def scalar(draw: Draw, attribute: Attribute) -> Any:
    """Make a value of a simple attribute's type."""
    return pick(draw, attribute.canonical_values or _POOLS[attribute.type])


def value(draw: Draw, attribute: Attribute) -> Any:
    """Make what an attribute may hold: a value, or of a multi-valued one a list of them, each once."""
    if not attribute.multi_valued:
        return element(draw, attribute)
    elements = distinct([element(draw, attribute) for _ in range(number(draw, 1, 3))], attribute)
    first = next((each for each in elements if is_primary(each)), None)
    return [each | {"primary": False} if is_primary(each) and each is not first else each for each in elements]


def element(draw: Draw, attribute: Attribute) -> Any:
    """Make one value of an attribute."""
    if attribute.type != "complex":
        return scalar(draw, attribute)
    subs = [sub for sub in attribute.sub_attributes if not is_derived(attribute, sub.name)]
    needed = {"value"} if is_relation(attribute) else set()
    made = _object(draw, subs, needed)
    if is_hollow(made, attribute):
        sub = next(sub for sub in subs if sub.name not in ("type", "primary"))
        made[sub.name] = value(draw, sub)
    return made


def _object(draw: Draw, attributes: Iterable[Attribute], needed: Iterable[str] = ()) -> dict[str, Any]:
    """Make an object of some of the attributes, always with those that are required or needed."""
    return {
        attribute.name: value(draw, attribute)
        for attribute in attributes
        if attribute.required or attribute.name in needed or one_in(draw, 2 if attribute.name == "primary" else 3)
    }
