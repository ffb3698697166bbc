"""Text from strangers, without end: it is read or refused, and never an error of another kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.client_secrets import Secret, new_client_id, tenant_of
from identity.jws import Jws, MalformedJws
from identity.oauth_error import OAuthError, printable
from identity.remote_keys import FetchError, usable
from identity.token_request import TokenRequest
from identity.tokens import MalformedToken
from scim.http import Request
from tests.identity.clock import Clock
from tests.identity.issuer import Issuer, encode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
HEADERS = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "jwk", "jku", "crit", "x"]),
    JSON | st.sampled_from(["RS256", "ES256", "HS256", "JWT", "k1"]),
)
TOKENS = (
    st.text()
    | st.builds("{}.{}.{}".format, *[st.text(max_size=20)] * 3)
    | st.builds(lambda *parts: ".".join(map(encode, parts)), HEADERS | JSON, JSON, st.binary(max_size=8))
)


@given(TOKENS)
def test_any_text_is_a_token_of_good_form_or_refused(text: str) -> None:
    try:
        token = Jws.parse(text)
    except MalformedJws:
        return
    assert token.algorithm in {"RS256", "ES256"}
    assert token.kid
    assert not {"jwk", "jku", "x5u", "x5c", "crit"} & token.header.keys()


@given(st.data())
def test_a_token_with_any_character_changed_is_read_otherwise_or_refused(data: st.DataObject) -> None:
    good = Issuer(Clock(), url="https://x").token()
    place = data.draw(st.integers(0, good.rindex(".") - 1))
    changed = good[:place] + data.draw(st.characters().filter(lambda c: c != good[place])) + good[place + 1 :]
    try:
        token = Jws.parse(changed)
    except MalformedJws:
        return
    assert token.text != good


@given(
    st.binary(max_size=200) | st.text().map(str.encode),
    st.dictionaries(
        st.sampled_from(["authorization", "content-type"]),
        st.text() | st.sampled_from(["application/x-www-form-urlencoded", "Basic YTpi", "Basic w6k6"]),
    ),
    st.booleans(),
)
def test_any_request_is_read_or_refused_in_the_form_of_oauth(
    body: bytes, headers: dict[str, str], prefixed: bool
) -> None:
    body = b"grant_type=client_credentials&" + body if prefixed else body
    try:
        asked = TokenRequest.read(Request("POST", "https://x", headers=headers, body=body))
    except OAuthError as error:
        response = error.response()
        assert response.status in {400, 401}
        assert response.body["error"] in {"invalid_request", "invalid_client", "unsupported_grant_type"}
        assert response.body["error_description"] == printable(response.body["error_description"])
    else:
        assert asked.client_id
        assert bool(asked.secret) != bool(asked.assertion)


@given(st.binary(max_size=100) | JSON.map(encode).map(str.encode))
def test_any_document_is_a_set_of_keys_or_refused(document: bytes) -> None:
    with pytest.raises(FetchError):
        usable(document)


@given(st.text())
def test_what_is_printable_may_stand_in_a_header(text: str) -> None:
    assert all(" " <= c <= "~" and c not in '"\\' for c in printable(text))
    assert len(printable(text)) <= 800


@given(st.integers(0, 60), st.characters())
def test_a_secret_with_any_character_changed_is_refused(place: int, other: str) -> None:
    text = Secret.new().render()
    place %= len(text)
    if other != text[place]:
        with pytest.raises(MalformedToken):
            Secret.parse(text[:place] + other + text[place + 1 :])


def test_a_secret_is_read_as_it_was_rendered_and_hidden_otherwise() -> None:
    secret = Secret.new()

    assert Secret.parse(secret.render()) == secret
    assert secret.secret not in repr(secret)
    assert len(secret.digest()) == 64


@pytest.mark.parametrize("tenant", ["a", "fabrikam", "a-b-c", "x" * 40])
def test_a_client_id_names_its_tenant(tenant: str) -> None:
    assert tenant_of(new_client_id(tenant)) == tenant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a.b",
        "a.aaaaaaaaa",
        ".aaaaaaaa",
        "A.aaaaaaaa",
        "a/b.aaaaaaaa",
        "a.aaaaaaaa\n",
        "_tenants.aaaaaaaa",
        "a..aaaaaaaa",
    ],
)
def test_what_is_no_client_id_names_no_tenant(text: str) -> None:
    assert tenant_of(text) is None
