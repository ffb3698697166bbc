"""Request bodies in each dialect, against what was seen on the wire."""

import json
import re

import pytest

from entra.bodies import Difference, activation, creation, manager, members_added, members_removed, update
from entra.dialect import DIALECTS, Dialect
from entra.functions.values import Context
from entra.mapping import AttributeMapping, Mappings, ObjectMapping, Value
from entra.paths import parse_target, read

URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LEGACY, FLAG = Dialect.named("legacy"), Dialect.named("optscim")


def value(target, wanted):
    mapping = AttributeMapping(target=target, constant="")
    return Value(parse_target(target), wanted, mapping)


def changed(*rows):
    return [Difference(old, value(target, new)) for target, old, new in rows]


SEVERAL = (
    ("displayName", "Old", "Pvlo"),
    ('emails[type eq "work"].value', "old@x", "new@x"),
    ("name.givenName", "Old", "Gtfd"),
    (f"{URN}:employeeNumber", "1", "Eqpj"),
)
PATCHES = [
    (
        "legacy",
        SEVERAL,
        [
            {"op": "Replace", "path": "displayName", "value": "Pvlo"},
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@x"},
            {"op": "Replace", "path": "name.givenName", "value": "Gtfd"},
            {"op": "Replace", "path": f"{URN}:employeeNumber", "value": "Eqpj"},
        ],
    ),
    (
        "optscim",
        SEVERAL,
        [
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "new@x"},
            {
                "op": "replace",
                "value": {"displayName": "Pvlo", "name.givenName": "Gtfd", f"{URN}:employeeNumber": "Eqpj"},
            },
        ],
    ),
    ("legacy", [("nickName", None, "Babs")], [{"op": "Add", "path": "nickName", "value": "Babs"}]),
    ("optscim", [("nickName", None, "Babs")], [{"op": "add", "path": "nickName", "value": "Babs"}]),
    ("legacy", [("active", True, False)], [{"op": "Replace", "path": "active", "value": "False"}]),
    ("optscim", [("active", True, False)], [{"op": "replace", "path": "active", "value": False}]),
    ("legacy", [("active", False, True)], [{"op": "Replace", "path": "active", "value": "True"}]),
    ("logicapp-nonverbose", [("displayName", None, "X")], [{"op": "replace", "value": {"displayName": "X"}}]),
    ("logicapp-verbose", [("displayName", "O", "X")], [{"op": "replace", "path": "displayName", "value": "X"}]),
]


@pytest.mark.parametrize(("name", "rows", "operations"), PATCHES)
def test_an_update_looks_as_on_the_wire(name, rows, operations):
    assert update(changed(*rows), Dialect.named(name)) == operations


@pytest.mark.parametrize(
    ("switch", "written"),
    [("bool", False), ("Title", "False"), ("lower", "false")],
)
def test_a_disable_request_has_the_switched_form_of_false(switch, written):
    operation = activation(parse_target("active"), active=False, dialect=Dialect.named("custom", [f"active={switch}"]))
    assert operation["value"] is written or operation["value"] == written


@pytest.mark.parametrize(
    ("switches", "manager_id", "had_one", "operation"),
    [
        ([], "2", False, {"op": "Add", "path": f"{URN}:manager", "value": "2"}),
        ([], "2", True, {"op": "Replace", "path": f"{URN}:manager", "value": "2"}),
        (["manager=object"], "2", False, {"op": "Add", "path": f"{URN}:manager", "value": {"value": "2"}}),
        (
            ["manager=list"],
            "2",
            False,
            {"op": "Add", "path": f"{URN}:manager", "value": [{"$ref": "http://t/Users/2", "value": "2"}]},
        ),
        (["manager=pathless"], "2", True, {"op": "Replace", "value": {f"{URN}:manager": "2"}}),
        ([], None, True, {"op": "Replace", "path": f"{URN}:manager", "value": ""}),
        (["managerClear=null"], None, True, {"op": "Replace", "path": f"{URN}:manager", "value": None}),
        (["managerClear=remove"], None, True, {"op": "Remove", "path": f"{URN}:manager"}),
        (["managerClear=object"], None, True, {"op": "Replace", "path": f"{URN}:manager", "value": {"value": ""}}),
        (["opCase=lower"], "2", False, {"op": "add", "path": f"{URN}:manager", "value": "2"}),
    ],
)
def test_a_manager_is_written_as_switched(switches, manager_id, had_one, operation):
    dialect = Dialect.named("custom", switches)
    target = parse_target(f"{URN}:manager")
    written = manager(target, manager_id, had_one=had_one, dialect=dialect, location="http://t/Users/2")
    assert written == operation


@pytest.mark.parametrize(
    ("switches", "added", "removed"),
    [
        (
            [],
            [{"op": "Add", "path": "members", "value": [{"$ref": None, "value": "a"}, {"$ref": None, "value": "b"}]}],
            [
                {
                    "op": "Remove",
                    "path": "members",
                    "value": [{"$ref": None, "value": "a"}, {"$ref": None, "value": "b"}],
                }
            ],
        ),
        (
            ["memberAdd=single", "memberRemove=filterPath", "opCase=lower"],
            [
                {"op": "add", "path": "members", "value": {"value": "a"}},
                {"op": "add", "path": "members", "value": {"value": "b"}},
            ],
            [
                {"op": "remove", "path": 'members[value eq "a"]'},
                {"op": "remove", "path": 'members[value eq "b"]'},
            ],
        ),
        (
            ["memberAdd=bare"],
            [{"op": "Add", "path": "members", "value": "a"}, {"op": "Add", "path": "members", "value": "b"}],
            [
                {
                    "op": "Remove",
                    "path": "members",
                    "value": [{"$ref": None, "value": "a"}, {"$ref": None, "value": "b"}],
                }
            ],
        ),
    ],
)
def test_members_are_written_as_switched(switches, added, removed):
    dialect = Dialect.named("custom", switches)
    assert members_added(["a", "b"], dialect) == added
    assert members_removed(["a", "b"], dialect) == removed


ROLES = [{"id": "06b0", "value": "Admin", "displayName": "Administrator"}]


def role_mapping(function):
    rows = (
        AttributeMapping(target="userName", source="[userPrincipalName]", matching=1),
        AttributeMapping(target="roles", source=f"{function}([appRoleAssignments])"),
    )
    return ObjectMapping(endpoint="/Users", schemas=("urn:u",), attributes=rows)


TYPE = "WindowsAzureActiveDirectoryRole"
TEXT = '{"id":"06b0","value":"Admin","displayName":"Administrator"}'


@pytest.mark.parametrize(
    ("function", "posted", "legacy", "flag_op"),
    [
        (
            "SingleAppRoleAssignment",
            [{"primary": True, "type": TYPE, "value": "Admin"}],
            {"op": "Add", "path": "roles", "value": [{"value": TEXT}]},
            "add",
        ),
        (
            "AppRoleAssignmentsComplex",
            [{"primary": False, "type": TYPE, "displayName": "Administrator", "value": "Admin"}],
            {"op": "Add", "path": "roles", "value": [{"value": TEXT}]},
            "add",
        ),
        (
            "AssertiveAppRoleAssignmentsComplex",
            [{"primary": False, "type": TYPE, "display": "Administrator", "value": "Admin"}],
            {
                "op": "replace",
                "path": "roles",
                "value": [{"primary": False, "type": TYPE, "display": "Administrator", "value": "Admin"}],
            },
            "replace",
        ),
    ],
)
def test_roles_are_written_as_documented(function, posted, legacy, flag_op):
    mapping = role_mapping(function)
    values = mapping.values({"userPrincipalName": "u", "appRoleAssignments": ROLES}, Context(), creating=True)
    assert creation(mapping, "User", values, LEGACY)["roles"] == posted
    difference = [Difference(None, values[1])]
    assert update(difference, LEGACY) == [legacy]
    assert update(difference, FLAG) == [{"op": flag_op, "path": "roles", "value": posted}]


def test_a_user_is_created_as_documented():
    mapping = Mappings.load("default").users
    attributes = {
        "userPrincipalName": "jdoe@contoso.com",
        "IsSoftDeleted": False,
        "mail": "jdoe@contoso.com",
        "givenName": "Jane",
        "surname": "Doe",
        "city": "Munich",
        "telephoneNumber": "555",
        "mobile": "777",
        "department": "R&D",
    }
    body = creation(mapping, "User", mapping.values(attributes, Context(), creating=True), LEGACY)
    assert body == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", URN],
        "userName": "jdoe@contoso.com",
        "active": True,
        "emails": [{"type": "work", "value": "jdoe@contoso.com", "primary": True}],
        "name": {"givenName": "Jane", "familyName": "Doe", "formatted": "Jane Doe"},
        "addresses": [{"type": "work", "locality": "Munich", "primary": False}],
        "phoneNumbers": [
            {"type": "work", "value": "555", "primary": True},
            {"type": "mobile", "value": "777", "primary": False},
        ],
        URN: {"department": "R&D"},
        "meta": {"resourceType": "User"},
        "roles": [],
    }


def test_a_group_is_created_empty_with_microsofts_schema_unless_switched_off():
    mapping = Mappings.load("default").groups
    values = mapping.values({"displayName": "G", "objectId": "1", "members": ["x"]}, Context(), creating=True)
    body = creation(mapping, "Group", values, LEGACY)
    assert body["members"] == []
    assert body["schemas"][1] == "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
    assert creation(mapping, "Group", values, FLAG)["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:Group"]


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_can_be_had_by_name(name):
    assert Dialect.named(name).name == name


@pytest.mark.parametrize(
    ("name", "switches"), [("klingon", []), ("legacy", ["active=maybe"]), ("legacy", ["colour=red"])]
)
def test_a_dialect_or_switch_that_does_not_exist_is_refused(name, switches):
    with pytest.raises(ValueError, match=re.compile("dialect|active|colour")):
        Dialect.named(name, switches)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("userName", "u"),
        ("USERNAME", "u"),
        ("name.givenName", "Ann"),
        ('emails[type eq "work"].value', "w"),
        ('emails[type eq "home"].value', None),
        ('emails[primary eq "True"].value', "w"),
        ("emails[primary eq true].Value", "w"),
        (f"{URN}:department", "IT"),
        ("urn:ietf:params:scim:schemas:extension:CustomExt:2.0:User:tag", "x"),
    ],
)
def test_a_target_attribute_is_read_from_a_resource(path, expected):
    resource = {
        "userName": "u",
        "name": {"givenName": "Ann"},
        "emails": [{"type": "other", "value": "o"}, {"type": "work", "value": "w", "primary": True}],
        URN: {"department": "IT"},
        "urn:ietf:params:scim:schemas:extension:CustomExt:2.0:User": {"tag": "x"},
    }
    assert read(json.loads(json.dumps(resource)), parse_target(path)) == expected


@pytest.mark.parametrize("path", ["", "emails[", "emails[type sw x].value", "a.b.c", "urn:x"])
def test_text_that_is_no_target_attribute_is_refused(path):
    with pytest.raises(ValueError, match="is not a target attribute"):
        parse_target(path)
