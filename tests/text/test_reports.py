"""Reports quoted inside notes: where they begin and end, what they date, and that a note may be one throughout."""

from datetime import date

import pytest

from extractor.records import Note
from extractor.text.pipeline import FastPipeline

NOTE_DATE = date(2025, 6, 16)


@pytest.fixture(scope="module")
def pipeline() -> FastPipeline:
    return FastPipeline.load()


def chest(pipeline: FastPipeline, text: str, title: str = "Clinic note") -> list[tuple[str, bool, date | None]]:
    """(concept, negated, last day) of the mentions that only an image of the chest gives."""
    found = pipeline.mentions(Note("note", "patient", NOTE_DATE, text, title))
    return [
        (m.concept, m.assertion.negated, m.when.latest)
        for m in found
        if m.concept.startswith("chest_") and m.concept != "chest_imaging"
    ]


def test_every_sentence_of_a_quoted_report_is_of_the_examination(pipeline: FastPipeline) -> None:
    told = chest(pipeline, "CXR 05/02/2025: lungs clear. No nodule. No adenopathy.\n\nPlan: no change.")
    assert [concept for concept, _, _ in told] == ["chest_imaging_clear", "chest_malignancy_finding", "chest_malignancy_finding"]
    assert {day for _, _, day in told} == {date(2025, 5, 2)}


def test_a_report_ends_at_the_next_topic(pipeline: FastPipeline) -> None:
    assert chest(pipeline, "CT chest 05/02/2025: lungs clear. Echo: no mass in the atrium.") == [
        ("chest_imaging_clear", False, date(2025, 5, 2))
    ]
    assert chest(pipeline, "- CXR 05/02/2025: clear\n- Breast: no nodule") == [("chest_imaging_clear", False, date(2025, 5, 2))]


def test_the_stethoscope_is_no_report(pipeline: FastPipeline) -> None:
    assert chest(pipeline, "Exam: chest pain on pressing. Lungs clear. No nodule felt.") == []


def test_the_day_of_the_examination_outlasts_that_of_the_report(pipeline: FastPipeline) -> None:
    told = chest(pipeline, "CHEST X-RAY (PA) 03/29/2025 -- addendum, result attached 03/31:\n  Lungs are clear. No mass.")
    assert {day for _, _, day in told} == {date(2025, 3, 29)}


def test_the_question_is_no_finding(pipeline: FastPipeline) -> None:
    text = "X-RAY CHEST PA VIEW\n\nClinical details: ? any Koch's\n\nObservations\nNo active lung lesion."
    told = chest(pipeline, text, "X-ray report")
    assert ("chest_imaging_question", False, NOTE_DATE) in told
    assert not [t for t in told if t[0] == "chest_infection_finding" and not t[1]]
