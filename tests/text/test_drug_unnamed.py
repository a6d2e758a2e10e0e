"""What is said of a drug behind it, without its name."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.records import Mention, Note
from extractor.text.pipeline import FastPipeline

PIPELINE = FastPipeline.load()


def read(text: str) -> list[Mention]:
    return PIPELINE.mentions(Note("n", "p", date(2025, 6, 16), text, "Clinic note"))


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("Off Simponi since spring. Last dose was 5/30.", "Last dose was 5/30", date(2025, 5, 30)),
        ("Cosentyx monthly for AS, last jab 9 days ago.", "last jab 9 days ago", date(2025, 6, 7)),
        ("Infliximab was not given. Her last infusion was therefore on 5 December 2024.",
         "Her last infusion was therefore on 5 December 2024", date(2024, 12, 5)),
    ],
)  # fmt: skip
def test_a_last_dose_without_the_name_is_a_mention_of_its_own(text: str, words: str, day: date) -> None:
    found = [m for m in read(text) if m.text == words]
    assert [(m.attribute("last_dose"), m.when.earliest, m.when.latest) for m in found] == [("yes", day, day)]


def test_the_last_dose_of_another_drug_is_left_to_it() -> None:
    found = [
        m.concept for m in read("Humira in 2019. Started Cosentyx in May. Last dose 3 June.") if m.text == "Last dose 3 June"
    ]
    assert found == ["secukinumab"]


def test_a_dose_that_was_not_given_is_held() -> None:
    (drug,) = (m for m in read("Attended for infliximab #3. Temp 38.4: NOT given today.") if m.concept == "infliximab")
    assert drug.attribute("status") == "held"


@pytest.mark.parametrize(
    ("text", "words", "since"),
    [
        ("Rituximab 2022, etanercept 2020.\nNone in the last 3 years.", "None in the last 3 years", date(2022, 6, 16)),
        ("Infliximab until 2021, nothing since.", "nothing since", date(2021, 12, 31)),
    ],
)
def test_none_since_denies_all_of_the_class(text: str, words: str, since: date) -> None:
    (denial,) = (m for m in read(text) if m.assertion.negated)
    assert (denial.concept, denial.text, denial.when.earliest) == ("biologic", words, since)


def test_none_since_is_not_read_from_the_next_drug() -> None:
    denied = [m.text for m in read("22 months off prednisone. Prednisone 20 mg in May, none since.") if m.assertion.negated]
    assert denied == ["prednisone", "none since"]


TAPERS = [
    ("Prednisone 80 mg daily on 6/2 x 7 d, then 60 x 7 d, now 40.",
     [(80, "2025-06-02", "2025-06-08"), (60, "2025-06-09", "2025-06-15"), (40, "2025-06-16", "2025-06-16")]),
    ("Prednisone taper as written: 40 mg from 4/10, 30 mg from 4/20, 20 mg from 5/3.",
     [(40, "2025-04-10", "2025-04-19"), (30, "2025-04-20", "2025-05-02"), (20, "2025-05-03", "2025-06-16")]),
    ("pred 60mg 5/1-5/7, 40mg 5/8-5/14", [(60, "2025-05-01", "2025-05-07"), (40, "2025-05-08", "2025-05-14")]),
    ("Prednisolone 60 mg x 7 d, then 40 mg x 7 d, now 20 mg",
     [(60, "2025-06-02", "2025-06-08"), (40, "2025-06-09", "2025-06-15"), (20, "2025-06-16", "2025-06-16")]),
    ("prednisone 1 mg/kg/day for two weeks (20 Jan-2 Feb), since 3 Feb 0.75 mg/kg/day.",
     [(1, "2025-01-20", "2025-02-02"), (0.75, "2025-02-03", "2025-06-16")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "steps"), TAPERS)
def test_each_step_of_a_taper_has_its_days(text: str, steps: list[tuple[float, str, str]]) -> None:
    found = [(m.value, str(m.when.earliest), str(m.when.latest)) for m in read(text) if m.concept.startswith("pred")]
    assert found == steps


def test_a_dose_that_is_denied_beside_the_true_one() -> None:
    found = [
        (m.value, m.assertion.negated) for m in read("Takes prednisone 8 mg daily, never 80 - typo.") if m.concept == "prednisone"
    ]
    assert found == [(8, False), (80, True)]


def test_the_next_thing_of_a_list_is_no_route() -> None:
    (drug,) = (m for m in read("IV methylpred 40 mg OD 6-10 Jun, nebs, chest physio.") if m.concept == "methylprednisolone")
    assert drug.attribute("route") == "iv"
