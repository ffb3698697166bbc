"""What Entra and Okta send to change groups, and what it must do."""

from typing import Any

import pytest

from tests.scim.gadgets import (
    GROUP,
    op,
    patched,
)


def people(*ids: str) -> dict[str, Any]:
    members = [{"value": id, "type": "User"} for id in ids]
    return {"displayName": "g"} | ({"members": members} if members else {})


MEMBERS: list[tuple[Any, list[str], list[str]]] = [
    (op("Add", "members", [{"$ref": None, "value": "c"}]), ["a", "b"], ["a", "b", "c"]),
    (op("Add", "members", [{"$ref": None, "value": "b"}]), ["a", "b"], ["a", "b"]),
    (op("add", "members", "c"), ["a"], ["a", "c"]),
    (op("add", "members", {"value": "c"}), ["a"], ["a", "c"]),
    (op("add", None, {"members": ["c"]}), ["a"], ["a", "c"]),
    (op("add", None, {"Members": {"Value": "c"}}), ["a"], ["a", "c"]),
    (op("Remove", "members", [{"$ref": None, "value": "a"}]), ["a", "b"], ["b"]),
    (op("Remove", "members", [{"value": "a"}, {"value": "b"}]), ["a", "b", "c"], ["c"]),
    (op("Remove", "members", [{"value": "x"}]), ["a", "b"], ["a", "b"]),
    (op("Remove", "members", {"value": "a"}), ["a", "b"], ["b"]),
    (op("Remove", "members", "a"), ["a", "b"], ["b"]),
    (op("Remove", "members", ["a", "b"]), ["a", "b"], []),
    (op("Remove", "members", []), ["a", "b"], ["a", "b"]),
    (op("Remove", "members", [None, ""]), ["a", "b"], ["a", "b"]),
    (op("Remove", "members", None), ["a", "b"], []),
    (op("Remove", "members"), ["a", "b"], []),
    (op("remove", 'members[value eq "a"]'), ["a", "b"], ["b"]),
    (op("remove", 'Members[Value eq "a"]'), ["a", "b"], ["b"]),
    (op("replace", "members", [{"value": "c"}, {"value": "a"}]), ["a", "b"], ["a", "c"]),
    (op("replace", "members", []), ["a", "b"], []),
    (op("replace", None, {"displayName": "g"}), ["a", "b"], ["a", "b"]),
    ({"op": "Add", "name": "addMember", "path": "members", "value": [{"value": "c"}]}, ["a"], ["a", "c"]),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "before", "after"), MEMBERS, ids=[str(case[0]) for case in MEMBERS])
def test_members_come_and_go_one_by_one_unless_all_are_meant(
    operation: dict[str, Any], before: list[str], after: list[str]
) -> None:
    members = patched([operation], people(*before), GROUP).get("members", [])
    assert [member["value"] for member in members] == after


def test_three_hundred_members_can_be_removed_by_a_list() -> None:
    remove = op("Remove", "members", [{"$ref": None, "value": f"id{index}"} for index in range(300)])
    assert patched([remove], people(*(f"id{index}" for index in range(301))), GROUP) == people("id300")
