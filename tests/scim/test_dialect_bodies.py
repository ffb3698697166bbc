"""What Entra, its validators and Okta send to create and replace, and what it must mean."""

from typing import Any

import pytest

from scim import dialect
from scim.errors import InvalidSyntax, InvalidValue
from scim.schema import ResourceType
from scim.validate import new_document
from tests.scim.gadgets import CORE, ENTERPRISE, GROUP, MANAGER, MISTYPED, USER, user


def created(body: dict[str, Any], resource_type: ResourceType = USER) -> dict[str, Any]:
    return new_document(dialect.resource(body, resource_type), resource_type)


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
