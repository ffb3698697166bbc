"""Bodies are read strictly: what cannot be stored or understood in one way is refused, with its place."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.errors import InvalidSyntax, InvalidValue, ScimError
from scim.jsonbody import MAX_DEPTH, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_any_json_value_is_read_as_it_was_written(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False, indent=1).encode()) == value


@given(st.binary(max_size=200) | st.text('[]{}",:\\u0d8e1 \n', max_size=60).map(str.encode))
def test_no_bytes_raise_anything_but_a_scim_error(body: bytes) -> None:
    with contextlib.suppress(ScimError):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "The body is empty; expected JSON"),
        (b" \r\n\t", "The body is empty; expected JSON"),
        (b"\xef\xbb\xbf", "The body is empty; expected JSON"),
        (b'{"a": 1,\n "b" 2}', "The body is not JSON: Expecting ':' delimiter at line 2, column 6"),
        (b'{"a": 1} x', "The body is not JSON: Extra data at line 1, column 10"),
        (b'{"a": "x\ny"}', "The body is not JSON: Invalid control character at line 1, column 9"),
        (b'{"a": NaN}', "The body is not JSON: NaN is not a JSON value"),
        (b'{"a": -Infinity}', "The body is not JSON: -Infinity is not a JSON value"),
        (b'{"a": \n"\xe9t\xe9"}', "The body is not UTF-8 at line 2, column 2"),
        (b'"\xed\xa0\x80"', "The body is not UTF-8 at line 1, column 2"),
        (b'{"a": {"b": 1, "c": 2, "b": 1}}', 'The member "b" is given twice in one object'),
    ],
)
def test_what_is_not_json_is_invalid_syntax_with_its_place(body: bytes, detail: str) -> None:
    with pytest.raises(InvalidSyntax) as refusal:
        read_json(body)
    assert refusal.value.detail == detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            rb'{"emails": [{"value": "x"}, {"value": "a\u0000"}]}',
            "emails[1].value holds a NUL character, which cannot be stored",
        ),
        (rb'{"title": "\ud800"}', "title holds an unpaired surrogate, which cannot be stored"),
        (rb'{"title": "\uDFFF\ud800"}', "title holds an unpaired surrogate, which cannot be stored"),
        (rb'{"a": {"\u0000": 1}}', "A member name of a holds a NUL character, which cannot be stored"),
        (rb'"\udead"', "The body holds an unpaired surrogate, which cannot be stored"),
        (b'{"a": 1e999}', "The number 1e999 is too large"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "The number 99999999999999999999… is too large"),
    ],
)
def test_what_cannot_be_stored_is_an_invalid_value_with_its_place(body: bytes, detail: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_json(body)
    assert refusal.value.detail == detail


def test_a_byte_order_mark_is_tolerated() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_escaped_pairs_and_escaped_backslashes_are_no_lone_surrogates() -> None:
    assert read_json(rb'["\ud83d\ude00", "\\u0000", "\\ud800"]') == ["😀", r"\u0000", r"\ud800"]


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_nesting_is_bounded_before_the_parser_recurses(opening: str) -> None:
    with pytest.raises(InvalidSyntax, match=f"deeper than {MAX_DEPTH} levels at line 1, column"):
        read_json((opening * 5_000).encode())


def test_the_deepest_nesting_allowed_is_read() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(InvalidSyntax, match=f"line 1, column {MAX_DEPTH + 1}"):
        read_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


def test_brackets_side_by_side_or_within_strings_are_no_nesting() -> None:
    body = [["["] * 100, '{"\\' * 100, {"a": "]" * 100}]
    assert read_json(json.dumps(body).encode()) == body
