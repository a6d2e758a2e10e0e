"""The second bundled trial, written in YAML alone, on charts of heart failure. The index date is 2025-06-16."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.criteria.evaluate import judge
from extractor.records import Patient
from extractor.spec.trials import load_trial

TRIAL = load_trial("hf-dapagliflozin")
PATIENT = Patient("P1", "male", date(1950, 1, 1), date(2025, 6, 16))
BNP = "2025-06-10 nt_probnp unit=pg/mL value="
AF = "2025-06-10 atrial_fibrillation"

CASES = {
    "adult": ("I1", "2025-06-10 age value=75", "met"),
    "NYHA III": ("I2", "2025-06-10 heart_failure nyha=3", "met"),
    "NYHA I now": ("I2", "2025-01-10 heart_failure nyha=2 | 2025-06-10 heart_failure nyha=1", "not_met"),
    "LVEF 40": ("I3", "2025-06-10 lvef value=40 unit=%", "met"),
    "LVEF 41": ("I3", "2025-06-10 lvef value=41 unit=%", "not_met"),
    "LVEF of two years ago": ("I3", "2023-06-10 lvef value=30 unit=%", "unknown"),
    "NT-proBNP 700": ("I4", BNP + "700", "met"),
    "NT-proBNP 700 with atrial fibrillation": ("I4", f"{BNP}700 | {AF}", "not_met"),
    "NT-proBNP 900 with atrial fibrillation": ("I4", f"{BNP}900 | {AF}", "met"),
    "NT-proBNP 450": ("I4", BNP + "450", "not_met"),
    "NT-proBNP 450 after an admission": ("I4", f"{BNP}450 | 2025-06-10 heart_failure_admission when=2025-02-01", "met"),
    "NT-proBNP 450 after an admission long ago": (
        "I4",
        f"{BNP}450 | 2025-06-10 heart_failure_admission when=2023-02-01",
        "not_met",
    ),
    "NT-proBNP 399": ("I4", f"{BNP}399 | 2025-06-10 heart_failure_admission when=2025-02-01", "not_met"),
    "on empagliflozin": ("E1", "2025-06-10 sglt2_inhibitor status=current", "met"),
    "stopped nine weeks ago": ("E1", "2025-06-10 sglt2_inhibitor last_dose=yes when=2025-04-10", "not_met"),
    "not tolerated once": (
        "E1",
        "2025-06-10 sglt2_inhibitor status=stopped reason=intolerance when=2021-01-01..2021-12-31",
        "met",
    ),
    "never taken": ("E1", "2025-06-10 sglt2_inhibitor not", "not_met"),
    "type 1": ("E2", "2025-06-10 type_1_diabetes", "met"),
    "type 2": ("E2", "2025-06-10 type_2_diabetes", "not_met"),
    "no diabetes": ("E2", "2025-06-10 diabetes_mellitus not", "not_met"),
    "some diabetes": ("E2", "2025-06-10 diabetes_mellitus", "unknown"),
    "94 systolic": ("E3", "2025-06-10 systolic_pressure value=94", "met"),
    "95 systolic": ("E3", "2025-06-10 systolic_pressure value=95", "not_met"),
    "low once, normal now": ("E3", "2025-01-10 systolic_pressure value=90 | 2025-06-10 systolic_pressure value=118", "not_met"),
    "admitted four weeks ago": ("E4", "2025-06-10 heart_failure_admission when=2025-05-19", "met"),
    "admitted 29 days ago": ("E4", "2025-06-10 heart_failure_admission when=2025-05-18", "not_met"),
    "infarction 84 days ago": ("E5", "2025-06-10 acute_coronary_syndrome when=2025-03-24", "met"),
    "infarction in 2012 and no stroke": (
        "E5",
        "2025-06-10 acute_coronary_syndrome when=2012-01-01..2012-12-31 | 2025-06-10 stroke_or_tia not",
        "not_met",
    ),
    "planned valve repair": ("E6", "2025-06-10 cardiac_procedure status=planned", "met"),
    "bypass in 2015": ("E6", "2025-06-10 cardiac_procedure when=2015-01-01..2015-12-31", "not_met"),
    "eGFR 29": ("E7", "2025-06-10 egfr value=29 unit=mL/min/1.73m2", "met"),
    "eGFR 30": ("E7", "2025-06-10 egfr value=30 unit=mL/min/1.73m2", "not_met"),
    "bilirubin twice its limit": (
        "E8",
        "2025-06-10 total_bilirubin value=2.4 unit=mg/dL | 2025-06-10 alt value=30 unit=U/L | 2025-06-10 ast value=30 unit=U/L",
        "not_met",
    ),
    "bilirubin above twice its limit": ("E8", "2025-06-10 total_bilirubin value=2.5 unit=mg/dL", "met"),
    "amyloidosis": ("E9", "2025-06-10 other_cardiomyopathy", "met"),
    "amyloidosis suspected": ("E9", "2025-06-10 other_cardiomyopathy ?", "unknown"),
}


@pytest.mark.parametrize("case", CASES)
def test_heart_failure_criteria(chart, case):
    criterion, lines, expected = CASES[case]
    verdicts = {v.criterion_id: v.verdict for v in judge(TRIAL, PATIENT, chart(lines)).verdicts}
    assert verdicts[criterion] == expected
