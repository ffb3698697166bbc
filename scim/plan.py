"""What a filter needs of the directory: which look-ups can answer it, and which members it must see.

A plan only narrows what is read. Whatever it finds is still put to the filter (`scim.match`), so a plan may find
too much, but never too little.
"""

from collections.abc import Iterable
from typing import Final

from scim.notation import Location, locate
from scim.schema import ResourceType
from scim.store import Lookup, MembersWanted, MemberView
from scim.tree import And, AttrPath, Compare, Filter, Not, Or, Present, ValuePath

MAX_LOOKUPS: Final = 50
"""Look-ups that are cheaper together than reading everything."""

_MEMBERS = "members"
_MEMBER_ID = "members.value"


def lookups(filter: Filter, resource_type: ResourceType) -> tuple[Lookup, ...] | None:
    """Return look-ups of which every resource that satisfies the filter satisfies at least one, or None.

    None means that the directory must be walked; an empty tuple that nothing can satisfy the filter.
    """
    found = _lookups(filter, resource_type)
    return None if found is None or len(found) > MAX_LOOKUPS else tuple(found)


def members_wanted(filter: Filter, resource_type: ResourceType) -> MembersWanted:
    """Return which members a group must be loaded with for the filter to be decided on it.

    The ids, if the filter speaks of members only as `eq` an id; all of them if it does otherwise; none if it does
    not speak of them.
    """
    ids: set[str] = set()
    for mention in _member_mentions(filter, resource_type):
        if mention is None:
            return MemberView.ALL
        ids |= mention
    return frozenset(ids) if ids else MemberView.NONE


def _lookups(tree: Filter, resource_type: ResourceType, parent: str = "") -> list[Lookup] | None:
    """Return the look-ups; `parent` is the path of the attribute whose value path the tree stands in."""
    match tree:
        case And(terms):
            # All terms hold: any one of them that can be looked up will do.
            found = [each for each in (_lookups(term, resource_type, parent) for term in terms) if each is not None]
            return min(found, key=lambda each: _cost(each, resource_type), default=None)
        case Or(terms):
            return _union(_lookups(term, resource_type, parent) for term in terms)
        case ValuePath(path, condition):
            location = locate(path, resource_type)
            return _lookups(condition, resource_type, location.path) if location else []
        case Compare(path, "eq", str() as value) if parent:
            return _equal(f"{parent}.{path.name.lower()}", value, resource_type)
        case Compare(path, "eq", str() as value):
            location = locate(path, resource_type)
            return _equal(_value_path(location), value, resource_type) if location else []
        case Compare(path, op, value) if op != "ne" and value is not None and not parent:
            return None if locate(path, resource_type) else []
        case Present(path) if path.name and not parent:
            return None if locate(path, resource_type) else []
        case _:
            return None


def _equal(path: str, value: str, resource_type: ResourceType) -> list[Lookup] | None:
    if path == "meta.resourceType":
        return None if value == resource_type.name else []
    return [Lookup(path, value)] if path in _indexed(resource_type) else None


def _indexed(resource_type: ResourceType) -> tuple[str, ...]:
    """Return the paths that can be looked up, the cheapest first."""
    members = (_MEMBER_ID,) if resource_type.attribute(_MEMBERS) else ()
    return ("id", resource_type.unique, *resource_type.indexes, *members)


def _cost(found: list[Lookup], resource_type: ResourceType) -> tuple[int, int]:
    indexed = _indexed(resource_type)
    return len(found), max((indexed.index(each.path) for each in found), default=0)


def _union(branches: Iterable[list[Lookup] | None]) -> list[Lookup] | None:
    found: dict[Lookup, None] = {}
    for branch in branches:
        if branch is None:
            return None
        found |= dict.fromkeys(branch)
    return list(found)


def _value_path(location: Location) -> str:
    """Return the path that a comparison is about: of a complex attribute its `value` (see scim.match)."""
    return f"{location.path}.value" if location.leaf.type == "complex" else location.path


def _member_mentions(tree: Filter, resource_type: ResourceType) -> Iterable[set[str] | None]:
    """Yield for each mention of members the ids that decide it, or None when it takes all members."""
    match tree:
        case And(terms) | Or(terms):
            for term in terms:
                yield from _member_mentions(term, resource_type)
        case Not(term):
            yield from _member_mentions(term, resource_type)
        case ValuePath(path, condition) if _is_members(path, resource_type):
            yield _value_ids(condition)
        case Compare(path, "eq", str() as value) if _is_members(path, resource_type):
            yield {value} if path.sub.lower() in ("", "value") else None
        case Compare(path) | Present(path) if _is_members(path, resource_type):
            yield None
        case _:
            return


def _is_members(path: AttrPath, resource_type: ResourceType) -> bool:
    location = locate(path, resource_type)
    return location is not None and not location.extension and location.attribute.name == _MEMBERS


def _value_ids(tree: Filter) -> set[str] | None:
    """Return the ids of which a member must have one to satisfy a value path's filter, or None if any may."""
    match tree:
        case Compare(AttrPath("", name, ""), "eq", str() as value) if name.lower() == "value":
            return {value}
        case And(terms):
            return next((ids for term in terms if (ids := _value_ids(term)) is not None), None)
        case Or(terms):
            branches = [_value_ids(term) for term in terms]
            return None if None in branches else {each for ids in branches if ids for each in ids}
        case _:
            return None
