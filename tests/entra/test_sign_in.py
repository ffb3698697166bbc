"""How people sign in at the local issuer, and what applications learn of them."""

import base64
import re
from collections.abc import Iterator

import httpx
import pytest

from entra.issuer.clients import Client
from entra.issuer.issuer import Issuer
from tests.entra.browser import APP, NOT_NOW, TENANT, Browser, Clock, directory, returned, verified

AUDIENCE = "api://ideo-scim"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Iterator[Issuer]:
    with Issuer(directory(), clock=clock) as running:
        yield running


@pytest.fixture
def browser(issuer: Issuer) -> Iterator[Browser]:
    person = Browser(issuer)
    with person.client:
        yield person


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
    with Issuer(directory(), clients=clients) as issuer, httpx.Client(trust_env=False) as client:
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
