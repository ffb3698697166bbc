"""Filters as predicates: compiled once, called for every resource (RFC 7644 section 3.4.2.2).

What an attribute's type and characteristics make of an operator:

    type                eq ne       co sw ew    gt ge lt le         see scim.comparison for how each compares
    string, reference   text        text        text
    dateTime            instant     text        instant
    binary              text        text        refused
    decimal, integer    number      refused     number
    boolean             truth       refused     refused
    complex             its `value` sub-attribute; refused where there is none

Refused is InvalidFilter, as is ordering by a value of another type. Otherwise a value of another type is merely
different: `eq` and the substring operators do not hold, `ne` does.

* A multi-valued attribute satisfies a comparison if any of its values does. That is so for `ne` too, as the section
  reads: `emails.type ne "work"` holds if any e-mail is of another type. "No e-mail of type work" is `not (... eq ...)`.
* An unassigned attribute has no value that could match, and is not identical to any: only `ne` holds, and `eq null`.
* An attribute that the resource type does not have is unassigned (section 3.4.2.1), and so is one that is never
  returned: else a filter could find out what must not be read.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from scim.comparison import reading, text_reading
from scim.errors import InvalidFilter
from scim.notation import locate
from scim.schema import Attribute, ResourceType
from scim.tree import And, AttrPath, Compare, Filter, Not, Or, Present, ValuePath

Test: TypeAlias = Callable[[Any], bool]

_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_SUBSTRING = ("co", "sw", "ew")
_ORDER = ("gt", "ge", "lt", "le")
_REFUSED: Final[dict[str, tuple[str, ...]]] = {
    "boolean": (*_SUBSTRING, *_ORDER),
    "binary": _ORDER,
    "integer": _SUBSTRING,
    "decimal": _SUBSTRING,
}


@dataclass(frozen=True, slots=True)
class _Target:
    """What an attribute path names: the names that lead to the values, and the attribute that they are values of."""

    names: tuple[str, ...]
    attribute: Attribute


_Scope: TypeAlias = Callable[[AttrPath], _Target | None]


def matcher(filter: Filter, resource_type: ResourceType) -> Callable[[Mapping[str, Any]], bool]:
    """Return the predicate that a filter is on full representations of a resource type.

    Raises InvalidFilter for a comparison that the attribute's type does not allow.
    """
    return _compile(filter, lambda path: _in_resource(path, resource_type))


def value_matcher(filter: Filter, attribute: Attribute) -> Test:
    """Return the predicate that the filter of a value path is on one value of the attribute.

    Of a simple attribute, "value" names the value itself. Raises InvalidFilter as `matcher` does.
    """
    test = _compile(filter, lambda path: _in_value(path, attribute))
    if attribute.type != "complex":
        return test
    return lambda value: test(value if isinstance(value, Mapping) else {})


def _in_resource(path: AttrPath, resource_type: ResourceType) -> _Target | None:
    if not path.name:
        extension = resource_type.extension(path.urn)
        return _Target((extension.id,), Attribute(name=extension.id, type="complex")) if extension else None
    location = locate(path, resource_type)
    if location is None or "never" in (location.attribute.returned, location.leaf.returned):
        return None
    names = (location.extension, location.attribute.name, location.sub.name if location.sub else "")
    return _Target(tuple(filter(None, names)), location.leaf)


def _in_value(path: AttrPath, attribute: Attribute) -> _Target | None:
    if path.urn or path.sub:
        return None
    if attribute.type != "complex":
        return _Target((), attribute) if path.name.lower() == "value" else None
    sub = attribute.sub(path.name)
    return _Target((sub.name,), sub) if sub and sub.returned != "never" else None


def _compile(tree: Filter, scope: _Scope) -> Test:
    match tree:
        case And(terms):
            tests = [_compile(term, scope) for term in terms]
            return lambda holder: all(test(holder) for test in tests)
        case Or(terms):
            tests = [_compile(term, scope) for term in terms]
            return lambda holder: any(test(holder) for test in tests)
        case Not(term):
            inner = _compile(term, scope)
            return lambda holder: not inner(holder)
        case ValuePath(path, condition):
            target = scope(path)
            return _any(target.names, value_matcher(condition, target.attribute)) if target else _never
        case Present(path):
            target = scope(path)
            return _any(target.names, _is_present) if target else _never
        case _:
            return _comparison(tree, scope)


def _comparison(compare: Compare, scope: _Scope) -> Test:
    target, op, value = scope(compare.path), compare.op, compare.value
    if value is None and op in ("eq", "ne"):
        present = _any(target.names, _is_present) if target else _never
        return present if op == "ne" else lambda holder: not present(holder)
    if target is None:
        return _always if op == "ne" else _never
    target = _comparable(target, compare.path)
    test = _value_test(target.attribute, compare)
    if op != "ne":
        return _any(target.names, test)
    read = _reader(target.names)
    return lambda holder: any(map(test, values)) if (values := read(holder)) else True


def _comparable(target: _Target, path: AttrPath) -> _Target:
    """Return the target itself, or of a complex attribute its `value`: `members eq "id"` is `members.value eq "id"`."""
    if target.attribute.type != "complex":
        return target
    value = target.attribute.sub("value")
    if value is None:
        raise InvalidFilter(f"'{path}' is complex: compare one of its sub-attributes")
    return _Target((*target.names, value.name), value)


def _value_test(attribute: Attribute, comparison: Compare) -> Test:
    """Return the test of one value of the attribute against the value in the filter."""
    path, op = comparison.path, comparison.op
    if op in _REFUSED.get(attribute.type, ()):
        raise InvalidFilter(f"'{path}' is {attribute.type} and cannot be compared by '{op}'")
    read = text_reading(attribute) if op in _SUBSTRING else reading(attribute)
    wanted = read(comparison.value)
    if wanted is None and op in _ORDER:
        raise InvalidFilter(f"'{path}' is {attribute.type}: '{op}' needs a value of that type")
    if wanted is None:
        return _always if op == "ne" else _never
    compare = _OPERATORS[op]

    def test(value: Any) -> bool:
        held = read(value)
        return op == "ne" if held is None else compare(held, wanted)

    return test


def _any(names: tuple[str, ...], test: Test) -> Test:
    """Return whether any value that the names lead to passes the test."""
    read = _reader(names)
    return lambda holder: any(map(test, read(holder)))


def _reader(names: tuple[str, ...]) -> Callable[[Any], Sequence[Any]]:
    """Return what finds the values that the names lead to, through every value of a multi-valued attribute."""
    if not names:
        return lambda value: (value,)
    name, rest = names[0], names[1:]

    def here(holder: Any) -> Sequence[Any]:
        value = holder.get(name)
        return () if value is None else value if isinstance(value, list | tuple) else (value,)

    if not rest:
        return here
    deeper = _reader(rest)
    return lambda holder: [value for each in here(holder) if isinstance(each, Mapping) for value in deeper(each)]


def _is_present(value: Any) -> bool:
    """Return whether there is a non-empty value, or in a complex one a non-empty node (RFC 7644 table 3)."""
    if isinstance(value, Mapping):
        return any(map(_is_present, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_is_present, value))
    return value is not None and value != ""


def _always(_: Any) -> bool:
    return True


def _never(_: Any) -> bool:
    return False
