"""Marks, pictures, questions: what the page draws and how answers combine."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import SpecError
from extractor.review.charts import ChartNote, view_chart
from extractor.review.decide import Words, place_words
from extractor.review.faults import BadInput
from extractor.review.load import PASSAGE_CHARACTERS, passages_of
from extractor.review.marks import Mark, hits, outline, pieces
from extractor.review.picture import INDEX, LEFT, RIGHT, picture, windows_of
from extractor.review.questions import Question, combined, load_questions, status_of
from extractor.review.site import note_text
from extractor.spec.trials import load_trial

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


@given(st.text(max_size=40), SPANS)
def test_pieces_tile_the_text_and_carry_what_covers_them(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [Mark(start, end, number=number) for number, (start, end) in enumerate(spans)]
    made = pieces(text, marks)
    assert "".join(piece.text for piece in made) == text
    place = 0
    for piece in made:
        covering = {mark for mark in marks if mark.start <= place < min(mark.end, len(text))}
        assert set(piece.marks) == covering
        place += len(piece.text)


@given(st.text(max_size=40), SPANS)
def test_every_mark_begins_once_where_it_starts(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [Mark(start, end, number=number) for number, (start, end) in enumerate(spans)]
    begun = [mark for piece in pieces(text, marks) for mark in piece.begins]
    assert sorted(mark.number for mark in begun) == [mark.number for mark in marks if mark.start < min(mark.end, len(text))]


@given(st.text())
def test_a_text_in_passages_is_the_text(text: str) -> None:
    body = text * 3 if "\ud800" not in text else text
    assert "".join(passages_of(body)) == body.replace("\x00", "\ufffd")


def test_long_texts_are_cut_at_white_space_and_no_passage_is_too_long() -> None:
    body = "word " * 60_000 + "x" * 250_000
    parts = passages_of(body)
    assert "".join(parts) == body
    assert max(map(len, parts)) <= PASSAGE_CHARACTERS
    assert parts[0].endswith(" ")


def test_hits_are_found_in_any_case_at_their_offsets() -> None:
    text = "Methotrexate; METHOTREXATE 🙂 methotrexate"
    assert [text[start:end].lower() for start, end in hits(text, "methotrexate")] == ["methotrexate"] * 3
    assert hits("İstanbul HIV", "hiv") == []  # its small form is longer, so only exact words are found
    assert hits("İstanbul HIV", "HIV") == [(9, 12)]


def test_the_outline_names_sections_in_order() -> None:
    found = outline("HISTORY:\nwell\n\nMedications:\nnone\n", "s1")
    assert [head.title for head in found] == ["HISTORY", "Medications"]
    assert [head.anchor for head in found] == ["s1-1", "s1-2"]


@given(st.text())
def test_note_text_is_escaped_and_keeps_its_characters(text: str) -> None:
    import html

    shown = str(note_text(text))
    assert "<" not in shown
    assert "\r" not in shown
    if "\x00" not in text:
        assert html.unescape(shown.replace("&#13;", "\r")) == html.unescape(text) or "&" in text


def note(text: str) -> ChartNote:
    return ChartNote(1, 1, "n", "2025-01-01", None, text, None)


def test_words_are_placed_by_occurrence_and_nearness() -> None:
    text = "flu in May, flu in June, flu\n  in July"
    assert place_words(note(text), Words("flu", occurrence=2)) == (12, 15)
    assert place_words(note(text), Words("flu in July")) == (25, 38)
    assert place_words(note(text), Words("flu"), near=24) == (25, 28)
    with pytest.raises(BadInput, match="3 times"):
        place_words(note(text), Words("flu", occurrence=4))
    with pytest.raises(BadInput, match="does not have these words"):
        place_words(note(text), Words("Flu"))


def test_windows_of_a_criterion_are_found_through_its_references() -> None:
    trial = load_trial("rp-low-dose-il2")
    assert [window.years for window in windows_of(trial, "E9")] == [5]
    assert windows_of(trial, "E8") == []


def test_the_picture_holds_every_dated_piece_and_stays_in_its_frame(sqlite: Any, tools: Any) -> None:
    with sqlite.read() as connection:
        view = view_chart(connection, tools.chart_of(sqlite, "D1-002"), None)
    drawn = picture(view)
    assert drawn is not None
    assert sum(len(row.bars) for row in drawn.rows) == sum(item.has_date for one in view.criteria for item in one.items)
    for row in drawn.rows:
        for bar in row.bars:
            assert LEFT <= bar.x <= RIGHT
            assert bar.width > 0
            days = (date.fromisoformat(drawn.index_date) - date.fromisoformat(bar.item.latest)).days if bar.item.latest else 0
            assert days < 0 or bar.x <= INDEX


CONSENT = Question(id="consent", ask="Signed?", criterion="I5")
TWO = [Question(id="a", ask="A?", criterion="E12"), Question(id="b", ask="B?", criterion="E12")]


@pytest.mark.parametrize(
    ("verdict", "questions", "answers", "gives"),
    [
        ("unknown", [CONSENT], {}, "unknown"),
        ("unknown", [CONSENT], {"consent": "yes"}, "met"),
        ("met", [CONSENT], {"consent": "no"}, "not_met"),
        ("met", [CONSENT], {"consent": "cannot_say"}, "met"),
        ("not_applicable", [CONSENT], {"consent": "yes"}, "not_applicable"),
        ("unknown", TWO, {"a": "no"}, "unknown"),
        ("unknown", TWO, {"a": "no", "b": "no"}, "not_met"),
        ("not_met", TWO, {"b": "yes"}, "met"),
        ("unknown", [Question(id="q", ask="?", criterion="E1", combine="any_of")], {"q": "no"}, "unknown"),
        ("not_met", [Question(id="q", ask="?", criterion="E1", combine="any_of")], {"q": "yes"}, "met"),
        ("met", [Question(id="q", ask="?", criterion="E1", combine="all_of")], {"q": "no"}, "not_met"),
        ("met", [Question(id="q", ask="?", criterion="E1", combine="all_of")], {}, "unknown"),
        ("met", [], {}, "met"),
    ],
)
def test_answers_combine_by_three_valued_logic(
    verdict: str, questions: list[Question], answers: dict[str, str], gives: str
) -> None:
    assert combined(verdict, questions, answers) == gives


@pytest.mark.parametrize(
    ("criteria", "status"),
    [
        ([("inclusion", "met"), ("exclusion", "not_met")], "eligible"),
        ([("inclusion", "met"), ("exclusion", "unknown")], "review"),
        ([("inclusion", "unknown"), ("exclusion", "met")], "ineligible"),
        ([("inclusion", "not_applicable")], "eligible"),
    ],
)
def test_a_status_follows_from_all_verdicts(criteria: list[tuple[str, str]], status: str) -> None:
    assert status_of(criteria) == status


def test_questions_of_a_criterion_that_the_trial_lacks_are_refused(tmp_path: Any) -> None:
    path = tmp_path / "q.yaml"
    path.write_text("trial: rp-low-dose-il2\nquestions:\n  - {id: x, ask: X?, criterion: Z9}\n")
    with pytest.raises(SpecError, match="no criterion 'Z9'"):
        load_questions(load_trial("rp-low-dose-il2"), path)
    path.write_text("trial: other\nquestions: []\n")
    with pytest.raises(SpecError, match="questions of other"):
        load_questions(load_trial("rp-low-dose-il2"), path)
