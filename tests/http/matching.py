"""How an answer is held against what was expected of it: the matchers of tests/exchanges/."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str) and value != "",
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "dateTime": lambda value: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", str(value)) is not None,
    "etag": lambda value: re.fullmatch(r'W/"[^"]+"', str(value)) is not None,
}

_ABSENT = object()


def differences(expected: Any, actual: Any, *, whole: bool = False, at: str = "") -> list[str]:
    """Return one sentence for each place where `actual` is not as expected; none when it is.

    Objects match in part unless `whole`; lists match element by element; an object whose one key is in the
    table of matchers is a matcher.
    """
    if isinstance(expected, Mapping):
        if len(expected) == 1 and next(iter(expected)) in _MATCHERS:
            return _match(*next(iter(expected.items())), actual, whole, at)
        return _object(expected, actual, whole, at)
    if isinstance(expected, list):
        return _list(expected, actual, whole, at)
    same = type(expected) is type(actual) and expected == actual
    return [] if same else [f"{at or '/'}: expected {expected!r}, got {_show(actual)}"]


def _show(value: Any) -> str:
    return "nothing" if value is _ABSENT else repr(value)


def _match(name: str, wanted: Any, actual: Any, whole: bool, at: str) -> list[str]:
    def same(one: Any, other: Any) -> bool:
        return not differences(one, other, whole=whole)

    if _MATCHERS[name](wanted, actual, same):
        return []
    return [f"{at or '/'}: expected {name} {wanted!r}, got {_show(actual)}"]


def _object(expected: Mapping[str, Any], actual: Any, whole: bool, at: str) -> list[str]:
    if not isinstance(actual, Mapping):
        return [f"{at or '/'}: expected an object, got {_show(actual)}"]
    found = [
        line
        for key, value in expected.items()
        for line in differences(value, actual.get(key, _ABSENT), whole=whole, at=f"{at}/{key}")
    ]
    extra = [f"{at}/{key}: unexpected {value!r}" for key, value in actual.items() if key not in expected]
    return found + extra if whole else found


def _list(expected: list[Any], actual: Any, whole: bool, at: str) -> list[str]:
    if not isinstance(actual, list) or len(actual) != len(expected):
        return [f"{at or '/'}: expected a list of {len(expected)}, got {_show(actual)}"]
    return [
        line
        for index, (one, other) in enumerate(zip(expected, actual, strict=True))
        for line in differences(one, other, whole=whole, at=f"{at}/{index}")
    ]


_Same = Callable[[Any, Any], bool]


def _contains(wanted: Any, actual: Any, same: _Same) -> bool:
    return isinstance(actual, list) and any(same(wanted, element) for element in actual)


def _unordered(wanted: list[Any], actual: Any, same: _Same) -> bool:
    return (
        isinstance(actual, list) and len(actual) == len(wanted) and all(_contains(one, actual, same) for one in wanted)
    )


_MATCHERS: dict[str, Callable[[Any, Any, _Same], bool]] = {
    "$any": lambda wanted, actual, _: _TYPES[wanted](actual),
    "$absent": lambda wanted, actual, _: (actual is _ABSENT) == wanted,
    "$len": lambda wanted, actual, _: isinstance(actual, list) and len(actual) == wanted,
    "$pattern": lambda wanted, actual, _: isinstance(actual, str) and re.search(wanted, actual) is not None,
    "$not": lambda wanted, actual, same: not same(wanted, actual),
    "$all": lambda wanted, actual, same: all(same(one, actual) for one in wanted),
    "$contains": _contains,
    "$unordered": _unordered,
}
