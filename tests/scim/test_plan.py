"""What a filter needs of the directory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.errors import InvalidFilter
from scim.filter import parse_filter
from scim.match import matcher
from scim.plan import MAX_LOOKUPS, lookups, members_wanted
from scim.store import Lookup, MemberView
from scim.text import fold
from scim.tree import And, AttrPath, Compare, Not, Or, Present, ValuePath
from tests.scim.shapes import BADGE, CORE, DEVICE, DEVICE_RESOURCE, ENTERPRISE, GROUP, USER

NUMBER = f"{ENTERPRISE}:employeeNumber"


def plan(text, resource_type=USER):
    found = lookups(parse_filter(text, [USER, GROUP, DEVICE]), resource_type)
    return None if found is None else [(each.path, each.value) for each in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('id eq "1"', [("id", "1")]),
        ('userName eq "Bob"', [("userName", "Bob")]),
        (f'{CORE.upper()}:USERNAME eq "Bob"', [("userName", "Bob")]),
        ('externalid eq "x"', [("externalId", "x")]),
        ('emails eq "x"', [("emails.value", "x")]),
        ('emails.VALUE eq "x"', [("emails.value", "x")]),
        ('emails[VALUE eq "x"]', [("emails.value", "x")]),
        ('emails[type eq "work" and value eq "x"]', [("emails.value", "x")]),
        ('emails[type eq "work"].value eq "x"', [("emails.value", "x")]),
        ('emails[value eq "x" or value eq "y"]', [("emails.value", "x"), ("emails.value", "y")]),
        (f'{NUMBER} eq "7"', [(NUMBER, "7")]),
        ('employeeNumber eq "7"', [(NUMBER, "7")]),
        ('id eq "1" and manager eq "2"', [("id", "1")]),
        ('manager eq "2" and id eq "1"', [("id", "1")]),
        ('emails eq "x" and userName eq "u" and id eq "1"', [("id", "1")]),
        ('(id eq "1" or id eq "2") and emails eq "x"', [("emails.value", "x")]),
        ('userName eq "a" or id eq "1" or userName eq "a"', [("userName", "a"), ("id", "1")]),
        ('title pr and (userName eq "a" or id eq "1")', [("userName", "a"), ("id", "1")]),
        ('not (title pr) and userName eq "a"', [("userName", "a")]),
    ],
)
def test_an_equality_that_is_indexed_is_looked_up(text, found):
    assert plan(text) == found


@pytest.mark.parametrize(
    "text",
    [
        'title eq "x"',
        "userName pr",
        'userName co "x"',
        'userName ne "x"',
        "userName eq null",
        "userName eq 5",
        'not (userName eq "x")',
        'userName eq "x" or title eq "y"',
        'emails.type eq "work"',
        'emails[type eq "work"]',
        'emails[value eq "x" or type eq "work"]',
        'emails[not (value eq "x")]',
        "shoeSize eq null",
        'shoeSize ne "x"',
        'meta.resourceType eq "User"',
        f"{ENTERPRISE} pr",
        'groups eq "g"',
    ],
)
def test_what_no_index_answers_is_walked(text):
    assert plan(text) is None


@pytest.mark.parametrize(
    "text",
    [
        'displayName eq "x" and meta.resourceType eq "Group"',
        'shoeSize eq "x"',
        "shoeSize pr",
        "shoeSize gt 5",
        'shoe[size eq "x"]',
        'members eq "1"',
        'title co "x" and members[value eq "1"]',
        'shoeSize eq "x" or members pr',
    ],
)
def test_what_no_user_can_satisfy_is_not_even_looked_up(text):
    assert plan(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('displayName eq "x"', [("displayName", "x")]),
        ('members eq "1"', [("members.value", "1")]),
        ('members.value eq "1"', [("members.value", "1")]),
        ('members[value eq "1"]', [("members.value", "1")]),
        ('members[value eq "1" and type eq "User"]', [("members.value", "1")]),
        ('members eq "1" and id eq "g"', [("id", "g")]),
        ('meta.resourceType eq "Group" and members eq "1"', [("members.value", "1")]),
        ('userName eq "x" or displayName eq "y"', [("displayName", "y")]),
        ("members pr", None),
    ],
)
def test_groups_are_looked_up_by_member(text, found):
    assert plan(text, GROUP) == found


def test_too_many_look_ups_are_no_gain_over_a_walk():
    ids = [f'id eq "{n}"' for n in range(MAX_LOOKUPS + 1)]
    assert len(plan(" or ".join(ids[:-1]))) == MAX_LOOKUPS
    assert plan(" or ".join(ids)) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('displayName eq "x"', MemberView.NONE),
        ('members.display eq "x"', MemberView.NONE),
        ('members eq "1"', {"1"}),
        ('id eq "g" and MEMBERS.Value eq "1"', {"1"}),
        ('members eq "1" or not (members[value eq "2"])', {"1", "2"}),
        ('members[value eq "1" or value eq "2"]', {"1", "2"}),
        ('members[type eq "User" and value eq "1"]', {"1"}),
        ("members pr", MemberView.ALL),
        ('members ne "1"', MemberView.ALL),
        ('members sw "1"', MemberView.ALL),
        ('members.type eq "User"', MemberView.ALL),
        ("members eq null", MemberView.ALL),
        ('members[type eq "User"]', MemberView.ALL),
        ('members[not (value eq "1")]', MemberView.ALL),
        ('members[value eq "1" or type eq "User"]', MemberView.ALL),
        ('members eq "1" and members pr', MemberView.ALL),
    ],
)
def test_only_the_members_that_a_filter_is_about_are_wanted(text, wanted):
    assert members_wanted(parse_filter(text, [GROUP]), GROUP) == wanted


def test_users_have_no_members_to_be_wanted():
    assert members_wanted(parse_filter('members eq "1"', [USER]), USER) is MemberView.NONE


def _trees(paths, values, elements):
    """Filters over few paths and values, so that many hold."""
    compare = st.builds(Compare, paths, st.sampled_from(["eq", "eq", "eq", "ne", "sw"]), values)
    leaves = compare | st.builds(Present, paths)
    if elements:
        of_value = st.sampled_from([AttrPath("", "value"), AttrPath("", "type"), AttrPath("", "number")])
        leaves |= st.builds(ValuePath, st.sampled_from(elements), _trees(of_value, values, ()))
    several = lambda terms: st.lists(terms, min_size=2, max_size=3).map(tuple)  # noqa: E731
    return st.recursive(
        leaves,
        lambda terms: st.builds(Not, terms) | st.builds(And, several(terms)) | st.builds(Or, several(terms)),
        max_leaves=5,
    )


_DEVICE_PATHS = st.sampled_from(
    [
        AttrPath("", "id"),
        AttrPath("", "serial"),
        AttrPath("", "parts"),
        AttrPath("", "parts", "value"),
        AttrPath(BADGE, "colour"),
        AttrPath("", "unknown"),
        AttrPath("", "meta", "resourceType"),
    ]
)
_DEVICE_VALUES = st.sampled_from(["d-1", "Ab12", "lid", "FAN", "blue", "Device", "x", None])
_DEVICES = st.sampled_from(
    [DEVICE_RESOURCE, {"id": "x", "serial": "x"}, {"id": "d-1", "parts": [{"value": "x"}], BADGE: {"colour": "x"}}, {}]
)


def _satisfies(resource, lookup):
    if lookup.path == "id":
        return resource.get("id") == lookup.value
    held = [("serial", resource.get("serial", "")), *DEVICE.index_values(resource)]
    return any(path == lookup.path and fold(value) == fold(lookup.value) for path, value in held)


@given(_trees(_DEVICE_PATHS, _DEVICE_VALUES, [AttrPath("", "parts"), AttrPath("", "unknown")]), _DEVICES)
def test_a_plan_never_misses_what_satisfies_the_filter(tree, resource):
    found = lookups(tree, DEVICE)
    try:
        holds = matcher(tree, DEVICE)
    except InvalidFilter:
        return
    if found is not None and holds(resource):
        assert any(_satisfies(resource, each) for each in found)
    assert found is None or all(isinstance(each, Lookup) for each in found)


_MEMBER_PATHS = st.sampled_from(
    [AttrPath("", "members"), AttrPath("", "members", "value"), AttrPath("", "members", "type"), AttrPath("", "id")]
)
_MEMBERS = st.lists(
    st.builds(
        lambda member, of: {"value": member, "type": of}, st.sampled_from("1234"), st.sampled_from(["User", "Group"])
    ),
    unique_by=lambda member: member["value"],
)


@given(_trees(_MEMBER_PATHS, st.sampled_from(["1", "2", "User"]), [AttrPath("", "members")]), _MEMBERS)
def test_the_members_wanted_decide_the_filter_as_all_members_do(tree, members):
    wanted = members_wanted(tree, GROUP)
    ids = {member["value"] for member in members} if wanted is MemberView.ALL else set()
    ids |= set() if isinstance(wanted, MemberView) else wanted
    loaded = [member for member in members if member["value"] in ids]
    holds = matcher(tree, GROUP)
    assert holds({"id": "1", "members": loaded}) is holds({"id": "1", "members": members})
