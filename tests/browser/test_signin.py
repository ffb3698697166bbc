"""Signing in as people do it: in a browser, by keyboard or mouse, through Entra's page and back."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from entra.source import User
from identity.session import Sessions
from identity.session_token import Statements
from identity.signing_keys import SigningKeys
from storage.tables import Tables
from tests.browser.contrast import contrast, too_faint
from tests.identity.signin_world import TENANT, World, now


def press_the_button(page: Page) -> None:
    page.get_by_role("link", name="Sign in with Microsoft").click()


def sign_in_at_entra(page: Page, person: User) -> None:
    page.get_by_label("Sign-in name").fill(person.name)
    page.get_by_role("button", name="Sign in").click()


def test_a_person_signs_in_sees_their_profile_and_signs_out(world: World, page: Page) -> None:
    person = world.new_person()
    world.provision(person, title="Designer")
    page.goto("/profile")
    expect(page).to_have_title("Sign in to IDEO | IDEO")
    press_the_button(page)
    sign_in_at_entra(page, person)

    expect(page).to_have_url(f"{world.url}/profile")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Pérez")
    expect(page.get_by_role("definition").filter(has_text="Designer")).to_be_visible()
    [session] = [each for each in page.context.cookies() if each["name"] == "ideo_session"]
    assert (session["httpOnly"], session["sameSite"]) == (True, "Lax")
    assert page.evaluate("document.cookie") == ""

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert not [each for each in page.context.cookies() if each["name"] == "ideo_session"]
    page.goto("/profile")
    expect(page.get_by_role("link", name="Sign in with Microsoft")).to_be_visible()


def test_everything_can_be_done_by_keyboard_and_shows_where_the_focus_is(world: World, page: Page) -> None:
    person = world.new_person()
    world.provision(person)
    page.goto("/signin")
    page.keyboard.press("Tab")
    button = page.get_by_role("link", name="Sign in with Microsoft")
    expect(button).to_be_focused()
    assert button.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.get_by_label("Sign-in name").wait_for()
    page.keyboard.type(person.name)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{world.url}/profile")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")


def test_the_button_looks_as_microsoft_asks(page: Page) -> None:
    page.goto("/signin")
    button = page.get_by_role("link", name="Sign in with Microsoft", exact=True)
    box = button.bounding_box()
    style = button.evaluate("e => { const s = getComputedStyle(e); return [s.backgroundColor, s.color, s.fontSize] }")

    assert box is not None
    assert box["height"] == 41
    assert style == ["rgb(255, 255, 255)", "rgb(94, 94, 94)", "15px"]
    expect(button.locator("svg rect")).to_have_count(4)


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_can_be_read_on_small_and_large_screens(world: World, page: Page, width: int) -> None:
    person = world.new_person(displayName="A" * 80)
    world.provision(person, title="Long " * 40)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/signin")
    press_the_button(page)
    sign_in_at_entra(page, person)
    expect(page).to_have_url(f"{world.url}/profile")
    for path in ("/profile", "/signout", "/signin?session=ended", "/signin/callback"):
        page.goto(path)
        assert too_faint(page) == {}
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.lang") == "en"
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.get_by_role("main")).to_have_count(1)


def test_contrast_is_that_of_wcag() -> None:
    assert round(contrast("rgb(255, 255, 255)", "rgb(0, 0, 0)"), 2) == 21
    assert round(contrast("rgb(118, 118, 118)", "rgb(255, 255, 255)"), 2) == 4.54


def test_who_is_disabled_is_told_so_also_in_the_middle_of_a_session(world: World, page: Page) -> None:
    person = world.new_person()
    user = world.provision(person)
    page.goto("/signin")
    press_the_button(page)
    sign_in_at_entra(page, person)
    expect(page).to_have_url(f"{world.url}/profile")
    world.patch(f"/Users/{user}", active=False)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is disabled")
    # Entra still knows the person; without being asked to, it would let nobody else in.
    page.get_by_role("link", name="Sign in with another account").click()
    other = world.new_person(displayName="Ben")
    world.provision(other)
    sign_in_at_entra(page, other)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben")


def test_a_tampered_state_is_refused(world: World, page: Page) -> None:
    person = world.new_person()
    world.provision(person)
    world.issuer.state = "another"
    page.goto("/signin")
    press_the_button(page)
    sign_in_at_entra(page, person)

    expect(page.get_by_role("heading", level=1)).to_have_text("The sign-in was not completed")
    assert not [each for each in page.context.cookies() if each["name"] == "ideo_session"]


def test_a_replayed_answer_is_refused(world: World, page: Page) -> None:
    person = world.new_person()
    world.provision(person)
    answers: list[str] = []
    page.on("request", lambda request: answers.append(request.url) if "/signin/callback?" in request.url else None)
    page.goto("/signin")
    press_the_button(page)
    sign_in_at_entra(page, person)
    expect(page).to_have_url(f"{world.url}/profile")

    assert parse_qs(urlsplit(answers[0]).query).keys() == {"code", "state"}
    page.goto(answers[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("The sign-in was not completed")


def test_an_expired_session_leads_back_to_the_button(world: World, page: Page) -> None:
    person = world.new_person()
    user = world.provision(person)

    async def expired(tables: Tables) -> str:
        keys = SigningKeys(tables, now, world.settings)
        statements = Statements(keys, lambda: now() - timedelta(minutes=6))
        return await Sessions(statements, timedelta(minutes=5)).begin(world.url, TENANT, user, world.issuer.tenant_id)

    page.context.add_cookies([{"name": "ideo_session", "value": world.work(expired), "url": world.url}])
    page.goto("/profile")

    expect(page.get_by_role("status")).to_have_text("Your session has ended. Please sign in again.")
    press_the_button(page)
    sign_in_at_entra(page, person)
    expect(page).to_have_url(f"{world.url}/profile")
