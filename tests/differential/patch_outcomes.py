"""What scim2-models makes of an operation, taken for what it is to us.

Each function answers with the outcome as we see it, or None where it sees nothing else in it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from scim.notation import Location
from scim.schema import Attribute, ResourceType
from scim.text import fold
from scim.validate import is_hollow, is_primary, is_relation
from tests.differential import filter_differences
from tests.differential.filters import Selection
from tests.differential.patches import step
from tests.differential.resources import listed
from tests.differential.tried import Tried, order, values_of, with_values

_Alike: TypeAlias = Callable[[Sequence[Any], Sequence[Any]], bool]


def _like_ours(tried: Tried, alike: _Alike) -> Tried | None:
    """Take the values of what the operation names for ours where they are alike, ours coming first."""
    if isinstance(tried.ours, str) or isinstance(tried.theirs, str):
        return None
    theirs = tried.theirs
    for where, _ in tried.step.named:
        mine, other = values_of(tried.ours, where), values_of(tried.theirs, where)
        if where.attribute.multi_valued and alike(mine, other):
            theirs = with_values(theirs, where, mine)
    return tried.read(theirs)


# Refusals


def another_reason(tried: Tried) -> Tried | None:
    """Two refusals are alike, whichever of the reasons is told."""
    return tried.read(tried.ours) if isinstance(tried.ours, str) and isinstance(tried.theirs, str) else None


def incomplete(tried: Tried) -> Tried | None:
    """An object that lacks what its schema requires is refused."""
    if isinstance(tried.theirs, str):
        return None
    is_so = _is_incomplete(tried.theirs, tried.type) or any(_names_no_member(*each) for each in tried.step.named)
    return tried.read("invalidValue") if is_so else None


def _names_no_member(where: Location, given: Any) -> bool:
    objects = [each for each in listed(given) if isinstance(each, Mapping)]
    return is_relation(where.attribute) and where.sub is None and any("value" not in each for each in objects)


def _is_incomplete(resource: Mapping[str, Any], resource_type: ResourceType) -> bool:
    objects: list[tuple[Mapping[str, Any], Collection[Attribute]]] = [(resource, resource_type.base.attributes)]
    objects += [(resource[each.id], each.attributes) for each in resource_type.extensions if each.id in resource]
    objects += [
        (element, attribute.sub_attributes)
        for holder, attributes in tuple(objects)
        for attribute in attributes
        for element in listed(holder.get(attribute.name))
        if isinstance(element, Mapping)
    ]
    return any(each.required and each.name not in holder for holder, attributes in objects for each in attributes)


def another_type(tried: Tried) -> Tried | None:
    """A boolean is refused as a number, and a number as a date."""
    if tried.where is None or isinstance(tried.ours, dict):
        return None
    foreign = {"integer": bool, "decimal": bool, "dateTime": int}.get(tried.where.leaf.type)
    return tried.read("invalidValue") if foreign and isinstance(tried.given, foreign) else None


def no_such_member(tried: Tried) -> Tried | None:
    """A member that is not there can be neither changed nor made by what is said of it."""
    where, step = tried.where, tried.step
    if where is None or not is_relation(where.attribute) or isinstance(tried.theirs, str) or step.op == "remove":
        return None
    if step.within is None and where.sub is None:
        return None
    before, after = values_of(tried.before, where), values_of(tried.theirs, where)
    return tried.read("noTarget") if not before or len(after) > len(before) else None


def described_by_null(tried: Tried) -> Tried | None:
    """That something is null describes no value, so none is made."""
    where, within = tried.where, tried.step.within
    if where is None or within is None or not any(each.operator == "eq" and each.value is None for each in within):
        return None
    is_made = len(values_of(tried.theirs, where)) > len(values_of(tried.before, where))
    return tried.read("noTarget") if is_made else None


# What is not refused


def absent_is_removed(tried: Tried) -> Tried | None:
    """Removing a required attribute that is not there changes nothing."""
    where = tried.where
    if tried.theirs != "mutability" or where is None or tried.step.op != "remove" or not where.attribute.required:
        return None
    return None if where.attribute.name in where.holder(tried.resource) else tried.read(tried.before)


def text_for_a_reference(tried: Tried) -> Tried | None:
    """Any text is a reference."""
    where = tried.where
    if tried.theirs != "invalidValue" or isinstance(tried.ours, str) or where is None:
        return None
    value = where.leaf.sub("value") or where.leaf
    return tried.read(tried.ours) if value.type == "reference" else None


def primaries_at_once(tried: Tried) -> Tried | None:
    """Of several values that are made primary at once one is, be it one that was; else it is as if none were."""
    where, old = tried.where, tried.step
    primaries = [each for each in values_of(tried.ours, where) if is_primary(each)] if where else []
    if where is None or len(primaries) != 1 or not (tried.given is True or is_primary(tried.given)):
        return None
    if isinstance(tried.theirs, dict) and primaries[0] not in values_of(tried.before, where):
        return None
    given = False if tried.given is True else tried.given | {"primary": False}
    path = "" if old.within is None else old.path
    again = tried.told(step(old.op, (where, given), path=path, within=old.within))
    return _like_ours(again, lambda mine, other: _each(mine, _less_primary) == _each(other, _less_primary))


def immutable_within(tried: Tried) -> Tried | None:
    """A value goes with what is immutable in it."""
    where = tried.where
    if tried.theirs != "mutability" or tried.step.op != "remove" or where is None or where.sub:
        return None
    is_so = any(sub.mutability == "immutable" for sub in where.attribute.sub_attributes)
    return tried.read(with_values(tried.before, where, [])) if is_so else None


def brackets_as_in_filters(tried: Tried) -> Tried | None:
    """Brackets select what they select in a filter, and there are differences in these."""
    if tried.where is None or tried.step.within is None:
        return None
    selection = Selection("", tried.where, tried.step.within)
    return tried.read(tried.ours) if any(row.is_on(selection) for row in filter_differences.DIFFERENCES) else None


# Which values there are afterwards


def replaced_not_merged(tried: Tried) -> Tried | None:
    """A selected value that is replaced keeps nothing that selects no value and is not given."""
    where, step = tried.where, tried.step
    if step.op != "replace" or step.within is None or where is None or where.leaf.type != "complex":
        return None
    said = {each.where.leaf.name for each in step.within if each.where}
    said |= tried.given.keys() if isinstance(tried.given, dict) else set()
    if tried.ours == "invalidValue" and any(sub.required and sub.name not in said for sub in where.leaf.sub_attributes):
        return tried.read("invalidValue")

    def alike(mine: Sequence[Any], other: Sequence[Any]) -> bool:
        kept = all(any(_less_primary(each).items() <= more.items() for more in other) for each in mine)
        return kept and sum(map(is_primary, mine)) <= 1

    return _like_ours(tried, alike)


def hollow_is_removed(tried: Tried) -> Tried | None:
    """A value of which a removal leaves nothing but labels goes with what is removed."""
    where = tried.where
    if where is None or where.sub is None or isinstance(tried.theirs, str):
        return None
    kept = [each for each in values_of(tried.theirs, where) if not is_hollow(each, where.attribute)]
    return tried.read(with_values(tried.theirs, where, kept))


def alike_is_merged(tried: Tried) -> Tried | None:
    """Values that become alike but for being primary are one."""

    def alike(mine: Sequence[Any], other: Sequence[Any]) -> bool:
        return _each(mine, _less_primary) == _each(other, _less_primary) and len(mine) < len(other)

    return _like_ours(tried, alike)


def case_makes_another(tried: Tried) -> Tried | None:
    """A value that differs in case is another one, and is added."""
    if tried.step.op != "add":
        return None

    def alike(mine: Sequence[Any], other: Sequence[Any]) -> bool:
        return _each(mine, _folded) == _each(other, _folded) and len(mine) > len(other)

    return _like_ours(tried, alike)


def added_to_selected(tried: Tried) -> Tried | None:
    """Adding to a sub-attribute with several values of a selected value adds to them."""
    where = tried.where
    if tried.step.op != "add" or tried.step.within is None or where is None:
        return None
    several = [sub.name for sub in where.attribute.sub_attributes if sub.multi_valued]

    def is_part(less: Any, more: Any) -> bool:
        return all(set(less.get(name, ())) <= set(more.get(name, ())) for name in several) and (
            {name: item for name, item in less.items() if name not in several}.items() <= more.items()
        )

    return (
        _like_ours(tried, lambda mine, other: all(any(is_part(o, m) for o in other) for m in mine)) if several else None
    )


def _each(values: Sequence[Any], change: Callable[[Any], Any]) -> set[str]:
    return {order(change(each)) for each in values}


def _less_primary(value: Any) -> Any:
    return {name: item for name, item in value.items() if name != "primary"} if isinstance(value, dict) else value


def _folded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _folded(item) for name, item in value.items()}
    return fold(value) if isinstance(value, str) else value
