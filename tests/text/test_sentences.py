"""Sentences: prose, lists, tables and hard wraps, and offsets that never drift."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.text.sentences import LONGEST, split


def parts(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in split(text)]


LONG = "She has been well since the last visit in clinic and has kept all of her"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("No fever. Has TB.", ["No fever.", "Has TB."], id="two sentences"),
        pytest.param(f"{LONG}\nappointments. Well.", [f"{LONG} appointments.", "Well."], id="hard wrap"),
        pytest.param("- fever\n- cough", ["- fever", "- cough"], id="dash list"),
        pytest.param("1. RP, active\n2. CKD", ["1. RP, active", "2. CKD"], id="number stays with its item"),
        pytest.param("AST   84 H   0-32\nALT   118   0-33", ["AST 84 H 0-32", "ALT 118 0-33"], id="table rows"),
        pytest.param("Seen by Dr. Hall on ward 3. Stable.", ["Seen by Dr. Hall on ward 3.", "Stable."], id="title"),
        pytest.param("Creatinine 1.2 mg/dL. OK.", ["Creatinine 1.2 mg/dL.", "OK."], id="decimal"),
        pytest.param("min. diameter 7 mm", ["min. diameter 7 mm"], id="small letter follows"),
        pytest.param("Has psoriasis.He smokes.", ["Has psoriasis.", "He smokes."], id="no space after the stop"),
        pytest.param("one\ftwo", ["one", "two"], id="form feed"),
        pytest.param("one\u2028two", ["one", "two"], id="line separator"),
        pytest.param("TB denied\r\n\r\nFever", ["TB denied", "Fever"], id="CRLF blank line"),
        pytest.param("PMH: asthma\nFH: nil", ["PMH: asthma", "FH: nil"], id="titled lines"),
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t ", [], id="white space only"),
        pytest.param(
            "Any infections? No. Any antibiotics? None.",
            ["Any infections? No.", "Any antibiotics? None."],
            id="question and answer",
        ),
        pytest.param("Unwell? No fever today.", ["Unwell?", "No fever today."], id="question and a new sentence"),
        pytest.param("43 y.o. F with RP", ["43 y.o. F with RP"], id="age abbreviation"),
    ],
)
def test_text_is_split_where_a_reader_would(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@given(st.text(alphabet=st.sampled_from("aB .,:;-\n\r\t\f\u2028|0é\u0301🙂\x00"), max_size=300))
def test_sentences_tile_all_visible_text_in_order(text: str) -> None:
    spans = split(text)
    covered = {i for start, end in spans for i in range(start, end)}
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
    assert {i for i, char in enumerate(text) if not char.isspace()} <= covered


def test_a_line_without_any_boundary_is_cut_into_bounded_pieces() -> None:
    spans = split("x" * (3 * LONGEST + 5))
    assert [end - start for start, end in spans] == [LONGEST, LONGEST, LONGEST, 5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("rituximab 1 g, two doses, no real help\nazathioprine 150 mg/d", 2, id="short lines in lower case"),
        pytest.param("- Lungs clear,\n  no wheeze", 1, id="an item with its continuation"),
        pytest.param("any infection ....... N\nany live vaccine ....... N", 2, id="rows with leader dots"),
        pytest.param("Live vaccine past yr / planned ...... N / N", 1, id="two answers behind dots"),
        pytest.param("No need of more. ears red again", 2, id="a sentence that begins in lower case"),
        pytest.param("Subconj. hemorrhage, inf. cancelled", 1, id="abbreviations before lower case"),
        pytest.param("D.O.B. 12/3/1966", 1, id="dotted abbreviation"),
        pytest.param("Partner left in Feb. Denies low mood.", 2, id="month at the end of a sentence"),
        pytest.param("Father with lung ca. Polychondritis, airway?", 2, id="ca as cancer, not as circa"),
    ],
)
def test_terse_notes_are_split_line_by_line(text: str, expected: int) -> None:
    assert len(split(text)) == expected
