"""Debian's Chromium at the real server: review, correction, double review, adjudication, the keyboard, export."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import select

from extractor.review import schema
from extractor.review.database import Database
from extractor.review.verify import verify

Sit = Callable[..., Any]


def said(database: Database, kind: str) -> list[dict[str, Any]]:
    """The values that stand, of one kind."""
    with database.read() as connection:
        values = connection.execute(select(schema.entry.c.value).where(schema.entry.c.kind == kind)).scalars()
        return [json.loads(value) for value in values if value is not None]


def select_words(page: Page, words: str) -> None:
    """Selects words in a note as a mouse would leave them selected."""
    page.evaluate(
        """(words) => {
          for (const text of document.querySelectorAll(".text")) {
            const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
            const nodes = []; let all = "";
            while (walker.nextNode()) { nodes.push([walker.currentNode, all.length]); all += walker.currentNode.data; }
            const at = all.indexOf(words);
            if (at < 0) continue;
            const find = (place) => { const [node, start] = nodes.findLast(([, start]) => start <= place); return [node, place - start]; };
            const range = document.createRange();
            range.setStart(...find(at)); range.setEnd(...find(at + words.length));
            const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range);
            return;
          }
          throw new Error("no such words");
        }""",
        words,
    )


def test_a_chart_is_reviewed_with_the_keyboard_alone(sqlite: Database, sit: Sit) -> None:
    ada = sit(sqlite, "ada")
    ada.chart("D1-001")
    page = ada.page
    for number in range(18):
        expect(page.locator(".progress").first).to_contain_text(f"{number} of 18 decided", timeout=60_000)
        ada.press("3" if number else "1", "Enter")
    expect(page.locator(".progress").first).to_contain_text("18 of 18 decided", timeout=60_000)
    assert [value["verdict"] for value in said(sqlite, "verdict")].count("met") == 1
    ada.press("u")
    expect(page.locator(".progress").first).to_contain_text("17 of 18 decided", timeout=60_000)
    ada.press("?")
    expect(page.locator("#keys")).to_be_visible()
    ada.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    ada.press("0", "m")
    page.keyboard.type("the notes are silent")
    ada.press("Escape", "Tab", "Enter")
    expect(page.locator(".progress").first).to_contain_text("18 of 18 decided", timeout=60_000)
    assert {"verdict": "unknown", "nothing_found": True, "comment": "the notes are silent"} in said(sqlite, "verdict")
    ada.press("f")
    expect(page.locator("h1")).to_have_text("Sign off D1-001", timeout=60_000)
    ada.press("f")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.locator(".patient .state")).to_have_text("Signed off", timeout=60_000)
    ada.press("w")
    expect(page.locator("table.list")).to_be_visible(timeout=60_000)
    assert ada.complaints == []
    assert verify(sqlite).faults == ()


def test_leaving_with_something_unsaved_is_asked_about(sqlite: Database, sit: Sit) -> None:
    ada = sit(sqlite, "ada")
    ada.chart("D1-001")
    page, asked = ada.page, []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    ada.press("m")
    page.keyboard.type("half a thought")
    ada.press("Escape", "n")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator(".verdict textarea")).to_have_value("half a thought")
    ada.press("2", "Enter")
    expect(page.locator(".progress").first).to_contain_text("1 of 18 decided", timeout=60_000)
    assert asked == ["beforeunload"]


def test_evidence_is_judged_by_keys(sqlite: Database, sit: Sit) -> None:
    ada = sit(sqlite, "ada")
    ada.chart("D1-001")
    ada.criterion("E6")
    page = ada.page
    ada.press("j", "j", "a")
    expect(page.locator(".item.now .said")).to_have_text("you: accepted", timeout=60_000)
    ada.press("j", "x")
    expect(page.locator(".item.now select").first).to_be_focused()
    page.keyboard.type("some")
    ada.press("Tab")
    ada.press("Enter")
    expect(page.locator(".said", has_text="rejected")).to_be_visible(timeout=60_000)
    expect(page.locator("mark.rejected.own.said").first).to_be_visible()
    actions = [value["action"] for value in said(sqlite, "finding")]
    assert sorted(actions) == ["accepted", "rejected"]
    assert [value["reason"] for value in said(sqlite, "finding") if value["action"] == "rejected"] == ["family"]
    ada.press("u")
    expect(page.locator(".said", has_text="rejected")).to_have_count(0, timeout=60_000)
    assert ada.complaints == []


def test_a_selection_becomes_evidence_at_its_offsets(sqlite: Database, sit: Sit, tools: Any) -> None:
    ada = sit(sqlite, "ada")
    ada.chart("=H<i>1")
    ada.criterion("E6")
    page = ada.page
    assert page.title() == "Chart – prescreen"
    for words in ("🙂 café", "iv antibiotics last week"):
        select_words(page, words)
        ada.press("s")
        expect(page.locator(".add textarea")).to_have_value(words)
        page.click(".add button.main")
        expect(page.locator(".item", has=page.locator(".said")).filter(has_text=words)).to_be_visible(timeout=60_000)
    for value in said(sqlite, "finding"):
        assert tools.HOSTILE[value["start"] : value["end"]] == value["text"]
    assert ada.complaints == []


def test_a_span_is_corrected_to_the_selection(sqlite: Database, sit: Sit) -> None:
    ada = sit(sqlite, "ada")
    ada.chart("D1-001")
    ada.criterion("E1")
    page = ada.page
    ada.press("j")
    first = page.locator(".item.now .quote").inner_text()
    note = page.locator(f"#{page.locator('.item.now').get_attribute('data-item')}").locator("xpath=ancestor::div[@data-note]")
    word = re.findall(r"\w+", first)[0]
    assert word in note.inner_text()
    select_words(page, word)
    ada.press("c")
    expect(page.locator(".item.now details[open] textarea")).to_be_focused()
    page.locator(".item.now details[open] textarea").fill(word)
    page.locator(".item.now details[open] button").click()
    expect(page.locator(".said", has_text="corrected")).to_be_visible(timeout=60_000)
    assert [value["text"] for value in said(sqlite, "finding")] == [word]
    assert ada.complaints == []


def test_nothing_typed_is_lost_when_the_server_is(sqlite: Database, sit: Sit, serve: Callable[..., Any]) -> None:
    ada = sit(sqlite, "ada")
    ada.chart("D1-001")
    page = ada.page
    page.route("**/*", lambda route: route.abort())
    page.fill(".verdict textarea", "typed while it was away")
    page.click(".choice.met")
    page.click(".verdict button.main")
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator(".verdict textarea")).to_have_value("typed while it was away")
    page.unroute("**/*")
    page.click("#retry")
    expect(page.locator(".progress").first).to_contain_text("1 of 18 decided", timeout=60_000)
    assert said(sqlite, "verdict")[0]["comment"] == "typed while it was away"


def test_conflicts_and_ended_sessions_keep_what_was_typed(sqlite: Database, sit: Sit, clock: Any) -> None:
    from datetime import timedelta

    ada, ben = sit(sqlite, "ada"), sit(sqlite, "ben")
    for one in (ada, ben):
        one.chart("D1-001")
        one.criterion("E6")
    ada.press("1", "Enter")
    expect(ada.page.locator(".progress").first).to_contain_text("1 of 18 decided", timeout=60_000)
    ben.page.fill(".verdict textarea", "an outpatient")
    ben.page.click(".choice.not_met")
    ben.page.click(".verdict button.main")
    expect(ben.page.locator("h1")).to_have_text("Somebody decided this while you were working", timeout=60_000)
    ben.check_access()
    ben.shoot("conflict")
    ben.page.fill("[name=why]", "read with ada")
    clock.time += timedelta(minutes=40)
    ben.page.click("button.main")
    expect(ben.page.locator("h1")).to_have_text("Sign in", timeout=60_000)
    ben.page.fill("[name=name]", "ben")
    ben.page.fill("[name=password]", "correct horse battery")
    ben.page.click("button.main")
    expect(ben.page.locator("h1")).to_have_text("You are signed in again", timeout=60_000)
    expect(ben.page.locator("[name=comment]")).to_have_value("an outpatient")
    ben.page.click("button.main")
    expect(ben.page.locator(".desk")).to_be_visible(timeout=60_000)
    assert said(sqlite, "verdict")[0]["comment"] == "an outpatient"


def test_double_review_adjudication_and_export(database: Database, sit: Sit, tools: Any) -> None:
    root, ada, ben, cleo = (sit(database, name) for name in ("root", "ada", "ben", "cleo"))
    page = root.page
    page.click("text=Settings")
    for box in page.locator("[name=reviewers]").all():
        box.check()
    page.fill("[name=charts]", "5")
    page.fill("[name=double_percent]", "100")
    page.click("text=Assign >> nth=-1")
    expect(page.locator("h1")).to_have_text("Progress", timeout=60_000)
    for one, choice in ((ada, "met"), (ben, "not_met")):
        tools.review(database, "ada" if one is ada else "ben", "D1-001", {"E6": choice})
        tools.review(database, "ada" if one is ada else "ben", "D1-002", {"E6": "met"})
    cleo.page.click("text=Adjudication")
    expect(cleo.page.locator(".dispute")).to_contain_text("E6", timeout=60_000)
    cleo.check_access()
    cleo.shoot("adjudication")
    cleo.page.get_by_role("link", name="D1-001").click()
    expect(cleo.page.locator("h3", has_text="Two reviewers disagree")).to_be_visible(timeout=60_000)
    assert not re.search(r"\b(ada|ben)\b", cleo.page.locator("main").inner_text())
    cleo.shoot("dispute")
    cleo.check_access()
    cleo.press("2", "Enter")
    expect(cleo.page.locator(".word", has_text="✓")).to_have_count(1, timeout=60_000)
    cleo.page.click(".go a.main")
    cleo.page.fill("[name=password]", tools.PASSWORD)
    cleo.page.click("button:text('Sign off')")
    expect(cleo.page.locator(".patient .state")).to_have_text("Adjudicated", timeout=60_000)
    page.click("text=Progress")
    expect(page.locator("th", has_text="all criteria")).to_be_visible(timeout=60_000)
    root.check_access()
    root.shoot("progress")
    page.click("text=Export")
    with page.expect_download() as waiting:
        page.click("text=Download annotations.zip")
    archive = zipfile.ZipFile(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    rows = {row["patient_id"]: row for row in map(json.loads, archive.read("gold.jsonl").decode("utf-8").splitlines())}
    assert rows["D1-001"]["verdicts"]["E6"] == "not_met"
    assert rows["D1-001"]["provenance"]["adjudicated"] is True
    assert rows["D1-002"]["verdicts"]["E6"] == "met"
    for one in (root, ada, ben, cleo):
        assert one.complaints == []
    assert verify(database).faults == ()


def test_the_page_asks_nothing_of_any_other_host(sqlite: Database, sit: Sit) -> None:
    ada = sit(sqlite, "ada")
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    ada.chart("D1-001")
    ada.criterion("E6")
    assert asked
    assert all(url.startswith(ada.address) for url in asked)
