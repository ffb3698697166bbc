"""The parser of PATCH paths (RFC 7644 section 3.5.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.errors import InvalidFilter, InvalidPath
from scim.filter import parse_path
from scim.tree import Not, Path
from tests.scim.shapes import DEVICE, ENTERPRISE, USER
from tests.scim.trees import attr, eq, patch_paths

WORK = eq("type", "work")
PATHS = [
    ("members", Path(attr("members"))),
    ("name.familyName", Path(attr("name", "familyName"))),
    ('addresses[type eq "work"]', Path(attr("addresses"), WORK)),
    ('members[value eq "2819c223"]', Path(attr("members"), eq("value", "2819c223"))),
    ('members[value eq "2819c223"].displayName', Path(attr("members"), eq("value", "2819c223"), "displayName")),
    ("emails[not (primary eq true)].value", Path(attr("emails"), Not(eq("primary", True)), "value")),
    (f"{ENTERPRISE}:department", Path(attr("department", urn=ENTERPRISE))),
    (f"{ENTERPRISE}:manager.value", Path(attr("manager", "value", ENTERPRISE))),
    (f'{ENTERPRISE}:manager[value eq "1"]', Path(attr("manager", urn=ENTERPRISE), eq("value", "1"))),
    (ENTERPRISE, Path(attr("", urn=ENTERPRISE))),
    (ENTERPRISE.lower(), Path(attr("", urn=ENTERPRISE.lower()))),
    ("urn:example:unknown:Thing:size", Path(attr("size", urn="urn:example:unknown:Thing"))),
    (" userName ", Path(attr("userName"))),
    ('roles[primary eq "True"].value', Path(attr("roles"), eq("primary", "True"), "value")),
]


@pytest.mark.parametrize(("text", "path"), PATHS, ids=[text for text, _ in PATHS])
def test_every_form_of_path_parses(text, path):
    assert parse_path(text, USER) == path


@pytest.mark.parametrize(
    ("text", "error", "column"),
    [
        ("", InvalidPath, 1),
        ("a b", InvalidPath, 3),
        ("a.b.c", InvalidPath, 1),
        ("a.b[c pr]", InvalidPath, 4),
        ("[a pr]", InvalidPath, 1),
        ("emails[a pr].", InvalidPath, 13),
        ("emails[a pr].b.c", InvalidPath, 13),
        ("emails[a pr] .b", InvalidPath, 14),
        ("emails[a pr]b", InvalidPath, 13),
        (f"{ENTERPRISE}:", InvalidPath, 1),
        ("emails[a]", InvalidFilter, 9),
        ("emails[a eq 1", InvalidFilter, 14),
        ("emails[]", InvalidFilter, 8),
        ("\udfff", InvalidPath, 1),
    ],
)
def test_a_malformed_path_is_an_invalid_path_and_what_is_in_its_brackets_an_invalid_filter(text, error, column):
    with pytest.raises(error, match=f"at column {column}, found"):
        parse_path(text, USER)


@given(patch_paths(DEVICE))
def test_every_path_prints_as_text_that_parses_to_it(path):
    assert parse_path(str(path), DEVICE) == path


@given(st.text(max_size=60) | st.text(st.sampled_from('a.:[]()"\\ 1-e'), max_size=40))
def test_any_text_is_a_path_or_refused(text):
    try:
        parse_path(text, USER)
    except (InvalidPath, InvalidFilter) as refusal:
        refusal.detail.encode()
