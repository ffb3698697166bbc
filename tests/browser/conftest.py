"""A real browser: the Chromium of the machine, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.identity.signin_world import World

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def world(chromium: Browser) -> Iterator[World]:  # noqa: ARG001  # without a browser there is nothing to start for
    with World() as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    # Its sandbox does not work for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(world: World, chromium: Browser) -> Iterator[Page]:
    """A page of a browser without any cookie, in which no script fails and no policy is violated."""
    world.issuer.honest()
    with chromium.new_context(base_url=world.url, locale="en") as context:
        context.set_default_timeout(15_000)
        opened = context.new_page()
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text) if "policy" in message.text else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        assert complaints == []
