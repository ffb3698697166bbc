"""Cursors (RFC 9865)."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.cursor import MAX_LENGTH, Cursor, _digest, decode, encode
from scim.errors import InvalidCount, InvalidCursor
from scim.sort import sort_key
from tests.scim.shapes import USER

QUERY = '["Users", "userName sw \\"J\\"", null, "ascending"]'
PLAIN = Cursor(id="018f-ab", count=10, total=100)
SORTED = Cursor(id="018f-ab", count=10, total=100, type_index=1, key=(0, 0, "jensen 😀"))


@given(
    st.builds(
        Cursor,
        id=st.from_regex(r"[A-Za-z0-9-]{0,40}", fullmatch=True),
        count=st.integers(0, 1000),
        total=st.integers(0, 10**9),
        type_index=st.integers(0, 9),
        key=st.none() | st.tuples(st.integers(0, 1), st.integers() | st.floats(allow_nan=False), st.text(max_size=256)),
    ),
    st.text(),
)
def test_a_cursor_holds_what_it_was_given_in_unreserved_characters(cursor, query):
    query = json.dumps(query)
    text = encode(cursor, query)
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", text)
    assert decode(text, query, cursor.count) == cursor


def test_a_cursor_fits_into_a_url_whatever_the_sort_key():
    key = sort_key("displayName", USER)({"displayName": "😀" * 10_000})
    assert len(encode(Cursor("x" * 36, 1000, 10**6, 1, key), QUERY)) < 1600


def test_a_cursor_of_another_query_is_refused():
    with pytest.raises(InvalidCursor):
        decode(encode(PLAIN, QUERY), QUERY + " ", 10)


@pytest.mark.parametrize("count", [9, 11, 0])
def test_the_page_size_must_stay_that_of_the_first_page(count):
    with pytest.raises(InvalidCount, match="10"):
        decode(encode(PLAIN, QUERY), QUERY, count)


def test_a_cursor_that_is_damaged_anywhere_is_refused():
    text = encode(SORTED, QUERY)
    for place in range(len(text) - 1):
        damaged = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(InvalidCursor):
            decode(damaged, QUERY, 10)
        with pytest.raises(InvalidCursor):
            decode(text[:place], QUERY, 10)


@given(st.text() | st.text(st.sampled_from("AZaz09-_=+/."), max_size=60) | st.binary().map(lambda b: b.hex()))
def test_any_other_text_is_refused(text):
    with pytest.raises(InvalidCursor):
        decode(text, QUERY, 10)


def forged(content: bytes) -> str:
    payload = _digest(QUERY.encode()) + content
    return base64.urlsafe_b64encode(_digest(payload) + payload).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{}",
        b"null",
        b"[" * 2000,
        b"9" * 3000,
        b'["a",10,100,0]',
        b'["a",10,100,0,null,0]',
        b"[5,10,100,0,null]",
        b'["a/b",10,100,0,null]',
        b'["a\\u0000",10,100,0,null]',
        b'["\\ud800",10,100,0,null]',
        b'["a","10",100,0,null]',
        b'["a",10,-1,0,null]',
        b'["a",10,100,-1,null]',
        b'["a",10,100,0.5,null]',
        b'["a",10,100,0,"x"]',
        b'["a",10,100,0,[]]',
        b'["a",10,100,0,[0,0]]',
        b'["a",10,100,0,[0,"x","x"]]',
        b'["a",10,100,0,[0,0,0]]',
        b'["a",10,100,0,[null,0,"x"]]',
    ],
)
def test_a_forged_cursor_whose_fields_do_not_fit_is_refused(content):
    with pytest.raises(InvalidCursor):
        decode(forged(content), QUERY, 10)


def test_a_well_formed_forgery_is_merely_another_place_and_length_is_bounded():
    assert decode(forged(b'["a",10,100,0,null]'), QUERY, 10) == Cursor("a", 10, 100)
    with pytest.raises(InvalidCursor):
        decode("A" * (MAX_LENGTH + 1), QUERY, 10)
