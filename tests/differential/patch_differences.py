"""Where PATCH does something else in scim2-models, and by what right it does what it does here."""

from typing import Any, Final

from tests.differential import patch_outcomes as outcome
from tests.differential import patch_words as words
from tests.differential.filter_differences import compared, located
from tests.differential.filters import Comparison
from tests.differential.patch_explanation import Difference
from tests.differential.patches import Step, step
from tests.scim.gadgets import MANAGER, WARRANTY


def _set(type: str, op: str, path: str, given: Any = None) -> Step:
    return step(op, (located(type, path), given))


def _selected(type: str, op: str, path: str, within: Comparison, given: Any = None) -> Step:
    """Write an operation on what brackets select; `path` is without them."""
    where = located(type, path)
    sub = f".{where.sub.name}" if where.sub else ""
    brackets = within.text.removeprefix(f"{where.attribute.name}.")
    return step(op, (where, given), path=f"{where.attribute.name}[{brackets}]{sub}", within=(within,))


_ANA: Final = {"userName": "ana"}
_GROUP: Final = {"displayName": "g", "members": [{"value": "a", "type": "User"}]}
_GADGET: Final = {"label": "g"}
_WORK: Final = compared("User", "emails.type", "eq", "work")

DIFFERENCES: Final = (
    Difference(
        "schemas",
        "follow from what the resource holds, which they name (RFC 7643 section 3)",
        "are an attribute like any other",
        words.less_schemas,
        "User",
        _ANA,
        _set("User", "remove", "schemas"),
    ),
    Difference(
        "$ref",
        "follows from the `value` beside it, which names the resource; what clients send of it is not kept (RFC 7643 "
        "section 4.3)",
        "is kept as it came",
        words.less_refs,
        "User",
        _ANA,
        _set("User", "add", f"{MANAGER}.$ref", "https://example.com/a"),
    ),
    Difference(
        "read-only attributes in an object",
        "are left out: Okta sends `id` beside what it changes; by their path they are refused (RFC 7644 section 3.5.2)",
        "are refused",
        words.less_read_only,
        "User",
        _ANA,
        step("add", (located("User", "id"), "a"), (located("User", "title"), "b")),
    ),
    Difference(
        "null, an empty text, an empty list",
        "are unassigned (RFC 7643 section 2.5), and the text because Entra clears by it",
        "are refused, or kept as a value",
        words.removal_by_emptiness,
        "User",
        {**_ANA, "title": "a"},
        _set("User", "replace", "title", ""),
    ),
    Difference(
        "removing an extension",
        "removes its attributes: 'if an attribute is removed and is defined as a required attribute' it is refused "
        "(RFC 7644 section 3.5.2.2)",
        "removes the required ones too",
        words.extension_by_attributes,
        "Gadget",
        {**_GADGET, WARRANTY: {"years": 1}},
        Step(
            {"op": "remove", "path": WARRANTY},
            tuple((located("Gadget", f"{WARRANTY}:{name}"), None) for name in ("years", "seller", "claims")),
        ),
    ),
    Difference(
        "a sub-attribute of no value",
        "makes the value: 'if the target location does not exist, the attribute and value are added' (RFC 7644 section "
        "3.5.2.1)",
        "changes nothing",
        words.value_of_a_sub_attribute,
        "User",
        _ANA,
        _set("User", "add", "emails.value", "a"),
    ),
    Difference(
        "brackets that select nothing",
        "make the value that they describe, as Entra relies on, even of a simple attribute, and the operation has the "
        "last word (RFC 7644 section 3.5.2.3 and erratum 8097)",
        "make it too, but not so",
        words.value_of_a_description,
        "User",
        _ANA,
        _selected("User", "add", "emails.type", _WORK, "home"),
    ),
    Difference(
        "bare values",
        "are the `value` of a complex attribute: Entra sends members and managers so",
        "are refused",
        words.objects_for_bare_values,
        "User",
        _ANA,
        _set("User", "add", MANAGER, "a"),
    ),
    Difference(
        "base64 without padding",
        "is base64 (RFC 7643 section 2.3.6, RFC 4648 section 3.2)",
        "is refused",
        words.padded,
        "Gadget",
        _GADGET,
        _set("Gadget", "add", "image", "QQ"),
    ),
    Difference(
        "unknown attributes in brackets",
        "are unassigned, as in every filter (RFC 7644 section 3.4.2.1)",
        "are refused",
        words.known_in_brackets,
        "User",
        {**_ANA, "emails": [{"value": "a"}]},
        Step(
            {"op": "remove", "path": "emails[shoe pr]"},
            ((located("User", "emails"), None),),
            (Comparison("shoe pr", None, "pr"),),
        ),
    ),
    Difference(
        "a member that is there",
        "is known by its `value`, and 'no changes should be made' (RFC 7644 section 3.5.2.1)",
        "is added again where it is described otherwise",
        words.members_once,
        "Group",
        _GROUP,
        _set("Group", "add", "members", [{"value": "a"}]),
    ),
    Difference(
        "two reasons to refuse",
        "are as good as one another: RFC 7644 section 3.12 has one `scimType`, and not which",
        "are weighed in another order",
        outcome.another_reason,
        "User",
        _ANA,
        _set("User", "replace", "userName", None),
    ),
    Difference(
        "objects that lack what is required",
        "are refused: 'a required value was missing' (RFC 7644 table 9)",
        "are made",
        outcome.incomplete,
        "Gadget",
        _GADGET,
        _set("Gadget", "add", "origin.city", "a"),
    ),
    Difference(
        "booleans for numbers, numbers for dates",
        "are refused: they are another type of JSON (RFC 7643 section 2.3)",
        "are 0 and 1, and seconds since 1970",
        outcome.another_type,
        "Gadget",
        _GADGET,
        _set("Gadget", "add", "ports", True),
    ),
    Difference(
        "members that are not there",
        "cannot be changed, nor made by what is said of them: noTarget (RFC 7644 section 3.5.2.3)",
        "are made, or ignored",
        outcome.no_such_member,
        "Group",
        {"displayName": "g"},
        _selected("Group", "add", "members.type", compared("Group", "members.value", "eq", "a"), "User"),
    ),
    Difference(
        "brackets that select by null and nothing",
        "describe no value that could be made: noTarget (RFC 7644 section 3.5.2.3)",
        "make one",
        outcome.described_by_null,
        "User",
        _ANA,
        _selected("User", "add", "emails.value", compared("User", "emails.primary", "eq", None), "a"),
    ),
    Difference(
        "removing a required attribute that is not there",
        "changes nothing: what is refused is that it 'becomes unassigned' (RFC 7644 section 3.5.2.2)",
        "is refused",
        outcome.absent_is_removed,
        "Gadget",
        _GADGET,
        _set("Gadget", "remove", f"{WARRANTY}:years"),
    ),
    Difference(
        "text that is no URI",
        "is taken for a reference, which may be relative (RFC 7643 section 2.3.7); Entra sends what its mapping yields",
        "is refused",
        outcome.text_for_a_reference,
        "Gadget",
        _GADGET,
        _set("Gadget", "add", "home", "somewhere"),
    ),
    Difference(
        "several values that become primary at once",
        "leave one of them primary (RFC 7644 section 3.5.2: the others are set to false)",
        "are refused",
        outcome.primaries_at_once,
        "User",
        {**_ANA, "emails": [{"value": "a"}, {"value": "b"}]},
        _set("User", "replace", "emails.primary", True),
    ),
    Difference(
        "immutable sub-attributes of what is removed",
        "go with it, as those of a member do (RFC 7644 section 3.5.2.2)",
        "keep the value of a singular attribute",
        outcome.immutable_within,
        "Gadget",
        {**_GADGET, "origin": {"country": "DE", "city": "Kiel"}},
        _set("Gadget", "remove", "origin"),
    ),
    Difference(
        "what brackets select",
        "is what they select in a filter, where there are differences of their own",
        "is what they select there in a filter",
        outcome.brackets_as_in_filters,
        "User",
        {**_ANA, "emails": [{"value": "a", "primary": True}]},
        _selected("User", "remove", "emails", compared("User", "emails.primary", "eq", 5)),
    ),
    Difference(
        "replacing a selected value",
        "replaces it, less what selects it and is immutable: 'all matching record values SHALL be replaced' (RFC 7644 "
        "section 3.5.2.3)",
        "sets the sub-attributes that are given",
        outcome.replaced_not_merged,
        "User",
        {**_ANA, "emails": [{"type": "work", "value": "a", "display": "A"}]},
        _selected("User", "replace", "emails", _WORK, {"value": "b"}),
    ),
    Difference(
        "values of which only labels are left",
        "are removed: that there is an e-mail for work says nothing (RFC 7643 section 2.4: a label is of a value)",
        "are kept",
        outcome.hollow_is_removed,
        "User",
        {**_ANA, "emails": [{"type": "work", "value": "a"}]},
        _selected("User", "remove", "emails.value", _WORK),
    ),
    Difference(
        "values that become alike",
        "are one: a provider 'SHOULD NOT return the same (type, value) combination more than once' (RFC 7643 section "
        "2.4)",
        "are kept side by side",
        outcome.alike_is_merged,
        "User",
        {**_ANA, "emails": [{"value": "a", "display": "A"}, {"value": "a", "display": "B"}]},
        _set("User", "replace", "emails.display", "C"),
    ),
    Difference(
        "a value that differs in case",
        "is added: what a client has written it finds again (RFC 7643 section 2.2 lets a provider preserve the case)",
        "is there already",
        outcome.case_makes_another,
        "Gadget",
        {**_GADGET, "tags": ["a"]},
        _set("Gadget", "add", "tags", ["A"]),
    ),
    Difference(
        "adding to several values of a selected value",
        "adds: 'a new value is added to the attribute' (RFC 7644 section 3.5.2.1)",
        "replaces them",
        outcome.added_to_selected,
        "Gadget",
        {**_GADGET, "parts": [{"code": "a", "sizes": [1]}]},
        _selected("Gadget", "add", "parts.sizes", compared("Gadget", "parts.code", "eq", "a"), [2]),
    ),
)
