"""What holds of every PATCH, whatever the operations and the resource are."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scim import dialect
from scim.errors import ScimError
from scim.patch import apply, members_wanted
from scim.store import MemberView
from scim.validate import new_document
from tests.scim.gadgets import ENTERPRISE, GADGET, GROUP, PATCH_OP, USER, WARRANTY, op, patched

WORDS = st.sampled_from(["a", "b", "work", "home", "", "True", '{"value": "a"}'])
SCALARS = st.none() | st.booleans() | st.integers(0, 3) | WORDS
NAMES = st.sampled_from(
    ["value", "type", "primary", "display", "givenName", "code", "batch", "sizes", "country", "city", "$ref", "Value",
     "userName", "emails", "name", "name.givenName", "title", "members", "displayName", "id", "unknown", "active",
     "manager", "label", "tags", "parts", "serial", "origin", ENTERPRISE, f"{ENTERPRISE}:manager", WARRANTY]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
FILTERS = st.sampled_from(
    [
        'type eq "work"',
        "primary eq true",
        'primary eq "True"',
        'value eq "a"',
        'value eq "a" or value eq "b"',
        'not (type eq "work")',
        'type eq "work" and value pr',
        'code eq "a"',
        "value gt 5",
    ]
)
PATHS = st.one_of(
    st.none(),
    NAMES,
    st.builds("{}.{}".format, NAMES, NAMES),
    st.builds("{}[{}]".format, NAMES, FILTERS),
    st.builds("{}[{}].{}".format, NAMES, FILTERS, NAMES),
    st.text(max_size=10),
)
OPS = st.sampled_from(["add", "Add", "replace", "Remove"])
OPERATIONS = st.lists(st.builds(op, OPS, PATHS, VALUES) | st.builds(op, OPS, PATHS), min_size=1, max_size=5)

TYPES = {each.name: each for each in (USER, GROUP, GADGET)}


def _content(element: dict[str, Any]) -> str:
    return json.dumps(element, sort_keys=True)


ELEMENTS = st.fixed_dictionaries(
    {"value": st.sampled_from("abc")}, optional={"type": st.sampled_from(["work", "home"]), "display": st.just("d")}
)
USERS = st.fixed_dictionaries(
    {"userName": st.just("u")},
    optional={
        "title": st.just("t"),
        "name": st.just({"givenName": "g"}),
        "emails": st.lists(ELEMENTS, min_size=1, max_size=3, unique_by=_content),
        ENTERPRISE: st.just({"manager": {"value": "m"}, "department": "d"}),
    },
)
GADGETS = st.fixed_dictionaries(
    {"label": st.just("g")},
    optional={
        "serial": st.just("1"),
        "tags": st.just(["a", "b"]),
        "origin": st.just({"country": "DE", "city": "Kiel"}),
        "parts": st.lists(ELEMENTS.map(lambda e: {"value": e["value"], "code": "a", "batch": "b"}), min_size=1,
                          max_size=2, unique_by=_content),
        WARRANTY: st.just({"years": 1, "seller": "s"}),
    },
)  # fmt: skip
GROUPS = st.lists(st.sampled_from("abcdef"), unique=True).map(
    lambda ids: {"displayName": "g"} | ({"members": [{"value": id, "type": "User"} for id in ids]} if ids else {})
)
RESOURCES = st.one_of(
    st.tuples(st.just("User"), USERS), st.tuples(st.just("Gadget"), GADGETS), st.tuples(st.just("Group"), GROUPS)
)


@given(RESOURCES, OPERATIONS)
def test_apply_raises_scim_errors_only_changes_no_input_and_makes_what_validates(
    typed: tuple[str, dict[str, Any]], written: list[dict[str, Any]]
) -> None:
    resource_type, resource = TYPES[typed[0]], typed[1]
    before, message = deepcopy(resource), {"schemas": [PATCH_OP], "Operations": deepcopy(written)}
    try:
        after = patched(written, resource, resource_type)
    except ScimError:
        after = before
    assert resource == before
    assert message["Operations"] == written
    assert new_document(after, resource_type) == after


@given(VALUES)
def test_a_body_raises_scim_errors_only_and_makes_what_validates(body: Any) -> None:
    for resource_type in TYPES.values():
        try:
            document = new_document(dialect.resource(body, resource_type), resource_type)
        except ScimError:
            continue
        assert new_document(document, resource_type) == document


PRIMARY = st.sampled_from([{}, {"primary": True}, {"primary": False}])
LEAVES = st.sampled_from(["a", "b", "", None])
SETTING = st.one_of(
    st.tuples(st.sampled_from(["title", "nickName", "name.givenName", "name.familyName", "manager"]), LEAVES),
    st.tuples(st.just(f"{ENTERPRISE}:department"), LEAVES),
    st.tuples(st.builds('emails[type eq "{}"].{}'.format, st.sampled_from(["work", "home"]),
                        st.sampled_from(["value", "display"])), st.sampled_from(["a", "b"])),
)  # fmt: skip
SETTINGS = st.lists(st.builds(lambda kind, to: op(kind, *to), st.sampled_from(["add", "replace"]), SETTING), min_size=1)


@given(USERS, SETTINGS)
def test_setting_twice_is_as_setting_once(resource: dict[str, Any], written: list[dict[str, Any]]) -> None:
    once = patched(written, resource)
    assert patched(written, once) == once


ADDING = st.lists(st.builds(lambda element, more: op("add", "emails", [element | more]), ELEMENTS, PRIMARY), min_size=1)


@given(USERS, ADDING)
def test_adding_twice_is_as_adding_once(resource: dict[str, Any], written: list[dict[str, Any]]) -> None:
    once = patched(written, resource)
    assert patched(written, once) == once


MEMBERS = st.lists(st.sampled_from("abcdef"), max_size=4)
MEMBER_OPERATIONS = st.lists(
    st.one_of(
        st.builds(lambda ids: op("add", "members", ids), MEMBERS),
        st.builds(lambda ids: op("Remove", "members", ids), MEMBERS),
        st.builds(lambda one: op("remove", f'members[value eq "{one}"]'), st.sampled_from("abcdef")),
        st.builds(lambda ids: op("replace", "members", ids), MEMBERS),
        st.just(op("remove", "members")),
    ),
    min_size=1,
    max_size=5,
)


@given(GROUPS, MEMBER_OPERATIONS)
def test_the_members_that_are_wanted_are_all_that_matter(
    resource: dict[str, Any], written: list[dict[str, Any]]
) -> None:
    operations = dialect.operations({"Operations": written}, GROUP)
    wanted = members_wanted(operations, GROUP)
    all_members = ids(resource)
    named = wanted if not isinstance(wanted, MemberView) else all_members if wanted is MemberView.ALL else ()
    seen = all_members.intersection(named)
    view = [member for member in resource.get("members", []) if member["value"] in seen]
    whole = ids(apply(operations, resource, GROUP))
    assert ids(apply(operations, resource | {"members": view}, GROUP)) | (all_members - seen) == whole


def ids(resource: dict[str, Any]) -> set[str]:
    return {member["value"] for member in resource.get("members", [])}
