"""Functions that choose, test, count and convert."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from entra.functions.values import Context, ExpressionError, IgnoreFlow, Redacted, as_text


def iif(_: Context, condition: Any, if_true: Any, if_false: Any) -> Any:
    """Return one of two values by a condition. Raise ExpressionError if the condition is about nothing."""
    if condition in (None, ""):
        raise ExpressionError("IIF: the condition is empty")
    return if_true if _truth(condition) else if_false


def switch(_: Context, source: Any, default: Any, *pairs: Any) -> Any:
    """Return the value whose key is the source's text, case-sensitively; the key "" stands for no value."""
    if len(pairs) % 2:
        raise ExpressionError("Switch: keys and values come in pairs")
    wanted = as_text(source)
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        if as_text(key) == wanted:
            return value
    return default


def coalesce(_: Context, *sources: Any) -> Any:
    """Return the first argument that is not null."""
    return next((source for source in sources if source is not None), None)


def negate(_: Context, source: Any) -> str:
    """Return the string "False" for a source of True, else "True"."""
    return "False" if as_text(source).lower() == "true" else "True"


def ignore_flow_if_null_or_empty(_: Context, value: Any) -> Any:
    """Return the value. Raise IgnoreFlow if it is null or empty."""
    if value in (None, "", []):
        raise IgnoreFlow
    return value


def redact(_: Context, value: Any) -> Any:
    """Return the value, marked so that logs do not show it."""
    return None if value is None else Redacted(as_text(value))


def item(_: Context, values: Any, index: Any) -> Any:
    """Return the index-th value, counted from 1; null if there are fewer."""
    listed, place = _listed(values), number("Item", index)
    if place < 1:
        raise ExpressionError("Item: the first item has the index 1")
    return listed[place - 1] if place <= len(listed) else None


def number(function: str, value: Any) -> int:
    """Return a whole number. Raise ExpressionError naming the function that wanted one."""
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ExpressionError(f"{function}: {as_text(value)!r} is not a whole number") from None


def _truth(value: Any) -> bool:
    return as_text(value).lower() not in ("", "0", "false")


def _listed(values: Any) -> list[Any]:
    if values is None:
        return []
    return values if isinstance(values, list) else [values]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "IIF": iif,
    "Switch": switch,
    "Coalesce": coalesce,
    "Not": negate,
    "IgnoreFlowIfNullOrEmpty": ignore_flow_if_null_or_empty,
    "Redact": redact,
    "Item": item,
    "Count": lambda _, values: len(_listed(values)),
    "RemoveDuplicates": lambda _, values: list(dict.fromkeys(_listed(values))),
    "IsNull": lambda _, value: value is None,
    "IsNullOrEmpty": lambda _, value: value in (None, "", []),
    "IsPresent": lambda _, value: value not in (None, "", []),
    "IsString": lambda _, value: isinstance(value, str),
    "CBool": lambda _, value: _truth(value),
    "CStr": lambda _, value: None if value is None else as_text(value),
    "BitAnd": lambda _, first, second: number("BitAnd", first) & number("BitAnd", second),
    "Guid": lambda context: str(uuid.UUID(int=context.random.getrandbits(128), version=4)),
    "DefaultDomain": lambda context: context.domain,
}
