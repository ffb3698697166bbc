"""The tree of a filter or a PATCH path (RFC 7644 figures 1 and 7), as the parser makes it.

Names are kept as written; `scim.schema` resolves them, case-insensitively. Every node prints as the text it was
read from would be written in its plainest form, and that text parses to an equal tree.
"""

import json
from dataclasses import dataclass
from typing import TypeAlias

CompValue: TypeAlias = str | int | float | bool | None

COMPARE_OPS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")


@dataclass(frozen=True, slots=True)
class AttrPath:
    """attrPath = [URI ":"] ATTRNAME *1subAttr. `urn` and `sub` are "" where absent; a URN alone has `name` ""."""

    urn: str
    name: str
    sub: str = ""

    def __str__(self) -> str:
        name = self.name + (f".{self.sub}" if self.sub else "")
        return ":".join(part for part in (self.urn, name) if part)


@dataclass(frozen=True, slots=True)
class Compare:
    """attrExp = attrPath SP compareOp SP compValue."""

    path: AttrPath
    op: str
    value: CompValue

    def __str__(self) -> str:
        return f"{self.path} {self.op} {json.dumps(self.value, ensure_ascii=False)}"


@dataclass(frozen=True, slots=True)
class Present:
    """attrExp = attrPath SP "pr"."""

    path: AttrPath

    def __str__(self) -> str:
        return f"{self.path} pr"


@dataclass(frozen=True, slots=True)
class ValuePath:
    """valuePath = attrPath "[" valFilter "]": some one value of the attribute satisfies the whole filter."""

    path: AttrPath
    filter: "Filter"

    def __str__(self) -> str:
        return f"{self.path}[{self.filter}]"


@dataclass(frozen=True, slots=True)
class Not:
    """ "not" "(" FILTER ")"."""

    term: "Filter"

    def __str__(self) -> str:
        return f"not ({self.term})"


@dataclass(frozen=True, slots=True)
class And:
    """Two or more filters that must all hold; binds tighter than Or."""

    terms: tuple["Filter", ...]

    def __str__(self) -> str:
        return " and ".join(f"({t})" if isinstance(t, And | Or) else str(t) for t in self.terms)


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more filters of which one must hold."""

    terms: tuple["Filter", ...]

    def __str__(self) -> str:
        return " or ".join(f"({t})" if isinstance(t, Or) else str(t) for t in self.terms)


Filter: TypeAlias = Compare | Present | ValuePath | Not | And | Or


@dataclass(frozen=True, slots=True)
class Path:
    """PATH = attrPath / valuePath [subAttr]: the target of a PATCH operation (RFC 7644 section 3.5.2).

    With a `filter`, `attr.sub` is "" and `sub` names what follows the bracket; without one, `sub` is "".
    """

    attr: AttrPath
    filter: Filter | None = None
    sub: str = ""

    def __str__(self) -> str:
        if self.filter is None:
            return str(self.attr)
        return f"{self.attr}[{self.filter}]" + (f".{self.sub}" if self.sub else "")
