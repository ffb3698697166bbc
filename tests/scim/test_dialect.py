"""What Entra, its validators and Okta send, and what it must do."""

from typing import Any

import pytest

from scim import dialect
from scim.errors import InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, NoTarget, ScimError, TooLarge
from scim.patch_op import MAX_OPERATIONS
from scim.schema import ResourceType
from scim.validate import new_document
from tests.scim.gadgets import CORE, ENTERPRISE, GROUP, PATCH_OP, USER, op, patched

MISTYPED = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"
MANAGER = f"{ENTERPRISE}:manager"
ROLE = '{"id":"06b07648-ecfe-589f-9d2f-6325724a46ee","value":"25","displayName":"Role1234"}'


def user(**attributes: Any) -> dict[str, Any]:
    return {"userName": "jdoe@contoso.com"} | attributes


def managed(id: str) -> dict[str, Any]:
    return user(**{ENTERPRISE: {"manager": {"value": id}}})


def group(*ids: str) -> dict[str, Any]:
    members = [{"value": id, "type": "User"} for id in ids]
    return {"displayName": "g"} | ({"members": members} if members else {})


def created(body: dict[str, Any], resource_type: ResourceType = USER) -> dict[str, Any]:
    return new_document(dialect.resource(body, resource_type), resource_type)


# Bodies of POST and PUT

BODIES: list[tuple[str, ResourceType, dict[str, Any], dict[str, Any]]] = [
    ("Entra's documented create", USER,
     {"schemas": [CORE, ENTERPRISE], "externalId": "0a21f0f2", "userName": "jdoe@contoso.com", "active": True,
      "emails": [{"primary": True, "type": "work", "value": "jdoe@contoso.com"}], "meta": {"resourceType": "User"},
      "name": {"formatted": "given family", "familyName": "family", "givenName": "given"}, "roles": []},
     user(externalId="0a21f0f2", active=True, emails=[{"primary": True, "type": "work", "value": "jdoe@contoso.com"}],
          name={"formatted": "given family", "familyName": "family", "givenName": "given"})),
    ("Entra's older create with nulls, extension attributes without their URN, a mistyped URN", USER,
     {"schemas": [CORE, MISTYPED], "userName": "jdoe@contoso.com", "active": True, "addresses": None,
      "displayName": "Joy Young", "emails": [{"type": "work", "value": "j@Contoso.com", "primary": True}],
      "phoneNumbers": None, "preferredLanguage": None, "title": None, "department": None, "manager": None,
      "meta": {"resourceType": "User"}},
     user(active=True, displayName="Joy Young", emails=[{"type": "work", "value": "j@Contoso.com", "primary": True}])),
    ("Entra's full create with nulls within values and the manager as a bare id", USER,
     {"userName": "jdoe@contoso.com",
      "addresses": [{"primary": False, "type": "work", "country": "DE", "formatted": None, "locality": "Munich"},
                    {"primary": False, "type": "other", "formatted": "Office 12"}],
      "phoneNumbers": [{"primary": True, "type": "work", "value": "5"}],
      ENTERPRISE: {"department": "R&D", "employeeNumber": "4711", "manager": "m1"}},
     user(addresses=[{"primary": False, "type": "work", "country": "DE", "locality": "Munich"},
                     {"primary": False, "type": "other", "formatted": "Office 12"}],
          phoneNumbers=[{"primary": True, "type": "work", "value": "5"}],
          **{ENTERPRISE: {"department": "R&D", "employeeNumber": "4711", "manager": {"value": "m1"}}})),
    ("an unknown extension is dropped", USER,
     {"userName": "jdoe@contoso.com", "urn:ietf:params:scim:schemas:extension:Custom:2.0:User": {"tag": "x"}}, user()),
    ("booleans as strings", USER,
     {"userName": "jdoe@contoso.com", "active": "True", "roles": [{"primary": "True", "value": "r"}]},
     user(active=True, roles=[{"primary": True, "value": "r"}])),
    ("capital names", USER,
     {"UserName": "jdoe@contoso.com", "Emails": [{"Primary": True, "Type": "work", "Value": "x"}],
      "Name": {"GivenName": "g"}},
     user(emails=[{"primary": True, "type": "work", "value": "x"}], name={"givenName": "g"})),
    ("dotted and URN keys beside objects", USER,
     {"userName": "jdoe@contoso.com", "name": {"familyName": "f"}, "name.givenName": "g",
      f"{ENTERPRISE}:department": "d", ENTERPRISE: {"division": "v"}, f"{MANAGER}.value": "m",
      f"{CORE}:title": "t", "department": None},
     user(name={"familyName": "f", "givenName": "g"}, title="t",
          **{ENTERPRISE: {"department": "d", "division": "v", "manager": {"value": "m"}}})),
    ("a mistyped URN as a key", USER, {"userName": "jdoe@contoso.com", MISTYPED: {"department": "d"}},
     user(**{ENTERPRISE: {"department": "d"}})),
    ("roles as a string", USER, {"userName": "jdoe@contoso.com", "roles": "Admin"}, user(roles=[{"value": "Admin"}])),
    ("roles as strings", USER, {"userName": "jdoe@contoso.com", "roles": ["Admin", "User"]},
     user(roles=[{"value": "Admin"}, {"value": "User"}])),
    ("roles with displayName", USER,
     {"userName": "jdoe@contoso.com", "roles": [{"primary": False, "displayName": "A", "value": "a"}]},
     user(roles=[{"primary": False, "display": "A", "value": "a"}])),
    ("roles with both names keep display", USER,
     {"userName": "jdoe@contoso.com", "roles": [{"displayName": "B", "display": "A", "value": "a"}]},
     user(roles=[{"display": "A", "value": "a"}])),
    ("a role that only looks like JSON is a value", USER,
     {"userName": "jdoe@contoso.com",
      "roles": ["{not json", '{"id":1}', "{" * 5000, '{"value":1,"value":2}', "{\udc00"]},
     user(roles=[{"value": "{not json"}, {"value": '{"id":1}'}, {"value": "{" * 5000},
                 {"value": '{"value":1,"value":2}'}, {"value": "{\udc00"}])),
    ("a single e-mail without a list", USER, {"userName": "jdoe@contoso.com", "emails": {"value": "x"}},
     user(emails=[{"value": "x"}])),
    ("empty strings, lists and objects", USER,
     {"userName": "jdoe@contoso.com", "title": "", "nickName": [], "emails": "", "ims": [[], {}, None, ""],
      "name": [], ENTERPRISE: "",
      "phoneNumbers": [{"type": "work", "value": ""}]}, user()),
    ("several shapes of no manager", USER,
     {"userName": "jdoe@contoso.com", "manager": "", MANAGER: [], ENTERPRISE: {"manager": {"value": ""}}}, user()),
    ("Okta's full resource", USER,
     {"schemas": [CORE], "id": "23a35c27", "userName": "jdoe@contoso.com", "password": "secret", "groups": [],
      "meta": {"resourceType": "User", "created": "x"}, "active": True}, user(active=True)),
    ("Entra's group with a second schema", GROUP,
     {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group",
                  "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
      "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group": {"x": 1},
      "externalId": "8aa1a0c0", "displayName": "g", "members": [], "meta": {"resourceType": "Group"}},
     {"externalId": "8aa1a0c0", "displayName": "g"}),
    ("a group with members in many shapes", GROUP,
     {"displayName": "g", "members": ["a", {"value": "b", "display": "VP", "$ref": None, "type": "user"},
                                      {"value": "c", "type": "Person"}, {"value": "d", "type": 7}]},
     {"displayName": "g", "members": [{"value": "a"}, {"value": "b", "type": "User"}, {"value": "c"}, {"value": "d"}]}),
    ("a value path as a key is not a name of a new resource", USER,
     {"userName": "jdoe@contoso.com", 'emails[type eq "work"].value': "x"}, user()),
    ("names that are no names", USER,
     {"userName": "jdoe@contoso.com", "": 1, "a b": 2, "x" * 40_000: 3, "$": 4}, user()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("resource_type", "body", "document"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES]
)
def test_a_body_becomes_the_document_it_means(
    resource_type: ResourceType, body: dict[str, Any], document: dict[str, Any]
) -> None:
    assert created(body, resource_type) == document


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"userName": "a", "USERNAME": "b"}, "userName is given twice"),
        ({"userName": "a", "emails": [{"value": "x", "Value": "y"}]}, "Value is given twice"),
        ({"userName": "a", "name.givenName": "x", "name": "y"}, "name is given twice"),
        ({"userName": "a", "roles": ["x"], "Roles": ["y"]}, "roles is given twice"),
        ({"userName": "a", "title": ["x"]}, "title: expected a string, got a list"),
        ({"userName": "a", "manager": ["x", "y"]}, f"{MANAGER}: expected an object, got a list"),
        ({"userName": "a", "active": "perhaps"}, "active: expected a boolean, got the string 'perhaps'"),
        ({"userName": "a", ENTERPRISE: 5}, f"{ENTERPRISE}: expected an object, got the number 5"),
    ],
)
def test_a_body_that_could_mean_two_things_or_nothing_is_refused(body: dict[str, Any], detail: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        created(body)
    assert refusal.value.detail == detail


@pytest.mark.parametrize("body", [None, [], "x", 5, True])
def test_a_body_must_be_an_object(body: Any) -> None:
    with pytest.raises(InvalidSyntax, match="The body: expected an object"):
        dialect.resource(body, USER)
    with pytest.raises(InvalidSyntax, match="The body: expected an object"):
        dialect.operations(body, USER)


# PATCH of users

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
    assert patched([rename], group("a"), GROUP) == group("a") | {"displayName": "Test SCIMv2"}


# The validator's verbose and non-verbose bodies

NAMES = ["givenName", "familyName", "formatted", "middleName", "honorificPrefix", "honorificSuffix"]
ADDRESS = ["formatted", "streetAddress", "locality", "region", "postalCode", "country"]
ORGANISATION = ["employeeNumber", "department", "costCenter", "organization", "division"]
PLAIN = ["displayName", "title", "preferredLanguage", "userType", "nickName", "locale", "timezone", "profileUrl"]

VALIDATED = user(
    active=True,
    **{name: f"new {name}" for name in PLAIN},
    emails=[{"type": "work", "value": "new email", "primary": True}],
    name={name: f"new {name}" for name in NAMES},
    addresses=[{"type": "work", "primary": True} | {name: f"new {name}" for name in ADDRESS}],
    phoneNumbers=[
        {"type": "work", "value": "new work", "primary": True},
        {"type": "mobile", "value": "new mobile"},
        {"type": "fax", "value": "new fax"},
    ],
    roles=[{"primary": True, "display": "new display", "value": "new value", "type": "new type"}],
    **{ENTERPRISE: {name: f"new {name}" for name in ORGANISATION}},
)


def verbose(kind: str, work: str) -> list[dict[str, Any]]:
    """One operation per attribute; `work` is the filter by which the validator names the first value of each."""
    return [
        op(kind, "active", True),
        op(kind, f"emails[{work}].value", "new email"),
        op(kind, f"emails[{work}].primary", True),
        *(op(kind, f"name.{name}", f"new {name}") for name in NAMES),
        *(op(kind, f"addresses[{work}].{name}", f"new {name}") for name in ADDRESS),
        op(kind, f"addresses[{work}].primary", True),
        op(kind, f"phoneNumbers[{work}].value", "new work"),
        op(kind, f"phoneNumbers[{work}].primary", True),
        op(kind, 'phoneNumbers[type eq "mobile"].value', "new mobile"),
        op(kind, 'phoneNumbers[type eq "fax"].value', "new fax"),
        *(op(kind, f"{ENTERPRISE}:{name}", f"new {name}") for name in ORGANISATION),
        *(op(kind, f'roles[primary eq "True"].{name}', f"new {name}") for name in ("display", "value", "type")),
        *(op(kind, name, f"new {name}") for name in PLAIN),
    ]


def without_types(resource: dict[str, Any]) -> dict[str, Any]:
    """What the validator's `[primary eq true]` makes of a minimal user: it never says the type of a first value."""
    untyped = {}
    for name in ("emails", "addresses", "phoneNumbers"):
        first, *others = resource[name]
        untyped[name] = [{sub: item for sub, item in first.items() if sub != "type"}, *others]
    return resource | untyped


@pytest.mark.parametrize("kind", ["replace", "Replace", "add"])
def test_the_validators_verbose_body_fills_a_minimal_user(kind: str) -> None:
    assert len(verbose(kind, 'type eq "work"')) > 30
    assert patched(verbose(kind, 'type eq "work"'), user()) == VALIDATED


def test_the_validators_primary_filters_fill_a_minimal_user() -> None:
    for primary in ("primary eq true", 'primary eq "True"'):
        assert patched(verbose("replace", primary), user()) == without_types(VALIDATED)


def test_the_validators_verbose_body_updates_a_full_user() -> None:
    old = user(
        emails=[{"type": "work", "value": "old", "primary": True}],
        addresses=[{"type": "work", "country": "old", "primary": True}],
        phoneNumbers=[{"type": each, "value": "old"} for each in ("work", "mobile", "fax")],
        roles=[{"primary": True, "value": "old"}],
    )
    for body in (verbose("replace", 'type eq "work"'), verbose("add", 'type eq "work"')):
        after = patched(body, old)
        assert after == VALIDATED
        assert patched(body, after) == after


def test_the_validators_non_verbose_body_means_the_same() -> None:
    single = verbose("replace", 'type eq "work"')
    brackets = [each for each in single if "[" in each["path"]]
    plain = op("replace", None, {each["path"]: each["value"] for each in single if "[" not in each["path"]})
    everything = op("replace", None, {each["path"]: each["value"] for each in single})
    assert patched([*brackets, plain], user()) == VALIDATED
    assert patched([everything], user()) == VALIDATED


# PATCH of groups

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
    members = patched([operation], group(*before), GROUP).get("members", [])
    assert [member["value"] for member in members] == after


def test_three_hundred_members_can_be_removed_by_a_list() -> None:
    remove = op("Remove", "members", [{"$ref": None, "value": f"id{index}"} for index in range(300)])
    assert patched([remove], group(*(f"id{index}" for index in range(301))), GROUP) == group("id300")


# The message


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
