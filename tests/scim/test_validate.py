"""Documents are checked by the schema and brought into one form."""

from typing import Any

import pytest

from scim.errors import InvalidSyntax, InvalidValue, Mutability
from scim.schema import ResourceType
from scim.validate import check_immutable, new_document
from tests.scim.gadgets import ENTERPRISE, GADGET, GROUP, USER, WARRANTY

DATE_TIME = "a date and time such as '2024-05-01T12:00:00Z'"


def gadget(**attributes: Any) -> dict[str, Any]:
    return new_document({"label": "g", **attributes}, GADGET)


@pytest.mark.parametrize(
    ("body", "document"),
    [
        ({"USERNAME": "a", "Name": {"GIVENNAME": "b"}}, {"userName": "a", "name": {"givenName": "b"}}),
        (
            {"userName": "a", ENTERPRISE.upper(): {"Department": "d"}},
            {"userName": "a", ENTERPRISE: {"department": "d"}},
        ),
        ({"userName": "a", "hobby": "x", "name": {"shoe": 4}, "urn:example:x": {"y": 1}}, {"userName": "a"}),
        (
            {"userName": "a", "id": "1", "meta": {"created": "yesterday"}, "groups": [{"value": "g"}]},
            {"userName": "a"},
        ),
        (
            {"userName": "a", "title": None, "emails": [], "name": {}, "addresses": None, ENTERPRISE: {}},
            {"userName": "a"},
        ),
        (
            {"userName": "a", "emails": [None, {}, {"value": None, "type": "work"}], ENTERPRISE: {"manager": {}}},
            {"userName": "a"},
        ),
        (
            {"userName": "a", "addresses": [{"type": "work", "formatted": None, "country": "DE"}]},
            {"userName": "a", "addresses": [{"type": "work", "country": "DE"}]},
        ),
        ({"userName": "a", ENTERPRISE: None}, {"userName": "a"}),
        (
            {"userName": "a", ENTERPRISE: {"manager": {"value": "m", "$ref": "../Users/m", "displayName": "M"}}},
            {"userName": "a", ENTERPRISE: {"manager": {"value": "m"}}},
        ),
        ({"userName": "a", "emails": [{"type": "work"}]}, {"userName": "a", "emails": [{"type": "work"}]}),
        ({"schemas": ["urn:unknown", 7], "userName": " Ünï "}, {"userName": " Ünï "}),
        ({"schemas": None, "userName": "a"}, {"userName": "a"}),
    ],
)
def test_a_document_has_schema_names_and_nothing_unassigned(body: dict[str, Any], document: dict[str, Any]) -> None:
    assert new_document(body, USER) == document


def test_equal_values_are_kept_once_and_the_last_says_whether_it_is_primary() -> None:
    emails = [{"value": "a"}, {"value": "b", "primary": True}, {"value": "a", "primary": False}, {"value": "b"}]
    document = new_document({"userName": "x", "emails": emails}, USER)
    assert document["emails"] == [{"value": "a"}, {"value": "b", "primary": True}]
    assert gadget(tags=["a", "b", "a"])["tags"] == ["a", "b"]


def test_a_member_is_kept_once_whatever_else_is_said_of_it() -> None:
    members = [{"value": "1", "type": "User"}, {"value": "2", "$ref": "../Users/2"}, {"value": "1"}]
    document = new_document({"displayName": "g", "members": members}, GROUP)
    assert document["members"] == [{"value": "1", "type": "User"}, {"value": "2"}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("label", "x"),
        ("enabled", False),
        ("ports", 0),
        ("weight", 1),
        ("weight", -1.5),
        ("built", "2008-01-23T04:56:22Z"),
        ("built", "2008-01-23T04:56:22.123456789+14:00"),
        ("built", "2008-01-23T04:56:22"),
        ("image", "YQ=="),
        ("image", "YQ"),
        ("image", "_-8="),
        ("home", "not a reference at all"),
        ("tags", ["x"]),
        ("parts", [{"code": "c", "sizes": [1, 2]}]),
    ],
)
def test_values_of_the_schemas_type_are_kept_untransformed(name: str, value: Any) -> None:
    assert gadget(**{name: value})[name] == value


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"label": 5}, "label: expected a string, got the number 5"),
        ({"label": ["x"]}, "label: expected a string, got a list"),
        ({"enabled": "yes"}, "enabled: expected a boolean, got the string 'yes'"),
        ({"enabled": 1}, "enabled: expected a boolean, got the number 1"),
        ({"ports": True}, "ports: expected an integer, got the boolean true"),
        ({"ports": 1.5}, "ports: expected an integer, got the number 1.5"),
        ({"weight": "1"}, "weight: expected a number, got the string '1'"),
        ({"weight": False}, "weight: expected a number, got the boolean false"),
        ({"built": "2008-01-23"}, f"built: expected {DATE_TIME}, got the string '2008-01-23'"),
        ({"built": "2008-02-30T00:00:00Z"}, f"built: expected {DATE_TIME}, got the string '2008-02-30T00:00:00Z'"),
        ({"built": 5}, f"built: expected {DATE_TIME}, got the number 5"),
        ({"image": "a b"}, "image: expected base64, got the string 'a b'"),
        ({"image": "YWJjZ"}, "image: expected base64, got the string 'YWJjZ'"),
        ({"image": "YQ="}, "image: expected base64, got the string 'YQ='"),
        ({"image": {}}, "image: expected base64, got an object"),
        ({"home": 4}, "home: expected a reference as a string, got the number 4"),
        ({"tags": "x"}, "tags: expected a list, got the string 'x'"),
        ({"tags": ["x", 7]}, "tags[1]: expected a string, got the number 7"),
        ({"origin": "DE"}, "origin: expected an object, got the string 'DE'"),
        ({"origin": {"country": None, "city": "x"}}, "origin.country is required"),
        ({"parts": [{"code": "c"}, {"code": False}]}, "parts[1].code: expected a string, got the boolean false"),
        ({"parts": [{"value": "v"}]}, "parts[0].code is required"),
        ({"parts": [{"code": "c", "sizes": [1, "2"]}]}, "parts[0].sizes[1]: expected an integer, got the string '2'"),
        (
            {"parts": [{"code": "a", "primary": True}, {"code": "b", "primary": True}]},
            "parts: only one value can be primary",
        ),
        ({"label": "x" * 60, "ports": "y" * 60}, f"ports: expected an integer, got the string '{'y' * 50}…'"),
        ({"Label": "y"}, "label is given twice"),
        ({WARRANTY: []}, f"{WARRANTY}: expected an object, got a list"),
        ({WARRANTY: {"years": "two"}}, f"{WARRANTY}:years: expected an integer, got the string 'two'"),
        ({WARRANTY: {"seller": "s"}}, f"{WARRANTY}:years is required"),
        ({WARRANTY: {"years": 1}, WARRANTY.lower(): {"years": 2}}, f"{WARRANTY} is given twice"),
    ],
)
def test_a_value_of_another_type_is_refused_naming_its_path(body: dict[str, Any], detail: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        new_document({"label": "g", **body}, GADGET)
    assert refusal.value.detail == detail


@pytest.mark.parametrize(
    ("body", "resource_type", "detail"),
    [
        ({}, USER, "userName is required"),
        ({"userName": None}, USER, "userName is required"),
        ({"userName": ""}, USER, "userName is required"),
        ({"members": []}, GROUP, "displayName is required"),
        ({"displayName": "g", "members": [{"type": "User"}]}, GROUP, "members[0].value is required"),
        ({"displayName": "g", "members": [None, {}]}, GROUP, "members[1].value is required"),
    ],
)
def test_a_required_attribute_must_have_a_value(body: dict[str, Any], resource_type: ResourceType, detail: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        new_document(body, resource_type)
    assert refusal.value.detail == detail


@pytest.mark.parametrize("schemas", ["urn:x", {"urn:x": 1}, 5])
def test_schemas_must_be_a_list_where_it_is_given(schemas: Any) -> None:
    with pytest.raises(InvalidSyntax, match="schemas: expected a list of URNs"):
        new_document({"schemas": schemas, "userName": "a"}, USER)


@pytest.mark.parametrize(
    ("stored", "document", "refused"),
    [
        ({"serial": "1"}, {"serial": "1"}, ""),
        ({}, {"serial": "1"}, ""),
        ({"serial": "1"}, {"serial": "2"}, "serial"),
        ({"serial": "1"}, {}, "serial"),
        ({WARRANTY: {"seller": "s"}}, {WARRANTY: {"seller": "s", "years": 2}}, ""),
        ({WARRANTY: {"seller": "s"}}, {WARRANTY: {"seller": "t"}}, f"{WARRANTY}:seller"),
        ({WARRANTY: {"seller": "s"}}, {}, f"{WARRANTY}:seller"),
        ({"label": "a"}, {"label": "b"}, ""),
    ],
)
def test_a_put_cannot_change_an_immutable_attribute_that_has_a_value(
    stored: dict[str, Any], document: dict[str, Any], refused: str
) -> None:
    if not refused:
        check_immutable(document, stored, GADGET)
        return
    with pytest.raises(Mutability) as refusal:
        check_immutable(document, stored, GADGET)
    assert refusal.value.detail == f"{refused} is immutable and has another value"
