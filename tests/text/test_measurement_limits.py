"""Limits that a form asks about are no results; their answers are."""

from __future__ import annotations

import pytest

from extractor.spec.units import load_analytes
from extractor.text.measurements import Analytes, find_measurements

ANALYTES = Analytes(load_analytes())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Creatinine clearance <= 30 mL/min: No", [("creatinine_clearance", ">", 30)]),
        ("|3 |CrCl <=30 mL/min |no |", [("creatinine_clearance", ">", 30)]),
        ("CrCl < 30 ml/min ........ Yes", [("creatinine_clearance", "<", 30)]),
        ("[ ] Yes [x] No  Creatinine clearance <= 30 mL/min", [("creatinine_clearance", ">", 30)]),
        ("Creatinine clearance <= 30 mL/min   [ ] Yes  [ ] No", []),
        ("eGFR >60, no dialysis", [("egfr", ">", 60)]),
        ("CrCl 28 mL/min", [("creatinine_clearance", None, 28)]),
    ],
)
def test_the_answer_of_a_form_turns_its_limit(text: str, found: list[tuple[str, str | None, float]]) -> None:
    assert [(m.concept, m.comparator, m.value) for m in find_measurements(text, ANALYTES)] == found


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Creatinine clearance on the 24 hour urine was 24 ml/min.", [24]),
        ("SGPT - 145 (upto 40)", [145]),
        ("Creat normal 55", [55]),
        ("ALT/AST elevated > 3x ULN", [3, 3]),
    ],
)
def test_what_stands_between_a_name_and_its_value(text: str, values: list[float]) -> None:
    assert [m.value for m in find_measurements(text, ANALYTES)] == values
