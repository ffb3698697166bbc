"""PATCH of members, which are held by id."""

from typing import Any

import pytest

from scim import dialect
from scim.errors import InvalidValue, Mutability, NoTarget, ScimError
from scim.patch import members_wanted
from scim.store import MemberView
from tests.scim.gadgets import (
    BABS,
    GROUP,
    USER,
    WORK,
    group,
    op,
    patched,
)


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (op("replace", 'members[value eq "nobody"].type', "User"), NoTarget),
        (op("add", 'members[value eq "nobody"]', {"value": "nobody"}), NoTarget),
        (op("replace", f'members[value eq "{BABS["value"]}"].value', "other"), Mutability),
        (op("replace", f'members[value eq "{BABS["value"]}"]', {"value": "other"}), Mutability),
        (op("remove", f'members[value eq "{BABS["value"]}"].value'), Mutability),
        (op("replace", "members.value", "x"), Mutability),
        (op("add", "members", [{"type": "User"}]), InvalidValue),
        (op("add", "members", [{"value": 5}]), InvalidValue),
        (op("replace", "members", 5), InvalidValue),
        (op("remove", "members", [{"display": None}]), InvalidValue),
    ],
)
def test_a_member_cannot_become_another(operation: dict[str, Any], error: type[ScimError]) -> None:
    with pytest.raises(error):
        patched([operation], group(BABS), GROUP)


def test_members_may_be_selected_by_any_filter() -> None:
    inner = {"value": "g1", "type": "Group"}
    assert patched([op("remove", 'members[type eq "user"]')], group(BABS, inner), GROUP) == group(inner)
    same = op("replace", f'members[value eq "{BABS["value"]}"]', {"type": "User"})
    assert patched([same], group(BABS), GROUP) == group(BABS)


def test_a_members_type_is_kept_where_it_is_known() -> None:
    operations = [op("add", "members", [{"value": BABS["value"], "type": "Group"}])]
    assert patched(operations, group(BABS), GROUP) == group(BABS)


@pytest.mark.parametrize(
    ("operations", "wanted"),
    [
        ([op("replace", "displayName", "x")], MemberView.NONE),
        ([op("add", "members", [])], MemberView.NONE),
        ([op("add", "members", [{"value": "a"}, "b"])], {"a", "b"}),
        ([op("remove", 'members[value eq "a"]')], {"a"}),
        ([op("remove", 'members[value eq "a" or Value eq "b"]')], {"a", "b"}),
        ([op("remove", "members", [{"value": "a"}, {"value": "b"}])], {"a", "b"}),
        ([op("add", "members", "a"), op("Remove", "members", {"value": "b"})], {"a", "b"}),
        ([op("add", None, {"members": ["a"], "displayName": "x"})], {"a"}),
        ([op("add", "members", "a"), op("remove", "members")], MemberView.ALL),
        ([op("replace", "members", ["a"])], MemberView.ALL),
        ([op("replace", None, {"members": ["a"]})], MemberView.ALL),
        ([op("remove", 'members[type eq "User"]')], MemberView.ALL),
        ([op("remove", 'members[value sw "a"]')], MemberView.ALL),
        ([op("remove", 'members[not (value eq "a")]')], MemberView.ALL),
        ([op("replace", "members.type", "User")], MemberView.ALL),
    ],
)
def test_members_wanted_are_those_that_the_operations_name(operations: list[dict[str, Any]], wanted: Any) -> None:
    assert members_wanted(dialect.operations({"Operations": operations}, GROUP), GROUP) == wanted


def test_a_user_has_no_members_to_want() -> None:
    operations = dialect.operations({"Operations": [op("add", "emails", [WORK])]}, USER)
    assert members_wanted(operations, USER) is MemberView.NONE


def test_members_are_found_by_id_however_many_they_are() -> None:
    many = [{"value": f"id{index}", "type": "User"} for index in range(20_000)]
    listed = op("remove", "members", [{"value": f"id{index}"} for index in range(0, 20_000, 2)])
    single = [op("remove", f'members[value eq "id{index}"]') for index in range(1, 1_000, 2)]
    after = patched([listed, *single], group(*many), GROUP)
    assert [one["value"] for one in after["members"]] == [f"id{index}" for index in range(1_001, 20_000, 2)]
