"""What Entra and Okta send to change users, in every dialect, and what it must do."""

from typing import Any

import pytest

from tests.scim.gadgets import (
    BABS,
    CORE,
    ENTERPRISE,
    GROUP,
    MANAGER,
    MISTYPED,
    group,
    op,
    patched,
    user,
)

ROLE = '{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"25","displayName":"Role1234"}'


def managed(id: str) -> dict[str, Any]:
    return user(**{ENTERPRISE: {"manager": {"value": id}}})


EMAIL = {"type": "work", "value": "old@contoso.com", "primary": True}
ENTRA_REPLACES = [
    op("Replace", "displayName", "Pvlo"),
    op("Replace", 'emails[type eq "work"].value', "TestBcwqnm@test.microsoft.com"),
    op("Replace", "name.givenName", "Gtfd"),
    op("Replace", "name.familyName", "Pkqf"),
    op("Replace", "externalId", "Eqpj"),
    op("Replace", f"{ENTERPRISE}:employeeNumber", "Eqpj"),
]
FLAG_REPLACES = [
    op("replace", 'emails[type eq "work"].value', "TestBcwqnm@test.microsoft.com"),
    op("replace", None, {
        "displayName": "Pvlo", "name.givenName": "Gtfd", "name.familyName": "Pkqf", "externalId": "Eqpj",
        f"{ENTERPRISE}:employeeNumber": "Eqpj",
    }),
]  # fmt: skip
NESTED_REPLACES = [
    op("replace", None, {
        'emails[type eq "work"].Value': "TestBcwqnm@test.microsoft.com",
        "displayName": "Pvlo", "name": {"givenName": "Gtfd", "familyName": "Pkqf"}, "externalId": "Eqpj",
        ENTERPRISE: {"employeeNumber": "Eqpj"},
    }),
]  # fmt: skip
REPLACED = user(
    displayName="Pvlo",
    emails=[EMAIL | {"value": "TestBcwqnm@test.microsoft.com"}],
    name={"givenName": "Gtfd", "familyName": "Pkqf"},
    externalId="Eqpj",
    **{ENTERPRISE: {"employeeNumber": "Eqpj"}},
)


@pytest.mark.parametrize(
    "operations", [ENTRA_REPLACES, FLAG_REPLACES, NESTED_REPLACES], ids=["legacy", "flag", "nested"]
)
def test_the_dialects_of_replacing_several_attributes_mean_the_same(operations: list[dict[str, Any]]) -> None:
    assert patched(operations, user(emails=[EMAIL])) == REPLACED


DISABLED = [
    op("Replace", "active", "False"),
    op("Add", "active", "False"),
    op("replace", "active", "false"),
    op("replace", "active", False),
    op("replace", None, {"active": "False"}),
    op("replace", None, {"active": False}),
    op("replace", f"{CORE}:active", "FALSE"),
    op("REPLACE", "Active", " false "),
]


@pytest.mark.parametrize("operation", DISABLED, ids=str)
def test_every_way_to_disable_a_user_disables_it(operation: dict[str, Any]) -> None:
    assert patched([operation], user(active=True)) == user(active=False)


MANAGERS = [
    op("Add", "manager", [{"$ref": "http://example.com/scim/Users/m2", "value": "m2"}]),
    op("Add", MANAGER, "m2"),
    op("Replace", MANAGER, "m2"),
    op("add", MANAGER, {"value": "m2"}),
    op("replace", MANAGER, {"value": "m2", "$ref": None, "displayName": "M"}),
    op("replace", f"{MANAGER}.value", "m2"),
    op("replace", None, {MANAGER: "m2"}),
    op("replace", None, {f"{MANAGER}.value": "m2"}),
    op("replace", None, {ENTERPRISE: {"manager": "m2"}}),
    op("replace", None, {ENTERPRISE: {"manager.value": "m2"}}),
    op("replace", None, {"manager": {"Value": "m2"}}),
    op("Replace", f"{MISTYPED}:manager", "m2"),
]


@pytest.mark.parametrize("operation", MANAGERS, ids=str)
@pytest.mark.parametrize("before", [user(), managed("m1")], ids=["without", "with"])
def test_the_manager_may_come_in_any_shape(operation: dict[str, Any], before: dict[str, Any]) -> None:
    assert patched([operation], before) == managed("m2")


NO_MANAGERS = [
    op("Replace", MANAGER, ""),
    op("replace", MANAGER, None),
    op("Remove", MANAGER),
    op("Remove", MANAGER, {"value": "m1"}),
    op("replace", MANAGER, {"value": ""}),
    op("replace", MANAGER, {"value": None}),
    op("replace", MANAGER, []),
    op("remove", f"{MANAGER}.value"),
    op("replace", f"{MANAGER}.value", ""),
    op("remove", "manager"),
    op("remove", 'manager[value eq "m1"]'),
    op("replace", None, {MANAGER: ""}),
    op("replace", None, {ENTERPRISE: {"manager": None}}),
]


@pytest.mark.parametrize("operation", NO_MANAGERS, ids=str)
@pytest.mark.parametrize("before", [user(), managed("m1")], ids=["without", "with"])
def test_the_manager_may_go_in_any_shape(operation: dict[str, Any], before: dict[str, Any]) -> None:
    assert patched([operation], before) == user()


ADMIN = {"value": "Admin", "display": "Admin"}
ROLES: list[tuple[Any, Any, list[dict[str, Any]]]] = [
    (op("Add", "roles", [{"value": ROLE}]), [], [{"value": "25", "display": "Role1234"}]),
    (op("Add", "roles", ROLE), [], [{"value": "25", "display": "Role1234"}]),
    (op("Add", "roles", {"type": "t", "value": ROLE}), [], [{"type": "t", "value": "25", "display": "Role1234"}]),
    (op("Add", "roles", [{"value": ROLE}]), [ADMIN], [ADMIN, {"value": "25", "display": "Role1234"}]),
    (op("replace", "roles", [{"value": ROLE}]), [ADMIN], [{"value": "25", "display": "Role1234"}]),
    (op("Add", "roles", "Admin"), [], [{"value": "Admin"}]),
    (op("add", "roles", ["Admin", "User"]), [], [{"value": "Admin"}, {"value": "User"}]),
    (op("replace", "roles", [{"displayName": "Admin", "value": "Admin"}]), [], [ADMIN]),
    (op("Add", 'roles[primary eq "True"].value', "Admin"), [], [{"primary": True, "value": "Admin"}]),
    (op("Add", 'roles[Primary eq "true"].Value', "Admin"), [{"primary": True, "value": "x"}],
     [{"primary": True, "value": "Admin"}]),
    (op("replace", 'roles[not (primary eq "True")].display', "x"), [ADMIN], [ADMIN | {"display": "x"}]),
    (op("replace", 'roles[value pr and (primary eq "False" or Type pr)].display', "x"), [ADMIN | {"type": "t"}],
     [ADMIN | {"type": "t", "display": "x"}]),
    (op("Remove", "roles", [{"value": "Admin"}]), [ADMIN, {"value": "User"}], [{"value": "User"}]),
    (op("Remove", "roles", "Admin"), [ADMIN, {"value": "User"}], [{"value": "User"}]),
    (op("Remove", "roles", [{"display": "Admin"}]), [ADMIN, {"value": "User"}], [{"value": "User"}]),
    (op("Remove", "roles", [{"display": "Admin", "type": "t"}]), [ADMIN], [ADMIN]),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "before", "after"), ROLES, ids=[str(case[0]) for case in ROLES])
def test_roles_may_come_in_any_shape(
    operation: dict[str, Any], before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    assert patched([operation], user(roles=before) if before else user()) == user(roles=after)


def test_operations_on_one_selected_value_add_up() -> None:
    operations = [op("add", f'addresses[type eq "work"].{name}', name) for name in ("country", "region", "Locality")]
    work = {"type": "work", "country": "country", "region": "region", "locality": "Locality"}
    assert patched(operations, user()) == user(addresses=[work])


@pytest.mark.parametrize(
    "operation",
    [
        op("Remove", 'emails[type eq "work"].value', "new@contoso.com"),
        op("Remove", 'emails[type eq "work"].value'),
        op("replace", 'emails[type eq "work"].value', ""),
        op("Replace", 'emails[type eq "work"].value', None),
        op("remove", 'emails[type eq "work"]', [{"value": "new@contoso.com"}]),
    ],
    ids=str,
)
def test_clearing_an_e_mail_takes_it_and_never_sets_it(operation: dict[str, Any]) -> None:
    other = {"type": "other", "value": "o@contoso.com"}
    assert patched([operation], user(emails=[EMAIL, other])) == user(emails=[other])


def test_an_empty_string_clears_and_null_does() -> None:
    paths = ["title", "name.givenName", 'addresses[type eq "work"].country', f"{ENTERPRISE}:department"]
    full = user(
        title="t",
        name={"givenName": "g"},
        addresses=[{"type": "work", "primary": True, "country": "DE"}],
        **{ENTERPRISE: {"department": "d"}},
    )
    for empty in ("", None):
        assert patched([op("replace", path, empty) for path in paths], full) == user()
        assert patched([op("replace", path, empty) for path in paths], user()) == user()


IGNORED = [
    op("replace", "hobby", "x"),
    op("add", 'hobbies[type eq "x"].value', "x"),
    op("remove", "hobby"),
    op("replace", "name.nickname", "x"),
    op("replace", 'emails[type eq "work"].colour', "x"),
    op("replace", "urn:ietf:params:scim:schemas:extension:Custom:2.0:User:tag", "x"),
    op("replace", "urn:ietf:params:scim:schemas:extension:Custom:2.0:User", {"tag": "x"}),
    op("replace", f"{ENTERPRISE}:hobby", "x"),
    op("replace", None, {"hobby": 1, "a b": 2, 'hobbies[type eq "x"]': 3, ENTERPRISE: {"hobby": 1}, "members": ["a"]}),
    op("add", "schemas", [ENTERPRISE]),
    op("replace", f"{MANAGER}.$ref", "../Users/m"),
    op("replace", None, {f"{MANAGER}.$ref": "../Users/m", ENTERPRISE: {"manager": {"$ref": "../Users/m"}}}),
    op("add", None, {"id": "1", "schemas": [], "meta": {"version": "x"}, "meta.version": "y", "groups": []}),
    op("replace", None, {}),
]


@pytest.mark.parametrize("operation", IGNORED, ids=str)
def test_what_the_schema_does_not_know_is_ignored(operation: dict[str, Any]) -> None:
    assert patched([operation], user(emails=[EMAIL])) == user(emails=[EMAIL])
    assert patched([operation, op("Replace", "active", "False")], user())["active"] is False


def test_oktas_id_in_a_group_rename_is_ignored() -> None:
    rename = op("replace", None, {"id": "abf4dd94", "displayName": "Test SCIMv2"})
    assert patched([rename], group(BABS), GROUP) == group(BABS) | {"displayName": "Test SCIMv2"}
