"""Filters as predicates (RFC 7644 section 3.4.2.2)."""

import pytest
from hypothesis import given

from scim.errors import InvalidFilter
from scim.filter import parse_filter, parse_path
from scim.match import matcher, value_matcher
from tests.scim.shapes import BADGE, CORE, DEVICE, DEVICE_RESOURCE, ENTERPRISE, USER
from tests.scim.trees import filters

BARBARA = {
    "schemas": [CORE, ENTERPRISE],
    "id": "2819c223-7f76-453a-919d-413861904646",
    "externalId": "701984",
    "userName": "bjensen@Example.com",
    "name": {"familyName": "O'Malley", "givenName": "Barbara"},
    "userType": "Employee",
    "active": True,
    "emails": [
        {"value": "bjensen@example.com", "type": "work", "primary": True},
        {"value": "babs@jensen.org", "type": "home"},
    ],
    "roles": [{"value": "admin", "primary": True}, {"value": "editor", "primary": False}],
    "x509Certificates": [{"value": "MIIB"}],
    "groups": [{"value": "g-1", "type": "direct"}],
    ENTERPRISE: {"employeeNumber": "4711", "manager": {"value": "M-1", "displayName": "John"}},
    "meta": {"resourceType": "User", "created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34.120Z"},
}


def holds(text, resource=BARBARA, resource_type=USER):
    return matcher(parse_filter(text, [resource_type]), resource_type)(resource)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "BJENSEN@example.COM"',
        'USERNAME Eq "bjensen@example.com"',
        f'{CORE}:userName sw "B"',
        """name.familyName co "o'mall" """,
        'userName ew "COM" and userName gt "a" and userName ge "bjensen@example.com" and userName lt "c"',
        "userName pr and name pr and emails pr and emails.type pr and schemas pr and active pr",
        'id eq "2819c223-7f76-453a-919d-413861904646"',
        'externalId eq "701984"',
        'meta.resourceType eq "User"',
        'meta.lastModified gt "2011-05-13T04:42:34Z"',
        'meta.lastModified ge "2011-05-13T06:42:34.12+02:00" and meta.lastModified le "2011-05-13T04:42:34.12Z"',
        'meta.lastModified eq "2011-05-12T23:12:34.1200-05:30"',
        'meta.created sw "2010-01-23t"',
        f'schemas eq "{ENTERPRISE}"',
        f"{ENTERPRISE} pr",
        f'{ENTERPRISE}:employeeNumber eq "4711"',
        'employeeNumber eq "4711"',
        'manager eq "M-1"',
        'manager.value eq "M-1"',
        f'{ENTERPRISE}:manager.displayName eq "john"',
        f'{ENTERPRISE}:manager[value eq "M-1" and displayName sw "J"]',
        'emails co "example.com" and emails.value co "JENSEN.org"',
        'emails[type eq "work" and value co "@example.com"]',
        'emails[type eq "WORK"].value eq "BJensen@example.com"',
        'emails[not (type eq "work") and value pr]',
        'emails[primary eq true and type eq "work"] and emails[not (primary eq true)]',
        'roles[primary eq "True"] and roles[primary eq "false"] and roles.primary eq "FALSE"',
        'roles[value eq "editor" and primary eq false]',
        'roles eq "ADMIN"',
        "active eq true and active eq TRUE",
        'active eq "True" and active ne false and active ne "False"',
        'x509Certificates eq "MIIB" and x509Certificates.value sw "MI"',
        'groups eq "g-1"',
        'emails.type ne "work" and emails.type eq "work"',
        'title ne "x" and not (title pr)',
        "title eq null and userName ne null and emails ne null and emails.display eq null",
        'userType eq "Employee" or title pr and title eq "x"',
        'not (userType eq "Intern" or title pr)',
        f'schemas[value eq "{CORE}"]',
        "userName ne 5 and active ne 5 and meta.created ne 5",
        'emails[display ne "x"]',
    ],
)
def test_barbara_satisfies(text):
    assert holds(text) is True


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "bjensen"',
        'id eq "2819C223-7F76-453A-919D-413861904646"',
        'meta.resourceType eq "user"',
        'manager eq "m-1"',
        'groups eq "G-1"',
        f'schemas eq "{CORE.lower()}"',
        'x509Certificates eq "miib"',
        'emails[type eq "work" and value co "@jensen.org"]',
        'emails[type eq "other"]',
        'emails[type eq "home" and primary eq true]',
        "title pr",
        "title pr or nickName pr and userName pr",
        'title eq "x" or title co "x" or title gt "x" or title eq ""',
        "userName eq null",
        "active eq false",
        'active eq "yes"',
        "active eq null",
        "userName eq 5 or userName eq true or userName co 5 or userName sw null",
        "meta.created eq 5",
        'meta.created eq "soon"',
        "userName ne null and title ne null",
        'meta.lastModified gt "2011-05-13T04:42:34.12Z" or meta.lastModified lt "2011-05-13T04:42:34.12Z"',
        f"{CORE}2 pr",
        'emails[value.x eq "a"]',
        f'emails[{CORE}:type eq "work"]',
        f'schemas[type eq "{CORE}"]',
    ],
)
def test_barbara_does_not_satisfy(text):
    assert holds(text) is False


@pytest.mark.parametrize(
    ("operators", "satisfied"),
    [
        ('shoeSize {} "x"', {"ne"}),
        ('name.shoeSize {} "x"', {"ne"}),
        ('urn:unknown:2.0:X:userName {} "bjensen@example.com"', {"ne"}),
        ('members {} "x"', {"ne"}),
        ('shoe[size {} "x"]', set()),
        ('title {} "x"', {"ne"}),
        ('emails[display {} "x"]', {"ne"}),
    ],
)
def test_an_attribute_that_is_unknown_or_unassigned_is_only_not_equal(operators, satisfied):
    all_of = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
    assert {op for op in all_of if holds(operators.format(op))} == satisfied
    assert not holds("shoeSize pr or shoe[size pr] or shoeSize ne null")
    assert holds("shoeSize eq null")


VALUES = [
    ("label", '"strasse"', "eq le ge co sw ew"),
    ("label", '"STRASS"', "ne co sw gt ge"),
    ("label", '"t"', "ne co lt le"),
    ("serial", '"Ab12"', "eq le ge co sw ew"),
    ("serial", '"ab12"', "ne lt le"),
    ("serial", '"b1"', "ne co lt le"),
    ("home", '"https://example.com/Home"', "eq le ge co sw ew"),
    ("home", '"https://example.com/home"', "ne lt le"),
    ("ports", "0", "eq le ge"),
    ("ports", "-0.0", "eq le ge"),
    ("ports", "1", "ne lt le"),
    ("ports", "-1.5", "ne gt ge"),
    ("weight", "2.5", "eq le ge"),
    ("weight", "25e-1", "eq le ge"),
    ("weight", "3", "ne lt le"),
    ("made", '"2024-02-29T10:00:00.500Z"', "eq le ge"),
    ("made", '"2024-02-29T11:59:59.9Z"', "ne lt le"),
    ("made", '"2024-02-29T10:00:00Z"', "ne gt ge"),
    ("tags", '"RED"', "eq ne co sw ew le ge lt"),
    ("tags", '"zinc"', "ne lt le"),
    ("place.floor", "3", "eq le ge"),
    ("parts.number", "10", "ne gt ge lt le"),
    ("parts", '"FAN"', "eq ne co sw ew le ge gt"),
    (f"{BADGE}:colour", '"blue"', "eq le ge co sw ew"),
    (f"{BADGE}:owner", '"Own-1"', "eq le ge co sw ew"),
    ("owner.value", '"own-1"', "ne lt le"),
]


@pytest.mark.parametrize(("path", "value", "satisfied"), VALUES, ids=[f"{path} {value}" for path, value, _ in VALUES])
def test_every_operator_compares_by_the_type_of_the_attribute(path, value, satisfied):
    attribute = parse_path(path, DEVICE).attr
    numeric = path in ("ports", "weight", "place.floor", "parts.number")
    operators = (
        ("eq", "ne", "gt", "ge", "lt", "le") if numeric else ("eq", "ne", "gt", "ge", "lt", "le", "co", "sw", "ew")
    )
    if path == "made":
        operators = operators[:6]
    held = {op for op in operators if holds(f"{attribute} {op} {value}", DEVICE_RESOURCE, DEVICE)}
    assert held == set(satisfied.split())


@pytest.mark.parametrize(
    "text",
    [
        *(f"enabled {op} true" for op in ("gt", "ge", "lt", "le", "co", "sw", "ew")),
        *(f'image {op} "QUJD"' for op in ("gt", "ge", "lt", "le")),
        *(f'ports {op} "0"' for op in ("co", "sw", "ew")),
        *(f"weight {op} 2" for op in ("co", "sw", "ew")),
        *(f"label {op} 5" for op in ("gt", "ge", "lt", "le")),
        'ports gt "0"',
        "ports lt true",
        "label gt null",
        'made gt "yesterday"',
        "made lt 5",
        'place eq "B 12"',
        "place gt 5",
        'meta eq "x"',
        f'{BADGE} eq "x"',
        "parts[spare gt true]",
        "not (label pr and enabled gt true)",
    ],
)
def test_a_comparison_that_the_type_does_not_allow_is_refused(text):
    with pytest.raises(InvalidFilter):
        matcher(parse_filter(text, [DEVICE]), DEVICE)


def test_false_and_zero_are_present_and_empty_strings_are_not():
    assert holds("enabled pr and ports pr", DEVICE_RESOURCE, DEVICE)
    empty = {"label": "", "place": {"room": ""}, "tags": [], "parts": [{"value": ""}, {}]}
    assert not holds("label pr or place pr or tags pr or parts pr or parts.value pr", empty, DEVICE)
    assert not holds(f"{BADGE} pr", {BADGE: {"colours": [], "colour": ""}}, DEVICE)
    assert holds(f"{BADGE} pr", {BADGE: {"colours": ["red"]}}, DEVICE)


def test_binary_values_compare_exactly():
    assert holds('image eq "QUJD" and image co "UJ" and not (image eq "qujd")', DEVICE_RESOURCE, DEVICE)


def test_an_attribute_that_is_never_returned_cannot_be_guessed_by_filters():
    assert not holds('secret pr or secret eq "hidden" or parts.pin pr or parts[pin pr]', DEVICE_RESOURCE, DEVICE)


def test_strings_compare_by_unicode_case_folding_and_normal_form():
    anne = {"userName": "ANNE\N{COMBINING ACUTE ACCENT} ΣΊΣΥΦΟΣ"}
    assert holds('userName eq "anné σίσυφος"', anne)
    assert holds('userName co "É Σ"', anne)


def test_a_value_of_another_type_than_its_attribute_never_breaks_the_filter():
    odd = {"userName": 5, "active": "maybe", "meta": {"created": "soon"}, "name": "x", "emails": ["a@b", 7]}
    assert not holds('userName eq "a" or userName gt "a" or meta.created gt "2011-05-13T04:42:34Z"', odd)
    assert holds('userName ne "a" and active ne true and meta.created ne "2011-05-13T04:42:34Z"', odd)
    assert not holds('name.familyName pr or emails[type pr] or emails.value pr or emails eq "a@b"', odd)


def test_a_value_path_filter_tests_one_value():
    condition = parse_path('emails[type eq "work" and not (value co "old")]', USER).filter
    test = value_matcher(condition, USER.attribute("emails"))
    values = [{"type": "Work", "value": "new"}, {"type": "work", "value": "OLD"}, {"value": "new"}, "work", None]
    assert [test(value) for value in values] == [True, False, False, False, False]


def test_value_names_the_value_of_a_simple_multi_valued_attribute():
    test = value_matcher(parse_path('tags[value eq "red"]', DEVICE).filter, DEVICE.attribute("tags"))
    assert [test("RED"), test("blue"), test({"value": "red"})] == [True, False, False]


@given(filters(DEVICE))
def test_every_filter_is_a_predicate_or_refused_and_its_negation_is_the_opposite(tree):
    try:
        holds_for = matcher(tree, DEVICE)
    except InvalidFilter as refusal:
        refusal.detail.encode()
        return
    negation = matcher(parse_filter(f"not ({tree})", [DEVICE]), DEVICE)
    for resource in ({}, DEVICE_RESOURCE):
        assert holds_for(resource) is not negation(resource)
