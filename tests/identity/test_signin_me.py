"""/Me over HTTP: the user who is signed in, and what they may change of themselves (RFC 7644 section 3.11)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from identity.errors import InvalidTenant
from identity.signin_self_service import self_service
from tests.identity.signin_world import World

OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as made:
        made.let_change("nickName", "phoneNumbers")
        yield made


@pytest.fixture
def user(world: World) -> Iterator[tuple[str, httpx.Client]]:
    """The id of a new user, and the browser that they are signed in with."""
    person = world.new_person()
    id = world.provision(person, nickName="Ana")
    with world.signed_in(person) as browser:
        yield id, browser


def patch(browser: httpx.Client, *operations: dict[str, Any], **headers: str) -> httpx.Response:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}
    return browser.patch("/scim/v2/Me", json=body, headers=headers or OWN)


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def test_me_is_the_user_who_is_signed_in(world: World, user: tuple[str, httpx.Client]) -> None:
    id, browser = user
    answer = browser.get("/scim/v2/Me", params={"attributes": "nickName"})

    assert (answer.status_code, answer.json()["id"], answer.json()["nickName"]) == (200, id, "Ana")
    assert answer.headers["location"] == f"{world.url}/scim/v2/Users/{id}"
    assert "userName" not in answer.json()
    unchanged = browser.get("/scim/v2/Me", headers={"if-none-match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.headers["location"]) == (304, answer.headers["location"])


def test_the_token_of_the_session_is_a_bearer_token_for_me_alone(world: World, user: tuple[str, httpx.Client]) -> None:
    id, browser = user
    bearer = {"authorization": f"Bearer {browser.cookies['ideo_session']}"}
    with world.browser() as other:
        assert other.get("/scim/v2/Me", headers=bearer).json()["id"] == id
        assert patch(other, replace("nickName", "Anita"), **bearer).json()["nickName"] == "Anita"
        assert other.get("/scim/v2/Users", headers=bearer).status_code == 401
        assert other.get(f"/scim/v2/Users/{id}", headers=bearer).status_code == 401


def test_what_the_tenant_lets_people_change_is_changed(world: World, user: tuple[str, httpx.Client]) -> None:
    id, browser = user
    answer = patch(browser, replace("nickName", "Nita"), replace('phoneNumbers[type eq "mobile"].value', "+34 6"))

    assert (answer.status_code, answer.json()["nickName"]) == (200, "Nita")
    assert answer.headers["location"] == f"{world.url}/scim/v2/Users/{id}"
    with world.scim() as scim:
        stored = scim.get(f"/Users/{id}").json()
    assert (stored["nickName"], stored["phoneNumbers"]) == ("Nita", [{"type": "mobile", "value": "+34 6"}])


@pytest.mark.parametrize(
    "operation",
    [
        replace("userName", "boss@contoso.com"),
        replace("title", "Boss"),
        replace("active", True),
        replace("externalId", "x"),
        replace("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Board"),
        {"op": "add", "value": {"nickName": "N", "roles": [{"value": "admin"}]}},
        {"op": "remove", "path": "displayName"},
        replace("ROLES", [{"value": "admin"}]),
    ],
    ids=lambda operation: str(operation.get("path", "no path"))[-12:],
)
def test_what_the_tenant_does_not_name_is_refused_and_nothing_changes(
    world: World, user: tuple[str, httpx.Client], operation: dict[str, Any]
) -> None:
    id, browser = user
    with world.scim() as scim:
        before = scim.get(f"/Users/{id}").json()
        answer = patch(browser, replace("nickName", "Nita"), operation)
        assert scim.get(f"/Users/{id}").json() == before

    assert answer.status_code == 403
    assert "attributes that you can change: nickName, phoneNumbers" in answer.json()["detail"]
    assert answer.headers["location"] == f"{world.url}/scim/v2/Users/{id}"


@pytest.mark.parametrize("path", ["id", "groups", "meta.created"])
def test_what_is_read_only_for_everybody_is_never_changed(
    world: World, user: tuple[str, httpx.Client], path: str
) -> None:
    id, browser = user
    with world.scim() as scim:
        before = scim.get(f"/Users/{id}").json()
        answer = patch(browser, replace(path, "x"))
        assert scim.get(f"/Users/{id}").json() == before

    assert (answer.status_code, answer.json().get("scimType")) == (400, "mutability")


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}, {"x": "y"}],
    ids=str,
)
def test_a_cookie_changes_nothing_for_another_site(
    world: World, user: tuple[str, httpx.Client], headers: dict[str, str]
) -> None:
    _, browser = user
    assert patch(browser, replace("nickName", "Evil"), **headers).status_code == 403
    assert browser.get("/scim/v2/Me").json()["nickName"] == "Ana"
    assert patch(browser, replace("nickName", "Nita"), origin=world.url).status_code == 200


def test_a_service_credential_is_no_person(world: World) -> None:
    with world.scim() as scim:
        for answer in (scim.get("/Me"), patch_of(scim)):
            assert (answer.status_code, answer.json()["status"]) == (404, "404")
            assert "application" in answer.json()["detail"]


def patch_of(scim: httpx.Client) -> httpx.Response:
    return scim.patch("/Me", json={"Operations": [replace("nickName", "x")]})


def test_a_service_credential_counts_before_the_cookie(world: World, user: tuple[str, httpx.Client]) -> None:
    _, browser = user
    answer = browser.get("/scim/v2/Me", headers={"authorization": f"Bearer {world.secret_token}"})

    assert answer.status_code == 404


def test_nobody_is_asked_to_sign_in(world: World) -> None:
    with world.browser() as browser:
        answer = browser.get("/scim/v2/Me")
        wrong = browser.get("/scim/v2/Me", headers={"authorization": "Bearer nonsense"})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="IDEO SCIM"')
    assert wrong.status_code == 401


def test_other_methods_are_not_allowed(world: World) -> None:
    with world.scim() as scim:
        for method in ("POST", "PUT", "DELETE"):
            answer = scim.request(method, "/Me", json={} if method != "DELETE" else None)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"Operations": [{"op": "destroy"}]}'])
def test_what_is_no_patch_is_refused_as_everywhere(user: tuple[str, httpx.Client], body: bytes) -> None:
    _, browser = user
    answer = browser.patch("/scim/v2/Me", content=body, headers={**OWN, "content-type": "application/scim+json"})

    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidSyntax")


def test_the_list_names_attributes_as_the_schema_does() -> None:
    assert self_service(["phonenumbers", "NICKNAME", "nickName"]) == ("nickName", "phoneNumbers")
    assert self_service([]) == ()


@pytest.mark.parametrize(
    "name", ["userName", "externalId", "active", "emails", "roles", "entitlements", "groups", "id", "meta", "shoeSize"]
)
def test_nobody_is_let_change_who_they_are_or_what_they_may(name: str) -> None:
    with pytest.raises(InvalidTenant, match=name):
        self_service(["nickName", name])
