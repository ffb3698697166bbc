"""How the values of each attribute type compare, for filters (RFC 7644 section 3.4.2.2) and sorting (3.4.2.3).

A *comparable* is what a value is turned into before it is compared with another of the same attribute:

    string, reference       the text, folded unless the attribute is case-exact
    binary                  the text as it is (base64 is case-sensitive)
    dateTime                the instant, whatever offset or precision it is written with
    decimal, integer        the number
    boolean                 True or False, also from "True" and "false": Entra asks for `[primary eq "True"]`
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from scim.instant import instant
from scim.schema import Attribute
from scim.text import fold

# Turns a JSON value into its comparable, or into None when the value is not one of the attribute's type.
Reading: TypeAlias = Callable[[Any], Any]

_TRUTH = {"true": True, "false": False}


def reading(attribute: Attribute) -> Reading:
    """Return what turns the values of a simple attribute into their comparables."""
    match attribute.type:
        case "dateTime":
            return _instant
        case "boolean":
            return _boolean
        case "integer" | "decimal":
            return _number
        case _:
            return text_reading(attribute)


def text_reading(attribute: Attribute) -> Reading:
    """Return what turns values into text, in which substrings are looked for."""
    return _exact if attribute.case_exact or attribute.type == "binary" else _folded


def _exact(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _folded(value: Any) -> str | None:
    return fold(value) if isinstance(value, str) else None


def _instant(value: Any) -> tuple[int, str] | None:
    return instant(value) if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return _TRUTH.get(value.lower())
    return value if isinstance(value, bool) else None


def _number(value: Any) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
