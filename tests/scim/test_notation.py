"""Attribute notation (RFC 7644 section 3.10) and instants (RFC 7643 section 2.3.5)."""

import pytest

from scim.instant import instant
from scim.notation import locate, read_attr_path
from tests.scim.shapes import BADGE, CORE, DEVICE, ENTERPRISE, GROUP, USER


@pytest.mark.parametrize(
    ("text", "resource_type", "path"),
    [
        ("username", USER, "userName"),
        ("NAME.FAMILYNAME", USER, "name.familyName"),
        (f"{CORE.upper()}:emails.value", USER, "emails.value"),
        ("externalid", GROUP, "externalId"),
        ("ID", GROUP, "id"),
        ("meta.resourcetype", USER, "meta.resourceType"),
        (f"{ENTERPRISE.lower()}:EMPLOYEENUMBER", USER, f"{ENTERPRISE}:employeeNumber"),
        ("manager", USER, f"{ENTERPRISE}:manager"),
        ("Manager.Value", USER, f"{ENTERPRISE}:manager.value"),
        (f"{BADGE}:owner.value", DEVICE, f"{BADGE}:owner.value"),
        ("groups.$ref", USER, "groups.$ref"),
    ],
)
def test_an_attribute_is_found_whatever_its_case_and_with_or_without_urn(text, resource_type, path):
    location = locate(read_attr_path(text, resource_type.urns), resource_type)
    assert location.path == path
    assert location.leaf.name == path.rpartition(":")[2].split(".")[-1]


@pytest.mark.parametrize(
    "text",
    ["shoeSize", "name.shoeSize", "userName.value", "members", f"{CORE}:manager", "urn:unknown:2.0:X:userName", CORE],
)
def test_what_the_resource_type_does_not_have_is_found_nowhere(text):
    assert locate(read_attr_path(text, USER.urns), USER) is None


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "a.b.c", "1a", "a b", "ä", f"{CORE}:", "urn:x:1a"])
def test_what_is_no_attribute_notation_is_not_read(text):
    assert read_attr_path(text, USER.urns) is None


SAME = [
    ("2011-05-13T04:42:34Z", "2011-05-13T04:42:34.000Z"),
    ("2011-05-13T04:42:34Z", "2011-05-13t04:42:34z"),
    ("2011-05-13T04:42:34Z", "2011-05-13T06:42:34+02:00"),
    ("2011-05-13T04:42:34Z", "2011-05-12T23:12:34-05:30"),
    ("2011-05-13T04:42:34Z", "2011-05-13T04:42:34"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
    ("2016-12-31T24:00:00Z", "2017-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_instant_has_many_spellings(one, other):
    assert instant(one) == instant(other) is not None


def test_instants_order_in_time_at_any_precision():
    ordered = [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00Z",
        "2024-02-29T10:00:00Z",
        "2024-02-29T10:00:00.0000000001Z",
        "2024-02-29T10:00:00.1Z",
        "2024-02-29T10:00:00.15Z",
        "2024-02-29T10:00:00.2Z",
        "2024-02-29T11:00:00+00:59",
        "9999-12-31T23:59:59-12:00",
    ]
    assert sorted(ordered, key=instant) == ordered


@pytest.mark.parametrize(
    "text",
    ["", "2024", "2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z", "0000-01-01T00:00:00Z", "2024-02-01T25:00:00Z",
     "2024-02-01T00:60:00Z", "2024-02-01 00:00:00Z", "2024-02-01T00:00:00.Z", "2024-02-01T00:00:00+0200",
     "2024-W05-1T00:00:00Z", "٢٠٢٤-02-01T00:00:00Z", "2024-02-01T00:00:00Z "],
)  # fmt: skip
def test_what_is_no_date_time_is_no_instant(text):
    assert instant(text) is None
