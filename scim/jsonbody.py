"""JSON as it arrives: read strictly, so that nothing behind it meets a value that it could not store or answer.

Stricter than RFC 8259 demands where what it leaves open is a trap: a member given twice is refused, since parsers
differ on which one counts; so are NUL and unpaired surrogates, which Table Storage and UTF-8 cannot hold.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from scim.errors import InvalidSyntax, InvalidValue

MAX_DEPTH: Final = 40
"""Levels of nesting; the deepest SCIM message, a PATCH in a bulk request, has about ten."""

MAX_DIGITS: Final = 400
"""Digits of an integer; a double holds no more than 309 before its point."""

_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}
_ESCAPE_OF_UNSTORABLE = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_json(body: bytes) -> Any:
    """Return the JSON value that the body holds (RFC 8259), which need not be an object.

    UTF-8 with or without a byte order mark. Raises InvalidSyntax with line and column where there are any: not
    JSON, empty, too deep, a member twice, NaN or Infinity. Raises InvalidValue: a number out of range, a NUL or an
    unpaired surrogate, naming where.
    """
    text = _decode(body)
    if not text.strip(" \t\r\n"):
        raise InvalidSyntax("The body is empty; expected JSON")
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at")
        raise InvalidSyntax(f"The body is not JSON: {what} at {_position(text, error.pos)}") from None
    if _ESCAPE_OF_UNSTORABLE.search(text):
        _check_strings(value)
    return value


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8-sig", errors="replace")
        raise InvalidSyntax(f"The body is not UTF-8 at {_position(before, len(before))}") from None


def _position(text: str, at: int) -> str:
    """Name the place of a character; lines and columns count from 1."""
    line_start = text.rfind("\n", 0, at) + 1
    line = text.count("\n", 0, at) + 1
    return f"line {line}, column {at - line_start + 1}"


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the JSON parser, which recurses, meets it."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _STRUCTURE.finditer(text):
        depth += _STEPS.get(token[0], 0)
        if depth > MAX_DEPTH:
            raise InvalidSyntax(
                f"The body is nested deeper than {MAX_DEPTH} levels at {_position(text, token.start())}"
            )


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) < len(members):
        twice = Counter(name for name, _ in members).most_common(1)[0][0]
        raise InvalidSyntax(f"The member {json.dumps(twice[:50])} is given twice in one object")
    return value


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise InvalidValue(f"The number {digits[:20]}… is too large")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise InvalidValue(f"The number {digits[:20]} is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidSyntax(f"The body is not JSON: {name} is not a JSON value")


def _check_strings(value: Any) -> None:
    for place, text in _strings(value, ""):
        if found := _UNSTORABLE.search(text):
            what = "a NUL character" if found[0] == "\0" else "an unpaired surrogate"
            raise InvalidValue(f"{place or 'The body'} holds {what}, which cannot be stored")


def _strings(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield every string, member names among them, with its place ("emails[1].value")."""
    match value:
        case str():
            yield place, value
        case list():
            for index, element in enumerate(value):
                yield from _strings(element, f"{place}[{index}]")
        case dict():
            for name, element in value.items():
                yield f"A member name of {place or 'the body'}", name
                yield from _strings(element, f"{place}.{name}" if place else name)
