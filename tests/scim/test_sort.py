"""Sorting (RFC 7644 section 3.4.2.3)."""

import heapq
import random

import pytest

from scim.errors import InvalidValue
from scim.sort import UNASSIGNED, sort_key
from tests.scim.shapes import BADGE, DEVICE, DEVICE_RESOURCE, ENTERPRISE, USER

PRIMARY_B = {"value": "B", "primary": True}


@pytest.mark.parametrize(
    ("sort_by", "ordered"),
    [
        ("label", [{"label": "anna"}, {"label": "Bert"}, {"label": "cleo"}, {"label": "Éva"}, {}]),
        ("LABEL", [{"label": "strasse a"}, {"label": "Straße B"}, {}]),
        ("serial", [{"serial": "B"}, {"serial": "a"}, {}]),
        ("image", [{"image": "Zz"}, {"image": "aa"}]),
        ("enabled", [{"enabled": False}, {"enabled": True}, {}]),
        ("ports", [{"ports": -5}, {"ports": 0}, {"ports": 9}, {"ports": 10}, {}]),
        ("weight", [{"weight": 0.5}, {"weight": 1}, {"weight": 1.5}, {}]),
        ("made", [{"made": "2024-01-01T01:00:00+02:00"}, {"made": "2024-01-01T00:00:00Z"}, {}]),
        ("place.room", [{"place": {"room": "a"}}, {"place": {"room": "b"}}, {"place": {"floor": 1}}]),
        ("tags", [{"tags": ["a", "z"]}, {"tags": ["B", "a"]}, {}]),
        (
            "parts",
            [{"parts": [{"value": "a"}]}, {"parts": [{"value": "z"}, PRIMARY_B]}, {"parts": [{"value": "c"}]}, {}],
        ),
        ("parts.number", [{"parts": [{"number": 2}]}, {"parts": [{"number": 10}, {"number": 1}]}, {"parts": []}]),
        (f"{BADGE}:colour", [{BADGE: {"colour": "a"}}, {BADGE: {"colour": "B"}}, {}]),
        ("owner", [{BADGE: {"owner": {"value": "A"}}}, {BADGE: {"owner": {"value": "a"}}}, {BADGE: {}}]),
        ("meta.created", [DEVICE_RESOURCE, {}]),
    ],
)
def test_resources_sort_by_the_type_and_case_rule_of_the_attribute(sort_by, ordered):
    key = sort_key(sort_by, DEVICE)
    keys = [key(resource) for resource in ordered]
    assert keys == sorted(set(keys))
    shuffled = random.Random(7).sample(ordered, len(ordered))
    assert sorted(shuffled, key=key) == ordered
    assert sorted(shuffled, key=key, reverse=True) == ordered[::-1]


def test_unassigned_sorts_last_when_ascending_and_first_when_descending():
    key = sort_key("userName", USER)
    users = [{"id": "1"}, {"id": "2", "userName": "z"}, {"id": "3", "userName": "a"}]
    order = lambda user: (key(user), user["id"])  # noqa: E731
    assert [user["id"] for user in heapq.nsmallest(3, users, order)] == ["3", "2", "1"]
    assert [user["id"] for user in heapq.nlargest(3, users, order)] == ["1", "2", "3"]


@pytest.mark.parametrize("sort_by", ["shoeSize", "name.shoeSize", "urn:unknown:2.0:X:userName", "secret", "parts.pin"])
def test_an_attribute_that_is_unknown_or_never_returned_is_unassigned(sort_by):
    assert sort_key(sort_by, DEVICE)(DEVICE_RESOURCE) == UNASSIGNED


@pytest.mark.parametrize(
    "sort_by", ["", "a b", "a..b", "name", "addresses", "name.", 'emails[type eq "work"]', ENTERPRISE]
)
def test_what_is_no_attribute_or_complex_without_value_is_refused(sort_by):
    with pytest.raises(InvalidValue, match="sortBy"):
        sort_key(sort_by, USER)


@pytest.mark.parametrize("odd", [{"label": 5}, {"label": []}, {"label": None}, {"place": "x"}, {"parts": ["x"]}])
def test_a_value_of_another_type_counts_as_unassigned(odd):
    for sort_by in ("label", "place.room", "parts.value"):
        assert sort_key(sort_by, DEVICE)(odd) == UNASSIGNED


def test_any_two_keys_compare_whatever_their_types():
    keys = [sort_key(name, DEVICE)(DEVICE_RESOURCE) for name in ("label", "ports", "weight", "made", "enabled", "tags")]
    assert len(sorted([*keys, UNASSIGNED])) == 7


def test_keys_are_bounded_in_length():
    key = sort_key("label", DEVICE)
    assert key({"label": "x" * 10_000}) == key({"label": "x" * 20_000})
    assert len(key({"label": "ß" * 10_000})[2]) == 256
