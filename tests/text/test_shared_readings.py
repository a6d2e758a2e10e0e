"""What a whole sentence gives its mentions: dates of persons, settings that do not leak, shared dates, doubted spans."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.records import Mention, Note
from extractor.text.pipeline import FastPipeline

PIPELINE = FastPipeline.load()
NOTE_DATE = date(2025, 6, 16)


def mention(text: str, concept: str) -> Mention:
    found = PIPELINE.mentions(Note("n", "p", NOTE_DATE, text, "Clinic note"))
    return next(m for m in found if m.concept == concept)


@pytest.mark.parametrize("concept", ["age", "sex"])
@pytest.mark.parametrize("text", ["43 y.o. F with RP 2 years ago", "43 y.o. F, admitted in March 2024 with pneumonia"])
def test_age_and_sex_are_those_of_the_note_date(text: str, concept: str) -> None:
    assert mention(text, concept).when.earliest == NOTE_DATE


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("No pneumonia, no antibiotics and no hospitalization in the past year.", "antibiotic"),
        ("Pneumonia in May, not admitted, oral amoxicillin.", "oral_antibiotic"),
        ("Cellulitis treated at home, never hospitalised.", "mild_infection"),
    ],
)
def test_a_denied_stay_in_hospital_gives_no_setting(text: str, concept: str) -> None:
    assert "setting" not in dict(mention(text, concept).attributes)


def test_a_stay_in_hospital_gives_its_setting() -> None:
    assert dict(mention("Admitted with cellulitis of the leg.", "mild_infection").attributes)["setting"] == "hospital"


def test_a_disease_shares_the_date_of_its_treatment() -> None:
    treated = mention("Was treated for pneumonia with oral levofloxacin 3 weeks ago.", "pneumonia")
    assert treated.when.latest is not None
    assert treated.when.latest < NOTE_DATE


@pytest.mark.parametrize(("text", "year"), [("Prevenar 13 2021, influenza 10/2024", 2021), ("12/03/2024  Shingrix dose 2", 2024)])
def test_a_vaccine_takes_the_date_beside_it(text: str, year: int) -> None:
    when = mention(text, "inactivated_vaccine").when
    assert when.earliest is not None
    assert when.earliest.year == year


def test_a_span_may_begin_inside_the_cue_that_denies_it() -> None:
    assert mention("He has not used any drugs since.", "drug_abuse").assertion.negated
