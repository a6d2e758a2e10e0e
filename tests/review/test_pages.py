"""What a reviewer sees and sends, through plain forms and without JavaScript."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from extractor.review import load, schema
from extractor.review.accounts import add_account
from extractor.review.database import Database, open_database
from extractor.review.log import PROGRAM
from extractor.review.verify import verify

Meet = Callable[..., Any]
CRITERIA = [*(f"I{n}" for n in range(1, 6)), *(f"E{n}" for n in range(1, 14))]


def test_a_decision_is_recorded_and_shown(database: Database, meet: Meet) -> None:
    ada = meet(database, "ada")
    ada.open_chart(database, "D1-001")
    page = ada.decide("E6", "not_met", comment="denied on 12 June")
    assert "by ada" in page
    assert "denied on 12 June" in page
    assert "1 of 18 decided" in page
    assert verify(database).faults == ()


def test_nothing_found_is_a_decision_of_its_own(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    ada.decide("I5", "nothing_found")
    with sqlite.read() as connection:
        value = connection.execute(select(schema.entry.c.value).where(schema.entry.c.key == "I5")).scalar_one()
    assert '"nothing_found":true' in value
    assert '"verdict":"unknown"' in value


def test_saving_and_going_on_opens_the_next_undecided_criterion(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    ada.decide("I2", "met")
    ada.open(f"{ada.page.url.path}?c=I1")
    ada.send("/verdict/I1", verdict="met", then="next")
    assert ada.page.url.query == b"c=I3"


def test_a_change_needs_its_reason_and_keeps_what_was_typed(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    ada.decide("E6", "met")
    page = ada.decide("E6", "not_met", comment="I looked again")
    assert ada.page.status_code == 422
    assert "I looked again" in page
    ada.send("/verdict/E6", why="misread the date")
    assert ada.page.status_code == 200
    with sqlite.read() as connection:
        row = (
            connection.execute(select(schema.event).where(schema.event.c.kind == "verdict").order_by(schema.event.c.seq.desc()))
            .mappings()
            .first()
        )
    assert row is not None
    assert row["why"] == "misread the date"
    assert '"verdict":"met"' in row["before"]
    assert '"verdict":"not_met"' in row["after"]


def test_the_later_of_two_reviewers_is_shown_the_earlier(database: Database, meet: Meet) -> None:
    ada, ben = meet(database, "ada"), meet(database, "ben")
    ada.open_chart(database, "D1-001", "E6")
    ben.open_chart(database, "D1-001", "E6")
    ada.send("/verdict/E6", verdict="met", comment="inpatient in May")
    page = ben.send("/verdict/E6", verdict="unknown", comment="not sure about May")
    assert ben.page.status_code == 409
    assert "inpatient in May" in page
    assert "ada" in page
    assert "not sure about May" in page
    ben.send("/verdict/E6", why="seen together with ada")
    assert ben.page.status_code == 200
    assert "by ben" in ben.page.text
    assert verify(database).faults == ()


def test_undo_takes_back_ones_own_decisions_one_by_one(database: Database, meet: Meet) -> None:
    ada = meet(database, "ada")
    ada.open_chart(database, "D1-001")
    ada.decide("E6", "met")
    ada.decide("E6", "unknown", why="second look")
    ada.decide("E7", "met")
    assert "2 of 18" in ada.page.text
    ada.send("/undo")
    assert "1 of 18" in ada.page.text
    ada.send("/undo")
    ada.open(f"{ada.page.url.path}?c=E6")
    assert re.search(r'value="met"[^>]*checked', ada.page.text)
    ada.send("/undo")
    assert "0 of 18" in ada.page.text
    assert ada.send("/undo").count("nothing of yours to undo") == 1
    assert verify(database).faults == ()


def test_undo_never_takes_away_what_another_reviewer_wrote(sqlite: Database, meet: Meet) -> None:
    ada, ben = meet(sqlite, "ada"), meet(sqlite, "ben")
    ada.open_chart(sqlite, "D1-001")
    ada.decide("E6", "met")
    ben.open_chart(sqlite, "D1-001")
    ben.decide("E6", "not_met", why="it was 2023")
    ada.open_chart(sqlite, "D1-001")
    ada.send("/undo")
    assert ada.page.status_code == 409


def test_evidence_is_accepted_rejected_and_corrected(database: Database, meet: Meet) -> None:
    ada = meet(database, "ada")
    ada.open_chart(database, "D1-001", "E1")
    keys = re.findall(r'id="i-(e\d+)"', ada.page.text)
    ada.send(f"/evidence/{keys[0]}", action="accept")
    assert "you: accepted" in ada.page.text
    ada.client.post(
        ada.form(f"/evidence/{keys[1]}").action,
        data={**ada.form("/undo").fields, "version": "0", "action": "reject", "reason": "family"},
    )
    ada.open_chart(database, "D1-001", "E1")
    assert "you: rejected" in ada.page.text
    assert "somebody else" in ada.page.text
    ada.send("/evidence/" + keys[2], action="correct", text="other biologic", role="refutes")
    assert verify(database).faults == ()


def test_accepting_the_rest_is_undone_at_once(database: Database, meet: Meet) -> None:
    ada = meet(database, "ada")
    page = ada.open_chart(database, "D1-001", "E1")
    key, *others = re.findall(r'id="i-(e\d+)"', page)
    ada.send(f"/evidence/{key}", action="accept")
    page = ada.send("/accept/E1")
    assert page.count("you: accepted") == 1 + len(others) > 2
    assert ada.send("/undo").count("you: accepted") == 1
    assert ada.send("/undo").count("you: accepted") == 0
    assert "nothing of yours to undo" in ada.send("/undo")
    assert verify(database).faults == ()


def test_the_rest_of_two_criteria_is_undone_one_by_one(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    counts = {}
    for criterion in ("E1", "E6"):
        ada.open_chart(sqlite, "D1-001", criterion)
        counts[criterion] = ada.send(f"/accept/{criterion}").count("you: accepted")
    assert all(count > 1 for count in counts.values())
    assert ada.send("/undo").count("you: accepted") == 0
    assert ada.open_chart(sqlite, "D1-001", "E1").count("you: accepted") == counts["E1"]


def test_a_form_sent_twice_is_recorded_once(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    page = ada.open_chart(sqlite, "=H<i>1", "E6")
    note = re.search(r'data-note="(\d+)"', page)
    assert note is not None
    verdict, added = ada.form("/verdict/E6"), ada.form("/add/E6")
    for form, fields in (
        (verdict, {"verdict": "met", "comment": "in the ward"}),
        (added, {"note": note[1], "text": "last week", "role": "supports"}),
    ):
        for _ in range(2):
            assert ada.client.post(form.action, data={**form.fields, **fields}).status_code == 200
    with sqlite.read() as connection:
        events = connection.execute(select(schema.event.c.kind).where(schema.event.c.kind.in_(("verdict", "finding")))).scalars()
        assert sorted(events) == ["finding", "verdict"]


def test_a_span_is_added_by_its_words_and_slices_to_them(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    page = ada.open_chart(sqlite, "=H<i>1", "E6")
    note = re.search(r'data-note="(\d+)"', page)
    assert note is not None
    ada.send("/add/E6", note=note[1], text="iv   antibiotics last week", role="supports")
    assert "you: added" in ada.page.text
    with sqlite.read() as connection:
        value = connection.execute(select(schema.entry.c.value).where(schema.entry.c.kind == "finding")).scalar_one()
    assert '"text":"iv antibiotics last week"' in value
    page = ada.send("/add/E6", note=note[1], text="not in the note", role="supports")
    assert ada.page.status_code == 422
    assert "does not have these words" in page


def test_offsets_of_a_selection_must_hold_the_words(sqlite: Database, meet: Meet, tools: Any) -> None:
    ada = meet(sqlite, "ada")
    page = ada.open_chart(sqlite, "=H<i>1", "E6")
    note = re.search(r'data-note="(\d+)"', page)
    assert note is not None
    start = tools.HOSTILE.index("pneumonia")
    ada.send("/add/E6", note=note[1], text="pneumonia", start=str(start), end=str(start + 9), role="supports")
    assert ada.page.status_code == 200
    ada.send("/add/E6", note=note[1], text="pneumonia", start=str(start + 1), end=str(start + 10), role="supports")
    assert ada.page.status_code == 422


def test_a_note_full_of_markup_shows_as_its_text(sqlite: Database, meet: Meet, tools: Any) -> None:
    page = meet(sqlite, "ada").open_chart(sqlite, "=H<i>1")
    assert "<script>document" not in page
    assert "<img src=x" not in page
    assert "<b>Letter</b>" not in page
    body = re.search(r'<div class="text"[^>]*>(.*?)</div>\s*</article>', page, re.S)
    assert body is not None
    assert html.unescape(re.sub(r"<[^>]+>", "", body[1])) == tools.HOSTILE


def test_every_note_of_every_chart_shows_its_exact_text(sqlite: Database, meet: Meet, run_folder: Path, tools: Any) -> None:
    from extractor.io.notes import read_notes
    from extractor.records import Note

    texts = {note.note_text for note in read_notes(tools.source_of(run_folder).notes) if isinstance(note, Note)}
    shown = set()
    root = meet(sqlite, "root")
    for patient in ("D1-001", "D1-002", "D1-006", "D1-010", "=H<i>1"):
        page = root.open_chart(sqlite, patient)
        shown |= {
            html.unescape(re.sub(r"<[^>]+>", "", body))
            for body in re.findall(r'<div class="text"[^>]*>(.*?)</div>\s*</article>', page, re.S)
        }
    assert shown == texts


def test_no_patient_stands_in_addresses_or_titles(sqlite: Database, meet: Meet, tools: Any) -> None:
    root = meet(sqlite, "root")
    page = root.open("/")
    for address in re.findall(r'(?:href|action)="([^"]*)"', page):
        assert "D1-" not in address
    page = root.open_chart(sqlite, "D1-001")
    for address in re.findall(r'(?:href|action|src)="([^"]*)"', page):
        assert "D1-" not in address
        assert "chondritis" not in address
    assert tools.Forms(page).title == "Chart – prescreen"


def test_search_in_the_chart_marks_every_hit(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    page = ada.send("/find", words="METHOTREXATE")
    assert page.count('class="hit" id="hit-') == len(
        re.findall("methotrexate", " ".join(re.findall(r'<div class="text"[^>]*>(.*?)</div>\s*</article>', page, re.S)), re.I)
    )
    assert ada.page.url.query in (b"", b"c=I1")


def test_a_form_sent_after_the_session_ended_is_offered_again(database: Database, meet: Meet, clock: Any) -> None:
    ada = meet(database, "ada")
    ada.open_chart(database, "D1-001", "E6")
    clock.time += timedelta(minutes=31)
    page = ada.send("/verdict/E6", verdict="met", comment="typed for an hour")
    assert ada.page.status_code == 401
    assert "Your session ended" in page
    page = ada.send("/login", name="ada", password="correct horse battery")
    assert "typed for an hour" in page
    assert "Nothing of the form below is recorded yet" in page
    page = ada.send("/verdict/E6")
    assert "typed for an hour" in page
    assert "1 of 18 decided" in page


def test_a_missing_notes_file_is_said_and_decisions_go_on(tmp_path: Path, run_folder: Path, meet: Meet, tools: Any) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path / "key")
    source = tools.source_of(run_folder)
    lacking = load.Source(source.folder, None, source.patients, source.trial, source.questions, source.run, source.run_sha256)
    assert load.load(database, lacking).notes_without_text > 0
    with database.write() as connection:
        add_account(database, connection, PROGRAM, "ada", tools.PASSWORD, ["reviewer"])
    ada = meet(database, "ada")
    page = ada.open_chart(database, "D1-001", "E6")
    assert "The text of this note was not found" in page
    assert "“" in page
    ada.decide("E6", "not_met")
    assert ada.page.status_code == 200
    assert load.load(database, source).notes_without_text == 0
    assert "was not found" not in ada.open_chart(database, "D1-001", "E6")
    assert "by ada" in ada.page.text
    database.engine.dispose()


def test_a_run_that_lists_no_notes_takes_them_from_their_file(tmp_path: Path, run_folder: Path, tools: Any) -> None:
    """As `prescreen screen` leaves a run."""
    screened = tmp_path / "run"
    shutil.copytree(run_folder, screened, ignore=shutil.ignore_patterns("notes.*", "mentions.*"))
    database = open_database(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path / "key")
    loaded = load.load(database, tools.source_of(screened))
    assert (loaded.charts, loaded.notes_without_text) == (5, 0)
    database.engine.dispose()


def test_a_note_that_changed_since_the_run_is_not_marked(tmp_path: Path, run_folder: Path, meet: Meet, tools: Any) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path / "key")
    source = tools.source_of(run_folder)
    changed = tmp_path / "notes.jsonl"
    changed.write_text(Path(source.notes).read_text("utf-8").replace("Severe pneumonia", "Mild pneumonia"), "utf-8")
    other = load.Source(source.folder, changed, source.patients, source.trial, source.questions, source.run, source.run_sha256)
    assert load.load(database, other).notes_without_text == 1
    database.engine.dispose()


@pytest.mark.parametrize("page", ["progress", "export", "settings", ""])
def test_pages_of_a_study_open_for_an_admin(sqlite: Database, meet: Meet, page: str) -> None:
    root = meet(sqlite, "root")
    root.open("/")
    token = root.page.url.path
    root.open(f"{token}/{page}".rstrip("/"))
    assert root.page.status_code == 200
    for address in ("/accounts", "/record", "/help"):
        root.open(address)
        assert root.page.status_code == 200


def test_signing_off_needs_every_verdict(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    page = ada.sign()
    assert "18 decisions are still open" in page
    assert not ada.has("/finish")
    ada.open_chart(sqlite, "D1-001")
    ada.decide_all(dict.fromkeys(CRITERIA, "unknown"))
    ada.sign()
    assert "Your review is signed off" in ada.page.text
    assert not ada.has("/verdict/")


def test_answers_join_the_verdicts(sqlite: Database, meet: Meet) -> None:
    ada = meet(sqlite, "ada")
    ada.open_chart(sqlite, "D1-001")
    ada.decide_all({name: "met" if name[0] == "I" else "not_met" for name in CRITERIA})
    ada.decide("I5", "unknown", why="the form is not in the notes")
    assert "With the answers the criterion is <strong>unknown" in ada.page.text
    page = ada.send("/answer/consent", answer="yes", comment="form of 1 June")
    assert "With the answers the criterion is <strong>met" in page
    assert '<span class="status review">' in page
    assert '<span class="status eligible">' in ada.send("/answer/investigator", answer="no")
    assert '<span class="status ineligible">' in ada.send("/answer/investigator", answer="yes", why="asked again")
    ada.open(f"{ada.page.url.path}?c=E12")
    ada.send("/answer/pregnant_or_lactating", answer="yes")
    assert "With the answers the criterion is <strong>met" in ada.page.text


def test_answers_join_the_programs_verdicts_before_anybody_decides(sqlite: Database, meet: Meet) -> None:
    """The chart that the program finds eligible, by what people say."""
    ada = meet(sqlite, "ada")
    page = ada.open_chart(sqlite, "D1-001", "I5")
    assert "Program: met" in page
    assert '<span class="status review">' in page, "the investigator has not been asked yet"
    assert '<span class="status eligible">' in ada.send("/answer/investigator", answer="no")
    ada.open(f"{ada.page.url.path}?c=I5")
    page = ada.send("/answer/consent", answer="no")
    assert "With the answers the criterion is <strong>not met" in page
    assert '<span class="status ineligible">' in page
    assert "Program: met" in page
