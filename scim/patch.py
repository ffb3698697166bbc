"""PATCH as a pure function: operations and a resource in, the new resource or an error out (RFC 7644 section 3.5.2).

Operations come from `scim.dialect`. They are applied in order, each to what the one before made. The resource that
is given stays as it is, which is what makes a PATCH atomic: an error leaves nothing half done.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from scim.errors import NoTarget
from scim.match import value_matcher
from scim.notation import Location
from scim.patch_op import Operation, Target
from scim.patch_values import changed, part, refuse_read_only
from scim.schema import ResourceType
from scim.store import MembersWanted, MemberView
from scim.tree import AttrPath, Compare, Filter, Or
from scim.validate import conform, is_relation, require, require_subs

# A group may have 100,000 members and a PATCH name thousands: members lie by the id they refer to, never in a list
# that would be searched.
_Members: TypeAlias = dict[str, dict[str, Any]]


def apply(operations: Sequence[Operation], resource: Mapping[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """Return the resource as the operations make it; equal to the given one when they change nothing.

    Of `members` the resource need hold only those that `members_wanted` names. Raises the errors of RFC 7644 table
    9: Mutability, InvalidValue, NoTarget, InvalidFilter.
    """
    document = dict(resource)
    touched: dict[str, Location] = {}
    relations: dict[str, _Members] = {}
    for operation in operations:
        where = Location(operation.target.location.extension, operation.target.location.attribute)
        value = where.holder(document).get(where.attribute.name)
        touched[where.path] = where
        if is_relation(where.attribute):
            if where.path not in relations:
                relations[where.path] = {member["value"]: member for member in value or ()}
            _change_members(operation, relations[where.path])
        else:
            _put(document, where, changed(operation, value))
    for path, members in relations.items():
        _put(document, touched[path], list(members.values()) or None)
    for where in touched.values():
        _require_complete(document, where, resource_type)
    return document


def members_wanted(operations: Iterable[Operation], resource_type: ResourceType) -> MembersWanted:
    """Return which members of the group the operations must see: those with the ids they name, none, or all."""
    members = resource_type.attribute("members")
    wanted: set[str] = set()
    for operation in operations:
        if operation.target.location.attribute is not members:
            continue
        ids = _ids_named(operation)
        if ids is None:
            return MemberView.ALL
        wanted.update(ids)
    return frozenset(wanted) or MemberView.NONE


def _ids_named(operation: Operation) -> Collection[str] | None:
    """Return the ids of the only members that the operation is about, None when it is about members as a whole."""
    if operation.target.filter is not None:
        return _ids_selected(operation.target.filter)
    if operation.op != "add" or operation.target.location.sub is not None:
        return None
    given = operation.value if isinstance(operation.value, list) else ()
    ids = (member.get("value") for member in given if isinstance(member, Mapping))
    return [id for id in ids if isinstance(id, str)]


def _ids_selected(tree: Filter) -> Collection[str] | None:
    """Return the ids when the filter selects by nothing else: `value eq "a" or value eq "b"`."""
    terms = tree.terms if isinstance(tree, Or) else (tree,)
    ids: dict[str, None] = {}
    for term in terms:
        match term:
            case Compare(AttrPath("", "value", ""), "eq", str(id)):
                ids[id] = None
            case _:
                return None
    return ids


def _change_members(operation: Operation, members: _Members) -> None:
    """Apply an operation to members by id, in time proportional to what it names, or to all for other filters."""
    refuse_read_only(operation)
    target = operation.target
    if target.filter is None and target.location.sub is None:
        given = conform(operation.value, target.location.attribute, str(target)) or []
        wanted: _Members = {member["value"]: member for member in given}
        if operation.op != "add":
            for gone in members.keys() - wanted.keys():
                del members[gone]
        for id, member in wanted.items():
            members.setdefault(id, member)
        return
    selected = _selected(target, members)
    if not selected and operation.value is not None:
        raise NoTarget(f"{target} selects no member")
    for id in selected:
        member = part(operation, members[id])
        if member is None:
            del members[id]
        else:
            members[id] = member


def _selected(target: Target, members: _Members) -> list[str]:
    if target.filter is None:
        return list(members)
    ids = _ids_selected(target.filter)
    if ids is not None:
        return [id for id in ids if id in members]
    selects = value_matcher(target.filter, target.location.attribute)
    return [id for id, member in members.items() if selects(member)]


def _put(document: dict[str, Any], where: Location, value: Any) -> None:
    """Set an attribute, or leave it out when it is unassigned, and with its last one the extension's object too."""
    holder = dict(where.holder(document)) if where.extension else document
    if value is None:
        holder.pop(where.attribute.name, None)
    else:
        holder[where.attribute.name] = value
    if where.extension and holder:
        document[where.extension] = holder
    elif where.extension:
        document.pop(where.extension, None)


def _require_complete(document: Mapping[str, Any], where: Location, resource_type: ResourceType) -> None:
    """Refuse a touched attribute that lacks a required sub-attribute, or its extension a required attribute.

    What is not touched is not judged: a schema that has grown stricter must not keep a user from being disabled.
    """
    holder, attribute = where.holder(document), where.attribute
    value = holder.get(attribute.name)
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, Mapping):
            require_subs(element, attribute, where.path)
    extension = resource_type.extension(where.extension)
    if extension and holder:
        require(holder, extension.attributes, f"{extension.id}:")
