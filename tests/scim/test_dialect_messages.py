"""The PATCH message itself: what is tolerated of its form, and how it is refused."""

from typing import Any

import pytest

from scim import dialect
from scim.errors import InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, NoTarget, ScimError, TooLarge
from scim.patch_op import MAX_OPERATIONS
from tests.scim.gadgets import (
    CORE,
    ENTERPRISE,
    GROUP,
    MANAGER,
    PATCH_OP,
    USER,
    op,
)


@pytest.mark.parametrize(
    "message",
    [
        {"operations": [op("add", "title", "x")]},
        {"OPERATIONS": [{"OP": "ADD", "Path": "title", "VALUE": "x"}], "schemas": None},
        {"schemas": [PATCH_OP.upper(), CORE], "Operations": [op("add", " title ", "x")], "other": 1},
        {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": None, "value": {"title": "x"}}]},
        {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "", "value": {"title": "x"}}]},
    ],
)
def test_names_in_the_message_may_be_in_any_case(message: dict[str, Any]) -> None:
    (operation,) = dialect.operations(message, USER)
    assert (operation.op, str(operation.target), operation.value) == ("add", "title", "x")


@pytest.mark.parametrize(
    ("message", "error", "detail"),
    [
        ({}, InvalidSyntax, "Operations: Field required"),
        ({"Operations": None}, InvalidSyntax, "Operations: Field required"),
        ({"Operations": []}, InvalidSyntax, "Operations: "),
        ({"Operations": {}}, InvalidSyntax, "Operations: "),
        ({"Operations": ["x"]}, InvalidSyntax, "Operations[0]: "),
        ({"Operations": [{}]}, InvalidSyntax, "Operations[0].op: Field required"),
        (
            {"Operations": [op("move", "x")]},
            InvalidSyntax,
            "Operations[0].op: Input should be 'add', 'remove' or 'replace'",
        ),
        ({"Operations": [{"op": None}]}, InvalidSyntax, "Operations[0].op: "),
        ({"Operations": [{"op": "add", "path": 5}]}, InvalidSyntax, "Operations[0].path: "),
        (
            {"Operations": [op("add", "title", "x"), op("add", "title")]},
            InvalidValue,
            "Operations[1]: 'add' needs a value",
        ),
        ({"Operations": [op("Remove", "")]}, NoTarget, "Operations[0]: 'remove' needs a path"),
        ({"Operations": [op("Remove", None, {"title": "x"})]}, NoTarget, "Operations[0]: 'remove' needs a path"),
        (
            {"schemas": [CORE], "Operations": [op("add", "title", "x")]},
            InvalidSyntax,
            f"schemas: expected '{PATCH_OP}'",
        ),
        ({"schemas": PATCH_OP, "Operations": [op("add", "title", "x")]}, InvalidSyntax, "schemas: "),
        ({"Operations": [op("remove", "title")] * (MAX_OPERATIONS + 1)}, TooLarge, "The PATCH has 1001 operations"),
        ({"Operations": [op("add", None, {"emails[type": 1})]}, InvalidFilter, "Expected "),
        ({"Operations": [op("add", None, {"e mails[type eq 1]": 1})]}, InvalidPath, "Expected "),
        (
            {"Operations": [op("add", None, {"emails": [{"value": "a", "VALUE": "b"}]})]},
            InvalidValue,
            "VALUE is given twice",
        ),
    ],
)
def test_what_is_no_patch_is_refused_naming_the_place(
    message: dict[str, Any], error: type[ScimError], detail: str
) -> None:
    with pytest.raises(error) as refusal:
        dialect.operations(message, USER)
    assert refusal.value.detail.startswith(detail)


def test_the_target_of_an_operation_prints_in_the_schemas_spelling_and_not_at_length() -> None:
    written = [op("remove", 'Emails[Type eq "work"].VALUE'), op("remove", f"{ENTERPRISE.upper()}:Manager.Value")]
    first, second = dialect.operations({"Operations": written}, USER)
    assert str(first.target) == 'emails[type eq "work"].value'
    assert str(second.target) == f"{MANAGER}.value"
    (long,) = dialect.operations({"Operations": [op("remove", "members", [f"id{i}" for i in range(300)])]}, GROUP)
    assert len(str(long.target)) < 100
