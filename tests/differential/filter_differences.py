"""Where filters mean something else to scim2-models, and by what right they mean what they do to us."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scim.filter import parse_path
from scim.instant import instant
from scim.notation import Location, locate
from scim.schema import Attribute
from tests.differential.filters import ORDERING, SUBSTRING, Comparison, Selection, Term
from tests.differential.resources import TYPES
from tests.scim.shapes import DEVICE, ENTERPRISE


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two may differ: what ours does and by what right, what theirs does, on which terms, and an example.

    `refusing` says who of the two refuses the filter: "ours", "theirs", or "" for neither. A row for which ours is
    not at least as right as theirs does not belong in the table: ours has to be mended.
    """

    name: str
    ours: str
    theirs: str
    is_on: Callable[[Term], bool]
    refusing: tuple[str, ...]
    type: str
    resource: Mapping[str, Any]
    example: Term

    def explains(self, term: Term, ours: bool | str, theirs: bool | str) -> bool:
        """Whether the two may answer so: whether the resource satisfies the term, or why it is refused."""
        refusing = "ours" if isinstance(ours, str) else "theirs" if isinstance(theirs, str) else ""
        return refusing in self.refusing and self.is_on(term)


def compared(type: str, path: str, operator: str, value: Any = None) -> Comparison:
    """Write a comparison on resources of a type."""
    text = f"{path} {operator}" + ("" if operator == "pr" else f" {json.dumps(value)}")
    return Comparison(text, locate(parse_path(path, TYPES[type]).attr, TYPES[type]), operator, value)


def located(type: str, path: str) -> Location:
    """Return what a path names of a type."""
    where = locate(parse_path(path, TYPES[type]).attr, TYPES[type])
    assert where is not None, path
    return where


def _anywhere(is_so: Callable[[Comparison], bool]) -> Callable[[Term], bool]:
    """Return whether it is so of a comparison, or of one in the brackets of a value path."""
    return lambda term: any(map(is_so, term.within)) if isinstance(term, Selection) else is_so(term)


def _leaf(comparison: Comparison) -> Attribute | None:
    """Return the attribute whose values are compared: of a complex one its `value`."""
    leaf = comparison.where.leaf if comparison.where else None
    return leaf.sub("value") if leaf and leaf.type == "complex" else leaf


def _is_typed(comparison: Comparison, *types: str) -> bool:
    leaf = _leaf(comparison)
    return leaf is not None and leaf.type in types


def _is_foreign(comparison: Comparison) -> bool:
    """Whether the value in the filter is of another type than the attribute."""
    value, leaf = comparison.value, _leaf(comparison)
    return leaf is not None and comparison.operator != "pr" and value is not None and not _FITS[leaf.type](value)


def _is_base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_uri(value: Any) -> bool:
    return isinstance(value, str) and value[:1].isalpha() and ":" in value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_FITS: Final[dict[str, Callable[[Any], bool]]] = {
    "string": _is_text,
    "reference": _is_uri,
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "decimal": _is_number,
    "dateTime": lambda value: isinstance(value, str) and instant(value) is not None,
    "binary": _is_base64,
}


def _is_never_returned(comparison: Comparison) -> bool:
    where = comparison.where
    return where is not None and "never" in (where.attribute.returned, where.leaf.returned)


def _is_common_reference(comparison: Comparison) -> bool:
    where = comparison.where
    return where is not None and where.attribute.name in ("schemas", "meta") and where.leaf.type == "reference"


def _is_without_value(comparison: Comparison) -> bool:
    return comparison.where is not None and _leaf(comparison) is None and comparison.operator != "pr"


def _is_of_one_value(comparison: Comparison) -> bool:
    where, leaf = comparison.where, _leaf(comparison)
    return where is not None and not where.attribute.multi_valued and leaf is not None and leaf is not where.leaf


def _is_of_several(term: Term) -> bool:
    return isinstance(term, Comparison) and term.where is not None and term.where.attribute.multi_valued


def _has_several(comparison: Comparison) -> bool:
    sub = comparison.where.sub if comparison.where else None
    return sub is not None and sub.multi_valued


_ANY: Final = ("", "theirs")
_MANAGER: Final = f"{ENTERPRISE}:manager"

DIFFERENCES: Final = (
    Difference(
        "ne of several values",
        "`ne` holds if it holds for any: 'the filter matches if any of the values of the specified attribute match the "
        "specified criterion' (RFC 7644 section 3.4.2.2)",
        "`ne` holds if it holds for all",
        lambda term: _is_of_several(term) and term.operator == "ne",
        ("",),
        "User",
        {"userName": "a", "emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "b"}]},
        compared("User", "emails.type", "ne", "work"),
    ),
    Difference(
        "unknown attributes",
        "are treated 'as if there is no attribute value' (RFC 7644 section 3.4.2.1): equal to null and to nothing else",
        "no comparison holds",
        _anywhere(lambda each: each.where is None and each.operator in ("eq", "ne")),
        ("",),
        "User",
        {"userName": "a"},
        compared("User", "shoe", "ne", "a"),
    ),
    Difference(
        "what is never returned",
        "is unassigned to a filter too, which could find it out otherwise (RFC 7643 section 7, `returned`)",
        "is compared",
        _anywhere(_is_never_returned),
        _ANY,
        "Device",
        {"secret": "a"},
        compared("Device", "secret", "sw", "a"),
    ),
    Difference(
        "brackets behind a singular attribute",
        "hold for 'the same value of a parent attribute' (RFC 7644 table 5), be it the only one",
        "are refused",
        lambda term: isinstance(term, Selection) and not term.where.attribute.multi_valued,
        ("theirs",),
        "Device",
        {"place": {"room": "a"}},
        Selection('place[room eq "a"]', located("Device", "place"), (compared("Device", "place.room", "eq", "a"),)),
    ),
    Difference(
        "complex attributes without `value`",
        "are refused: 'a fully qualified sub-attribute MUST be specified' (RFC 7644 section 3.4.2.2)",
        "differ from any value",
        _anywhere(_is_without_value),
        ("ours",),
        "Device",
        {"place": {"room": "a"}},
        compared("Device", "place", "eq", "a"),
    ),
    Difference(
        "singular complex attributes with `value`",
        'are compared by that, as those with several values are: Entra asks for `manager eq "…"`',
        "differ from any value",
        _anywhere(_is_of_one_value),
        ("",),
        "User",
        {"userName": "a", ENTERPRISE: {"manager": {"value": "a"}}},
        compared("User", _MANAGER, "eq", "a"),
    ),
    Difference(
        "substrings of numbers",
        "are refused, as numbers have none (RFC 7644 table 3 speaks of strings)",
        "are not found",
        _anywhere(lambda each: each.operator in SUBSTRING and _is_typed(each, "integer", "decimal")),
        ("ours",),
        "Device",
        {"ports": 1},
        compared("Device", "ports", "sw", 1),
    ),
    Difference(
        "substrings of binary values",
        "are those of their base64; RFC 7644 table 3 has only their ordering refused",
        "are refused",
        _anywhere(lambda each: each.operator in SUBSTRING and _is_typed(each, "binary")),
        ("theirs",),
        "Device",
        {"image": "QUJD"},
        compared("Device", "image", "sw", "QU"),
    ),
    Difference(
        "substrings of a dateTime",
        "are those of its text, so that `sw` finds a day (RFC 7643 section 2.3.5: a dateTime is a string in JSON)",
        "are not found",
        _anywhere(lambda each: each.operator in SUBSTRING and _is_typed(each, "dateTime")),
        ("",),
        "Device",
        {"made": "2024-02-29T12:00:00Z"},
        compared("Device", "made", "sw", "2024-02-29"),
    ),
    Difference(
        "ordering by null or by another type",
        "is refused: such values have no order (RFC 7644 section 3.12: 'attribute and filter comparison combination')",
        "does not hold, or the value is converted",
        _anywhere(lambda each: each.operator in ORDERING and (each.value is None or _is_foreign(each))),
        ("ours", "theirs"),
        "Device",
        {"label": "a"},
        compared("Device", "label", "gt", None),
    ),
    Difference(
        "equality with another type",
        "does not hold: such a value is 'not identical' (RFC 7644 table 3)",
        "is refused, or the value is converted",
        _anywhere(lambda each: each.operator in ("eq", "ne") and _is_foreign(each)),
        _ANY,
        "Device",
        {"label": "a"},
        compared("Device", "label", "eq", 1),
    ),
    Difference(
        "the case of `schemas` and `meta.location`",
        "matters, as references are case-exact (RFC 7643 section 2.3.7)",
        "does not matter",
        _anywhere(_is_common_reference),
        ("",),
        "Device",
        {"schemas": [DEVICE.base.id]},
        compared("Device", "schemas", "eq", DEVICE.base.id.upper()),
    ),
    Difference(
        "sub-attributes with several values",
        "are compared value by value (RFC 7643 section 7 gives sub-attributes `multiValued` too)",
        "are compared as lists",
        _anywhere(_has_several),
        ("",),
        "Gadget",
        {"label": "a", "parts": [{"code": "a", "sizes": [1, 3]}]},
        compared("Gadget", "parts.sizes", "eq", 1),
    ),
)
