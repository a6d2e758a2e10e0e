"""Every page in a real window: no fault that axe calls serious or critical, nothing cut off; and the pictures of the docs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from extractor.review import load, schema
from extractor.review.database import Database

Sit = Callable[..., Any]
SECOND = 60_000
CRITERIA = [*(f"I{n}" for n in range(1, 6)), *(f"E{n}" for n in range(1, 14))]


def check_width(page: Page) -> None:
    """Nothing lies beside the window."""
    inner, whole = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    assert whole <= inner, page.url


def stand_at(browser: Browser, address: str, heading: str) -> Page:
    page = browser.new_context(viewport={"width": 1000, "height": 640}).new_page()
    page.goto(f"{address}/login")
    expect(page.locator("h1")).to_have_text(heading)
    return page


def test_the_door(browser: Browser, sqlite: Database, serve: Callable[..., Any], check: Any, shoot: Any) -> None:
    page = stand_at(browser, serve(sqlite).address, "Sign in")
    check(page)
    shoot(page, "login")
    page.context.close()


def test_the_door_before_there_is_an_account(
    browser: Browser, empty: Database, serve: Callable[..., Any], check: Any, shoot: Any
) -> None:
    page = stand_at(browser, serve(empty).address, "The first account")
    check(page)
    shoot(page, "setup")
    page.context.close()


def test_pages_of_an_admin(sqlite: Database, sit: Sit, run_folder: Path, tools: Any) -> None:
    root = sit(sqlite, "root")
    page = root.page
    root.check_access()
    root.shoot("worklist")
    for name in ("Progress", "Export", "Settings", "Record"):
        page.click(f".top nav >> text={name}")
        expect(page.locator("h1")).to_have_text(name, timeout=SECOND)
        root.check_access()
        check_width(page)
        if name != "Progress":  # there is more to see of it after a double review
            root.shoot(name.lower())
    page.click("text=Verify the whole record")
    expect(page.locator(".say.good")).to_contain_text("in order and complete", timeout=SECOND)
    root.check_access()
    for path, name in (("accounts", "accounts"), ("help", "help"), ("charts/none", "fault")):
        page.goto(f"{root.address}/{path}")
        root.check_access()
        check_width(page)
        root.shoot(name)
    load.load(sqlite, replace(tools.source_of(run_folder), run_sha256="0" * 64))
    page.goto(root.address)
    expect(page.locator("h1")).to_have_text("Studies", timeout=SECOND)
    root.check_access()
    root.shoot("studies")


def test_the_chart(sqlite: Database, sit: Sit) -> None:
    ada = sit(sqlite, "ada")
    ada.chart("D1-002")
    ada.check_access()
    ada.shoot("chart")
    ada.criterion("E6")
    ada.press("j")
    for summary in ada.page.locator(".item.now summary, .add summary").all():
        summary.click()
    ada.check_access()
    ada.shoot("evidence")
    ada.page.reload()
    ada.press("?")
    ada.check_access()
    ada.shoot("keys")
    ada.press("Escape")
    ada.page.fill("[data-search]", "prednisolone")
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator(".find")).to_contain_text("hits", timeout=SECOND)
    ada.press("h")
    ada.check_access()
    ada.shoot("search")
    ada.criterion("E13")
    ada.page.locator(".question").first.scroll_into_view_if_needed()
    ada.check_access()
    ada.shoot("questions")


def test_the_chart_under_its_guards(sqlite: Database, sit: Sit) -> None:
    """Blind to the verdict, and without highlights."""
    ada = sit(sqlite, "ada")
    for name, patient, guards in (("blind", "D1-002", {"is_blind_first": True}), ("plain", "D1-001", {"plain_share": 1.0})):
        with sqlite.write() as connection:
            connection.execute(update(schema.study).values(**guards))
        ada.chart(patient)
        ada.criterion("E6")
        expect(ada.page.locator(".panel")).to_contain_text("shows once you have decided")
        ada.check_access()
        ada.shoot(name)


def test_signing_off(sqlite: Database, sit: Sit, tools: Any, tmp_path: Path, check: Any, shoot: Any) -> None:
    ada = sit(sqlite, "ada")
    page = ada.page
    ada.chart("D1-001")
    ada.criterion("E6")
    page.click("text=Accept the other")
    expect(page.locator(".said").first).to_be_visible(timeout=SECOND)
    page.click(".go a.main")
    expect(page.locator(".left li")).to_have_count(18, timeout=SECOND)
    ada.check_access()
    tools.review(sqlite, "ada", "D1-001", {name: "met" if name[0] == "I" else "not_met" for name in CRITERIA})
    page.goto(page.url.replace("/sign", ""))
    page.fill(".strip [name=why]", "one more look")
    page.click(".strip button")
    page.click(".go a.main")
    expect(page.locator("[name=password]")).to_be_visible(timeout=SECOND)
    ada.check_access()
    ada.shoot("sign")
    page.fill("[name=password]", tools.PASSWORD)
    page.click("button:text('Sign off')")
    expect(page.locator(".strip")).to_contain_text("is signed off", timeout=SECOND)
    ada.check_access()
    with page.expect_download() as waiting:
        page.click("text=Signed page")
    waiting.value.save_as(tmp_path / "signed.html")
    page.goto((tmp_path / "signed.html").as_uri())
    check(page)
    shoot(page, "signed")


def test_a_session_that_ended(sqlite: Database, sit: Sit, clock: Any, tools: Any) -> None:
    ada = sit(sqlite, "ada")
    page = ada.page
    ada.chart("D1-001")
    page.fill(".verdict textarea", "born 9 April 1981, so 44")
    page.click(".choice.met")
    clock.time += timedelta(minutes=40)
    page.click(".verdict button.main")
    expect(page.locator(".say")).to_contain_text("Your session ended", timeout=SECOND)
    ada.check_access()
    ada.shoot("ended")
    page.fill("[name=name]", "ada")
    page.fill("[name=password]", tools.PASSWORD)
    page.click("button.main")
    expect(page.locator("h1")).to_have_text("You are signed in again", timeout=SECOND)
    ada.check_access()
    ada.shoot("again")


@pytest.mark.parametrize("width", [390, 700, 1000])
def test_a_narrow_window_cuts_nothing_off(sqlite: Database, sit: Sit, width: int) -> None:
    ada = sit(sqlite, "ada")
    ada.page.set_viewport_size({"width": width, "height": 800})
    check_width(ada.page)
    ada.chart("D1-002")
    check_width(ada.page)
    expect(ada.page.locator(".picture")).to_be_visible()
    ada.shoot(f"narrow-{width}")
    ada.page.goto(f"{ada.page.url.partition('?')[0]}/sign")
    check_width(ada.page)
