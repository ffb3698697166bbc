"""The local token issuer: its documents, its tokens, the way people sign in, and that the service believes it."""

import base64
import hashlib
import itertools
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from entra.issuer.clients import Client
from entra.issuer.issuer import Issuer
from entra.source import AppRole, Directory, User

VERIFIER = "a-verifier-that-is-long-enough-to-be-one-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
APP = "http://127.0.0.1:9999/signed-in"
TENANT = "5f1c5d2c-1111-4222-8333-0123456789ab"
AUDIENCE = "api://ideo-scim"


def _user(id: str, name: str, **changes) -> User:
    attributes = {"userPrincipalName": name, "displayName": f"The {id}", "mail": f"{id}@mail.example"}
    user = User(id=id, attributes=attributes | changes.pop("attributes", {}))
    return user.model_copy(update=changes)


def _directory() -> Directory:
    users = (
        _user("ana", "ana@contoso.com", app_roles=[AppRole(id="1", value="Admin", display_name="Admin")]),
        _user("guest", "gil_gmail.com#EXT#@contoso.com"),
        _user("blocked", "bea@contoso.com", attributes={"accountEnabled": False}),
        _user("binned", "bob@contoso.com", soft_deleted=True),
        _user("odd", 'o"<script>@contoso.com'),
    )
    return Directory(tenant_id=TENANT, domain="contoso.com", users={user.id: user for user in users})


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Browser:
    """Somebody who signs in to an app, and the app."""

    issuer: Issuer
    version: str = "2.0"
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False))

    @property
    def base(self) -> str:
        return f"{self.issuer.url}/{TENANT}/oauth2" + ("/v2.0" if self.version == "2.0" else "")

    def ask(self, **changes) -> httpx.Response:
        asked = {
            "client_id": "app",
            "redirect_uri": APP,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "st&te",
            "nonce": "n1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes
        return self.client.get(f"{self.base}/authorize", params={k: v for k, v in asked.items() if v is not None})

    def submit(self, page: httpx.Response, name: str = "ana@contoso.com", action: str = "sign-in") -> httpx.Response:
        target = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert target, page.text
        url = self.issuer.url + target[1].replace("&amp;", "&")
        return self.client.post(url, data={"name": name, "action": action})

    def code(self, **changes) -> str:
        return returned(self.submit(self.ask(**changes)))["code"]

    def redeem(self, good: str, **changes) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": "app",
            "code": good,
            "redirect_uri": APP,
            "code_verifier": VERIFIER,
        } | changes
        return self.client.post(f"{self.base}/token", data={k: v for k, v in form.items() if v is not None})


def returned(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(APP)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def verified(issuer: Issuer, token: str, audience: str, version: str = "2.0", **options) -> dict:
    """Verify a token as an application does: by what discovery says."""
    tail = "v2.0/" if version == "2.0" else ""
    document = httpx.get(f"{issuer.url}/{issuer.tenant_id}/{tail}.well-known/openid-configuration").json()
    kid = jwt.get_unverified_header(token)["kid"]
    keys = {key["kid"]: key for key in httpx.get(document["jwks_uri"]).json()["keys"]}
    return jwt.decode(
        token, jwt.PyJWK(keys[kid]), algorithms=["RS256"], audience=audience, issuer=document["issuer"], options=options
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Iterator[Issuer]:
    with Issuer(_directory(), clock=clock) as running:
        yield running


@pytest.fixture
def browser(issuer: Issuer) -> Iterator[Browser]:
    person = Browser(issuer)
    with person.client:
        yield person


NOT_NOW = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}


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
    issuer = Issuer(_directory(), login="https://login.microsoftonline.com", sts="https://sts.windows.net")
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
    assert Issuer(_directory()).subject == Issuer(_directory()).subject


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


@pytest.mark.parametrize("version", ["2.0", "1.0"])
def test_somebody_signs_in_and_the_app_learns_who_it_is(issuer, browser, version):
    browser.version = version
    answer = returned(browser.submit(browser.ask()))
    assert answer["state"] == "st&te"
    tokens = browser.redeem(answer["code"])
    assert tokens.status_code == 200
    assert tokens.headers["Cache-Control"] == "no-store"
    claims = verified(issuer, tokens.json()["id_token"], "app", version, **NOT_NOW)
    assert (claims["oid"], claims["tid"], claims["nonce"], claims["ver"]) == ("ana", TENANT, "n1", version)
    assert claims["roles"] == ["Admin"]
    assert claims["email"] == "ana@mail.example"
    assert claims["preferred_username" if version == "2.0" else "upn"] == "ana@contoso.com"


def test_the_subject_of_a_person_differs_from_app_to_app_and_no_scope_tells_less(issuer, browser):
    subjects = set()
    for client in ("app", "other"):
        code = browser.code(client_id=client, scope="openid", prompt="login")
        token = browser.redeem(code, client_id=client).json()["id_token"]
        claims = verified(issuer, token, client, **NOT_NOW)
        assert not {"name", "email", "preferred_username"} & claims.keys()
        subjects.add(claims["sub"])
    assert len(subjects) == 2


def test_a_guest_is_called_by_mail(issuer, browser):
    page = browser.submit(browser.ask(), name="gil_gmail.com#EXT#@contoso.com")
    token = browser.redeem(returned(page)["code"]).json()["id_token"]
    assert verified(issuer, token, "app", **NOT_NOW)["preferred_username"] == "guest@mail.example"


def test_a_form_post_carries_the_code_in_a_page_without_script(browser):
    page = browser.submit(browser.ask(response_mode="form_post"))
    assert page.status_code == 200
    assert "<script" not in page.text
    assert f'<form method="post" action="{APP}"' in page.text
    code = re.search(r'name="code" value="([^"]+)"', page.text)
    assert 'name="state" value="st&amp;te"' in page.text
    assert browser.redeem(code[1]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_request_that_cannot_be_granted_goes_back_to_the_app_with_its_reason(browser, changes, error):
    answer = returned(browser.ask(**changes))
    assert answer["error"] == error
    assert answer["error_description"]
    assert answer["state"] == "st&te"


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://127.0.0.1.evil.example/", "javascript:alert(1)", "", "//evil.example"]
)
def test_nobody_is_sent_to_a_place_that_is_not_the_apps(browser, url):
    page = browser.ask(redirect_uri=url)
    assert page.status_code == 400
    assert "Location" not in page.headers
    assert "AADSTS50011" in page.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "another-verifier-that-is-long-enough-to-be-one-"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:9999/other"}, "invalid_grant"),
        ({"client_id": "other"}, "invalid_grant"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": None}, "invalid_request"),
    ],
)
def test_a_code_is_good_for_its_own_request_only(browser, changes, error):
    answer = browser.redeem(browser.code(), **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_code_is_good_once_and_for_ten_minutes(browser, clock):
    code = browser.code()
    assert browser.redeem(code).status_code == 200
    assert browser.redeem(code).json()["error"] == "invalid_grant"
    late = browser.code(prompt="login")
    clock.now += 600
    assert browser.redeem(late).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nobody@contoso.com", "AADSTS50034"),
        ("", "AADSTS50034"),
        ("bob@contoso.com", "AADSTS50034"),
        ("bea@contoso.com", "AADSTS50057"),
    ],
)
def test_who_may_not_sign_in_is_told_why_and_can_try_again(browser, name, code):
    page = browser.submit(browser.ask(), name=name)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert 'aria-describedby="error"' in page.text
    assert code in page.text
    assert returned(browser.submit(page))["code"]


def test_cancelling_is_told_to_the_app(browser):
    assert returned(browser.submit(browser.ask(), action="cancel"))["error"] == "access_denied"


def test_a_session_spares_the_next_sign_in_until_somebody_signs_out(browser):
    browser.code()
    assert returned(browser.ask())["code"]
    assert returned(browser.ask(prompt="none"))["code"]
    assert browser.ask(prompt="login").status_code == 200
    out = browser.client.get(f"{browser.base}/logout", params={"post_logout_redirect_uri": APP, "state": "s"})
    assert out.headers["Location"] == f"{APP}?state=s"
    assert returned(browser.ask(prompt="none"))["error"] == "login_required"
    assert browser.ask().status_code == 200
    stay = browser.client.get(f"{browser.base}/logout", params={"post_logout_redirect_uri": "https://evil.example/"})
    assert (stay.status_code, "Location" in stay.headers) == (200, False)


def test_a_session_ends_when_the_account_is_blocked(browser, issuer):
    browser.code()
    issuer.directory.users["ana"].attributes["accountEnabled"] = False
    assert returned(browser.ask(prompt="none"))["error"] == "login_required"
    assert browser.ask().status_code == 200


def test_the_page_is_readable_by_everybody_and_safe_from_what_it_shows(browser):
    page = browser.ask(login_hint='"><script>alert(1)</script>', client_id="<b>app</b>")
    assert '<html lang="en">' in page.text
    assert '<label for="name">' in page.text
    assert '<input id="name"' in page.text
    assert "<script" not in page.text
    assert "<b>app</b>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "bea@contoso.com" not in page.text
    assert '<option value="ana@contoso.com">' in page.text


@pytest.fixture
def registered() -> Iterator[Browser]:
    clients = [Client("app", (APP,), "s3cret&+", "IDEO"), Client("spa", (APP,))]
    with Issuer(_directory(), clients=clients) as issuer, httpx.Client(trust_env=False) as client:
        yield Browser(issuer, client=client)


def test_a_registered_client_proves_itself_by_its_secret_in_the_header_or_the_form(registered):
    assert "IDEO" in registered.ask().text
    code = registered.code(code_challenge=None)
    bad = registered.redeem(code, client_secret="wrong", code_verifier=None)
    assert (bad.status_code, bad.json()["error"]) == (401, "invalid_client")
    assert registered.redeem(code, client_secret="s3cret&+", code_verifier=None).status_code == 200
    pair = base64.b64encode(b"app:s3cret%26%2B").decode()
    registered.client.headers["Authorization"] = f"Basic {pair}"
    again = returned(registered.ask())["code"]
    assert registered.redeem(again, client_id=None).status_code == 200


def test_only_registered_clients_and_redirect_uris_are_known_once_there_are_any(registered):
    assert "AADSTS700016" in registered.ask(client_id="stranger").text
    assert "AADSTS50011" in registered.ask(redirect_uri="http://127.0.0.1:1/").text
    assert returned(registered.ask(client_id="spa", code_challenge=None))["error"] == "invalid_request"


def test_a_client_with_a_secret_gets_a_token_for_itself(registered):
    form = {"grant_type": "client_credentials", "client_id": "app", "client_secret": "s3cret&+"}
    answer = registered.client.post(f"{registered.base}/token", data=form | {"scope": f"{AUDIENCE}/.default"})
    claims = verified(registered.issuer, answer.json()["access_token"], AUDIENCE)
    assert claims["azp"] == "app"
    assert registered.client.post(f"{registered.base}/token", data=form).json()["error"] == "invalid_scope"
    public = form | {"client_id": "spa", "scope": f"{AUDIENCE}/.default"}
    assert registered.client.post(f"{registered.base}/token", data=public).json()["error"] == "invalid_client"


def test_the_command_serves_writes_tokens_and_ends_when_it_is_told_to(tmp_path):
    _directory().save(tmp_path / "directory.json")
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
