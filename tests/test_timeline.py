"""What of a chart reaches the criteria, and when an event happened so far as its note could know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from extractor.records import Assertion, DateInterval, Mention, Patient
from extractor.timeline import build, classes, day_of, is_lasting, is_named, is_plan, occurrence

LONG = "Prednisone 15 mg daily since October 2024, two flares since then."
NOTE = Mention("N1", "P1", date(2025, 1, 10), "prednisone", 10, 20, "Prednisone", LONG)
PATIENT = Patient("P1")


def in_note(note_id: str, day: date, **changes: object) -> Mention:
    return replace(NOTE, note_id=note_id, note_date=day, **changes)  # type: ignore[arg-type]


def test_text_after_the_index_date_is_not_used():
    later = in_note("N2", date(2025, 3, 1), snippet="other words here")
    assert build(PATIENT, [NOTE, later], index_date=date(2025, 2, 28)).mentions == (NOTE,)
    assert len(build(PATIENT, [NOTE, later], index_date=date(2025, 3, 1)).mentions) == 2


def test_index_date_is_the_argument_then_the_patients_then_the_newest_note():
    later = in_note("N2", date(2025, 3, 1))
    with_date = Patient("P1", index_date=date(2025, 2, 1))
    assert build(with_date, [NOTE], index_date=date(2025, 2, 2)).index_date == date(2025, 2, 2)
    assert build(with_date, [NOTE]).index_date == date(2025, 2, 1)
    assert build(PATIENT, [NOTE, later]).index_date == date(2025, 3, 1)


def test_no_index_date_at_all_is_an_error_that_says_so():
    with pytest.raises(ValueError, match="P1: no index date"):
        build(PATIENT, [])


def test_copied_forward_text_counts_at_its_first_appearance():
    copied = in_note(
        "N2", date(2025, 3, 1), start=400, end=410, snippet="Prednisone 15 mg daily\n since October 2024,  two flares since then."
    )
    assert build(PATIENT, [copied, NOTE]).mentions == (NOTE,)


def test_the_same_sentence_twice_in_one_note_is_not_copied_forward():
    again = replace(NOTE, start=400, end=410)
    assert len(build(PATIENT, [NOTE, again]).mentions) == 2


def test_a_short_phrase_written_at_every_visit_is_not_copied_forward():
    first = replace(NOTE, snippet="Allergies: NKDA")
    second = in_note("N2", date(2025, 3, 1), snippet="Allergies: NKDA")
    assert len(build(PATIENT, [first, second]).mentions) == 2


def test_order_of_arrival_and_repeats_do_not_matter():
    later = in_note("N2", date(2025, 3, 1), snippet="other words here")
    assert build(PATIENT, [later, NOTE, NOTE]) == build(PATIENT, [NOTE, later])


def test_until_keeps_the_index_date():
    later = in_note("N2", date(2025, 3, 1), snippet="other words here")
    cut = build(PATIENT, [NOTE, later]).until(date(2025, 1, 10))
    assert (cut.mentions, cut.index_date) == ((NOTE,), date(2025, 3, 1))


def test_a_concept_is_named_by_itself_and_by_its_classes():
    mention = replace(NOTE, attributes=(("class", "glucocorticoid drug"),))
    assert classes(mention) == ("glucocorticoid", "drug")
    assert is_named(mention, {"prednisone"})
    assert is_named(mention, {"drug"})
    assert not is_named(mention, {"methotrexate"})


DAY = date(2025, 1, 10)
OCCURRENCES = {
    "no date is history": (DateInterval(), (), Assertion(), DateInterval(None, DAY)),
    "a year ends with its note": (
        DateInterval(date(2025, 1, 1), date(2025, 12, 31)),
        (),
        Assertion(),
        DateInterval(date(2025, 1, 1), DAY),
    ),
    "a plan lies ahead": (DateInterval(), (), Assertion(hypothetical=True), DateInterval(DAY, None)),
    "a booked day stays": (
        DateInterval(date(2025, 8, 1), date(2025, 8, 1)),
        (("status", "planned"),),
        Assertion(),
        DateInterval(date(2025, 8, 1), date(2025, 8, 1)),
    ),
    "a day after the note stays": (
        DateInterval(date(2025, 2, 1), date(2025, 2, 1)),
        (),
        Assertion(),
        DateInterval(date(2025, 2, 1), date(2025, 2, 1)),
    ),
    "cured is before today": (DateInterval(DAY, DAY), (("status", "cured"),), Assertion(), DateInterval(None, DAY)),
}


@pytest.mark.parametrize("case", OCCURRENCES)
def test_when_an_event_happened(case):
    when, attributes, assertion, expected = OCCURRENCES[case]
    mention = replace(NOTE, when=when, attributes=attributes, assertion=assertion)
    assert occurrence(mention) == expected


def test_cured_in_a_named_year_keeps_its_year():
    mention = replace(
        NOTE, when=DateInterval(date(2018, 1, 1), date(2018, 12, 31)), attributes=(("status", "cured"),), date_source="explicit"
    )
    assert occurrence(mention).earliest == date(2018, 1, 1)


def test_newest_compares_the_last_possible_day():
    assert day_of(replace(NOTE, when=DateInterval(date(2024, 1, 1), date(2024, 1, 31)))) == date(2024, 1, 31)
    assert day_of(NOTE) == DAY


def test_plans_and_lasting_events_are_told_by_their_words():
    assert is_plan(replace(NOTE, attributes=(("status", "planned"),)))
    assert is_lasting(replace(NOTE, attributes=(("status", "current"),)))
    assert is_lasting(replace(NOTE, attributes=(("lasting", "yes"),)))
    assert not is_lasting(NOTE)
