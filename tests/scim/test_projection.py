"""Projection (RFC 7644 sections 3.4.2.5 and 3.9)."""

import copy

import pytest

from scim.projection import Projection
from tests.scim.shapes import BADGE, CORE, DEVICE, DEVICE_RESOURCE, ENTERPRISE, GROUP, USER

ALWAYS = {"schemas": DEVICE_RESOURCE["schemas"], "id": "d-1", "key": "k"}
PARTS = [{"value": "Lid", "number": 1, "spare": False}, {"value": "fan", "number": 20, "spare": True, "primary": True}]
DEFAULT = {
    **{name: value for name, value in DEVICE_RESOURCE.items() if name not in ("secret", "debug")},
    "parts": PARTS,
    BADGE: {"colour": "Blue", "owner": {"value": "Own-1"}},
}


def shown(attributes=None, excluded=None):
    before = copy.deepcopy(DEVICE_RESOURCE)
    part = Projection.parse(attributes, excluded).apply(DEVICE_RESOURCE, DEVICE)
    assert before == DEVICE_RESOURCE
    return part


def without(*names):
    return {name: value for name, value in DEFAULT.items() if name not in names}


@pytest.mark.parametrize(("attributes", "excluded"), [(None, None), ("", ""), ([], []), (" , ", None)])
def test_without_parameters_the_default_is_shown(attributes, excluded):
    projection = Projection.parse(attributes, excluded)
    assert projection.apply(DEVICE_RESOURCE, DEVICE) == DEFAULT
    assert projection.asked is False


@pytest.mark.parametrize(
    ("attributes", "more"),
    [
        ("label", {"label": "Straße"}),
        ("LABEL", {"label": "Straße"}),
        (["label", "ports"], {"label": "Straße", "ports": 0}),
        ("label, ports", {"label": "Straße", "ports": 0}),
        (["label,ports"], {"label": "Straße", "ports": 0}),
        ("id", {}),
        ("unknown,place.unknown,a..b", {}),
        ("place[floor eq 3],[x]", {"place": {"room": "B 12", "floor": 3}}),
        ("secret,parts.pin", {"parts": [{"number": 1}, {"number": 20}]}),
        ("debug", {"debug": "on"}),
        ("place", {"place": {"room": "B 12", "floor": 3}}),
        ("place.room", {"place": {"room": "B 12"}}),
        ("place.room,place", {"place": {"room": "B 12", "floor": 3}}),
        ("place,place.room", {"place": {"room": "B 12", "floor": 3}}),
        ("parts", {"parts": PARTS}),
        ("parts.value", {"parts": [{"value": "Lid", "number": 1}, {"value": "fan", "number": 20}]}),
        ("parts.note", {"parts": [{"number": 1, "note": "n"}, {"number": 20}]}),
        (f"{DEVICE.base.id}:label", {"label": "Straße"}),
        (f"{DEVICE.base.id.upper()}:PLACE.floor", {"place": {"floor": 3}}),
        (f"{BADGE}:colour", {BADGE: {"colour": "Blue"}}),
        ("colour", {BADGE: {"colour": "Blue"}}),
        (f"{BADGE}:trace", {BADGE: {"trace": "t"}}),
        (f"{BADGE}:owner.value", {BADGE: {"owner": {"value": "Own-1"}}}),
        (BADGE, {BADGE: {"colour": "Blue", "owner": {"value": "Own-1"}}}),
        (BADGE.lower(), {BADGE: {"colour": "Blue", "owner": {"value": "Own-1"}}}),
        ("meta.version", {"meta": {"version": 'W/"1"'}}),
        ("urn:unknown:2.0:label", {}),
    ],
)
def test_attributes_shows_what_is_named_and_what_is_always_returned(attributes, more):
    assert shown(attributes) == ALWAYS | more
    assert Projection.parse(attributes).asked is True


def test_a_core_urn_alone_names_all_core_attributes_but_those_on_request():
    assert shown(DEVICE.base.id) == without(BADGE, "meta")


@pytest.mark.parametrize(
    ("excluded", "part"),
    [
        ("label", without("label")),
        ("LABEL,unknown", without("label")),
        ("id,schemas,key", DEFAULT),
        ("place", without("place")),
        ("place.floor", DEFAULT | {"place": {"room": "B 12"}}),
        ("place.floor,place.room", without("place")),
        ("parts.value,parts.spare,parts.number", DEFAULT | {"parts": [{"number": 1}, {"number": 20, "primary": True}]}),
        (BADGE, without(BADGE)),
        (f"{BADGE}:colour", DEFAULT | {BADGE: {"owner": {"value": "Own-1"}}}),
        (f"{BADGE}:colour,owner", without(BADGE)),
        ("meta", without("meta")),
        ("debug", DEFAULT),
    ],
)
def test_excluded_attributes_are_taken_from_the_default_but_for_those_always_returned(excluded, part):
    assert shown(excluded=excluded) == part


@pytest.mark.parametrize(
    ("attributes", "excluded", "more"),
    [
        ("label,ports", "label", {"ports": 0}),
        ("place", "place.floor", {"place": {"room": "B 12"}}),
        ("place.floor", "place", {}),
        ("debug", "debug", {}),
        ("place.floor", "place.floor", {}),
    ],
)
def test_with_both_parameters_what_is_excluded_is_taken_from_what_is_named(attributes, excluded, more):
    assert shown(attributes, excluded) == ALWAYS | more


def test_a_complex_attribute_of_which_nothing_is_left_is_absent():
    user = {"id": "1", "emails": [{"type": "work"}, {"value": "a@b"}], "name": {"givenName": "A"}}
    assert Projection.parse("emails.value,name.familyName").apply(user, USER) == {
        "id": "1",
        "emails": [{"value": "a@b"}],
    }
    assert Projection.parse("emails.display").apply(user, USER) == {"id": "1"}


def test_what_the_schemas_do_not_have_is_not_shown():
    assert Projection().apply({"id": "1", "shoeSize": 40, ENTERPRISE: {"shoeSize": 40}}, USER) == {"id": "1"}


@pytest.mark.parametrize(
    ("attributes", "excluded", "wanted"),
    [
        (None, None, True),
        (None, "members", False),
        (None, "MEMBERS", False),
        (None, "urn:ietf:params:scim:schemas:core:2.0:Group:members", False),
        (None, "members.type", True),
        (None, "displayName", True),
        ("id", None, False),
        ("id,displayName", None, False),
        ("members", None, True),
        ("Members.Value", None, True),
        ("members", "members", False),
    ],
)
def test_members_are_wanted_only_where_they_may_be_shown(attributes, excluded, wanted):
    assert Projection.parse(attributes, excluded).wants(GROUP, "members") is wanted


def test_what_the_resource_type_does_not_have_is_not_wanted():
    assert Projection().wants(USER, "members") is False
    assert Projection.parse(CORE).wants(USER, "groups") is True
