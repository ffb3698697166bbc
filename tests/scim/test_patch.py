"""PATCH by RFC 7644 section 3.5.2: each operation on each kind of target."""

from copy import deepcopy
from typing import Any

import pytest

from scim import dialect
from scim.errors import InvalidFilter, InvalidPath, InvalidValue, Mutability, NoTarget, ScimError
from scim.patch import apply, members_wanted
from scim.store import MemberView
from tests.scim.gadgets import ENTERPRISE, GADGET, GROUP, PATCH_OP, USER, WARRANTY, op, patched

BABS = {"value": "2819c223", "type": "User"}
JAMES = {"value": "08e1d05d", "type": "User"}
WORK = {"type": "work", "value": "a@example.com", "primary": True}
HOME = {"type": "home", "value": "b@example.org"}
ADDRESS = {"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "primary": False}


def group(*members: dict[str, str]) -> dict[str, Any]:
    return {"displayName": "Tour Guides"} | ({"members": list(members)} if members else {})


def user(**attributes: Any) -> dict[str, Any]:
    return {"userName": "bjensen"} | attributes


def member(one: dict[str, str], display: str) -> dict[str, str]:
    """Write a member as the RFC's examples do."""
    return {"display": display, "$ref": f"https://example.com/v2/Users/{one['value']}", "value": one["value"]}


# The examples of RFC 7644 section 3.5.2


def test_rfc_adds_a_member() -> None:
    add = op("add", "members", [member(BABS, "Babs Jensen")])
    assert patched([add], group(), GROUP) == group({"value": "2819c223"})
    assert patched([add], group(BABS), GROUP) == group(BABS)


def test_rfc_adds_attributes_without_a_path() -> None:
    add = op("add", None, {"emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"})
    after = patched([add], user(emails=[WORK], nickName="B"))
    assert after == user(emails=[WORK, {"value": "babs@jensen.org", "type": "home"}], nickName="Babs")


def test_rfc_removes_a_member() -> None:
    remove = op("remove", f'members[value eq "{BABS["value"]}"]')
    assert patched([remove], group(BABS, JAMES), GROUP) == group(JAMES)
    assert patched([remove], group(JAMES), GROUP) == group(JAMES)
    assert patched([remove], group(BABS), GROUP) == group()


def test_rfc_removes_all_members() -> None:
    assert patched([op("remove", "members")], group(BABS, JAMES), GROUP) == group()


def test_rfc_removes_the_values_that_a_filter_selects() -> None:
    remove = op("remove", 'emails[type eq "work" and value ew "example.com"]')
    assert patched([remove], user(emails=[WORK, HOME])) == user(emails=[HOME])
    assert patched([remove], user(emails=[HOME])) == user(emails=[HOME])
    assert patched([remove], user(emails=[WORK])) == user()


def test_rfc_removes_and_adds_a_member() -> None:
    operations = [
        op("remove", f'members[value eq"{BABS["value"]}"]'),  # without a space, as printed
        op("add", "members", [member(JAMES, "James Smith")]),
    ]
    assert patched(operations, group(BABS), GROUP) == group({"value": JAMES["value"]})


def test_rfc_replaces_all_members_by_remove_and_add() -> None:
    operations = [
        op("remove", "members"),
        op("add", "members", [member(BABS, "Babs Jensen"), member(JAMES, "James Smith")]),
    ]
    after = patched(operations, group({"value": "gone", "type": "User"}), GROUP)
    assert after == group({"value": BABS["value"]}, {"value": JAMES["value"]})


def test_rfc_replaces_all_members_by_one_replace() -> None:
    replace = op("replace", "members", [member(BABS, "Babs Jensen"), member(JAMES, "James Smith")])
    after = patched([replace], group({"value": "gone", "type": "User"}, JAMES), GROUP)
    assert after == group(JAMES, {"value": BABS["value"]})


def test_rfc_changes_a_users_entire_work_address() -> None:
    value = {
        "type": "work",
        "streetAddress": "911 Universal City Plaza",
        "locality": "Hollywood",
        "region": "CA",
        "postalCode": "91608",
        "country": "US",
        "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US",
        "primary": True,
    }
    home = {"type": "home", "locality": "Burbank", "primary": True}
    after = patched([op("replace", 'addresses[type eq "work"]', value)], user(addresses=[ADDRESS, home]))
    assert after == user(addresses=[value, home | {"primary": False}])


def test_rfc_changes_one_sub_attribute_of_selected_values() -> None:
    replace = op("replace", 'addresses[type eq "work"].streetAddress', "1010 Broadway Ave")
    after = patched([replace], user(addresses=[ADDRESS]))
    assert after == user(addresses=[ADDRESS | {"streetAddress": "1010 Broadway Ave"}])


# Targets by operations

NAME = {"givenName": "Barbara", "familyName": "Jensen"}
LABEL = {"label": "g"}

CHANGES: list[tuple[str, Any, dict[str, Any], dict[str, Any]]] = [
    ("add simple", op("add", "title", "Guide"), user(), user(title="Guide")),
    ("add simple replaces", op("add", "title", "Guide"), user(title="x"), user(title="Guide")),
    ("replace simple", op("replace", "title", "Guide"), user(title="x"), user(title="Guide")),
    ("replace of nothing adds", op("replace", "title", "Guide"), user(), user(title="Guide")),
    ("remove simple", op("remove", "title"), user(title="x"), user()),
    ("remove of nothing", op("remove", "title"), user(), user()),
    ("replace by null removes", op("replace", "title", None), user(title="x"), user()),
    ("replace complex keeps what is not named", op("replace", "name", {"givenName": "B"}), user(name=NAME),
     user(name=NAME | {"givenName": "B"})),
    ("add complex keeps what is not named", op("add", "name", {"givenName": "B"}), user(name=NAME),
     user(name=NAME | {"givenName": "B"})),
    ("add complex", op("add", "name", {"givenName": "B"}), user(), user(name={"givenName": "B"})),
    ("null within complex clears", op("replace", "name", {"givenName": None}), user(name=NAME),
     user(name={"familyName": "Jensen"})),
    ("the last sub-attribute takes the complex with it", op("replace", "name", {"givenName": None}),
     user(name={"givenName": "B"}), user()),
    ("replace complex by null", op("replace", "name", None), user(name=NAME), user()),
    ("remove complex", op("remove", "name"), user(name=NAME), user()),
    ("add sub-attribute", op("add", "name.givenName", "B"), user(), user(name={"givenName": "B"})),
    ("replace sub-attribute", op("replace", "name.givenName", "B"), user(name=NAME),
     user(name=NAME | {"givenName": "B"})),
    ("remove sub-attribute", op("remove", "name.givenName"), user(name=NAME), user(name={"familyName": "Jensen"})),
    ("remove sub-attribute of nothing", op("remove", "name.givenName"), user(), user()),
    ("clear sub-attribute of nothing", op("replace", "name.givenName", None), user(), user()),
    ("add appends", op("add", "emails", [HOME]), user(emails=[WORK]), user(emails=[WORK, HOME])),
    ("add does not repeat", op("add", "emails", [WORK]), user(emails=[WORK]), user(emails=[WORK])),
    ("add of nothing", op("add", "emails", []), user(emails=[WORK]), user(emails=[WORK])),
    ("add of null", op("add", "emails", None), user(emails=[WORK]), user(emails=[WORK])),
    ("add makes primary", op("add", "emails", [HOME | {"primary": True}]), user(emails=[WORK]),
     user(emails=[WORK | {"primary": False}, HOME | {"primary": True}])),
    ("add makes a known value primary", op("add", "emails", [HOME | {"primary": True}]), user(emails=[WORK, HOME]),
     user(emails=[WORK | {"primary": False}, HOME | {"primary": True}])),
    ("replace list", op("replace", "emails", [HOME]), user(emails=[WORK]), user(emails=[HOME])),
    ("replace list by nothing", op("replace", "emails", []), user(emails=[WORK]), user()),
    ("replace list by null", op("replace", "emails", None), user(emails=[WORK]), user()),
    ("remove list", op("remove", "emails"), user(emails=[WORK, HOME]), user()),
    ("sub-attribute of all", op("replace", "emails.display", "x"), user(emails=[WORK, HOME]),
     user(emails=[WORK | {"display": "x"}, HOME | {"display": "x"}])),
    ("sub-attribute of none adds", op("add", "emails.value", "x"), user(), user(emails=[{"value": "x"}])),
    ("remove sub-attribute of all", op("remove", "emails.primary"), user(emails=[WORK, HOME]),
     user(emails=[{"type": "work", "value": "a@example.com"}, HOME])),
    ("the first of several becomes primary", op("replace", "emails.primary", True), user(emails=[HOME, WORK]),
     user(emails=[HOME | {"primary": True}, WORK | {"primary": False}])),
    ("values made equal are one", op("replace", "emails[value pr]", {"value": "x", "type": "y"}),
     user(emails=[HOME, WORK]), user(emails=[{"value": "x", "type": "y"}])),
    ("all selected are replaced", op("replace", 'emails[type eq "home" or type eq "work"].display', "x"),
     user(emails=[WORK, HOME]), user(emails=[WORK | {"display": "x"}, HOME | {"display": "x"}])),
    ("a selected value is replaced but for what selected it", op("replace", 'emails[type eq "WORK"]', {"value": "x"}),
     user(emails=[WORK, HOME]), user(emails=[{"type": "work", "value": "x"}, HOME])),
    ("a selected value is added to", op("add", 'emails[type eq "work"]', {"display": "x"}),
     user(emails=[WORK, HOME]), user(emails=[WORK | {"display": "x"}, HOME])),
    ("a selected value replaced by null goes", op("replace", 'emails[type eq "work"]', None),
     user(emails=[WORK, HOME]), user(emails=[HOME])),
    ("a selected value replaced by nothing goes", op("replace", 'emails[type eq "work"]', {}),
     user(emails=[WORK, HOME]), user(emails=[HOME])),
    ("not", op("remove", 'emails[not (type eq "work")]'), user(emails=[WORK, HOME]), user(emails=[WORK])),
    ("primary of a selected value", op("add", 'emails[type eq "home"].primary', True), user(emails=[WORK, HOME]),
     user(emails=[WORK | {"primary": False}, HOME | {"primary": True}])),
    ("remove sub-attribute of selected", op("remove", 'emails[type eq "work"].primary'), user(emails=[WORK, HOME]),
     user(emails=[{"type": "work", "value": "a@example.com"}, HOME])),
    ("remove of what identifies a value drops it", op("remove", 'emails[type eq "work"].value'),
     user(emails=[WORK, HOME]), user(emails=[HOME])),
    ("remove of what a bare value lacks leaves it", op("remove", 'emails[type eq "work"].value'),
     user(emails=[{"type": "work"}]), user(emails=[{"type": "work"}])),
    ("remove leaves a value that still says something", op("remove", 'emails[type eq "work"].value'),
     user(emails=[WORK | {"display": "x"}]), user(emails=[{"type": "work", "primary": True, "display": "x"}])),
    ("extension attribute", op("add", f"{ENTERPRISE}:department", "R&D"), user(),
     user(**{ENTERPRISE: {"department": "R&D"}})),
    ("extension attribute in any case", op("replace", f"{ENTERPRISE.upper()}:DEPARTMENT", "R&D"),
     user(**{ENTERPRISE: {"department": "x", "division": "y"}}),
     user(**{ENTERPRISE: {"department": "R&D", "division": "y"}})),
    ("last extension attribute", op("remove", f"{ENTERPRISE}:department"), user(**{ENTERPRISE: {"department": "x"}}),
     user()),
    ("extension sub-attribute", op("add", f"{ENTERPRISE}:manager.value", "m"), user(),
     user(**{ENTERPRISE: {"manager": {"value": "m"}}})),
    ("whole extension, add", op("add", ENTERPRISE, {"department": "d", "unknown": 1}),
     user(**{ENTERPRISE: {"division": "y"}}), user(**{ENTERPRISE: {"division": "y", "department": "d"}})),
    ("whole extension, remove", op("remove", ENTERPRISE), user(**{ENTERPRISE: {"division": "y"}}), user()),
    ("whole extension, replace by null", op("replace", ENTERPRISE, None), user(**{ENTERPRISE: {"division": "y"}}),
     user()),
    ("whole extension, replace by nothing", op("replace", ENTERPRISE, {}), user(**{ENTERPRISE: {"division": "y"}}),
     user(**{ENTERPRISE: {"division": "y"}})),
    ("whole extension in a value", op("replace", None, {ENTERPRISE.lower(): None}),
     user(**{ENTERPRISE: {"division": "y"}}), user()),
    ("core attribute by its URN", op("add", "urn:ietf:params:scim:schemas:core:2.0:User:title", "x"), user(),
     user(title="x")),
    ("core schema as the path", op("add", "urn:ietf:params:scim:schemas:core:2.0:User", {"title": "x"}), user(),
     user(title="x")),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "before", "after"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_an_operation_does_to_its_target_what_the_rfc_says(
    operation: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    given = deepcopy(before)
    assert patched([operation], given) == after
    assert given == before
    assert patched([operation], after) == after, "done twice it is as done once"


SIMPLE: list[tuple[str, Any, dict[str, Any], dict[str, Any]]] = [
    ("add", op("add", "tags", ["b", "a"]), LABEL | {"tags": ["a"]}, LABEL | {"tags": ["a", "b"]}),
    ("replace", op("replace", "tags", ["b"]), LABEL | {"tags": ["a"]}, LABEL | {"tags": ["b"]}),
    ("remove", op("remove", "tags"), LABEL | {"tags": ["a"]}, LABEL),
    ("remove selected", op("remove", 'tags[value eq "a"]'), LABEL | {"tags": ["a", "b"]}, LABEL | {"tags": ["b"]}),
    ("replace selected", op("replace", 'tags[value sw "a"]', "c"), LABEL | {"tags": ["a", "b"]},
     LABEL | {"tags": ["c", "b"]}),
    ("remove listed", op("remove", "tags", ["a", "c"]), LABEL | {"tags": ["a", "b"]}, LABEL | {"tags": ["b"]}),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "before", "after"), [c[1:] for c in SIMPLE], ids=[c[0] for c in SIMPLE])
def test_a_multi_valued_attribute_may_hold_simple_values(
    operation: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert patched([operation], before, GADGET) == after


def test_adding_a_selected_simple_value_that_is_missing_adds_it() -> None:
    assert patched([op("add", 'tags[value eq "a"]', "a")], LABEL, GADGET) == LABEL | {"tags": ["a"]}


# A value path that selects nothing


@pytest.mark.parametrize("kind", ["add", "replace"])
@pytest.mark.parametrize(
    ("path", "value", "made"),
    [
        ('emails[type eq "work"].value', "x", {"type": "work", "value": "x"}),
        ('emails[type eq "work"]', {"value": "x"}, {"type": "work", "value": "x"}),
        ('emails[type eq "work" and primary eq true].value', "x", {"type": "work", "primary": True, "value": "x"}),
        ("emails[primary eq true].value", "x", {"primary": True, "value": "x"}),
        ('emails[type eq "work"].type', "home", {"type": "home"}),
    ],
)
def test_a_value_path_that_selects_nothing_makes_the_value_that_it_describes(
    kind: str, path: str, value: Any, made: dict[str, Any]
) -> None:
    other = {"type": "other", "value": "o"}
    once = patched([op(kind, path, value)], user(emails=[other]))
    assert once == user(emails=[other, made])
    assert patched([op(kind, path, value)], once) == once


@pytest.mark.parametrize(
    "path",
    [
        'emails[type ne "work"].value',
        'emails[type eq "work" or type eq "home"].value',
        'emails[not (type eq "work")].value',
        'emails[type eq "work" and value pr].value',
        "emails[type eq null].value",
        'emails[colour eq "red"].value',
        'emails[type sw "w"]',
    ],
)
def test_a_filter_that_describes_no_value_has_no_target(path: str) -> None:
    value = "x" if path.endswith("value") else {"value": "x"}
    with pytest.raises(NoTarget, match="selects no value"):
        patched([op("replace", path, value)], user())


@pytest.mark.parametrize("value", [None, "", {}, {"value": ""}])
def test_clearing_what_is_not_there_makes_nothing(value: Any) -> None:
    assert patched([op("replace", 'emails[type eq "work"]', value)], user()) == user()


def test_a_singular_complex_attribute_takes_a_filter_as_a_list_of_one() -> None:
    managed = user(**{ENTERPRISE: {"manager": {"value": "m"}}})
    path = f'{ENTERPRISE}:manager[value eq "m"]'
    assert patched([op("remove", path)], managed) == user()
    assert patched([op("add", path, {"value": "m"})], user()) == managed
    with pytest.raises(NoTarget):
        patched([op("replace", f'{ENTERPRISE}:manager[value eq "n"].value', "o")], managed)


# Members


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (op("replace", 'members[value eq "nobody"].type', "User"), NoTarget),
        (op("add", 'members[value eq "nobody"]', {"value": "nobody"}), NoTarget),
        (op("replace", f'members[value eq "{BABS["value"]}"].value', "other"), Mutability),
        (op("replace", f'members[value eq "{BABS["value"]}"]', {"value": "other"}), Mutability),
        (op("remove", f'members[value eq "{BABS["value"]}"].value'), Mutability),
        (op("replace", "members.value", "x"), Mutability),
        (op("add", "members", [{"type": "User"}]), InvalidValue),
        (op("add", "members", [{"value": 5}]), InvalidValue),
        (op("replace", "members", 5), InvalidValue),
        (op("remove", "members", [{"display": None}]), InvalidValue),
    ],
)
def test_a_member_cannot_become_another(operation: dict[str, Any], error: type[ScimError]) -> None:
    with pytest.raises(error):
        patched([operation], group(BABS), GROUP)


def test_members_may_be_selected_by_any_filter() -> None:
    inner = {"value": "g1", "type": "Group"}
    assert patched([op("remove", 'members[type eq "user"]')], group(BABS, inner), GROUP) == group(inner)
    same = op("replace", f'members[value eq "{BABS["value"]}"]', {"type": "User"})
    assert patched([same], group(BABS), GROUP) == group(BABS)


def test_a_members_type_is_kept_where_it_is_known() -> None:
    operations = [op("add", "members", [{"value": BABS["value"], "type": "Group"}])]
    assert patched(operations, group(BABS), GROUP) == group(BABS)


@pytest.mark.parametrize(
    ("operations", "wanted"),
    [
        ([op("replace", "displayName", "x")], MemberView.NONE),
        ([op("add", "members", [])], MemberView.NONE),
        ([op("add", "members", [{"value": "a"}, "b"])], {"a", "b"}),
        ([op("remove", 'members[value eq "a"]')], {"a"}),
        ([op("remove", 'members[value eq "a" or Value eq "b"]')], {"a", "b"}),
        ([op("remove", "members", [{"value": "a"}, {"value": "b"}])], {"a", "b"}),
        ([op("add", "members", "a"), op("Remove", "members", {"value": "b"})], {"a", "b"}),
        ([op("add", None, {"members": ["a"], "displayName": "x"})], {"a"}),
        ([op("add", "members", "a"), op("remove", "members")], MemberView.ALL),
        ([op("replace", "members", ["a"])], MemberView.ALL),
        ([op("replace", None, {"members": ["a"]})], MemberView.ALL),
        ([op("remove", 'members[type eq "User"]')], MemberView.ALL),
        ([op("remove", 'members[value sw "a"]')], MemberView.ALL),
        ([op("remove", 'members[not (value eq "a")]')], MemberView.ALL),
        ([op("replace", "members.type", "User")], MemberView.ALL),
    ],
)
def test_members_wanted_are_those_that_the_operations_name(operations: list[dict[str, Any]], wanted: Any) -> None:
    assert members_wanted(dialect.operations({"Operations": operations}, GROUP), GROUP) == wanted


def test_a_user_has_no_members_to_want() -> None:
    operations = dialect.operations({"Operations": [op("add", "emails", [WORK])]}, USER)
    assert members_wanted(operations, USER) is MemberView.NONE


def test_members_are_found_by_id_however_many_they_are() -> None:
    many = [{"value": f"id{index}", "type": "User"} for index in range(20_000)]
    listed = op("remove", "members", [{"value": f"id{index}"} for index in range(0, 20_000, 2)])
    single = [op("remove", f'members[value eq "id{index}"]') for index in range(1, 1_000, 2)]
    after = patched([listed, *single], group(*many), GROUP)
    assert [one["value"] for one in after["members"]] == [f"id{index}" for index in range(1_001, 20_000, 2)]


# Refusals

FULL = LABEL | {
    "serial": "1",
    "wear": 3,
    "origin": {"country": "DE", "city": "Kiel"},
    "parts": [{"value": "p", "code": "c", "batch": "b"}],
    WARRANTY: {"years": 2, "seller": "s"},
}


@pytest.mark.parametrize(
    ("operation", "error", "detail"),
    [
        (op("remove", "label"), Mutability, "label is required and cannot be cleared"),
        (op("replace", "label", None), InvalidValue, "label is required and cannot be cleared"),
        (op("replace", "label", ""), InvalidValue, "label is required and cannot be cleared"),
        (op("replace", "label", 5), InvalidValue, "label: expected a string, got the number 5"),
        (op("add", "wear", 4), Mutability, "wear is readOnly"),
        (op("remove", "wear"), Mutability, "wear is readOnly"),
        (op("replace", "id", "2"), Mutability, "id is readOnly"),
        (op("replace", "meta.created", "x"), Mutability, "meta.created is readOnly"),
        (op("replace", "serial", "2"), Mutability, "serial is immutable and has another value"),
        (op("remove", "serial"), Mutability, "serial is immutable and has another value"),
        (op("remove", "origin.country"), Mutability, "origin.country is required and cannot be cleared"),
        (op("replace", "origin", {"country": None}), InvalidValue, "origin.country is required and cannot be cleared"),
        (op("replace", "origin.city", "Bonn"), Mutability, "origin.city: 'city' is immutable and has another value"),
        (op("replace", "origin", "DE"), InvalidValue, "origin: expected an object, got the string 'DE'"),
        (op("add", "parts", [{"value": "q"}]), InvalidValue, "parts[0].code is required"),
        (op("add", 'parts[value eq "q"].type', "t"), InvalidValue, "parts.code is required"),
        (op("remove", "parts.code"), Mutability, "parts.code is required and cannot be cleared"),
        (op("add", "parts.grade", "a"), Mutability, "parts.grade is readOnly"),
        (
            op("replace", 'parts[code eq "c"]', {"code": "d", "batch": "x"}),
            Mutability,
            "parts[code eq \"c\"]: 'batch' is immutable and has another value",
        ),
        (
            op("add", "parts", [{"code": "1", "primary": True}, {"code": "2", "primary": True}]),
            InvalidValue,
            "parts: only one value can be primary",
        ),
        (
            op("replace", 'tags[value eq "a"]', 5),
            InvalidValue,
            'tags[value eq "a"]: expected a string, got the number 5',
        ),
        (op("remove", f"{WARRANTY}:years"), Mutability, f"{WARRANTY}:years is required and cannot be cleared"),
        (op("add", f"{WARRANTY}:claims", 1), Mutability, f"{WARRANTY}:claims is readOnly"),
        (op("remove", WARRANTY), Mutability, f"{WARRANTY}:years is required and cannot be cleared"),
        (op("remove", None), NoTarget, "Operations[0]: 'remove' needs a path"),
        (op("add", "tags"), InvalidValue, "Operations[0]: 'add' needs a value"),
        (op("replace", None), InvalidValue, "Operations[0]: 'replace' needs a value"),
        (
            op("replace", None, ["x"]),
            InvalidValue,
            "Operations[0].value without a path: expected an object, got a list",
        ),
        (op("replace", WARRANTY, 5), InvalidValue, f"{WARRANTY}: expected an object, got the number 5"),
        (op("replace", 'label[value eq "x"]', "y"), InvalidPath, "'label' has no values to select from by a filter"),
    ],
)
def test_a_refusal_says_what_was_wrong_and_where(
    operation: dict[str, Any], error: type[ScimError], detail: str
) -> None:
    with pytest.raises(error) as refusal:
        patched([operation], FULL, GADGET)
    assert refusal.value.detail == detail


@pytest.mark.parametrize(
    "path", ["na me", "name.", ".name", "emails[type eq", "emails[]", "emails[type eq 1].", "a.b.c", "/name"]
)
def test_a_malformed_path_is_refused(path: str) -> None:
    with pytest.raises((InvalidPath, InvalidFilter)):
        patched([op("replace", path, "x")], user())


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        (op("add", "serial", "1"), FULL),
        (op("replace", "origin.city", "Kiel"), FULL),
        (
            op("replace", 'parts[code eq "c"]', {"value": "q", "grade": "x"}),
            FULL | {"parts": [{"value": "q", "code": "c", "batch": "b"}]},
        ),
        (op("add", None, {"wear": 9, "label": "h"}), FULL | {"label": "h"}),
    ],
)
def test_immutable_and_read_only_attributes_may_be_repeated(operation: dict[str, Any], after: dict[str, Any]) -> None:
    assert patched([operation], FULL, GADGET) == after


def test_an_immutable_attribute_may_be_given_once() -> None:
    assert patched([op("add", "serial", "1")], LABEL, GADGET) == LABEL | {"serial": "1"}


def test_an_extension_must_be_complete_once_touched() -> None:
    with pytest.raises(InvalidValue, match="years is required"):
        patched([op("add", f"{WARRANTY}:seller", "s")], LABEL, GADGET)
    complete = [op("add", f"{WARRANTY}:seller", "s"), op("add", f"{WARRANTY}:years", 2)]
    assert patched(complete, LABEL, GADGET) == LABEL | {WARRANTY: {"years": 2, "seller": "s"}}


def test_what_is_not_touched_is_not_judged() -> None:
    assert patched([op("add", "enabled", False)], {WARRANTY: {"seller": "s"}}, GADGET) == {
        WARRANTY: {"seller": "s"},
        "enabled": False,
    }


def test_operations_apply_in_order_and_all_or_none() -> None:
    before = user(title="a")
    operations = [op("remove", "title"), op("add", "title", "b"), op("add", "nickName", "n")]
    assert patched(operations, before) == user(title="b", nickName="n")
    with pytest.raises(InvalidValue):
        patched([*operations, op("replace", "active", "maybe")], before)
    assert before == user(title="a")


def test_operations_can_be_applied_to_several_resources() -> None:
    operations = dialect.operations({"schemas": [PATCH_OP], "Operations": [op("add", "emails", [WORK])]}, USER)
    first = apply(operations, user(), USER)
    second = patched([op("replace", 'emails[type eq "work"].value', "changed")], apply(operations, user(), USER))
    assert first == user(emails=[WORK])
    assert second == user(emails=[WORK | {"value": "changed"}])
    assert apply(operations, user(), USER) == first
