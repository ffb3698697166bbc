"""An operation that both implementations have tried, and the form in which what they make of it is compared."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from scim.errors import ScimError
from scim.instant import instant
from scim.notation import Location
from scim.schema import Attribute, ResourceType
from tests.differential import oracle
from tests.differential.patches import Step
from tests.differential.resources import listed, schemas
from tests.scim.gadgets import patched

# A resource in the form in which the two are compared, or the scimType of a refusal.
Outcome: TypeAlias = dict[str, Any] | str


@dataclass(frozen=True, slots=True)
class Tried:
    """An operation, the resource before it, and what each makes of it."""

    type: ResourceType
    resource: Mapping[str, Any]
    step: Step
    ours: Outcome
    theirs: Outcome

    @property
    def before(self) -> dict[str, Any]:
        """The resource before the operation, in the form in which it is compared."""
        return _comparable(self.resource, self.type)

    @property
    def where(self) -> Location | None:
        """What the operation names, where that is one attribute."""
        return self.step.named[0][0] if len(self.step.named) == 1 else None

    @property
    def given(self) -> Any:
        """What the operation gives the attribute that it names first."""
        return self.step.named[0][1]

    def told(self, step: Step | None) -> "Tried":
        """Let theirs carry out another operation instead, or none."""
        if step is None:
            return self.read(self.before)
        return replace(self, step=step, theirs=theirs((step,), self.resource, self.type))

    def read(self, outcome: Outcome) -> "Tried":
        """Take this for what theirs makes of it."""
        return replace(self, theirs=outcome)


def try_both(step: Step, resource: Mapping[str, Any], resource_type: ResourceType) -> Tried:
    """Let both carry out one operation."""
    both = (ours((step,), resource, resource_type), theirs((step,), resource, resource_type))
    return Tried(resource_type, resource, step, *both)


def ours(steps: Sequence[Step], resource: Mapping[str, Any], resource_type: ResourceType) -> Outcome:
    """Return what our PATCH makes of a resource."""
    try:
        return _comparable(patched([step.written for step in steps], resource, resource_type), resource_type)
    except ScimError as error:
        return str(error.scim_type)


def theirs(steps: Sequence[Step], resource: Mapping[str, Any], resource_type: ResourceType) -> Outcome:
    """Return what scim2-models' PATCH makes of a resource."""
    whole = {"schemas": schemas(resource, resource_type), **resource}
    after = oracle.patched([step.written for step in steps], whole, resource_type)
    return after if isinstance(after, str) else _comparable(after, resource_type)


def values_of(outcome: Outcome, where: Location) -> list[Any]:
    """Return the values of an attribute that a resource holds."""
    return [] if isinstance(outcome, str) else listed(where.holder(outcome).get(where.attribute.name))


def with_values(resource: Mapping[str, Any], where: Location, values: Sequence[Any]) -> dict[str, Any]:
    """Return the resource with these values of an attribute instead of those it holds."""
    held = {name: item for name, item in where.holder(resource).items() if name != where.attribute.name}
    if values:
        held[where.attribute.name] = list(values) if where.attribute.multi_valued else values[0]
    return {**resource, where.extension: held} if where.extension else held


def order(value: Any) -> str:
    """Return a text that is the same for the same value, to sort by."""
    return json.dumps(value, sort_keys=True)


def _comparable(resource: Mapping[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """Return a resource without the common attributes, its values sorted: they have no order (RFC 7643 section 2.4)."""
    result: dict[str, Any] = {}
    for name, item in resource.items():
        extension, attribute = resource_type.extension(name), resource_type.attribute(name)
        if extension:
            result[name] = _object(item, extension.attributes)
        elif attribute and attribute not in resource_type.common:
            result[name] = _value(item, attribute)
    return result


def _object(value: Mapping[str, Any], attributes: Sequence[Attribute]) -> dict[str, Any]:
    return {each.name: _value(value[each.name], each) for each in attributes if each.name in value}


def _value(value: Any, attribute: Attribute) -> Any:
    if isinstance(value, list):
        return sorted((_value(element, attribute) for element in value), key=order)
    match attribute.type:
        case "complex":
            return _object(value, attribute.sub_attributes)
        case "dateTime":
            return instant(value)
        case "binary":
            return base64.b64decode(value + "=" * (-len(value) % 4)).hex()
    return value
