"""People at Debian's Chromium, each in a window of their own, and axe beside them.

With the environment variable REVIEW_SCREENSHOTS naming a folder, the tests write the pictures of the docs there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from extractor.review.database import Database

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SCREENSHOTS = os.environ.get("REVIEW_SCREENSHOTS")
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail("Chromium is not installed: apt-get install -y chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


def check_access(page: Page) -> None:
    """No fault that axe calls serious or critical."""
    found = [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
    assert not found, [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    """A picture for the docs, where they are asked for."""
    if SCREENSHOTS:
        page.wait_for_timeout(500)
        page.screenshot(path=f"{SCREENSHOTS}/review-{name}.png", full_page=whole)


class Desk:
    """A signed-in person at a browser window; whatever the page complains about in its console is kept."""

    def __init__(self, context: BrowserContext, address: str, name: str, password: str) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = address
        self.page.goto(f"{address}/login")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", password)
        self.page.click("button.main")
        expect(self.page.locator("table.list")).to_be_visible(timeout=60_000)

    def chart(self, patient: str) -> None:
        self.page.goto(self.address)
        self.page.get_by_role("link", name=patient, exact=True).click()
        expect(self.page.locator(".desk")).to_be_visible(timeout=60_000)

    def criterion(self, name: str) -> None:
        self.page.locator(".criteria a", has=self.page.locator(f".chip:text-is('{name}')")).click()
        expect(self.page.locator(".panel h2 .chip")).to_have_text(name, timeout=60_000)

    def press(self, *keys: str) -> None:
        """Presses keys once the page listens for them."""
        for key in keys:
            self.page.wait_for_selector("html[data-ready]", timeout=60_000)
            self.page.keyboard.press(key)

    def shoot(self, name: str) -> None:
        shoot(self.page, name)

    def check_access(self) -> None:
        check_access(self.page)


@pytest.fixture
def sit(browser: Browser, serve: Callable[..., Any], tools: Any) -> Iterator[Callable[..., Desk]]:
    """`sit(database, "ada")`: a person at a browser of their own."""
    contexts: list[BrowserContext] = []

    def take(database: Database, name: str) -> Desk:
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True))
        return Desk(contexts[-1], serve(database).address, name, tools.PASSWORD)

    yield take
    for context in contexts:
        context.close()


@pytest.fixture
def check() -> Callable[[Page], None]:
    """Axe on a page that nobody is signed in at."""
    return check_access


@pytest.fixture(name="shoot")
def shooting() -> Callable[..., None]:
    """A picture of such a page."""
    return shoot
