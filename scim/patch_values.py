"""What one PATCH operation makes of the value of one attribute (RFC 7644 section 3.5.2).

A singular complex attribute is taken for a list of at most one value, so that sub-attributes and value paths have
one meaning. Values are never changed in place: what an operation touches it replaces.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scim.errors import InvalidValue, Mutability, NoTarget, ScimError
from scim.match import value_matcher
from scim.patch_op import Operation
from scim.validate import conform, conform_element, distinct, is_hollow, is_primary, sub_values


def changed(operation: Operation, before: Any) -> Any:
    """Return the attribute's new value, None when it is unassigned then.

    Raises Mutability (also for removing what is required), InvalidValue, NoTarget, InvalidFilter.
    """
    attribute = operation.target.location.attribute
    refuse_read_only(operation)
    if attribute.multi_valued:
        after = _of_many(operation, before or []) or None
    elif attribute.type == "complex":
        after = next(iter(_of_selected(operation, [before] if before else [])), None)
    else:
        after = conform(operation.value, attribute, str(operation.target))
    if before is None or after == before:
        return after
    if after is None and attribute.required:
        raise _required(operation, str(operation.target))
    if attribute.mutability == "immutable":
        raise Mutability(f"{operation.target} is immutable and has another value")
    return after


def refuse_read_only(operation: Operation) -> None:
    """Raise Mutability when the operation names what only the service provider writes."""
    where = operation.target.location
    if "readOnly" in (where.attribute.mutability, where.leaf.mutability):
        raise Mutability(f"{operation.target} is readOnly")


def part(operation: Operation, element: Any) -> Any:
    """Return what the operation makes of one value that its target selects, None when the value is gone."""
    where = operation.target.location
    if where.sub is None and operation.value is None:
        return None
    place = str(operation.target)
    if where.sub is not None:
        return _with_subs(operation, element, element, {where.sub.name: conform(operation.value, where.sub, place)})
    if where.attribute.type != "complex":
        return conform_element(operation.value, where.attribute, place)
    kept = element
    if operation.op == "replace" and where.attribute.multi_valued:
        kept = _outlasting(operation, element)
    return _with_subs(operation, element, kept, sub_values(operation.value, where.attribute, place))


def _of_many(operation: Operation, before: Sequence[Any]) -> list[Any]:
    """Return the values of a multi-valued attribute."""
    target, attribute = operation.target, operation.target.location.attribute
    if target.filter is not None or target.location.sub is not None:
        after = _of_selected(operation, before)
    else:
        given = conform(operation.value, attribute, str(target)) or []
        after = [*before, *given] if operation.op == "add" else given
    return _with_one_primary(before, distinct(after, attribute))


def _of_selected(operation: Operation, before: Sequence[Any]) -> list[Any]:
    """Change the values that the target selects, or add one where it selects none."""
    target = operation.target
    selects = value_matcher(target.filter, target.location.attribute) if target.filter else None
    chosen = [selects is None or selects(element) for element in before]
    if any(chosen):
        after = [part(operation, each) if is_chosen else each for each, is_chosen in zip(before, chosen, strict=True)]
    elif operation.value is None:
        return list(before)
    else:
        after = [*before, _created(operation, before)]
    return [element for element in after if element is not None]


def _created(operation: Operation, before: Sequence[Any]) -> Any:
    """Return the value that the operation makes where its target selects none, None when it gives nothing.

    RFC 7644 section 3.5.2.3 has a replace fail with noTarget here (erratum 8097 discusses it), but to Entra
    `emails[type eq "work"].value` is the name of an attribute, which need not have a value yet. So the value is made
    from what the filter describes; noTarget is left for filters that describe none.
    """
    target, attribute = operation.target, operation.target.location.attribute
    described = target.described()
    if described is None or (before and not attribute.multi_valued):
        raise NoTarget(f"{target} selects no value")
    if attribute.type != "complex":
        return part(operation, None)
    element = sub_values(described, attribute, str(target))
    if element.keys() != described.keys():
        raise NoTarget(f"{target} selects no value, and none can be made from it")
    if target.location.sub is None:
        given = sub_values(operation.value, attribute, str(target))
        return part(operation, element) if any(item is not None for item in given.values()) else None
    return part(operation, element)


def _outlasting(operation: Operation, element: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a replace of selected values leaves of one: what selected it, and what is immutable.

    Else `replace emails[type eq "work"]` by {"value": …} would leave an e-mail that is no longer the one for work.
    """
    described = operation.target.described() or {}
    subs = operation.target.location.attribute.sub_attributes
    outlasting = {*described, *(sub.name for sub in subs if sub.mutability == "immutable")}
    return {name: item for name, item in element.items() if name in outlasting}


def _with_subs(
    operation: Operation, before: Mapping[str, Any], kept: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return what is kept of a value, with these sub-attributes set or, where None, cleared.

    An add adds to a sub-attribute with several values, as to an attribute. None when only labels are left: after
    `remove emails[type eq "work"].value`, that there is an e-mail of the type "work" says nothing.
    """
    attribute, after = operation.target.location.attribute, dict(kept)
    for sub in attribute.sub_attributes:
        old = kept.get(sub.name)
        item = values.get(sub.name, old)
        if operation.op == "add" and sub.multi_valued:
            item = distinct([*(old or ()), *(item or ())], sub) or None
        if item == old:
            continue
        if old is not None and sub.mutability == "immutable":
            raise Mutability(f"{operation.target}: '{sub.name}' is immutable and has another value")
        if item is not None:
            after[sub.name] = item
        elif sub.required:
            raise _required(operation, f"{attribute.name}.{sub.name}")
        else:
            del after[sub.name]
    return None if before.keys() - after.keys() and is_hollow(after, attribute) else after


def _with_one_primary(before: Sequence[Any], after: list[Any]) -> list[Any]:
    """Make the value that has just become primary the only one (RFC 7644 section 3.5.2).

    Values that the operation did not touch are the same objects as before.
    """
    untouched = {id(element) for element in before}
    chosen = next((each for each in after if is_primary(each) and id(each) not in untouched), None)
    if chosen is None:
        return after
    return [each | {"primary": False} if is_primary(each) and each is not chosen else each for each in after]


def _required(operation: Operation, place: str) -> ScimError:
    """Return the refusal of taking away what is required: by a remove, or by a value that is none."""
    error = Mutability if operation.op == "remove" else InvalidValue
    return error(f"{place} is required and cannot be cleared")
