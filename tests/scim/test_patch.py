"""PATCH by RFC 7644 section 3.5.2: each operation on each kind of target."""

from copy import deepcopy
from typing import Any

import pytest

from scim.errors import (
    NoTarget,
)
from tests.scim.gadgets import (
    ENTERPRISE,
    GADGET,
    HOME,
    LABEL,
    WORK,
    op,
    patched,
    user,
)

NAME = {"givenName": "Barbara", "familyName": "Jensen"}

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


SIZED = LABEL | {"parts": [{"code": "c", "sizes": [1]}]}
SIZES: list[tuple[str, Any, list[int] | None]] = [
    ("add one", op("add", "parts.sizes", 2), [1, 2]),
    ("add to what is selected", op("add", 'parts[code eq "c"].sizes', [2, 1]), [1, 2]),
    ("add in an object", op("add", 'parts[code eq "c"]', {"sizes": [2]}), [1, 2]),
    ("add of nothing", op("add", "parts.sizes", []), [1]),
    ("add of null", op("add", "parts.sizes", None), [1]),
    ("replace", op("replace", "parts.sizes", [2]), [2]),
    ("replace by nothing", op("replace", "parts.sizes", []), None),
    ("remove", op("remove", "parts.sizes"), None),
]


@pytest.mark.parametrize(("operation", "after"), [c[1:] for c in SIZES], ids=[c[0] for c in SIZES])
def test_a_sub_attribute_may_hold_several_values(operation: dict[str, Any], after: list[int] | None) -> None:
    part = {"code": "c"} | ({"sizes": after} if after else {})
    assert patched([operation], SIZED, GADGET) == LABEL | {"parts": [part]}


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


@pytest.mark.parametrize("value", [None, "", [], {}, {"value": ""}])
def test_clearing_what_is_not_there_makes_nothing(value: Any) -> None:
    assert patched([op("replace", 'emails[type eq "work"]', value)], user()) == user()


@pytest.mark.parametrize("value", [None, "", []])
def test_clearing_the_sub_attribute_of_what_is_not_there_makes_nothing(value: Any) -> None:
    assert patched([op("replace", "emails.value", value)], user()) == user()
    assert patched([op("replace", "parts.sizes", value)], LABEL, GADGET) == LABEL


def test_a_singular_complex_attribute_takes_a_filter_as_a_list_of_one() -> None:
    managed = user(**{ENTERPRISE: {"manager": {"value": "m"}}})
    path = f'{ENTERPRISE}:manager[value eq "m"]'
    assert patched([op("remove", path)], managed) == user()
    assert patched([op("add", path, {"value": "m"})], user()) == managed
    with pytest.raises(NoTarget):
        patched([op("replace", f'{ENTERPRISE}:manager[value eq "n"].value', "o")], managed)
