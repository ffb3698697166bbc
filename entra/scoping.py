"""Who is provisioned: assignment or everybody, and filters on attributes."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from entra.functions.values import as_text

# Documented as not usable in a filter: they have several values, or are relations.
_UNUSABLE = {"members", "manager", "approleassignments", "proxyaddresses", "othermails", "usertype", "ismemberof"}


class Clause(BaseModel):
    """One condition on one attribute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attribute: str
    operator: Literal[
        "&",
        "!&",
        "ENDS_WITH",
        "EQUALS",
        "Greater_Than",
        "Greater_Than_OR_EQUALS",
        "Includes",
        "IS FALSE",
        "IS NOT NULL",
        "IS NULL",
        "IS TRUE",
        "NOT EQUALS",
        "NOT REGEX MATCH",
        "REGEX MATCH",
    ]
    value: str = ""

    @model_validator(mode="after")
    def _usable(self) -> "Clause":
        if self.attribute.lower() in _UNUSABLE:
            raise ValueError(f"scoping filters cannot be made on {self.attribute}")
        if "REGEX" in self.operator:
            _compiled(self.value)
        if self.operator.startswith("Greater"):
            int(self.value)
        return self

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Whether an object meets the condition; one without a value meets `IS NULL` only."""
        found = attributes.get(self.attribute)
        if found in (None, "", []):
            return self.operator == "IS NULL"
        return _OPERATORS[self.operator](found, self.value)

    def __str__(self) -> str:
        return " ".join(part for part in (self.attribute, self.operator, self.value) if part)


class ScopingFilter(BaseModel):
    """Conditions that must all hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    clauses: tuple[Clause, ...] = Field(min_length=1)

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Whether an object meets every clause."""
        return all(clause.holds(attributes) for clause in self.clauses)

    def __str__(self) -> str:
        return f"{self.title}: " + " AND ".join(str(clause) for clause in self.clauses)


def in_scope(filters: tuple[ScopingFilter, ...], attributes: Mapping[str, Any]) -> bool:
    """Whether an object meets one of the filters, or there are none."""
    return not filters or any(each.holds(attributes) for each in filters)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as problem:
        raise ValueError(f"{pattern!r} is not a regular expression ({problem})") from None


def _whole(value: Any) -> int | None:
    try:
        return int(as_text(value))
    except ValueError:
        return None


def _greater(found: Any, limit: str, *, or_equal: bool) -> bool:
    number = _whole(found)
    return number is not None and (number > int(limit) or (or_equal and number == int(limit)))


_OPERATORS: Mapping[str, Callable[[Any, str], bool]] = {
    # "true if the evaluated attribute exists in the input string value": the other way round than Includes.
    "&": lambda found, value: as_text(found) in value,
    "!&": lambda found, value: as_text(found) not in value,
    "ENDS_WITH": lambda found, value: as_text(found).endswith(value),
    "EQUALS": lambda found, value: as_text(found) == value,
    "NOT EQUALS": lambda found, value: as_text(found) != value,
    "Greater_Than": lambda found, value: _greater(found, value, or_equal=False),
    "Greater_Than_OR_EQUALS": lambda found, value: _greater(found, value, or_equal=True),
    "Includes": lambda found, value: value in as_text(found),
    "IS TRUE": lambda found, _: as_text(found).lower() == "true",
    "IS FALSE": lambda found, _: as_text(found).lower() == "false",
    "IS NULL": lambda _found, _: False,
    "IS NOT NULL": lambda _found, _: True,
    "REGEX MATCH": lambda found, value: re.fullmatch(value, as_text(found)) is not None,
    "NOT REGEX MATCH": lambda found, value: re.fullmatch(value, as_text(found)) is None,
}
