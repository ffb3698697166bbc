"""What PATCH refuses, by which error of RFC 7644 table 9, and that all or nothing is done."""

from typing import Any

import pytest

from scim import dialect
from scim.errors import InvalidFilter, InvalidPath, InvalidValue, Mutability, NoTarget, ScimError
from scim.patch import apply
from tests.scim.gadgets import GADGET, LABEL, PATCH_OP, USER, WARRANTY, WORK, op, patched, user

FULL = LABEL | {
    "serial": "1",
    "wear": 3,
    "origin": {"country": "DE", "city": "Kiel"},
    "parts": [{"value": "p", "code": "c", "batch": "b"}],
    WARRANTY: {"years": 2, "seller": "s"},
}


@pytest.mark.parametrize(
    ("operation", "error", "detail"),
    [
        (op("remove", "label"), Mutability, "label is required and cannot be cleared"),
        (op("replace", "label", None), InvalidValue, "label is required and cannot be cleared"),
        (op("replace", "label", ""), InvalidValue, "label is required and cannot be cleared"),
        (op("replace", "label", 5), InvalidValue, "label: expected a string, got the number 5"),
        (op("add", "wear", 4), Mutability, "wear is readOnly"),
        (op("remove", "wear"), Mutability, "wear is readOnly"),
        (op("replace", "id", "2"), Mutability, "id is readOnly"),
        (op("replace", "meta.created", "x"), Mutability, "meta.created is readOnly"),
        (op("replace", "serial", "2"), Mutability, "serial is immutable and has another value"),
        (op("remove", "serial"), Mutability, "serial is immutable and has another value"),
        (op("remove", "origin.country"), Mutability, "origin.country is required and cannot be cleared"),
        (op("replace", "origin", {"country": None}), InvalidValue, "origin.country is required and cannot be cleared"),
        (op("replace", "origin.city", "Bonn"), Mutability, "origin.city: 'city' is immutable and has another value"),
        (op("replace", "origin", "DE"), InvalidValue, "origin: expected an object, got the string 'DE'"),
        (op("add", "parts", [{"value": "q"}]), InvalidValue, "parts[0].code is required"),
        (op("add", 'parts[value eq "q"].type', "t"), InvalidValue, "parts.code is required"),
        (op("remove", "parts.code"), Mutability, "parts.code is required and cannot be cleared"),
        (op("add", "parts.grade", "a"), Mutability, "parts.grade is readOnly"),
        (
            op("replace", 'parts[code eq "c"]', {"code": "d", "batch": "x"}),
            Mutability,
            "parts[code eq \"c\"]: 'batch' is immutable and has another value",
        ),
        (
            op("add", "parts", [{"code": "1", "primary": True}, {"code": "2", "primary": True}]),
            InvalidValue,
            "parts: only one value can be primary",
        ),
        (
            op("replace", 'tags[value eq "a"]', 5),
            InvalidValue,
            'tags[value eq "a"]: expected a string, got the number 5',
        ),
        (op("remove", f"{WARRANTY}:years"), Mutability, f"{WARRANTY}:years is required and cannot be cleared"),
        (op("add", f"{WARRANTY}:claims", 1), Mutability, f"{WARRANTY}:claims is readOnly"),
        (op("remove", WARRANTY), Mutability, f"{WARRANTY}:years is required and cannot be cleared"),
        (op("remove", None), NoTarget, "Operations[0]: 'remove' needs a path"),
        (op("add", "tags"), InvalidValue, "Operations[0]: 'add' needs a value"),
        (op("replace", None), InvalidValue, "Operations[0]: 'replace' needs a value"),
        (
            op("replace", None, ["x"]),
            InvalidValue,
            "Operations[0].value without a path: expected an object, got a list",
        ),
        (op("replace", WARRANTY, 5), InvalidValue, f"{WARRANTY}: expected an object, got the number 5"),
        (op("replace", 'label[value eq "x"]', "y"), InvalidPath, "'label' has no values to select from by a filter"),
    ],
)
def test_a_refusal_says_what_was_wrong_and_where(
    operation: dict[str, Any], error: type[ScimError], detail: str
) -> None:
    with pytest.raises(error) as refusal:
        patched([operation], FULL, GADGET)
    assert refusal.value.detail == detail


@pytest.mark.parametrize(
    "path", ["na me", "name.", ".name", "emails[type eq", "emails[]", "emails[type eq 1].", "a.b.c", "/name"]
)
def test_a_malformed_path_is_refused(path: str) -> None:
    with pytest.raises((InvalidPath, InvalidFilter)):
        patched([op("replace", path, "x")], user())


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        (op("add", "serial", "1"), FULL),
        (op("replace", "origin.city", "Kiel"), FULL),
        (
            op("replace", 'parts[code eq "c"]', {"value": "q", "grade": "x"}),
            FULL | {"parts": [{"value": "q", "code": "c", "batch": "b"}]},
        ),
        (op("add", None, {"wear": 9, "label": "h"}), FULL | {"label": "h"}),
    ],
)
def test_immutable_and_read_only_attributes_may_be_repeated(operation: dict[str, Any], after: dict[str, Any]) -> None:
    assert patched([operation], FULL, GADGET) == after


def test_an_immutable_attribute_may_be_given_once() -> None:
    assert patched([op("add", "serial", "1")], LABEL, GADGET) == LABEL | {"serial": "1"}


def test_an_extension_must_be_complete_once_touched() -> None:
    with pytest.raises(InvalidValue, match="years is required"):
        patched([op("add", f"{WARRANTY}:seller", "s")], LABEL, GADGET)
    complete = [op("add", f"{WARRANTY}:seller", "s"), op("add", f"{WARRANTY}:years", 2)]
    assert patched(complete, LABEL, GADGET) == LABEL | {WARRANTY: {"years": 2, "seller": "s"}}


def test_what_is_not_touched_is_not_judged() -> None:
    assert patched([op("add", "enabled", False)], {WARRANTY: {"seller": "s"}}, GADGET) == {
        WARRANTY: {"seller": "s"},
        "enabled": False,
    }


def test_operations_apply_in_order_and_all_or_none() -> None:
    before = user(title="a")
    operations = [op("remove", "title"), op("add", "title", "b"), op("add", "nickName", "n")]
    assert patched(operations, before) == user(title="b", nickName="n")
    with pytest.raises(InvalidValue):
        patched([*operations, op("replace", "active", "maybe")], before)
    assert before == user(title="a")


def test_operations_can_be_applied_to_several_resources() -> None:
    operations = dialect.operations({"schemas": [PATCH_OP], "Operations": [op("add", "emails", [WORK])]}, USER)
    first = apply(operations, user(), USER)
    second = patched([op("replace", 'emails[type eq "work"].value', "changed")], apply(operations, user(), USER))
    assert first == user(emails=[WORK])
    assert second == user(emails=[WORK | {"value": "changed"}])
    assert apply(operations, user(), USER) == first


@pytest.mark.parametrize("value", [True, 1, "x", {}, [{"value": "g"}]])
def test_removing_listed_values_of_what_is_read_only_is_refused(value: object) -> None:
    body = {"Operations": [{"op": "remove", "path": "groups", "value": value}]}
    with pytest.raises(Mutability):
        apply(dialect.operations(body, USER), {"userName": "u"}, USER)
