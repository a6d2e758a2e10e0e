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
    assert denial.assertion.negated
    assert "no" in denial.text.lower()
    assert denial.when.latest == NOTE_DATE


def test_none_since_of_something_else_is_not_of_the_drug():
    found = mentions("On prednisone 10 mg. Pneumonia in 2020 and a fall in the garden last winter, none since.")
    assert not [m for m in found if m.concept == "corticosteroid"]


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


@pytest.mark.parametrize(
    ("text", "concept", "begins"),
    [
        ("She is 22 months off prednisone.", "prednisone", date(2023, 8, 1)), ("Off steroids since 2022.", "corticosteroid", date(2022, 1, 1)),
        ("Off all biologics since 2023.", "biologic", date(2023, 1, 1)),
    ],
)  # fmt: skip
def test_off_a_drug_since_a_day_denies_it_for_that_time(text, concept, begins):
    (mention,) = [m for m in mentions(text) if m.concept == concept]
    assert mention.assertion.negated
    assert (mention.when.earliest, mention.when.latest) == (begins, NOTE_DATE)


def test_a_washout_that_is_asked_for_denies_nothing():
    (mention,) = mentions("Must be off prednisone for 4 weeks.")
    assert mention.assertion.hypothetical
    assert not mention.assertion.negated


def test_a_denial_with_an_exception_is_of_the_rest():
    assert said("Never on prednisone apart from a short pack this month.", "prednisone", "scope") == ["other"]


def test_an_interval_is_counted_back_to_the_last_dose():
    (mention,) = mentions("Interval from tocilizumab, 49 days on June 15.")
    assert mention.attribute("last_dose") == "yes"
    assert mention.when.latest == date(2025, 4, 27)


@pytest.mark.parametrize(
    "text",
    [
        "(Bill shows adalimumab 40 mg, 1 vial); relatives not sure whether it was given.",
        "Adalimumab dispensed; unclear if he took it.",
    ],
)
def test_doubt_whether_a_drug_was_given_makes_it_uncertain(text):
    assert [m.assertion.uncertain for m in mentions(text) if m.concept == "adalimumab"] == [True]


def test_the_stop_is_an_antibodys_last_word():
    (mention,) = mentions("Tocilizumab s.c. was added in 02/2024 and stopped by the patient himself in March 2025.")
    assert mention.attribute("status") == "stopped"
    assert (mention.when.earliest, mention.when.latest) == (date(2025, 3, 1), date(2025, 3, 31))


def test_a_brand_in_brackets_shares_what_is_said_behind_it():
    assert said("His tocilizumab injection (RoActemra 162 mg s.c.) was paused.", "tocilizumab", "status") == ["held", "held"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Hydrocortisone 10/5/5 mg.", 20), ("Hydrocortisone 20-10-0 mg.", 30), ("Hydrocortisone 10+5 mg daily.", 15), ("prednisone 10-20 mg", 20),
        ("Hydrocortisone 200 mg IV stat 1120 then 100 mg at 1720 and 2320.", 400), ("Depo-Medrol 40 mg/mL 2 mL IM", 80),
        ("methylprednisolone 40 mg/mL vial", None), ("cortancyl 10 mg/j", 10),
    ],
)  # fmt: skip
def test_the_day_s_dose_of_split_and_dissolved_drugs(text, value):
    assert [m.value for m in mentions(text) if "glucocorticoid" in (m.attribute("class") or "")] == [value]


def test_british_lengths_and_counts_of_pulses_are_days():
    assert said("prednisone 60 mg daily x 5/7", "prednisone", "duration_days") == ["5"]
    assert said("Received IVMP 1 g x 3", "methylprednisolone", "duration_days") == ["3"]
    assert said("Hydrocortisone 50 mg x3", "hydrocortisone", "duration_days") == [None]


@pytest.mark.parametrize(
    ("text", "concept", "latest"),
    [
        ("Has not taken Humira for 3 months.", "adalimumab", date(2025, 3, 31)), ("Adalimumab on hold since 2 April 2025.", "adalimumab", date(2025, 4, 2)),
        ("Has been off adalimumab since February.", "adalimumab", date(2025, 3, 3)),
    ],
)  # fmt: skip
def test_an_antibody_not_taken_since_a_day_had_its_last_dose_before(text, concept, latest):
    (mention,) = [m for m in mentions(text) if m.concept == concept]
    assert (mention.attribute("status"), mention.assertion.negated) == ("stopped", False)
    assert mention.when.earliest is None
    assert mention.when.latest is not None
    assert mention.when.latest <= latest


@pytest.mark.parametrize(
    "text",
    [
        "Dexamethasone 6 mg daily x10 days for COVID in January 2025.",
        "Prednisone 40 mg was given in the ER for asthma in January 2025.",
    ],
)
def test_what_was_given_takes_the_date_behind_its_reason(text):
    (mention,) = [m for m in mentions(text) if "glucocorticoid" in (m.attribute("class") or "")]
    assert (mention.when.earliest, mention.when.latest) == (date(2025, 1, 1), date(2025, 1, 31))


def test_years_are_no_doses():
    assert [m.value for m in mentions("Infliximab from 2020 to 2022.") if m.concept == "infliximab"] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "acetaminophen 500 mg q6h prn, max 4000 mg per day", "Tramadol 50 mg, maximum 400 mg daily",
        "Prednisone 10 mg; acetaminophen 500 mg, max 4000 mg per day",
    ],
)  # fmt: skip
def test_a_highest_dose_of_another_medicine_is_not_a_steroid_s(text):
    assert not [m for m in mentions(text) if m.concept == "steroid_peak_statement"]


def test_a_highest_dose_of_the_steroid_spoken_of():
    found = mentions("On prednisolone 10 mg. Highest dose in the last month 15 mg.")
    assert [(m.value, m.unit) for m in found if m.concept == "steroid_peak_statement"] == [(15, "mg/d")]


@pytest.mark.parametrize(
    "text",
    [
        "Funding for tocilizumab has been applied for.",
        "Tocilizumab to be resumed next month.",
        "Has an upcoming Actemra infusion.",
    ],
)
def test_what_is_still_to_come_is_planned(text):
    assert said(text, "tocilizumab", "status")[0] == "planned"


def test_what_was_received_is_history_but_in_the_papers_of_a_stay():
    assert said("Received IVMP 1 g x 3.", "methylprednisolone", "status") == ["had"]
    assert said("Received IVMP 1 g x 3 this admission.", "methylprednisolone", "status") == ["given"]
    found = PIPELINE.mentions(Note("n", "p", NOTE_DATE, "Received IVMP 1 g x 3.", "Discharge summary"))
    assert [m.attribute("status") for m in found] == ["given"]


def test_a_highest_dose_since_a_day_holds_up_to_the_note():
    found = mentions("Prednisone 15 mg. Nothing above 15 mg since the last pulse on 25 May 2025.")
    (peak,) = [m for m in found if m.concept == "steroid_peak_statement"]
    assert (peak.when.earliest, peak.when.latest) == (date(2025, 5, 25), NOTE_DATE)


def test_none_after_begins_with_the_last_day_told():
    (denial,) = [m for m in mentions("Finished the prednisone 2 June 2025, none after.") if m.concept == "corticosteroid"]
    assert denial.when.earliest == date(2025, 6, 2)
