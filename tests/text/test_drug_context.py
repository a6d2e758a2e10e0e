"""What a sentence says of a drug beyond its dose, on whole sentences."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.records import Mention, Note
from extractor.text.pipeline import FastPipeline

PIPELINE = FastPipeline.load()
NOTE_DATE = date(2025, 6, 16)


def mentions(text: str) -> list[Mention]:
    return PIPELINE.mentions(Note("n", "p", NOTE_DATE, text, "Clinic note"))


def said(text: str, concept: str, name: str) -> list[str | None]:
    """The attribute `name` of each mention of `concept`."""
    return [m.attribute(name) for m in mentions(text) if m.concept == concept]


@pytest.mark.parametrize(
    "text",
    [
        "Last Remicade infusion 3 weeks ago.", "Last dose of infliximab was on 3 May 2025.", "Infliximab 12 May 2025 was the final dose.",
        "On infliximab since 2023, most recent infusion 12 May 2025, due July.",
    ],
)  # fmt: skip
def test_the_day_of_the_last_dose_is_told(text):
    assert said(text, "infliximab", "last_dose")[0] == "yes"
    assert said(text, "infliximab", "status")[0] != "planned"


def test_a_date_alone_is_not_that_of_the_last_dose():
    assert said("Infliximab was given on 12 May 2025.", "infliximab", "last_dose") == [None]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Rituximab in March 2024, none since.", "biologic"), ("Cimzia ended 10/11/23; nothing thereafter.", "biologic"),
        ("Prednisone 40 mg finished 2 June, none after.", "corticosteroid"), ("Prednisolone stopped 1 May 2025. None since.", "corticosteroid"),
    ],
)  # fmt: skip
def test_none_since_denies_what_comes_after(text, concept):
    (denial,) = [m for m in mentions(text) if m.concept == concept]
    assert denial.assertion.negated and "no" in denial.text.lower()
    assert denial.when.latest == NOTE_DATE


def test_none_since_of_something_else_is_not_of_the_drug():
    assert not [m for m in mentions("On prednisone 10 mg. Pneumonia in 2020 and a fall in the garden last winter, none since.") if m.concept == "corticosteroid"]


def test_the_next_dose_is_a_plan():
    planned = [m for m in mentions("Inflectra 320 mg given today, next infusion due 4 August 2025.") if m.assertion.hypothetical]
    assert [(m.concept, m.when.earliest) for m in planned] == [("infliximab", date(2025, 8, 4))]


def test_an_antibody_dated_after_its_note_is_a_plan():
    (mention,) = [m for m in mentions("Infliximab 5 mg/kg on 4 August 2025.") if m.concept == "infliximab"]
    assert mention.assertion.hypothetical


def test_drugs_of_a_list_share_the_word_before_it():
    assert said("Failed infliximab, adalimumab and tocilizumab.", "tocilizumab", "status") == ["failed"]
    assert said("Stopped infliximab; feeling well, she likes the name tocilizumab.", "tocilizumab", "status") == [None]


@pytest.mark.parametrize(
    ("text", "status"),
    [("Allergies: infliximab, latex\n", "allergic"), ("Meds  Prolia, Eltroxin\n", "current"), ("Was told of Prolia.", None)],
)
def test_a_list_tells_the_status_of_a_bare_name(text, status):
    drug = "infliximab" if "infliximab" in text else "denosumab"
    assert said(text, drug, "status") == [status]
