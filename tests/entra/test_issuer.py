"""The local token issuer: its documents, its keys, its tokens, and its command."""

import itertools
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import jwt
import pytest

from entra.issuer.issuer import Issuer
from tests.entra.browser import NOT_NOW, TENANT, Clock, directory, verified

AUDIENCE = "api://ideo-scim"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Iterator[Issuer]:
    with Issuer(directory(), clock=clock) as running:
        yield running


@pytest.mark.parametrize(
    ("version", "path", "expected"),
    [("2.0", "v2.0/", "{url}/{tenant}/v2.0"), ("1.0", "", "{url}/{tenant}/")],
)
def test_discovery_tells_issuer_and_endpoints_of_each_version(issuer, version, path, expected):
    answer = httpx.get(f"{issuer.url}/{TENANT}/{path}.well-known/openid-configuration")
    document = answer.json()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert document["issuer"] == expected.format(url=issuer.url, tenant=TENANT)
    assert document["issuer"] == (issuer.v2_issuer if version == "2.0" else issuer.v1_issuer)
    for name in ("authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri"):
        inside = "/v2.0/" in document[name]
        assert inside == (version == "2.0")
        method = "POST" if name == "token_endpoint" else "GET"
        assert httpx.request(method, document[name]).status_code != 404
    assert document["code_challenge_methods_supported"] == ["S256"]


def test_a_shared_address_gives_the_issuer_with_a_placeholder_and_another_tenant_is_unknown(issuer):
    shared = httpx.get(f"{issuer.url}/common/v2.0/.well-known/openid-configuration").json()
    assert shared["issuer"] == f"{issuer.url}/{{tenantid}}/v2.0"
    assert httpx.get(shared["jwks_uri"]).json()["keys"]
    stranger = httpx.get(f"{issuer.url}/{'0' * 8}/v2.0/.well-known/openid-configuration")
    assert (stranger.status_code, stranger.json()["error"]) == (400, "invalid_tenant")


def test_the_issuers_can_be_called_as_microsofts_are():
    issuer = Issuer(directory(), login="https://login.microsoftonline.com", sts="https://sts.windows.net")
    assert issuer.v1_issuer == f"https://sts.windows.net/{TENANT}/"
    assert issuer.v2_issuer == f"https://login.microsoftonline.com/{TENANT}/v2.0"


def test_an_app_token_is_a_1_0_token_of_the_provisioning_service(issuer):
    claims = verified(issuer, issuer.app_token(), "8adf8e6e-67b2-4cf2-a259-e3dc5476c621", "1.0", **NOT_NOW)
    assert claims["tid"] == TENANT
    assert claims["sub"] == claims["oid"] == issuer.subject
    assert claims["ver"] == "1.0"
    assert claims["exp"] - claims["iat"] == 3900


def test_an_assertion_is_a_2_0_token_with_the_audience_asked_for(issuer):
    claims = verified(issuer, issuer.assertion(AUDIENCE), AUDIENCE, **NOT_NOW)
    assert claims["ver"] == "2.0"
    assert claims["sub"] == claims["oid"] == issuer.subject
    assert "jti" not in claims
    changed = verified(issuer, issuer.assertion(AUDIENCE, sub="other", azp=None), AUDIENCE, **NOT_NOW)
    assert changed["sub"] == "other"
    assert "azp" not in changed


def test_the_subject_is_the_same_in_every_run():
    assert Issuer(directory()).subject == Issuer(directory()).subject


def test_rotation_signs_with_a_new_key_and_publishes_the_one_before_unless_it_is_to_be_forgotten(issuer):
    old, before = issuer.assertion(AUDIENCE), issuer.keys.current.kid
    assert issuer.rotate() != before
    new = issuer.assertion(AUDIENCE)
    assert jwt.get_unverified_header(new)["kid"] == issuer.keys.current.kid
    for token in (old, new):
        assert verified(issuer, token, AUDIENCE, **NOT_NOW)
    issuer.rotate(forget=True)
    published = [key["kid"] for key in httpx.get(issuer.jwks_url).json()["keys"]]
    assert published == [issuer.keys.current.kid]


def test_the_command_serves_writes_tokens_and_ends_when_it_is_told_to(tmp_path):
    directory().save(tmp_path / "directory.json")
    command = [sys.executable, "-m", "entra", "issuer", "--folder", str(tmp_path), "--port", "0"]
    more = ["--audience", AUDIENCE, "--rotate-every", "0.01"]
    with subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True) as process:
        lines = iter(process.stdout)
        shown = dict(re.split(r"  +", line.strip(), maxsplit=1) for line in itertools.takewhile(_is_value, lines))
        rotated = next(lines)
        keys = httpx.get(shown["JWKS URL"]).json()["keys"]
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
    assert keys[-1]["kid"] in rotated or len(keys) == 2
    for name, audience in (("assertion.jwt", AUDIENCE), ("app-token.jwt", "8adf8e6e-67b2-4cf2-a259-e3dc5476c621")):
        claims = jwt.decode((tmp_path / name).read_text(), options={"verify_signature": False})
        assert (claims["aud"], claims["sub"], claims["tid"]) == (audience, shown["subject"], TENANT)


def _is_value(line: str) -> bool:
    return "Ctrl-C" not in line
