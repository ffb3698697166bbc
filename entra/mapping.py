"""Attribute mappings: which target attributes get which values, and how objects are matched."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from entra.expressions import Attribute, Call, Comparison, Node, evaluate, parse
from entra.functions.roles import Roles
from entra.functions.values import Context, ExpressionError, IgnoreFlow, Redacted
from entra.paths import Target, parse_target
from entra.scoping import ScopingFilter

SHIPPED = Path(__file__).parent / "mappings"

REFERENCES = {"manager", "members"}
_BOOLEANS = {"active", "primary"}


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True, frozen=True)


class AttributeMapping(_Record):
    """One row of the portal's table.

    `source` is an expression; a direct mapping is written `[attribute]`. `constant` is given instead of a source for a
    constant one. `matching` is the matching precedence, 0 for none. `apply` is the portal's "Apply this mapping".
    """

    target: str
    source: str = ""
    constant: str | None = None
    default: str | None = None
    matching: int = 0
    apply: Literal["Always", "OnlyDuringCreation"] = "Always"
    type: Literal["String", "Boolean", "Integer", "Reference"] | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if bool(self.source) == (self.constant is not None):
            raise ValueError(f"{self.target}: give a source or a constant")
        if self.matching and self.reference:
            raise ValueError(f"{self.target}: a reference cannot be matched by")
        _ = self.path, self.node
        return self

    @cached_property
    def path(self) -> Target:
        """The target attribute, read."""
        return parse_target(self.target)

    @cached_property
    def node(self) -> Node | None:
        """The source expression, read; None for a constant."""
        return parse(self.source) if self.source else None

    @property
    def reference(self) -> bool:
        """Whether the value is another object."""
        return self.type == "Reference" or self.path.name in REFERENCES

    @property
    def sources(self) -> set[str]:
        """The source attributes that the value depends on."""
        return _attributes(self.node) if self.node else set()

    def value(self, attributes: Mapping[str, Any], context: Context) -> Any:
        """Compute the value for one object; None if it has none.

        Raise IgnoreFlow if the attribute is to be left alone, ExpressionError naming the target if it cannot be
        computed.
        """
        if self.constant is not None:
            return self._typed(self.constant)
        assert self.node is not None  # noqa: S101 - the validator made sure
        try:
            return self._typed(evaluate(self.node, attributes, context))
        except ExpressionError as problem:
            raise ExpressionError(f"{self.target}: {problem}") from None

    def _typed(self, value: Any) -> Any:
        last = self.path.sub or self.path.name
        if self.type == "Boolean" or (self.type is None and last in _BOOLEANS):
            return {"true": True, "false": False}.get(str(value).lower(), value)
        if self.type == "Integer" and value is not None:
            return int(value)
        if isinstance(value, bool):
            return str(value)
        return value


@dataclass(frozen=True, slots=True)
class Value:
    """What one target attribute is to be."""

    path: Target
    value: Any
    mapping: AttributeMapping

    @property
    def shown(self) -> Any:
        """The value as logs show it."""
        match self.value:
            case Redacted():
                return "[Redact]"
            case Roles(roles=roles):
                return ", ".join(role.value for role in roles)
            case value:
                return value


class ObjectMapping(_Record):
    """How one kind of object is provisioned."""

    endpoint: str
    schemas: tuple[str, ...]
    attributes: tuple[AttributeMapping, ...]
    scoping_filters: tuple[ScopingFilter, ...] = ()
    actions: frozenset[Literal["Create", "Update", "Delete"]] = frozenset({"Create", "Update", "Delete"})
    enabled: bool = True

    @model_validator(mode="after")
    def _matches(self) -> Self:
        if not self.matching:
            raise ValueError(f"{self.endpoint}: no attribute is used for matching")
        return self

    @cached_property
    def matching(self) -> tuple[AttributeMapping, ...]:
        """The matching attributes in order of precedence."""
        return tuple(sorted((each for each in self.attributes if each.matching), key=lambda each: each.matching))

    @property
    def reference(self) -> AttributeMapping | None:
        """The mapping of `manager` or `members`, if it is mapped."""
        return next((each for each in self.attributes if each.reference), None)

    @property
    def disables(self) -> bool:
        """Whether objects can be disabled in the target: `active` is mapped."""
        return any(each.path.name == "active" for each in self.attributes)

    def values(self, attributes: Mapping[str, Any], context: Context, *, creating: bool = False) -> list[Value]:
        """Return what the object is to be in the target, references apart, in the order of the table.

        Attributes without a value are left out: Entra does not provision nulls. Raise ExpressionError.
        """
        found = []
        for each in self.attributes:
            if each.reference or (each.apply == "OnlyDuringCreation" and not creating):
                continue
            try:
                value = each.value(attributes, context)
            except IgnoreFlow:
                continue
            if value is None and creating:
                value = each.default
            if value is not None:
                found.append(Value(each.path, value, each))
        return found


class Mappings(_Record):
    """A whole configuration: both kinds of objects, the scope and the settings beside them."""

    name: str
    users: ObjectMapping
    groups: ObjectMapping
    scope: Literal["assigned", "all"] = "assigned"
    skip_out_of_scope_deletions: bool = False
    deletion_threshold: int | None = Field(default=None, ge=0)

    @classmethod
    def load(cls, name_or_path: str) -> Self:
        """Read a shipped configuration by its name ("ideo", "default") or a file. Raise OSError or ValidationError."""
        shipped = SHIPPED / f"{name_or_path}.json"
        return cls.model_validate_json((shipped if shipped.exists() else Path(name_or_path)).read_bytes())


def _attributes(node: Node | None) -> set[str]:
    match node:
        case Attribute(name):
            return {name}
        case Comparison(_, left, right):
            return _attributes(left) | _attributes(right)
        case Call(_, arguments):
            return set().union(*(_attributes(each) for each in arguments))
        case _:
            return set()
