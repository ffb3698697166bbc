"""Request bodies, as each dialect writes them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from entra.dialect import Dialect
from entra.functions.roles import ROLE_TYPE, Roles
from entra.mapping import ObjectMapping, Value
from entra.paths import Target, write

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SECOND_GROUP_SCHEMA = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"

# Whose first element is sent as the primary one.
_PRIMARY = {"emails": True, "phoneNumbers": True, "addresses": False}

Body = dict[str, Any]
Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A target attribute that is not as it should be: what it is (None: unassigned) and what it shall become."""

    old: Any
    new: Value


def creation(mapping: ObjectMapping, kind: str, values: Sequence[Value], dialect: Dialect) -> Body:
    """Return the body of a POST. A group is always created without members."""
    body: Body = {"schemas": list(mapping.schemas)}
    if kind == "Group" and dialect.second_group_schema == "on":
        body["schemas"].append(SECOND_GROUP_SCHEMA)
    for each in values:
        if isinstance(each.value, Roles):
            body["roles"] = _created_roles(each.value)
        else:
            write(body, each.path, each.value)
    for name, first in _PRIMARY.items():
        for place, element in enumerate(body.get(name, ())):
            element.setdefault("primary", first and place == 0)
    body["meta"] = {"resourceType": kind}
    body.setdefault("members" if kind == "Group" else "roles", [])
    return body


def patch(operations: Iterable[Operation]) -> Body:
    """Return the body of a PATCH."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def update(differences: Sequence[Difference], dialect: Dialect) -> list[Operation]:
    """Return the operations that make an object what it should be, references apart."""
    operations: list[Operation] = []
    together: Body = {}
    alone = len(differences) == 1
    for each in differences:
        op = "Add" if each.old in (None, "", []) else "Replace"
        if isinstance(each.new.value, Roles):
            operations.append(_roles(each.new.value, dialect))
        elif _joins(each, op, dialect, alone=alone):
            together[each.new.path.text] = _sent(each.new.value, dialect)
        else:
            operations.append(_operation(op, each.new.path.text, _sent(each.new.value, dialect), dialect))
    if together:
        operations.append({"op": _cased("Replace", dialect), "value": together})
    return operations


def activation(target: Target, *, active: bool, dialect: Dialect) -> Operation:
    """Return the operation that disables or enables a user and says nothing else."""
    return _operation("Replace", target.text, _sent(active, dialect), dialect)


def manager(target: Target, manager_id: str | None, *, had_one: bool, dialect: Dialect, location: str) -> Operation:
    """Return the operation that sets a manager, or clears it if `manager_id` is None.

    `location` is the URL under which the manager would be found, which one dialect sends.
    """
    if manager_id is None:
        return _manager_cleared(target, dialect)
    op = "Replace" if had_one else "Add"
    match dialect.manager:
        case "raw":
            return _operation(op, target.text, manager_id, dialect)
        case "object":
            return _operation(op, target.text, {"value": manager_id}, dialect)
        case "list":
            return _operation(op, target.text, [{"$ref": location, "value": manager_id}], dialect)
        case _:
            return {"op": _cased(op, dialect), "value": {target.text: manager_id}}


def members_added(ids: Sequence[str], dialect: Dialect) -> list[Operation]:
    """Return operations that add members, each of which Entra sends in a PATCH of its own."""
    match dialect.member_add:
        case "reference":
            return [_operation("Add", "members", [{"$ref": None, "value": each} for each in ids], dialect)]
        case "list":
            return [_operation("Add", "members", [{"value": each} for each in ids], dialect)]
        case "single":
            return [_operation("Add", "members", {"value": each}, dialect) for each in ids]
        case _:
            return [_operation("Add", "members", each, dialect) for each in ids]


def members_removed(ids: Sequence[str], dialect: Dialect) -> list[Operation]:
    """Return operations that remove members, each of which Entra sends in a PATCH of its own."""
    if dialect.member_remove == "valueList":
        value: list[Body] = [{"$ref": None, "value": each} for each in ids]
        return [_operation("Remove", "members", value, dialect)]
    return [{"op": _cased("Remove", dialect), "path": f'members[value eq "{each}"]'} for each in ids]


def _joins(difference: Difference, op: str, dialect: Dialect, *, alone: bool) -> bool:
    """Whether the attribute is written in the operation without a path."""
    if difference.new.path.filtered or dialect.patch == "verbose":
        return False
    return dialect.patch == "map" or (op == "Replace" and not alone)


def _operation(op: str, path: str, value: Any, dialect: Dialect) -> Operation:
    return {"op": _cased(op, dialect), "path": path, "value": value}


def _cased(op: str, dialect: Dialect) -> str:
    return op.lower() if dialect.op_case == "lower" else op


def _sent(value: Any, dialect: Dialect) -> Any:
    if not isinstance(value, bool) or dialect.active == "bool":
        return value
    return str(value) if dialect.active == "Title" else str(value).lower()


def _manager_cleared(target: Target, dialect: Dialect) -> Operation:
    match dialect.manager_clear:
        case "empty":
            return _operation("Replace", target.text, "", dialect)
        case "null":
            return _operation("Replace", target.text, None, dialect)
        case "object":
            return _operation("Replace", target.text, {"value": ""}, dialect)
        case _:
            return {"op": _cased("Remove", dialect), "path": target.text}


def _created_roles(roles: Roles) -> list[Body]:
    label = "display" if roles.form == "Assertive" else "displayName"
    if roles.form == "Single":
        return [{"primary": True, "type": ROLE_TYPE, "value": role.value} for role in roles.roles]
    return [{"primary": False, "type": ROLE_TYPE, label: r.display_name, "value": r.value} for r in roles.roles]


def _roles(roles: Roles, dialect: Dialect) -> Operation:
    if roles.form == "Assertive":
        return {"op": "replace", "path": "roles", "value": _created_roles(roles)}
    if dialect.roles == "sameAsPost":
        return _operation("Add", "roles", _created_roles(roles), dialect)
    # The legacy service puts the whole role, as a JSON text, into `value`.
    texts = [{"id": role.id, "value": role.value, "displayName": role.display_name} for role in roles.roles]
    return _operation("Add", "roles", [{"value": json.dumps(text, separators=(",", ":"))} for text in texts], dialect)
