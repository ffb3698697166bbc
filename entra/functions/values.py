"""What functions are given and what they yield."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any


class ExpressionError(ValueError):
    """An expression that cannot be read or evaluated; the message names the place or the function."""


class IgnoreFlow(Exception):
    """`IgnoreFlowIfNullOrEmpty` found nothing: the attribute does not flow. Not an error."""


class Redacted(str):
    """A value that flows, but that logs show as "[Redact]"."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What functions may ask for beside their arguments: the time, random numbers, the tenant's domain."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    random: Random = field(default_factory=Random)
    domain: str = ""


def as_text(value: Any) -> str:
    """Write a value as the string that functions compare and join; None is the empty string."""
    match value:
        case None:
            return ""
        case bool():
            return "True" if value else "False"
        case list():
            return ",".join(as_text(each) for each in value)
        case _:
            return str(value)
