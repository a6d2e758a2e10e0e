"""Further doses of a steroid that a sentence writes without its name."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.records import Note
from extractor.text.pipeline import FastPipeline

PIPELINE = FastPipeline.load()


def steroid_doses(text: str) -> list[tuple[float | None, date | None, date | None]]:
    """Value, first and last day of each mention of a glucocorticoid."""
    found = PIPELINE.mentions(Note("n", "p", date(2025, 6, 16), text, "Clinic note"))
    return [(m.value, m.when.earliest, m.when.latest) for m in found if "glucocorticoid" in (m.attribute("class") or "")]


def test_a_dated_dose_ends_the_one_before():
    assert steroid_doses("Prednisolone 30 mg from 1 May, 25 mg from 15 May, 20 mg from 1 June.") == [
        (30, date(2025, 5, 1), date(2025, 5, 14)), (25, date(2025, 5, 15), date(2025, 5, 31)), (20, date(2025, 6, 1), date(2025, 6, 16)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Prednisone 40 mg for one day then straight back to 12.5.", [40, 12.5]),
        ("prednisolone 45 mg mane for 5 days then 25 mg x5 then back to her usual 12.5.", [45, 25, 12.5]),
        ("Prednisone 30 mg in March; the dose was lowered and is now 15 mg daily.", [30, 15]),
    ],
)
def test_words_that_carry_a_dose_on(text, values):
    assert [value for value, _, _ in steroid_doses(text)] == values


@pytest.mark.parametrize(
    "text",
    [
        "prednisone 10 mg, losartan 50 mg, then 81 mg aspirin", "Prednisone 10 mg daily, reduce by 5 mg weekly", "prednisone 10 mg and then 40 mg omeprazole",
        "Prednisone 10 mg; glucose now 140 mg/dL", "prednisone 10 mg daily, metformin increased to 1000 mg",
        "Prednisone 10 mg; to keep below 15 mg", "Prednisone 10 mg, back to work in 12 days",
    ],
)  # fmt: skip
def test_other_amounts_are_not_doses_of_the_steroid(text):
    assert [value for value, _, _ in steroid_doses(text)] == [10]
