"""Bias guards, double review, adjudication and reopening."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from extractor.review import schema
from extractor.review.database import Database
from extractor.review.verify import verify

Meet = Callable[..., Any]


def study(person: Any) -> str:
    person.open("/")
    return str(person.page.url.path)


def assign(root: Any, database: Database, *names: str, charts: str = "5", double: str = "100") -> None:
    root.open(f"{study(root)}/settings")
    with database.read() as connection:
        ids = dict(connection.execute(select(schema.account.c.name, schema.account.c.id)).tuples().all())
    root.send("/assign", reviewers=[str(ids[name]) for name in names], charts=charts, double_percent=double)
    assert root.page.status_code == 200, root.page.text


def settings(root: Any, **fields: str) -> None:
    root.open(f"{study(root)}/settings")
    root.send("/settings", **fields)
    assert root.page.status_code == 200


def test_blind_first_hides_the_programs_verdict_until_one_is_recorded(sqlite: Database, meet: Meet, tools: Any) -> None:
    settings(meet(sqlite, "root"), blind="yes", plain_percent="0", why="protocol amendment 2")
    ada = meet(sqlite, "ada")
    page = ada.open("/")
    assert "ineligible" not in page
    assert "Rank</th>" not in page
    page = ada.open_chart(sqlite, "D1-001", "E6")
    assert "Program:" not in page
    assert "program:" not in page
    assert "shows once you have decided" in page
    assert 'class="role supports"' not in page
    assert 'class="role rejected' not in page
    assert "m k" in page, "highlights stay, without what they are taken for"
    page = ada.decide("E6", "not_met")
    assert "Program:" in page
    assert page.count("program:") == 0


def test_a_plain_chart_shows_no_evidence_until_sign_off(sqlite: Database, meet: Meet, tools: Any) -> None:
    settings(meet(sqlite, "root"), blind="", plain_percent="100", why="to measure what highlights do")
    ada = meet(sqlite, "ada")
    page = ada.open_chart(sqlite, "D1-001", "E6")
    assert "read without highlights" in page
    assert '<mark class="m' not in page
    assert "Program:" not in page
    tools.review(sqlite, "ada", "D1-001", {})
    page = ada.open_chart(sqlite, "D1-001", "E6")
    assert '<mark class="m' in page
    assert "Program:" in page


def test_the_share_of_plain_charts_is_the_one_set(sqlite: Database, meet: Meet, tools: Any) -> None:
    settings(meet(sqlite, "root"), plain_percent="40", why="to measure")
    with sqlite.read() as connection:
        draws = connection.execute(select(schema.chart.c.draw)).scalars().all()
    ada = meet(sqlite, "ada")
    for patient in ("D1-001", "D1-002", "D1-006", "D1-010", "=H<i>1"):
        ada.open_chart(sqlite, patient)
    with sqlite.read() as connection:
        plain = connection.execute(select(schema.sheet.c.is_plain)).scalars().all()
    assert sum(plain) == sum(draw < 0.4 for draw in draws)


def test_settings_need_a_reason_and_an_admin(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ada = meet(sqlite, "root"), meet(sqlite, "ada")
    root.open(f"{study(root)}/settings")
    root.send("/settings", plain_percent="10", why=" ")
    assert root.page.status_code == 422
    ada.open(f"{study(ada)}/settings")
    assert ada.page.status_code == 403


def test_two_reviewers_do_not_see_each_other_and_disputes_are_settled_without_names(
    database: Database, meet: Meet, tools: Any
) -> None:
    root, ada, ben, cleo = (meet(database, name) for name in ("root", "ada", "ben", "cleo"))
    assign(root, database, "ada", "ben")
    tools.review(database, "ada", "D1-001", {"E6": "met", "I2": "met"})
    page = ben.open_chart(database, "D1-001", "E6")
    assert "0 of 18 decided" in page
    assert "by ada" not in page
    tools.review(database, "ben", "D1-001", {"E6": "not_met", "I2": "met"})

    page = cleo.open(f"{study(cleo)}/adjudication")
    assert "D1-001" in page
    assert "E6:" in page
    assert "I2:" not in page
    page = cleo.open_chart(database, "D1-001")
    assert str(cleo.page.url).endswith(tools_token(database, "D1-001"))
    assert "Two reviewers disagree" in page
    assert "Reviewer A" in page
    assert "Reviewer B" in page
    assert not re.search(r"\b(ada|ben)\b", page)
    cleo.sign()
    assert "1 decision is still open" in cleo.page.text
    cleo.open_chart(database, "D1-001")
    cleo.decide("E6", "not_met", comment="an outpatient throughout")
    page = cleo.sign()
    assert "Adjudicated" in page
    assert verify(database).faults == ()


def tools_token(database: Database, patient: str) -> str:
    with database.read() as connection:
        return str(connection.execute(select(schema.chart.c.token).where(schema.chart.c.patient_id == patient)).scalar_one())


def test_a_reviewer_never_adjudicates_their_own_chart(sqlite: Database, meet: Meet, tools: Any) -> None:
    root = meet(sqlite, "root")
    root.open("/accounts")
    with sqlite.read() as connection:
        number = connection.execute(select(schema.account.c.id).where(schema.account.c.name == "ada")).scalar_one()
    root.send(f"/accounts/{number}", roles=["reviewer", "adjudicator"], active="yes")
    ada = meet(sqlite, "ada")
    assign(root, sqlite, "ada", "ben")
    tools.review(sqlite, "ada", "D1-001", {"E6": "met"})
    tools.review(sqlite, "ben", "D1-001", {"E6": "not_met"})
    page = ada.open(f"{study(ada)}/adjudication")
    assert "you reviewed it" in page
    ada.open_chart(sqlite, "D1-001", "E6")
    assert "Two reviewers disagree" not in ada.page.text
    assert not ada.has("/verdict/")


def test_charts_of_others_are_closed_to_a_reviewer(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ben = meet(sqlite, "root"), meet(sqlite, "ben")
    assign(root, sqlite, "ada", double="0")
    ben.open_chart(sqlite, "D1-001")
    assert ben.page.status_code == 403
    page = root.open_chart(sqlite, "D1-001")
    assert "you do not decide it" in page
    assert not root.has("/verdict/")


def test_disagreement_on_evidence_alone_is_a_dispute(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ada, ben, cleo = (meet(sqlite, name) for name in ("root", "ada", "ben", "cleo"))
    assign(root, sqlite, "ada", "ben")
    page = ada.open_chart(sqlite, "D1-001", "E1")
    key = re.findall(r'id="i-(e\d+)"', page)[0]
    ada.send(f"/evidence/{key}", action="accept")
    tools.review(sqlite, "ada", "D1-001", {})
    ben.open_chart(sqlite, "D1-001", "E1")
    ben.client.post(
        ben.form(f"/evidence/{key}").action,
        data={**ben.form("/undo").fields, "version": "0", "action": "reject", "reason": "historical"},
    )
    tools.review(sqlite, "ben", "D1-001", {})
    assert "1 piece of evidence" in cleo.open(f"{study(cleo)}/adjudication")
    cleo.open_chart(sqlite, "D1-001", "E1")
    cleo.sign()
    assert re.search(r"<strong>E1</strong> evidence “", cleo.page.text)
    assert not cleo.has("/finish")
    cleo.open_chart(sqlite, "D1-001", "E1")
    cleo.send(f"/evidence/{key}", action="accept")
    cleo.sign()
    assert "Adjudicated" in cleo.page.text


def test_evidence_that_both_set_aside_is_no_dispute(sqlite: Database, meet: Meet, tools: Any) -> None:
    """One accepts what the program has set aside, the other rejects it: both say that it is no evidence."""
    root, ada, ben = (meet(sqlite, name) for name in ("root", "ada", "ben"))
    assign(root, sqlite, "ada", "ben")
    page = ada.open_chart(sqlite, "D1-001", "E6")
    key = re.findall(r'class="item rejected" id="i-(e\d+)"', page)[0]
    ada.send(f"/evidence/{key}", action="accept")
    tools.review(sqlite, "ada", "D1-001", {})
    ben.open_chart(sqlite, "D1-001", "E6")
    ben.page = ben.client.post(
        ben.form(f"/evidence/{key}").action,
        data={**ben.form("/undo").fields, "version": "0", "action": "reject", "reason": "exempt"},
    )
    tools.review(sqlite, "ben", "D1-001", {})
    assert tools.chart_of(sqlite, "D1-001")["state"] == "done"


def test_a_role_that_one_reviewer_corrected_is_a_dispute(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ada, ben = (meet(sqlite, name) for name in ("root", "ada", "ben"))
    assign(root, sqlite, "ada", "ben")
    page = ada.open_chart(sqlite, "D1-001", "E6")
    key, words = re.findall(r'class="item refutes" id="i-(e\d+)".*?data-look="[^"]*">([^<]+)</a>', page, re.S)[0]
    ada.send(f"/evidence/{key}", action="accept")
    tools.review(sqlite, "ada", "D1-001", {})
    ben.open_chart(sqlite, "D1-001", "E6")
    form = {**ben.form("/undo").fields, "version": "0", "action": "correct", "text": html.unescape(words), "role": "supports"}
    ben.page = ben.client.post(ben.form(f"/evidence/{key}").action, data=form)
    assert "you: corrected" in ben.page.text
    tools.review(sqlite, "ben", "D1-001", {})
    assert tools.chart_of(sqlite, "D1-001")["state"] == "disputed"


def test_answers_that_differ_are_settled_too(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ada, ben, cleo = (meet(sqlite, name) for name in ("root", "ada", "ben", "cleo"))
    assign(root, sqlite, "ada", "ben")
    for person, consent, investigator in ((ada, "yes", "cannot_say"), (ben, "no", "no")):
        person.open_chart(sqlite, "D1-001", "I5")
        person.send("/answer/consent", answer=consent)
        person.send("/answer/investigator", answer=investigator)
        tools.review(sqlite, person.name, "D1-001", {})
    assert "1 answer<" in cleo.open(f"{study(cleo)}/adjudication")
    page = cleo.open_chart(sqlite, "D1-001")
    assert cleo.form("/verdict/").action.endswith("/I5"), "it opens where something is in dispute"
    assert page.count("Reviewer A") == 1
    assert "Has the patient signed the consent form" in cleo.sign()
    cleo.open_chart(sqlite, "D1-001", "I5")
    cleo.send("/answer/consent", answer="no")
    assert "Adjudicated" in cleo.sign()


def test_an_adjudication_does_not_outlive_the_decisions_that_it_settled(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ada, cleo = (meet(sqlite, name) for name in ("root", "ada", "cleo"))
    assign(root, sqlite, "ada", "ben")
    for name, verdict in (("ada", "met"), ("ben", "not_met")):
        tools.review(sqlite, name, "D1-001", {"E6": verdict})
    cleo.open_chart(sqlite, "D1-001", "E6")
    cleo.decide("E6", "met")
    cleo.sign()
    ada.open_chart(sqlite, "D1-001", "E6")
    ada.send("/reopen/", why="the letter of May came in")
    assert tools.chart_of(sqlite, "D1-001")["state"] == "started"
    ada.decide("E6", "unknown", why="the letter of May leaves it open")
    ada.sign()
    assert tools.chart_of(sqlite, "D1-001")["state"] == "disputed"
    cleo.open_chart(sqlite, "D1-001", "E6")
    cleo.send("/reopen/", why="a reviewer has changed the verdict")
    assert "Adjudicated" in cleo.sign()
    assert verify(sqlite).faults == ()


def test_the_order_of_evidence_does_not_tell_what_decided(sqlite: Database, meet: Meet, tools: Any) -> None:
    """Pieces that decided stand first once the program's verdict shows, and not before."""
    root, ada = meet(sqlite, "root"), meet(sqlite, "ada")
    places = re.compile(r'class="item [^"]*" id="i-(e\d+)".*?(\d{4}-\d\d-\d\d), note (\d+)', re.S)
    settings(root, blind="yes", plain_percent="0", why="to measure")
    blind = places.findall(ada.open_chart(sqlite, "D1-002", "E6"))
    assert [note for _, _, note in blind] == sorted(note for _, _, note in blind)
    shown = places.findall(ada.decide("E6", "not_met"))
    assert sorted(shown) == sorted(blind)
    assert shown != blind


def test_an_adjudicator_is_not_told_by_the_list_who_read_a_chart(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, cleo = meet(sqlite, "root"), meet(sqlite, "cleo")
    assign(root, sqlite, "ada", "ben")
    page = cleo.open(study(cleo))
    assert "Reviewer A" in page
    assert not re.search(r"\b(ada|ben)\b", page)


def test_reopening_needs_a_reason_and_is_recorded(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    tools.review(sqlite, "ada", "D1-001", {})
    ada.open_chart(sqlite, "D1-001")
    ada.send("/reopen/", why=" ")
    assert ada.page.status_code == 422
    ada.open_chart(sqlite, "D1-001")
    ada.send("/reopen/", why="a letter came in")
    assert ada.has("/verdict/")
    with sqlite.read() as connection:
        row = (
            connection.execute(select(schema.event).where(schema.event.c.kind == "sheet").order_by(schema.event.c.seq.desc()))
            .mappings()
            .first()
        )
    assert row is not None
    assert row["why"] == "a letter came in"
    assert '"state":"open"' in row["after"]


def test_a_signed_off_chart_takes_no_decision(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001", "E6")
    stale = ada.form("/verdict/E6")
    tools.review(sqlite, "ada", "D1-001", {})
    ada.page = ada.client.post(stale.action, data={**stale.fields, "version": "1", "verdict": "met", "why": "late"})
    assert ada.page.status_code == 403


def test_agreement_is_live_and_counts_double_charts_only(sqlite: Database, meet: Meet, tools: Any) -> None:
    root, ada, ben = (meet(sqlite, name) for name in ("root", "ada", "ben"))
    assign(root, sqlite, "ada", "ben", charts="2")
    assert "No chart is signed off by two reviewers yet" in root.open(f"{study(root)}/progress")
    tools.review(sqlite, "ada", "D1-001", {"E6": "met"})
    tools.review(sqlite, "ben", "D1-001", {"E6": "not_met"})
    page = root.open(f"{study(root)}/progress")
    row = re.search(r"all criteria</th><td class=\"n\">(\d+)</td><td class=\"n\">(\d+)</td>", page)
    assert row is not None
    assert row.groups() == ("17", "18")
    assert "Agreement" not in ada.open(f"{study(ada)}/progress")


def test_assignment_gives_each_reviewer_their_share(sqlite: Database, meet: Meet, tools: Any) -> None:
    root = meet(sqlite, "root")
    assign(root, sqlite, "ada", "ben", charts="4", double="50")
    with sqlite.read() as connection:
        owners = connection.execute(select(schema.sheet.c.chart_id, schema.sheet.c.owner_id)).all()
    assert len(owners) == 6
    assert len({chart for chart, _ in owners}) == 4
    assert len(set(owners)) == 6
    assert verify(sqlite).faults == ()
