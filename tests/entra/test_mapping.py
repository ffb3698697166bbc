"""Mappings: what flows, when, and as what."""

import pytest
from pydantic import ValidationError

from entra.functions.values import Context
from entra.mapping import AttributeMapping, Mappings, ObjectMapping

KEY = {"target": "userName", "source": "[userPrincipalName]", "matching": 1}
ALIVE = {"userPrincipalName": "a@b", "IsSoftDeleted": False}


def flowing(*rows, creating=False, **attributes):
    mapping = ObjectMapping(endpoint="/Users", schemas=("s",), attributes=(KEY, *rows))
    values = mapping.values({**ALIVE, **attributes}, Context(), creating=creating)
    return {value.path.text: value.value for value in values[1:]}


TITLE = {"target": "title", "source": "[jobTitle]"}
ROWS = [
    (TITLE, True, {"jobTitle": "Lead"}, {"title": "Lead"}),
    (TITLE, True, {}, {}),
    ({**TITLE, "default": "Staff"}, True, {}, {"title": "Staff"}),
    ({**TITLE, "default": "Staff"}, False, {}, {}),
    ({**TITLE, "apply": "OnlyDuringCreation"}, True, {"jobTitle": "Lead"}, {"title": "Lead"}),
    ({**TITLE, "apply": "OnlyDuringCreation"}, False, {"jobTitle": "Lead"}, {}),
    ({"target": "organization", "constant": "Contoso"}, False, {}, {"organization": "Contoso"}),
    ({"target": "active", "source": "Not([IsSoftDeleted])"}, False, {}, {"active": True}),
    ({"target": "nickName", "source": "[flag]"}, False, {"flag": True}, {"nickName": "True"}),
    ({"target": "level", "source": "[level]", "type": "Integer"}, False, {"level": "7"}, {"level": 7}),
    ({"target": "title", "source": "IgnoreFlowIfNullOrEmpty([jobTitle])", "default": "x"}, True, {}, {}),
    ({"target": "title", "source": 'Coalesce([jobTitle], "")'}, False, {}, {"title": ""}),
    ({"target": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "source": "[m]"}, True, {}, {}),
]


@pytest.mark.parametrize(("row", "creating", "attributes", "expected"), ROWS)
def test_a_value_flows_as_its_mapping_says(row, creating, attributes, expected):
    assert flowing(row, creating=creating, **attributes) == expected


@pytest.mark.parametrize(
    "row",
    [
        {"target": "title"},
        {"target": "title", "source": "[a]", "constant": "b"},
        {"target": "title[", "source": "[a]"},
        {"target": "title", "source": "Frob([a])"},
        {"target": "manager", "source": "[manager]", "matching": 2},
        {"target": "title", "source": "[a]", "apply": "Sometimes"},
    ],
)
def test_a_mapping_that_entra_would_not_save_is_refused(row):
    with pytest.raises(ValidationError):
        AttributeMapping.model_validate(row)


def test_an_object_without_a_matching_attribute_is_refused():
    with pytest.raises(ValidationError, match="no attribute is used for matching"):
        ObjectMapping(endpoint="/Users", schemas=("s",), attributes=({"target": "title", "source": "[a]"},))


def test_matching_attributes_are_asked_for_in_their_precedence():
    second = {"target": "externalId", "source": "[objectId]", "matching": 2}
    mapping = ObjectMapping(endpoint="/Users", schemas=("s",), attributes=(second, KEY))
    assert [each.target for each in mapping.matching] == ["userName", "externalId"]


@pytest.mark.parametrize(
    ("name", "users", "groups"),
    [
        (
            "ideo",
            ["userName", "active", 'emails[type eq "work"].value', "name.givenName", "name.familyName"],
            ["displayName", "members"],
        ),
        ("default", None, ["displayName", "externalId", "members"]),
    ],
)
def test_the_shipped_configurations_map_what_they_promise(name, users, groups):
    mappings = Mappings.load(name)
    assert users is None or [each.target for each in mappings.users.attributes] == users
    assert [each.target for each in mappings.groups.attributes] == groups


def test_a_mapping_knows_the_source_attributes_that_it_depends_on():
    mapping = AttributeMapping(target="title", source='IIF([a]="x", Join(" ", [b], [c]), "d")')
    assert mapping.sources == {"a", "b", "c"}
