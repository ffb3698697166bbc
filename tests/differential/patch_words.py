"""Operations told to scim2-models in other words: in those in which they mean to it what they mean to us.

Each function answers what theirs makes of an operation told so, or None where there is nothing to tell otherwise.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from scim.notation import Location
from scim.schema import Attribute
from scim.validate import is_derived, is_relation
from tests.differential.patches import Named, Step, step
from tests.differential.resources import listed
from tests.differential.tried import Tried, values_of

# Returns what is told of an attribute instead, nothing at all, or None where nothing is to be changed.
_Change: TypeAlias = Callable[[Location, Any], list[Named] | None]


def _told(tried: Tried, change: _Change, op: str = "") -> Tried | None:
    changes = [(each, change(*each)) for each in tried.step.named]
    if all(told is None for _, told in changes):
        return None
    named = [each for old, told in changes for each in ([old] if told is None else told)]
    old = tried.step
    path = "" if old.within is None else old.path
    return tried.told(step(op or old.op, *named, path=path, within=old.within) if named else None)


def less_schemas(tried: Tried) -> Tried | None:
    """Leave `schemas` out."""
    return _told(tried, lambda where, _: [] if where.attribute.name == "schemas" else None)


def less_refs(tried: Tried) -> Tried | None:
    """Leave every `$ref` out that follows from the `value` beside it."""
    return _told(tried, lambda where, _: [] if where.sub and is_derived(where.attribute, where.sub.name) else None)


def less_read_only(tried: Tried) -> Tried | None:
    """Leave out what an object says of read-only attributes; where the path names one, it is not left out."""
    by_path = bool(tried.step.path) and tried.type.extension(tried.step.path) is None

    def change(where: Location, given: Any) -> list[Named] | None:
        if "readOnly" in (where.attribute.mutability, where.leaf.mutability):
            return None if by_path else []
        kept = _writable(given, where.leaf)
        return None if kept == given else [(where, kept)] if kept else []

    return _told(tried, change) if tried.theirs == "mutability" and tried.step.op != "remove" else None


def _writable(given: Any, attribute: Attribute) -> Any:
    if isinstance(given, list):
        return [kept for kept in (_writable(each, attribute) for each in given) if kept != {}]
    if not isinstance(given, Mapping):
        return given
    return {n: item for n, item in given.items() if (sub := attribute.sub(n)) is None or sub.mutability != "readOnly"}


def removal_by_emptiness(tried: Tried) -> Tried | None:
    """Remove what is given as null, "" or an empty list; an add of nothing to several values does nothing."""
    where, old = tried.where, tried.step
    if where is None or old.op == "remove" or tried.given not in (None, "", []):
        return None
    if old.op == "add" and where.leaf.multi_valued and (old.within is None or where.sub):
        return tried.told(None)
    return _told(tried, lambda where, _: [(where, None)], "remove")


def extension_by_attributes(tried: Tried) -> Tried | None:
    """Remove an extension attribute by attribute."""
    extension = tried.type.extension(tried.step.path)
    if extension is None or tried.step.op != "remove":
        return None
    held = [where for where, _ in tried.step.named if where.attribute.name in where.holder(tried.resource)]
    named = [(where, None) for where in held if where.attribute.mutability != "readOnly"]
    return tried.told(step("remove" if len(named) == 1 else "replace", *named))


def value_of_a_sub_attribute(tried: Tried) -> Tried | None:
    """Add a value with the sub-attribute, where the attribute has none that it could be set in."""
    where = tried.where
    if where is None or where.sub is None or not where.attribute.multi_valued or tried.step.op == "remove":
        return None
    if tried.step.within is not None or where.attribute.name in where.holder(tried.resource):
        return None
    return tried.told(step("add", (Location(where.extension, where.attribute), [{where.sub.name: tried.given}])))


def value_of_a_description(tried: Tried) -> Tried | None:
    """Add the value that the brackets describe, with what the operation gives, which is the last word."""
    where, within = tried.where, tried.step.within
    if where is None or within is None or tried.theirs not in ("invalidValue", "noTarget"):
        return None
    if tried.step.op == "remove" or not all(each.operator == "eq" and each.where for each in within):
        return None
    made = tried.given
    if where.attribute.type == "complex":
        given = {where.sub.name: made} if where.sub else made if isinstance(made, Mapping) else {"value": made}
        made = {each.where.leaf.name: each.value for each in within if each.where} | given
    return tried.told(step("add", (Location(where.extension, where.attribute), [made])))


def objects_for_bare_values(tried: Tried) -> Tried | None:
    """Write {"value": …} for the bare value of a complex attribute; and a list where one value stands for it."""

    def change(where: Location, given: Any) -> list[Named] | None:
        if where.sub and where.sub.multi_valued and given is not None and not isinstance(given, list):
            return [(where, [given])]
        if where.leaf.sub("value") is None or not any(isinstance(each, str) for each in listed(given)):
            return None
        values = [{"value": each} if isinstance(each, str) else each for each in listed(given)]
        is_one = not where.leaf.multi_valued or tried.step.within is not None
        return [(where, values[0] if is_one else values)]

    return _told(tried, change)


def padded(tried: Tried) -> Tried | None:
    """Write base64 with its padding."""

    def change(where: Location, given: Any) -> list[Named] | None:
        told = _padded(given, where.leaf)
        return None if told == given else [(where, told)]

    return _told(tried, change)


def _padded(given: Any, attribute: Attribute) -> Any:
    if isinstance(given, list):
        return [_padded(each, attribute) for each in given]
    if isinstance(given, Mapping):
        return {n: _padded(item, sub) if (sub := attribute.sub(n)) else item for n, item in given.items()}
    return given + "=" * (-len(given) % 4) if attribute.type == "binary" and isinstance(given, str) else given


def known_in_brackets(tried: Tried) -> Tried | None:
    """Write, for a comparison with an unknown attribute, one of a known attribute that always or never holds."""
    old, where = tried.step, tried.where
    unknown = [each for each in old.within or () if each.where is None]
    if tried.theirs != "invalidFilter" or not unknown or where is None:
        return None
    path, known = old.path, next((sub.name for sub in where.attribute.sub_attributes), "value")
    for each in unknown:
        holds = each.operator == ("eq" if each.value is None else "ne")
        path = path.replace(each.text, f"({known} pr {'or' if holds else 'and'} not ({known} pr))")
    return tried.told(
        Step({**old.written, "path": path}, old.named, tuple(each for each in old.within or () if each.where))
    )


def members_once(tried: Tried) -> Tried | None:
    """Leave a member that there is as it is: who it is its `value` says alone."""

    def change(where: Location, given: Any) -> list[Named] | None:
        are_objects = given is not None and all(isinstance(each, Mapping) for each in listed(given))
        if not is_relation(where.attribute) or where.sub or tried.step.within is not None or not are_objects:
            return None
        held = values_of(tried.before, where)
        known = [next((old for old in held if old["value"] == each.get("value")), each) for each in listed(given)]
        return [(where, [each for each in known if tried.step.op == "replace" or each not in held])]

    return _told(tried, change)
