"""The text of a secret token."""

import math
import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from identity.tokens import SCANNER_PATTERN, TENANT_ID_PATTERN, MalformedToken, Token, checksum

BASE62 = string.digits + string.ascii_letters
TOKENS = st.builds(
    Token,
    st.from_regex(TENANT_ID_PATTERN, fullmatch=True),
    st.text(string.digits + string.ascii_lowercase, min_size=8, max_size=8),
    st.text(BASE62, min_size=43, max_size=43),
)
# Written down once: tokens that customers have must stay readable by every later version.
GOLDEN = "ideo_scim_fabrikam_eu_k3v9x0qa_7Jx0Qm5TzB1Wc9LrY4HnKe8GsP2DfV6UaXoRi3EtMbC0afXiS"


@given(TOKENS)
def test_a_rendered_token_is_read_back(token: Token) -> None:
    assert Token.parse(token.render()) == token


@given(TOKENS, st.data())
def test_any_single_changed_character_is_refused(token: Token, data: st.DataObject) -> None:
    text = token.render()
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(BASE62 + "_-") | st.characters())
    assume(other != text[place])

    with pytest.raises(MalformedToken):
        Token.parse(text[:place] + other + text[place + 1 :])


@given(TOKENS, st.data())
def test_a_lost_or_doubled_character_is_refused(token: Token, data: st.DataObject) -> None:
    text = token.render()
    place = data.draw(st.integers(0, len(text) - 1))

    for slip in (text[:place] + text[place + 1 :], text[:place] + text[place] + text[place:]):
        with pytest.raises(MalformedToken):
            Token.parse(slip)


@given(st.text() | st.from_regex(SCANNER_PATTERN, fullmatch=True))
def test_any_text_is_a_token_or_malformed(text: str) -> None:
    try:
        token = Token.parse(text)
    except MalformedToken:
        return
    assert token.render() == text


def test_a_token_of_an_earlier_version_is_read() -> None:
    assert Token.parse(GOLDEN) == Token("fabrikam-eu", "k3v9x0qa", "7Jx0Qm5TzB1Wc9LrY4HnKe8GsP2DfV6UaXoRi3EtMbC")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with ideo_scim_"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "does not begin with ideo_scim_"),
        (GOLDEN.upper(), "does not begin with ideo_scim_"),
        (GOLDEN[:-1], "cut off"),
        (GOLDEN + "a", "cut off"),
        (GOLDEN + "\n", "cut off"),
        (f"{GOLDEN},{GOLDEN}", "cut off"),
        (f"{GOLDEN} {GOLDEN}", "cut off"),
        (GOLDEN.replace("fabrikam", "Fabrikam"), "cut off"),
        (GOLDEN.replace("fabrikam_eu", "f" * 41), "cut off"),
        (GOLDEN.replace("fabrikam_eu", "_fabrikam"), "cut off"),
        (GOLDEN.replace("7Jx0", "7Jx\N{ARABIC-INDIC DIGIT ZERO}"), "cut off"),
        (GOLDEN.replace("7Jx0", "7J0x"), "checksum"),
        (GOLDEN[:-1] + "q", "checksum"),
        (GOLDEN.replace("fabrikam_eu", "fabrikam_us"), "checksum"),
    ],
)
def test_what_is_wrong_with_a_malformed_token_is_said(text: str, reason: str) -> None:
    with pytest.raises(MalformedToken, match=reason):
        Token.parse(text)


@given(TOKENS)
def test_a_refusal_holds_nothing_of_the_token(token: Token) -> None:
    with pytest.raises(MalformedToken) as caught:
        Token.parse(token.render()[:-1])

    assert token.secret[:8] not in str(caught.value)


@given(TOKENS)
def test_a_token_is_one_word_that_scanners_find(token: Token) -> None:
    text = token.render()

    assert re.fullmatch(r"\w+", text, re.ASCII)
    assert re.findall(SCANNER_PATTERN, f'curl -H "Authorization: Bearer {text}"; echo {text}.') == [text, text]


def test_a_new_token_has_256_random_bits() -> None:
    made = [Token.new("demo") for _ in range(200)]

    assert len({token.secret for token in made}) == len({token.id for token in made}) == 200
    assert len(made[0].secret) * math.log2(len(BASE62)) >= 256
    assert set("".join(token.secret for token in made)) == set(BASE62)


@given(TOKENS)
def test_the_secret_is_not_in_the_repr(token: Token) -> None:
    assert token.secret not in repr(token)


@pytest.mark.parametrize(("body", "expected"), [("", "000000"), ("123456789", "3Jzrme"), ("a", "4gehkn")])
def test_the_checksum_is_crc32_in_base62(body: str, expected: str) -> None:
    assert checksum(body) == expected
