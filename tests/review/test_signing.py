"""Signing off: what is shown, the password that signs, and what a signature holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from extractor.review import accounts, schema
from extractor.review.database import Database
from extractor.review.verify import verify

Meet = Callable[..., Any]
CRITERIA = [*(f"I{n}" for n in range(1, 6)), *(f"E{n}" for n in range(1, 14))]


def decided(person: Any, database: Database) -> None:
    """All criteria of a chart but not its signature."""
    person.open_chart(database, "D1-001")
    person.decide_all(dict.fromkeys(CRITERIA, "not_met"))


def state(database: Database, tools: Any) -> str:
    return str(tools.chart_of(database, "D1-001")["state"])


def test_the_page_shows_what_is_signed(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    ada.decide("E6", "nothing_found", comment="no letter of the ward")
    ada.send("/answer/investigator", answer="no", comment="asked Dr Gray")
    page = ada.open(f"/charts/{tools.chart_of(sqlite, 'D1-001')['token']}/sign")
    assert "17 decisions are still open" in page
    assert "(nothing found)" in page
    assert "no letter of the ward" in page
    assert "asked Dr Gray" in page
    assert not ada.has("/finish")


def test_a_signature_needs_the_password_and_names_the_signer(database: Database, meet: Meet, tools: Any) -> None:
    ada = meet(database, "ada")
    decided(ada, database)
    assert "The password is wrong" in ada.sign(password="not the password")
    assert ada.page.status_code == 401
    assert "your password is your signature" in ada.sign(password="").lower()
    assert state(database, tools) == "started"
    assert "Your review is signed off" in ada.sign()
    assert state(database, tools) == "done"
    with database.read() as connection:
        rows = connection.execute(select(schema.event).order_by(schema.event.c.seq)).mappings().all()
    assert [row["account"] for row in rows if row["action"] == "signature refused"] == ["ada"]
    assert json.loads(rows[-1]["after"] if rows[-1]["kind"] == "sheet" else rows[-2]["after"])["state"] == "done"
    assert verify(database).faults == ()


def test_an_open_session_guesses_passwords_no_faster_than_the_sign_in(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    decided(ada, sqlite)
    for _ in range(accounts.MOST_FAILURES_OF_A_NAME):
        ada.sign(password="a guess")
        assert ada.page.status_code == 401
    ada.sign()
    assert ada.page.status_code == 429
    assert "Wait 15 minutes" in ada.page.text
    assert state(sqlite, tools) == "started"


def test_nobody_signs_what_has_changed_under_the_page(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada, ben = meet(sqlite, "ada"), meet(sqlite, "ben")
    decided(ada, sqlite)
    ada.open(f"{ada.page.url.path}/sign")
    ben.open_chart(sqlite, "D1-001")
    ben.decide("E6", "met", why="it was in May")
    page = ada.send("/finish", password=tools.PASSWORD)
    assert "A decision was recorded after this page was opened" in page
    assert state(sqlite, tools) == "started"
    assert re.search(r">E6</a>.*?<strong>Met</strong>", page, re.S)
    assert "is signed off" in ada.send("/finish", password=tools.PASSWORD)


def test_nobody_signs_for_another(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada, root = meet(sqlite, "ada"), meet(sqlite, "root")
    decided(ada, sqlite)
    ada.open(f"{ada.page.url.path}/sign")
    form = ada.form("/finish")
    root.open("/help")
    fields = {**form.fields, "csrf": root.form("/logout").fields["csrf"], "password": tools.PASSWORD}
    assert root.client.post(form.action, data=fields).status_code == 403
    assert root.client.get(form.action.replace("/finish", "/sign")).status_code == 403
    assert state(sqlite, tools) == "started"


def test_a_signature_on_its_way_when_the_session_ends_asks_for_the_password_again(
    sqlite: Database, meet: Meet, clock: Any, tools: Any
) -> None:
    from datetime import timedelta

    ada = meet(sqlite, "ada")
    decided(ada, sqlite)
    ada.open(f"{ada.page.url.path}/sign")
    clock.time += timedelta(minutes=31)
    page = ada.send("/finish", password=tools.PASSWORD)
    assert ada.page.status_code == 401
    assert tools.PASSWORD not in page
    ada.send("/login", name="ada", password=tools.PASSWORD)
    assert "your password is your signature" in ada.send("/finish").lower()
    assert "is signed off" in ada.send("/finish", password=tools.PASSWORD)
