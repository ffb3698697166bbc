"""Signing in with Entra, as a browser meets it: over HTTP, with the service in its own process and a real issuer."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest

from entra.issuer.keys import SigningKey
from identity.session import Sessions
from identity.session_token import Statements
from identity.signing_keys import SigningKeys
from storage.tables import Tables
from tests.identity.signin_world import CLIENT_ID, TENANT, World, now

OTHER = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as made:
        yield made


@pytest.fixture(autouse=True)
def honest(world: World) -> None:
    world.issuer.honest()


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """The answer is a page that says why, and no session has begun."""
    assert answer.status_code == status
    assert [each for each in words if each not in answer.text] == []
    assert not [each for each in answer.headers.get_list("set-cookie") if each.startswith("ideo_session=ey")]


def test_the_button_leads_to_entra_with_a_state_a_nonce_and_a_challenge(world: World) -> None:
    with world.browser() as browser:
        page = browser.get("/signin", params={"return": "/profile?tab=1"})
        begun = browser.get("/signin/start", params={"return": "/profile?tab=1"})

    assert "Sign in with Microsoft" in page.text
    assert 'href="/signin/start?return=%2Fprofile%3Ftab%3D1"' in page.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    assert begun.headers["location"].startswith(f"{world.issuer.url}/organizations/oauth2/v2.0/authorize?")
    assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT_ID, "code", "S256")
    assert asked["redirect_uri"] == f"{world.url}/signin/callback"
    assert asked["scope"].split() == ["openid", "profile"]
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


def test_a_provisioned_person_sees_their_account_and_groups(world: World) -> None:
    person = world.new_person(displayName="Ana <Pérez>")
    user = world.provision(person, title="Design & research", emails=[{"value": "ana@contoso.com", "type": "work"}])
    with world.scim() as scim:
        for name in ("Zoo", "ápices"):
            body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name + person.id}
            assert scim.post("/Groups", json=body | {"members": [{"value": user}]}).status_code == 201

    with world.signed_in(person) as browser:
        page = browser.get("/profile")

    assert page.status_code == 200
    assert "<h1>Ana &lt;Pérez&gt;</h1>" in page.text
    assert "<dt>Title</dt><dd>Design &amp; research</dd>" in page.text
    assert "<dt>E-mail</dt><dd>ana@contoso.com</dd>" in page.text
    assert f"<li>Zoo{person.id}</li>" in page.text
    assert f"<li>ápices{person.id}</li>" in page.text


def test_the_app_proves_itself_by_its_certificate_and_redeems_the_code_with_the_verifier(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    with world.signed_in(person):
        pass

    [form] = world.issuer.asked
    assert "client_secret" not in form
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    endpoint = f"{world.issuer.url}/organizations/oauth2/v2.0/token"
    key = world.certificate.private.public_key()
    claims = jwt.decode(form["client_assertion"], key, algorithms=["PS256"], audience=endpoint, issuer=CLIENT_ID)
    assert claims["sub"] == CLIENT_ID
    assert claims["exp"] - claims["nbf"] <= 600
    assert "x5t#S256" in jwt.get_unverified_header(form["client_assertion"])
    assert len(form["code_verifier"]) >= 43


def test_cookies_are_kept_from_scripts_and_from_other_sites(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    with world.browser() as browser:
        begun = browser.get("/signin/start")
        done = browser.get(world.authorize(browser, person))

    cookies = begun.headers.get_list("set-cookie") + done.headers.get_list("set-cookie")
    assert [each.partition("=")[0] for each in cookies] == ["ideo_signin", "ideo_session", "ideo_signin"]
    assert all("; HttpOnly; SameSite=Lax" in each and "; Path=/;" in each for each in cookies)
    assert "Max-Age=900;" in cookies[0]
    assert "Max-Age=28800;" in cookies[1]
    assert cookies[2].startswith("ideo_signin=; Path=/; Max-Age=0;")


@pytest.mark.parametrize("path", ["/signin", "/signin/start", "/signin/callback", "/signout", "/profile"])
def test_every_page_forbids_scripts_frames_and_caches(world: World, path: str) -> None:
    with world.browser() as browser:
        headers = browser.get(path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert (headers["cache-control"], headers["x-frame-options"]) == ("no-store", "DENY")


def test_a_path_of_this_site_is_returned_to(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    with world.browser() as browser:
        answer = browser.get(world.authorize(browser, person, "/profile?from=mail"))

    assert answer.headers["location"] == "/profile?from=mail"


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%0d%0a\r\nSet-Cookie: a=b",
        "/é",
        "@evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(world: World, to: str) -> None:
    person = world.new_person()
    world.provision(person)
    with world.browser() as browser:
        page = browser.get("/signin", params={"return": to})
        answer = browser.get(world.authorize(browser, person, to))

    assert 'href="/signin/start?return=%2Fprofile"' in page.text
    assert answer.headers["location"] == "/profile"


@pytest.mark.parametrize("state", ["", "x", "é", "another's"])
def test_an_answer_with_another_state_is_refused(world: World, state: str) -> None:
    person = world.new_person()
    world.provision(person)
    with world.browser() as browser, world.browser() as other:
        url = urlsplit(world.authorize(browser, person))
        foreign = parse_qs(urlsplit(world.authorize(other, person)).query)["state"][0]
        query = {"code": parse_qs(url.query)["code"][0], "state": foreign if state == "another's" else state}
        answer = browser.get(f"{url.path}?{urlencode(query)}")

    refused(answer, 400, "begun in another browser")
    assert world.issuer.asked == []


def test_an_answer_in_another_browser_is_refused(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    with world.browser() as browser, world.browser() as other:
        answer = other.get(world.authorize(browser, person))

    refused(answer, 400, "begun in another browser")


def test_an_answer_works_once(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    with world.browser() as browser:
        url = world.authorize(browser, person)
        kept = browser.cookies["ideo_signin"]
        assert browser.get(url).status_code == 302
        refused(browser.get(url), 400, "completed before")
        # Also for who kept the cookie: the code is the issuer's to give once.
        with world.browser() as thief:
            refused(thief.get(url, headers={"cookie": f"ideo_signin={kept}"}), 400, "invalid_grant")


def test_a_changed_or_borrowed_cookie_is_no_sign_in_and_no_session(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    with world.browser() as browser:
        url = world.authorize(browser, person)
        flow = browser.cookies["ideo_signin"]
        session = browser.get(url).headers.get_list("set-cookie")[0].partition(";")[0].partition("=")[2]
    head, body, signature = session.split(".")
    other = "B" if signature[5] != "B" else "C"
    for wrong in (f"{head}.{body}.{signature[:5]}{other}{signature[6:]}", flow, "x", "a.b.c", f"{head}.{body}."):
        with world.browser() as thief:
            answer = thief.get("/profile", headers={"cookie": f"ideo_session={wrong}"})
            assert (answer.status_code, answer.headers["location"][:8]) == (302, "/signin?")
            assert thief.get("/scim/v2/Me", headers={"authorization": f"Bearer {wrong}"}).status_code == 401
            refused(thief.get(url, headers={"cookie": f"ideo_signin={session}"}), 400)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iss": "https://login.microsoftonline.com/x/v2.0"}, "iss"),
        ({"tid": OTHER}, "iss"),
        ({"tid": None}, "ID token"),
        ({"tid": "{tenantid}"}, "ID token"),
        ({"oid": None}, "oid"),
        ({"exp": 1_700_000_000}, "exp"),
        ({"nbf": 4_000_000_000}, "nbf"),
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(world: World, changes: dict, word: str) -> None:
    person = world.new_person()
    world.provision(person)
    world.issuer.changes = changes
    with world.browser() as browser:
        refused(browser.get(world.authorize(browser, person)), 400, word)


def test_an_id_token_of_another_key_is_refused(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    world.issuer.changes, world.issuer.signer = {}, SigningKey.new()
    with world.browser() as browser:
        answer = browser.get(world.authorize(browser, person))

    refused(answer, 400, "kid")


def test_who_is_not_provisioned_is_refused(world: World) -> None:
    with world.browser() as browser:
        refused(browser.get(world.authorize(browser, world.new_person())), 403, "You have no IDEO account yet")


def test_who_is_not_active_is_refused(world: World) -> None:
    person = world.new_person()
    world.provision(person, active=False)
    with world.browser() as browser:
        refused(browser.get(world.authorize(browser, person)), 403, "Your account is disabled")


@pytest.mark.parametrize("end", ["disabled", "deleted"])
def test_a_session_ends_with_the_user(world: World, end: str) -> None:
    person = world.new_person()
    user = world.provision(person)
    with world.signed_in(person) as browser:
        assert browser.get("/profile").status_code == 200
        if end == "disabled":
            world.patch(f"/Users/{user}", active=False)
        else:
            with world.scim() as scim:
                assert scim.delete(f"/Users/{user}").status_code == 204
        me, page = browser.get("/scim/v2/Me"), browser.get("/profile")

    refused(page, 403, "disabled" if end == "disabled" else "no IDEO account")
    assert page.headers["set-cookie"].startswith("ideo_session=; Path=/; Max-Age=0;")
    assert (me.status_code, me.json()["status"]) == (403, "403")


def test_an_entra_tenant_that_no_customer_registered_is_refused(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    world.issuer.changes = {"tid": OTHER, "iss": f"{world.issuer.url}/{OTHER}/v2.0"}
    with world.browser() as browser:
        refused(browser.get(world.authorize(browser, person)), 403, "not connected to IDEO", OTHER)


def test_a_person_is_known_by_name_where_the_external_id_is_no_object_id(world: World) -> None:
    person = world.new_person()
    world.provision(person, externalId="ana.perez")
    with world.signed_in(person) as browser:
        assert browser.get("/profile").status_code == 200


def test_the_name_of_a_user_who_is_somebody_else_opens_nothing(world: World) -> None:
    person = world.new_person()
    world.provision(person, externalId=OTHER)
    with world.browser() as browser:
        refused(browser.get(world.authorize(browser, person)), 403, "You have no IDEO account yet")


def test_two_users_with_one_object_id_are_nobody(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    world.provision(person, userName=f"second-{person.name}")
    with world.browser() as browser:
        refused(browser.get(world.authorize(browser, person)), 403, "You have no IDEO account yet")


def test_who_cancels_at_entra_is_told_so(world: World) -> None:
    with world.browser() as browser:
        begun = browser.get("/signin/start")
        answer = browser.post(begun.headers["location"], data={"action": "cancel"})
        refused(browser.get(answer.headers["location"]), 400, "access_denied")


def test_an_expired_session_leads_back_to_the_button(world: World) -> None:
    person = world.new_person()
    user = world.provision(person)
    with world.signed_in(person):
        pass  # the service has made its signing key by then
    life = timedelta(minutes=5)

    async def issue(tables: Tables, ago: timedelta) -> str:
        keys = SigningKeys(tables, now, world.settings)
        statements = Statements(keys, lambda: now() - ago)
        return await Sessions(statements, life).begin(world.url, TENANT, user, world.issuer.tenant_id)

    young = world.work(lambda tables: issue(tables, timedelta(minutes=4)))
    old = world.work(lambda tables: issue(tables, timedelta(minutes=6)))
    with world.browser() as browser:
        assert browser.get("/profile", headers={"cookie": f"ideo_session={young}"}).status_code == 200
        answer = browser.get("/profile", headers={"cookie": f"ideo_session={old}"})
        assert (answer.status_code, answer.headers["location"]) == (302, "/signin?return=%2Fprofile&session=ended")
        assert "Your session has ended" in browser.get(answer.headers["location"]).text
        assert browser.get("/scim/v2/Me", headers={"authorization": f"Bearer {old}"}).status_code == 401


def test_signing_out_ends_the_session_of_this_browser(world: World) -> None:
    person = world.new_person()
    world.provision(person)
    with world.signed_in(person) as browser:
        assert "Sign out of IDEO?" in browser.get("/signout").text
        assert browser.get("/profile").status_code == 200
        done = browser.post("/signout", headers={"sec-fetch-site": "same-origin"})
        assert "ideo_session" not in browser.cookies
        assert browser.get("/profile").headers["location"] == "/signin?return=%2Fprofile"

    assert "You are signed out" in done.text
    back = urlencode({"post_logout_redirect_uri": f"{world.url}/signin"})
    assert f'href="{world.issuer.url}/organizations/oauth2/v2.0/logout?{back}"' in done.text


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_another_site_signs_nobody_out(world: World, headers: dict[str, str]) -> None:
    person = world.new_person()
    world.provision(person)
    with world.signed_in(person) as browser:
        assert browser.post("/signout", headers=headers).status_code == 403
        assert browser.get("/profile").status_code == 200
