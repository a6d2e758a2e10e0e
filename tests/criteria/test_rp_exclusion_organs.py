"""Exclusion by organ function, other disease and allergy. The index date is 2025-06-16; a woman of 44, 68.9 kg."""

from __future__ import annotations

import pytest

KG = "2025-06-10 body_weight value=68.9 unit=kg"
NORMAL = {
    "heart": "2025-06-10 heart_failure not",
    "kidney": "2025-06-10 creatinine_clearance value=90 unit=mL/min",
    "alt": "2025-06-10 alt value=31 unit=U/L range=0..33",
    "ast": "2025-06-10 ast value=27 unit=U/L range=0..32",
    "bilirubin": "2025-06-10 total_bilirubin value=0.5 unit=mg/dL range=0.2..1.2",
}


def normal_but(part: str, lines: str) -> str:
    """All parts refuted but one, which the case decides."""
    return " | ".join([*(line for name, line in NORMAL.items() if name != part), lines])


ORGANS = {
    "all parts refuted": ("", "", "not_met"),
    "NYHA III": ("heart", "2025-06-10 heart_failure nyha=3", "met"),
    "NYHA IV": ("heart", "2025-06-10 heart_failure nyha=4", "met"),
    "NYHA II": ("heart", "2025-06-10 heart_failure nyha=2", "not_met"),
    "NYHA II to III": ("heart", "2025-06-10 heart_failure nyha=2-3", "unknown"),
    "heart failure of no class": ("heart", "2025-06-10 heart_failure", "unknown"),
    "possible heart failure": ("heart", "2025-06-10 heart_failure nyha=3 ?", "unknown"),
    "NYHA III once, II now": ("heart", "2025-01-10 heart_failure nyha=3 | 2025-06-10 heart_failure nyha=2", "not_met"),
    "NYHA II once, III now": ("heart", "2025-01-10 heart_failure nyha=2 | 2025-06-10 heart_failure nyha=3", "met"),
    "the father's heart failure": ("heart", "2025-06-10 heart_failure nyha=3 kin", "unknown"),
    "clearance at the limit": ("kidney", "2025-06-10 creatinine_clearance value=30 unit=mL/min", "met"),
    "clearance above": ("kidney", "2025-06-10 creatinine_clearance value=31 unit=mL/min", "not_met"),
    "clearance under a bound": ("kidney", "2025-06-10 creatinine_clearance value=25 unit=mL/min cmp=<", "met"),
    "Cockcroft-Gault normal": ("kidney", f"{KG} | 2025-06-10 creatinine value=0.78 unit=mg/dL", "not_met"),
    "Cockcroft-Gault low": (
        "kidney",
        "2025-06-10 body_weight value=45 unit=kg | 2025-06-10 creatinine value=190 unit=umol/L",
        "met",
    ),
    "creatinine without a weight that no believable one brings down": (
        "kidney",
        "2025-06-10 creatinine value=0.78 unit=mg/dL",
        "not_met",
    ),
    "creatinine without a weight that decides": ("kidney", "2025-06-10 creatinine value=2.4 unit=mg/dL", "unknown"),
    "a newer creatinine over an older clearance": (
        "kidney",
        f"2024-06-10 creatinine_clearance value=28 unit=mL/min | {KG} | 2025-06-10 creatinine value=0.78 unit=mg/dL",
        "not_met",
    ),
    "a creatinine that cannot be computed leaves the stated clearance": (
        "kidney",
        "2024-06-10 creatinine_clearance value=28 unit=mL/min | 2025-06-10 creatinine value=2.4 unit=mg/dL",
        "met",
    ),
    "eGFR alone in between": ("kidney", "2025-06-10 egfr value=31", "unknown"),
    "eGFR alone, high": ("kidney", "2025-06-10 egfr value=60", "not_met"),
    "eGFR above 60": ("kidney", "2025-06-10 egfr value=60 cmp=>", "not_met"),
    "eGFR above 90": ("kidney", "2025-06-10 egfr value=90 cmp=>", "not_met"),
    "eGFR alone, very low": ("kidney", "2025-06-10 egfr value=15", "met"),
    "dialysis": ("kidney", "2025-06-10 dialysis", "met"),
    "no dialysis says nothing of the clearance": ("kidney", "2025-06-10 dialysis not", "unknown"),
    "normal renal function": ("kidney", "2025-06-10 renal_function_normal", "not_met"),
    "ALT three times its printed limit": ("alt", "2025-06-10 alt value=99 unit=U/L range=0..33", "not_met"),
    "ALT above three times its printed limit": ("alt", "2025-06-10 alt value=100 unit=U/L range=0..33", "met"),
    "ALT without a range": ("alt", "2025-06-10 alt value=120 unit=U/L", "not_met"),
    "ALT without a range, above": ("alt", "2025-06-10 alt value=121 unit=U/L", "met"),
    "ALT as a multiple": ("alt", "2025-06-10 alt uln_multiple=3.5", "met"),
    "ALT high once": (
        "alt",
        "2025-01-10 alt value=400 unit=U/L range=0..33 | 2025-06-10 alt value=30 unit=U/L range=0..33",
        "not_met",
    ),
    "AST above": ("ast", "2025-06-10 ast value=130 unit=U/L", "met"),
    "AST not given": ("ast", "", "unknown"),
    "bilirubin above": ("bilirubin", "2025-06-10 total_bilirubin value=1.3 unit=mg/dL", "met"),
    "bilirubin at its limit": ("bilirubin", "2025-06-10 total_bilirubin value=1.2 unit=mg/dL", "not_met"),
    "bilirubin in umol/L": ("bilirubin", "2025-06-10 total_bilirubin value=21 unit=umol/L", "met"),
    "bilirubin by its own range": ("bilirubin", "2025-06-10 total_bilirubin value=27 unit=umol/L range=0..28", "not_met"),
    "liver tests normal": ("alt", "2025-06-10 liver_tests_normal", "not_met"),
    "normal once, high now": ("alt", "2025-01-10 liver_tests_normal | 2025-06-11 alt value=200 unit=U/L", "met"),
}


@pytest.mark.parametrize("case", ORGANS)
def test_organ_function(answer, case):
    part, lines, verdict = ORGANS[case]
    assert answer("E3", normal_but(part, lines))[0] == verdict


def test_a_computed_clearance_brings_its_weight_as_evidence_only_when_it_decides(answer):
    low = "2025-06-10 body_weight value=45 unit=kg | 2025-06-10 creatinine value=190 unit=umol/L"
    assert answer("E3", low) == ("met", "supports supports")
    normal = f"{KG} | 2025-06-10 creatinine value=0.78 unit=mg/dL"
    assert answer("E3", normal) == ("unknown", "refutes")


def test_older_values_are_history_and_an_egfr_beside_a_creatinine_is_another_thing(answer):
    lines = f"{KG} | 2025-01-10 creatinine value=0.81 unit=mg/dL | 2025-06-10 creatinine value=1.1 unit=mg/dL | 2025-06-10 egfr value=55"
    assert answer("E3", lines)[1] == "historical refutes not_the_concept"


OTHER = {
    "demyelinating disease, even stable": ("2025-06-10 demyelinating_disease severity=stable", "met", "supports"),
    "a relative's": ("2025-06-10 demyelinating_disease kin", "unknown", "family"),
    "cannot be excluded": ("2025-06-10 demyelinating_disease ?", "unknown", "uncertain"),
    "to be excluded": ("2025-06-10 demyelinating_disease if", "unknown", "hypothetical"),
    "severe lung disease": ("2025-06-10 lung_disease severity=severe", "met", "supports"),
    "uncontrolled diabetes": ("2025-06-10 endocrine_disease severity=uncontrolled", "met", "supports"),
    "mild asthma": ("2025-06-10 lung_disease severity=mild", "unknown", "not_the_concept"),
    "a disease with nothing said of it": ("2025-06-10 endocrine_disease", "unknown", "not_the_concept"),
    "of RP itself": ("2025-06-10 lung_disease severity=severe attributed_to=rp", "unknown", "exempt"),
    "severe tracheomalacia": ("2025-06-10 airway_stenosis severity=severe", "unknown", "exempt"),
    "tracheal stenosis with nothing said of it": ("2025-06-10 airway_stenosis", "unknown", ""),
    "kidney disease": ("2025-06-10 kidney_disease severity=severe", "unknown", "not_the_concept"),
    "long ago": ("2025-06-10 lung_disease severity=severe was when=..2025-06-10", "unknown", "historical"),
    "denied disease": ("2025-06-10 endocrine_disease not", "unknown", "negated"),
    "no other serious illness": ("2025-06-10 other_serious_illness not scope=other", "not_met", "refutes"),
    "no other serious illness beside a stable one": (
        "2025-06-10 endocrine_disease severity=stable | 2025-06-10 other_serious_illness not scope=other",
        "not_met",
        "not_the_concept refutes",
    ),
    "uncontrolled in May, controlled in June": (
        "2025-05-10 lung_disease severity=uncontrolled text=asthma | 2025-06-10 lung_disease severity=controlled text=asthma",
        "unknown",
        "historical not_the_concept",
    ),
    "controlled in May, uncontrolled in June": (
        "2025-05-10 lung_disease severity=controlled text=asthma | 2025-06-10 lung_disease severity=uncontrolled text=asthma",
        "met",
        "not_the_concept supports",
    ),
    "another illness of the lung is controlled": (
        "2025-05-10 lung_disease severity=severe text=COPD | 2025-06-10 lung_disease severity=controlled text=asthma",
        "met",
        "supports not_the_concept",
    ),
    "one illness under two names": (
        "2025-05-10 endocrine_disease severity=uncontrolled named=diabetes text=T2DM"
        " | 2025-06-10 endocrine_disease severity=controlled named=diabetes text=DM",
        "unknown",
        "historical not_the_concept",
    ),
    "said to be controlled, but not surely": (
        "2025-05-10 lung_disease severity=severe text=asthma | 2025-06-10 lung_disease severity=controlled text=asthma ?",
        "met",
        "supports not_the_concept",
    ),
    "uncontrolled years ago": (
        "2025-06-10 endocrine_disease severity=uncontrolled when=2015-01-01..2015-12-31",
        "unknown",
        "historical",
    ),
    "progressive leukaemia": ("2025-06-10 haematological_malignancy severity=progressive", "met", "supports"),
}


@pytest.mark.parametrize("case", OTHER)
def test_other_serious_disease(answer, case):
    lines, verdict, roles = OTHER[case]
    assert answer("E4", lines) == (verdict, roles)


ALLERGY = {
    "no known allergies": ("2025-06-10 no_known_allergies", "not_met", "refutes"),
    "mannitol": ("2025-06-10 excipient_allergy", "met", "supports"),
    "IL-2": ("2025-06-10 il2_allergy", "met", "supports"),
    "denied": ("2025-06-10 il2_allergy not", "not_met", "refutes"),
    "tolerated": ("2025-06-10 il2_tolerated", "not_met", "refutes"),
    "another drug": ("2025-06-10 other_allergy", "unknown", "not_the_concept"),
    "another drug beside no known drug allergies": (
        "2025-06-10 other_allergy | 2025-06-10 no_known_allergies",
        "not_met",
        "not_the_concept refutes",
    ),
    "none known once, mannitol now": (
        "2025-01-10 no_known_allergies | 2025-06-10 excipient_allergy",
        "met",
        "historical supports",
    ),
    "mannitol once, none known now": ("2025-01-10 excipient_allergy | 2025-06-10 no_known_allergies", "met", "supports refutes"),
    "none that matter": ("2025-06-10 allergy_unclear", "unknown", "uncertain"),
    "mannitol was given": ("2025-06-10 excipient_exposure", "unknown", "not_the_concept"),
}


@pytest.mark.parametrize("case", ALLERGY)
def test_allergy_to_the_drug_or_its_excipients(answer, case):
    lines, verdict, roles = ALLERGY[case]
    assert answer("E5", lines) == (verdict, roles)
