"""The PATCH message, and what its operations are behind the door: an action, a target, a value (RFC 7644 3.5.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scim.errors import InvalidSyntax, TooLarge
from scim.notation import Location
from scim.tree import And, Compare, Filter, Or

PATCH_OP_URN: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

MAX_OPERATIONS: Final = 1000
"""Operations in one PATCH; what is beyond is answered 413. Members are not counted: one operation may name many."""

Op: TypeAlias = Literal["add", "remove", "replace"]

_SHOWN = 80
_SHOWN_TERMS = 3


@dataclass(frozen=True, slots=True)
class Target:
    """What an operation is about: an attribute, of its values those that `filter` selects, of these `location.sub`."""

    location: Location
    filter: Filter | None = None

    def __str__(self) -> str:
        if self.filter is None:
            return self.location.path
        tree, more = self.filter, False
        if isinstance(tree, Or):  # of hundreds of ids in a removal
            tree, more = Or(tree.terms[:_SHOWN_TERMS]), len(tree.terms) > _SHOWN_TERMS
        condition = str(tree)
        shown = f"{condition[:_SHOWN]}…" if more or len(condition) > _SHOWN else condition
        whole = Location(self.location.extension, self.location.attribute).path
        return f"{whole}[{shown}]" + (f".{self.location.sub.name}" if self.location.sub else "")

    def described(self) -> dict[str, Any] | None:
        """Return the sub-attributes of the value that the filter describes, None when it describes no single one.

        Only comparisons by `eq`, joined by `and`, do: `[type eq "work" and primary eq true]`.
        """
        terms = self.filter.terms if isinstance(self.filter, And) else (self.filter,) if self.filter else ()
        found: dict[str, Any] = {}
        for term in terms:
            if not isinstance(term, Compare) or term.op != "eq" or term.value is None:
                return None
            found[term.path.name] = term.value
        return found


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on one attribute. `value` None is "unassigned" (RFC 7643 section 2.5), and None for a remove.

    An operation without a path is one Operation for each attribute that its value names.
    """

    op: Op
    target: Target
    value: Any = None


class WrittenOperation(BaseModel):
    """An element of `Operations` as the client wrote it; what else it holds is ignored."""

    model_config = ConfigDict(frozen=True, strict=True)

    op: Op
    path: str | None = None
    value: Any = None

    @property
    def has_value(self) -> bool:
        """Whether `value` was written, be it null."""
        return "value" in self.model_fields_set


class PatchOp(BaseModel):
    """The PATCH message. `schemas` may be missing: no client is served by a refusal that changes nothing else."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schemas: tuple[str, ...] | None = None
    operations: tuple[WrittenOperation, ...] = Field(alias="Operations", min_length=1)

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> "PatchOp":
        """Read the message. Raises InvalidSyntax, naming the place and what was expected, and TooLarge."""
        written = message.get("Operations")
        if isinstance(written, list) and len(written) > MAX_OPERATIONS:
            raise TooLarge(f"The PATCH has {len(written)} operations; at most {MAX_OPERATIONS} are accepted")
        try:
            patch_op = cls.model_validate(message)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise InvalidSyntax(f"{_place(first['loc'])}: {first['msg']}") from None
        if patch_op.schemas is not None and PATCH_OP_URN.lower() not in map(str.lower, patch_op.schemas):
            raise InvalidSyntax(f"schemas: expected '{PATCH_OP_URN}' among the schemas of a PATCH")
        return patch_op


def _place(location: tuple[int | str, ...]) -> str:
    """Write a place in a message: ("Operations", 0, "op") as "Operations[0].op"."""
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return place.removeprefix(".")
