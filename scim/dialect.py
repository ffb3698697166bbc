"""The one door for deviations: what clients send outside RFC 7644, turned into what the RFC has them send.

Behind it nothing knows of any client. Each rule says who sends what it mends. "Entra" is the provisioning service
and Microsoft's validators, which share their client; "without the flag" is its default, "with the flag" is what it
sends when the Tenant URL ends in `?aadOptscim062020`.

Here are the rules for messages and names; those for values are in `scim.shapes`.

The rules reshape and rename; they judge nothing. What fits no rule passes as it is and is refused behind the door,
with the exception of attributes that the schema does not know: they are left out, since one unknown attribute must
not keep a user from being disabled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from scim.errors import InvalidPath, InvalidSyntax, InvalidValue, NoTarget, ScimError
from scim.filter import parse_path
from scim.notation import Location, locate
from scim.patch_op import Op, Operation, PatchOp, Target, WrittenOperation
from scim.schema import Attribute, ResourceType, Schema
from scim.shapes import shaped, shaped_one, strict_boolean, together
from scim.tree import And, AttrPath, Compare, Filter, Not, Or, Path, Present
from scim.validate import is_derived, shown


def resource(body: Any, resource_type: ResourceType) -> dict[str, Any]:
    """Return the body of a POST or PUT in the form of RFC 7643: nested, names as in the schema, values in shape.

    Raises InvalidSyntax when the body is no object, InvalidValue when it gives an attribute twice.
    """
    document: dict[str, Any] = {}
    for target, given in _targets(_object(body, "The body"), resource_type):
        if target.filter is not None:
            continue  # there is nothing to select from yet, and no client sends it
        where, name = target.location, target.location.attribute.name
        holder = document.setdefault(where.extension, {}) if where.extension else document
        value = shaped({where.sub.name: given} if where.sub else given, where.attribute)
        holder[name] = together(holder[name], value, where.path) if name in holder else value
    return document


def operations(patch_op: Any, resource_type: ResourceType) -> list[Operation]:
    """Return the operations of a PATCH message, each on one attribute that the resource type has.

    Raises InvalidSyntax when it is no PATCH message, InvalidPath and InvalidFilter for a malformed path, InvalidValue
    when an add or replace has no value, NoTarget for a remove without a path, TooLarge.
    """
    return [
        operation
        for index, written in enumerate(_message(patch_op).operations)
        for operation in _operations(written, f"Operations[{index}]", resource_type)
    ]


# The PATCH message


def _message(body: Any) -> PatchOp:
    """Take member names and `op` in any case: Entra without the flag sends "Add", "Replace", "Remove"."""
    message = _object(body, "The body")
    names = {name.lower(): name for name in ("schemas", "Operations")}
    mended = {names.get(name.lower(), name): value for name, value in message.items() if value is not None}
    written = mended.get("Operations")
    if isinstance(written, list):
        mended["Operations"] = [_lower_case(operation) for operation in written]
    return PatchOp.read(mended)


def _lower_case(operation: Any) -> Any:
    if not isinstance(operation, Mapping):
        return operation
    mended = {name.lower(): value for name, value in operation.items()}
    op = mended.get("op")
    return mended | {"op": op.lower()} if isinstance(op, str) else mended


def _operations(written: WrittenOperation, place: str, resource_type: ResourceType) -> Iterator[Operation]:
    if written.op != "remove" and not written.has_value:
        raise InvalidValue(f"{place}: '{written.op}' needs a value")
    path = _with_colon((written.path or "").strip(), resource_type)
    value = None if written.op == "remove" else written.value
    if extension := resource_type.extension(path):
        targets = _writable(_extension_targets(extension, value, resource_type))
    elif path and path.lower() != resource_type.base.id.lower():
        targets = _target(path, written.value, resource_type)
    elif written.op == "remove":
        raise NoTarget(f"{place}: 'remove' needs a path")
    else:
        attributes = _object(value, f"{place}.value without a path", InvalidValue)
        targets = _writable(_targets(attributes, resource_type))
    for target, value in targets:
        yield from _operation(written.op, target, value)


def _operation(op: Op, target: Target, value: Any) -> Iterator[Operation]:
    where = target.location
    if op == "remove":
        yield from _removal(target, value)
    elif target.filter is not None and where.sub is None:
        yield Operation(op, target, shaped_one(value, where.attribute))
    else:
        yield Operation(op, target, shaped(value, where.leaf))


def _removal(target: Target, value: Any) -> Iterator[Operation]:
    """Remove what is listed: Entra without the flag names members to remove in `value` and means only these.

    Without a value, all values go. On any other target it is ignored: Entra sends the old one with
    `emails[type eq "work"].value`.
    """
    where = target.location
    listed_alone = where.sub is None and target.filter is None and where.attribute.multi_valued
    if value is None or not listed_alone or where.attribute.mutability == "readOnly":
        yield Operation("remove", target)
        return
    listed = shaped(value, where.attribute) or []
    terms = tuple(_same(element, target) for element in listed if element is not None)
    if terms:
        yield Operation("remove", replace(target, filter=terms[0] if len(terms) == 1 else Or(terms)))


def _same(element: Any, target: Target) -> Filter:
    """Return the filter that selects a value listed for removal: by its `value`, else by all that it says."""
    said = element if isinstance(element, Mapping) else {"value": element}
    named = {"value": said["value"]} if said.get("value") is not None else said
    terms = tuple(
        Compare(AttrPath("", name), "eq", item) for name, item in named.items() if isinstance(item, str | int | float)
    )
    if not terms:
        raise InvalidValue(f"{target}: expected values to remove, got {shown(element)}")
    return terms[0] if len(terms) == 1 else And(terms)


# Names


def _target(text: str, value: Any, resource_type: ResourceType) -> Iterator[tuple[Target, Any]]:
    """Yield what a path names; nothing for an unknown attribute, nor for `schemas`, which follows from the content."""
    target = _resolved(parse_path(text, resource_type), resource_type)
    if target is not None and target.location.attribute.name != "schemas":
        yield target, value


def _targets(attributes: Mapping[str, Any], resource_type: ResourceType) -> Iterator[tuple[Target, Any]]:
    """Yield what each key of an object of attributes names, with its value.

    Keys are paths. Entra with the flag sends "name.givenName" and "urn:…:User:department"; its mappings are spelled
    `emails[type eq "work"].Value`.
    """
    for key, value in attributes.items():
        if attribute := resource_type.attribute(key):  # nearly every key is a plain name
            yield _plain("", attribute), value
            continue
        name = _with_colon(key, resource_type)
        if extension := resource_type.extension(name):
            yield from _extension_targets(extension, value, resource_type)
        elif (target := _named(name, resource_type)) is not None:
            yield target, value


def _extension_targets(extension: Schema, value: Any, resource_type: ResourceType) -> Iterator[tuple[Target, Any]]:
    """Yield the attributes of an extension that its object speaks of; all when it is unassigned."""
    if value is None or value == "":
        for attribute in extension.attributes:
            yield _plain(extension.id, attribute), None
        return
    for key, item in _object(value, extension.id, InvalidValue).items():
        known = extension.attribute(key)
        target = _plain(extension.id, known) if known else _named(f"{extension.id}:{key}", resource_type)
        if target is not None:
            yield target, item


@cache
def _plain(extension: str, attribute: Attribute) -> Target:
    """Return the attribute as a whole, by the URN of its extension or ""."""
    return Target(Location(extension, attribute))


def _named(key: str, resource_type: ResourceType) -> Target | None:
    """Return what a key names. One that is no path is the name of no attribute, unless it is a broken value path."""
    try:
        return _resolved(parse_path(key, resource_type), resource_type)
    except InvalidPath:
        if "[" in key:
            raise
        return None


def _resolved(path: Path, resource_type: ResourceType) -> Target | None:
    """Look the names up, in any case; None where there is no such attribute, or one that follows from another.

    `locate` finds `manager` and `department`, which Entra sends without their URN, in the extension.
    """
    where = locate(replace(path.attr, sub=path.sub or path.attr.sub), resource_type)
    if where is None or (where.sub is not None and is_derived(where.attribute, where.sub.name)):
        return None
    if path.filter is None:
        return Target(where)
    if where.attribute.type != "complex" and not where.attribute.multi_valued:
        raise InvalidPath(f"'{where.path}' has no values to select from by a filter")
    return Target(where, _strict(path.filter, where.attribute))


def _strict(tree: Filter, attribute: Attribute) -> Filter:
    """Spell a value path's filter as the schema does; Entra writes `[primary eq "True"]` and `[Type eq "work"]`."""
    match tree:
        case Compare(path, op, value) if sub := attribute.sub(path.name):
            return Compare(replace(path, name=sub.name), op, strict_boolean(value, sub))
        case Present(path) if sub := attribute.sub(path.name):
            return Present(replace(path, name=sub.name))
        case And(terms) | Or(terms):
            return type(tree)(tuple(_strict(term, attribute) for term in terms))
        case Not(term):
            return Not(_strict(term, attribute))
    return tree


def _with_colon(text: str, resource_type: ResourceType) -> str:
    """Mend the enterprise URN that old Entra samples spell "…:enterprise:2.0User"."""
    if ":" not in text:
        return text
    for extension in resource_type.extensions:
        head, _, tail = extension.id.rpartition(":")
        if text.lower().startswith((head + tail).lower()):
            return extension.id + text[len(head + tail) :]
    return text


def _writable(targets: Iterator[tuple[Target, Any]]) -> Iterator[tuple[Target, Any]]:
    """Leave out what only the service provider writes: Okta sends `id` beside what it changes, others send `meta`."""
    for target, value in targets:
        where = target.location
        if "readOnly" not in (where.attribute.mutability, where.leaf.mutability):
            yield target, value


def _object(value: Any, place: str, error: type[ScimError] = InvalidSyntax) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise error(f"{place}: expected an object, got {shown(value)}")
    return value
