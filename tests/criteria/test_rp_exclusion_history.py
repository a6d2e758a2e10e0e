"""Exclusion by infection, imaging, serology, malignancy, mind and substances, vaccines, pregnancy, partner.

The index date is 2025-06-16: two months reach back to 2025-04-16, three to 2025-03-16, five years to 2020-06-16.
"""

from __future__ import annotations

import pytest

INFECTION = {
    "pneumonia in the window": ("2025-05-10 pneumonia", "met", "supports"),
    "first day of the window": ("2025-05-10 pneumonia when=2025-04-16", "met", "supports"),
    "day before the window": ("2025-05-10 pneumonia when=2025-04-15", "not_met", "historical"),
    "resolved in the window is still in the window": ("2025-05-10 pneumonia status=resolved when=2025-05-01", "met", "supports"),
    "cured, with no date": ("2025-05-10 infectious_hepatitis status=cured", "unknown", "historical"),
    "cured, dated in another note": (
        "2025-05-10 infectious_hepatitis status=cured | 2025-05-20 infectious_hepatitis when=2018-02-01..2018-02-28",
        "not_met",
        "historical historical",
    ),
    "rule out": ("2025-05-10 pneumonia ?", "unknown", "uncertain"),
    "return precaution": ("2025-05-10 pneumonia if", "unknown", "hypothetical"),
    "a relative's": ("2025-05-10 tuberculosis kin", "unknown", "family"),
    "denied by name only": ("2025-06-10 infectious_hepatitis not | 2025-06-10 tuberculosis not", "unknown", "negated negated"),
    "no infection": ("2025-06-10 infection not", "not_met", "refutes"),
    "no antibiotics": ("2025-06-10 antibiotic not", "not_met", "refutes"),
    "intravenous antibiotic": ("2025-05-10 iv_antibiotic", "met", "supports"),
    "at an operation": ("2025-05-10 iv_antibiotic purpose=perioperative", "unknown", "not_the_concept"),
    "prophylaxis": ("2025-05-10 antimicrobial_prophylaxis", "unknown", "not_the_concept"),
    "mild infection": ("2025-05-10 mild_infection", "unknown", "not_the_concept"),
    "mild infection, everything else denied": (
        "2025-05-10 mild_infection | 2025-06-10 infection not scope=other | 2025-06-10 antibiotic not",
        "not_met",
        "not_the_concept refutes refutes",
    ),
    "mild infection, only other infection denied": (
        "2025-05-10 mild_infection | 2025-06-10 infection not scope=other",
        "unknown",
        "not_the_concept refutes",
    ),
    "mild infection long ago, no antibiotics": (
        "2025-02-10 mild_infection | 2025-06-10 antibiotic not",
        "not_met",
        "not_the_concept refutes",
    ),
    "infection treated by vein": ("2025-05-10 mild_infection | 2025-05-10 iv_antibiotic", "met", "supports supports"),
    "infection, antibiotic at an operation": (
        "2025-05-10 mild_infection | 2025-05-10 iv_antibiotic purpose=perioperative",
        "unknown",
        "not_the_concept not_the_concept",
    ),
    "no antibiotics since does not undo it": (
        "2025-05-10 pneumonia | 2025-06-10 antibiotic not window_days=91",
        "met",
        "supports refutes",
    ),
    "mild infection in hospital": ("2025-05-10 mild_infection setting=hospital", "met", "supports"),
    "severe infection of another kind": ("2025-05-10 other_infection severity=severe", "met", "supports"),
    "oral antibiotic": ("2025-05-10 oral_antibiotic", "unknown", "not_the_concept"),
    "autoimmune hepatitis": ("2025-05-10 non_infectious_hepatitis", "unknown", "not_the_concept"),
    "latent tuberculosis": ("2025-05-10 latent_tuberculosis", "unknown", "historical"),
    "denied before it happened": ("2025-04-20 infection not | 2025-05-10 pneumonia", "met", "refutes supports"),
    "possible, later denied": ("2025-05-10 pneumonia ? | 2025-06-10 infection not", "not_met", "uncertain refutes"),
    "denied, later possible": ("2025-05-10 infection not | 2025-06-10 pneumonia ?", "unknown", "refutes uncertain"),
    "denied for a time that holds it": (
        "2025-05-10 pneumonia | 2025-06-10 infection not window_days=91",
        "unknown",
        "supports refutes",
    ),
    "none today does not undo it": ("2025-05-10 pneumonia | 2025-06-10 infection not", "met", "supports refutes"),
}


@pytest.mark.parametrize("case", INFECTION)
def test_severe_infection_within_two_months(answer, case):
    lines, verdict, roles = INFECTION[case]
    assert answer("E6", lines) == (verdict, roles)


IMAGING = {
    "consolidation": ("2025-05-10 chest_infection_finding", "met", "supports"),
    "suspicious mass": ("2025-05-10 chest_malignancy_finding", "met", "supports"),
    "read as clear": ("2025-05-10 chest_imaging_clear", "not_met", "refutes"),
    "clear of both": (
        "2025-05-10 chest_infection_finding not | 2025-05-10 chest_malignancy_finding not",
        "not_met",
        "refutes refutes",
    ),
    "clear of one": ("2025-05-10 chest_infection_finding not", "unknown", "refutes"),
    "before the window": ("2025-05-10 chest_infection_finding when=2025-03-15", "unknown", "historical"),
    "clear before the window": ("2025-05-10 chest_imaging_clear when=2025-03-15", "unknown", "historical"),
    "clear on its first day": ("2025-05-10 chest_imaging_clear when=2025-03-16", "not_met", "refutes"),
    "a later clear film": ("2025-05-10 chest_infection_finding | 2025-06-10 chest_imaging_clear", "met", "supports refutes"),
    "cannot be excluded": (
        "2025-05-10 chest_infection_finding ? | 2025-05-10 chest_malignancy_finding not",
        "unknown",
        "uncertain refutes",
    ),
    "a nodule of unknown nature": (
        "2025-05-10 chest_infection_finding not | 2025-05-10 chest_indeterminate_finding",
        "unknown",
        "refutes uncertain",
    ),
    "old granuloma": ("2025-05-10 chest_benign_finding", "unknown", "not_the_concept"),
    "none": ("2025-05-10 infection not", "unknown", ""),
}


@pytest.mark.parametrize("case", IMAGING)
def test_chest_imaging_within_three_months(answer, case):
    lines, verdict, roles = IMAGING[case]
    assert answer("E7", lines) == (verdict, roles)


SEROLOGY = {
    "both negative": (
        "2025-05-10 hiv_antibody result=negative | 2025-05-10 hcv_antibody result=negative",
        "not_met",
        "refutes refutes",
    ),
    "one known": ("2025-05-10 hiv_antibody result=negative", "unknown", "refutes"),
    "HIV positive": ("2025-05-10 hiv_antibody result=positive", "met", "supports"),
    "known HIV": ("2025-05-10 hiv_infection", "met", "supports"),
    "cured hepatitis C": ("2025-05-10 hepatitis_c status=cured", "met", "supports"),
    "negative RNA does not help": (
        "2025-05-10 hcv_antibody result=positive | 2025-05-10 hcv_rna result=negative",
        "met",
        "supports not_the_concept",
    ),
    "called a false positive": (
        "2015-05-10 hcv_antibody result=positive | 2025-05-10 hcv_antibody result=negative",
        "met",
        "supports refutes",
    ),
    "indeterminate": (
        "2025-05-10 hiv_antibody result=negative | 2025-05-10 hcv_antibody result=indeterminate",
        "unknown",
        "refutes uncertain",
    ),
    "indeterminate, then negative": (
        "2025-05-10 hiv_antibody result=negative | 2025-05-10 hcv_antibody result=indeterminate | 2025-05-20 hcv_antibody result=negative",
        "not_met",
        "refutes uncertain refutes",
    ),
    "a partner's": ("2025-05-10 hiv_infection kin", "unknown", "family"),
    "screening offered": ("2025-05-10 hiv_antibody if", "unknown", "hypothetical"),
}


@pytest.mark.parametrize("case", SEROLOGY)
def test_hiv_and_hepatitis_c(answer, case):
    lines, verdict, roles = SEROLOGY[case]
    assert answer("E8", lines) == (verdict, roles)


TUMOURS = {
    "none ever": ("2025-06-10 malignancy not when=..2025-06-10", "not_met", "refutes"),
    "in the window": ("2025-06-10 melanoma when=2022-03-01..2022-03-31", "met", "supports"),
    "ended before the window": ("2025-06-10 malignancy site=prostate when=2012-01-01..2012-12-31", "not_met", "historical"),
    "the year straddles": ("2025-06-10 malignancy when=2020-01-01..2020-12-31", "unknown", "uncertain"),
    "treated into the window": ("2025-06-10 malignancy lasting=yes when=2017-01-01..2022-08-31", "met", "supports"),
    "adjuvant treatment in the window": (
        "2025-06-10 malignancy site=breast when=2018-01-01..2018-12-31 | 2025-06-10 cancer_treatment lasting=yes when=2018-06-01..2023-10-31",
        "met",
        "historical supports",
    ),
    "undated": ("2025-06-10 malignancy site=thyroid was when=..2025-06-10", "unknown", "uncertain"),
    "undated here, dated there": (
        "2025-05-10 malignancy site=prostate when=2012-01-01..2012-12-31 | 2025-06-10 malignancy site=prostate was when=..2025-06-10",
        "not_met",
        "historical historical",
    ),
    "undated here, another one dated there": (
        "2025-05-10 malignancy site=prostate when=2012-01-01..2012-12-31 | 2025-06-10 malignancy site=thyroid was when=..2025-06-10",
        "unknown",
        "historical uncertain",
    ),
    "basal cell carcinoma": ("2025-06-10 non_melanoma_skin_cancer when=2022-07-01..2022-07-31", "not_met", "exempt"),
    "basal cell carcinoma and no other": (
        "2025-06-10 non_melanoma_skin_cancer when=2022-07-01..2022-07-31 | 2025-06-10 malignancy not scope=other when=..2025-06-10",
        "not_met",
        "exempt refutes",
    ),
    "fibroids": ("2025-06-10 benign_tumour", "unknown", "not_the_concept"),
    "the mother's": ("2025-06-10 malignancy kin", "unknown", "family"),
    "suspicious for": ("2025-06-10 malignancy ?", "unknown", "uncertain"),
    "denied after it was told": (
        "2025-05-10 malignancy when=2022-01-01..2022-12-31 | 2025-06-10 malignancy not when=..2025-06-10",
        "unknown",
        "supports refutes",
    ),
    "treatment denied in a later note": (
        "2025-05-10 malignancy lasting=yes when=2017-01-01..2022-08-31 | 2025-06-10 cancer_treatment not",
        "unknown",
        "supports negated",
    ),
}


@pytest.mark.parametrize("case", TUMOURS)
def test_malignancy_within_five_years(answer, case):
    lines, verdict, roles = TUMOURS[case]
    assert answer("E9", lines) == (verdict, roles)


def test_an_exempt_tumour_alone_is_no_malignancy(answer):
    lines = "2025-06-10 cervical_tumour when=2023-06-01..2023-06-30"
    assert answer("E9", lines)[1] == "exempt"


QUIET = "2025-06-10 psychiatric_history not when=..2025-06-10"
MIND = {
    "both parts refuted": (f"2025-06-10 substance_abuse not | {QUIET}", "not_met", "refutes refutes"),
    "no history spoken of": ("2025-06-10 substance_abuse not", "unknown", "refutes"),
    "social drinking and no drugs": (
        f"2025-06-10 alcohol_use amount=social | 2025-06-10 drug_abuse not | {QUIET}",
        "not_met",
        "refutes refutes refutes",
    ),
    "social drinking only": (f"2025-06-10 alcohol_use amount=social | {QUIET}", "unknown", "refutes refutes"),
    "stable depression": (
        "2025-06-10 substance_abuse not | 2025-06-10 psychiatric_disorder severity=stable",
        "not_met",
        "refutes refutes",
    ),
    "anxiety with nothing said of it": (
        "2025-06-10 substance_abuse not | 2025-06-10 psychiatric_disorder",
        "unknown",
        "refutes not_the_concept",
    ),
    "alcohol use disorder": ("2025-06-10 alcohol_abuse", "met", "supports"),
    "heavy drinking": ("2025-06-10 alcohol_use amount=heavy", "met", "supports"),
    "sober since before the window": (
        f"2025-06-10 alcohol_abuse when=2010-01-01..2018-04-30 | 2025-06-10 substance_abuse not | {QUIET}",
        "not_met",
        "historical refutes refutes",
    ),
    "undated abuse": ("2025-06-10 alcohol_abuse was when=..2025-06-10", "unknown", "uncertain"),
    "suicidality in the window": ("2025-06-10 psychiatric_crisis when=2023-11-01..2023-11-30", "met", "supports"),
    "denied suicidality": ("2025-06-10 psychiatric_crisis not", "unknown", "negated"),
    "severe depression": ("2025-06-10 psychiatric_disorder severity=severe", "met", "supports"),
    "the brother's": ("2025-06-10 drug_abuse kin", "unknown", "family"),
}


@pytest.mark.parametrize("case", MIND)
def test_mind_and_substances(answer, case):
    lines, verdict, roles = MIND[case]
    assert answer("E10", lines) == (verdict, roles)


VACCINES = {
    "live in the window": ("2025-06-10 mmr_vaccine when=2025-05-22", "met", "supports"),
    "first day of the window": ("2025-06-10 mmr_vaccine when=2025-03-16", "met", "supports"),
    "day before the window": ("2025-06-10 mmr_vaccine when=2025-03-15", "not_met", "historical"),
    "as a child": ("2025-06-10 mmr_vaccine when=2007-08-09", "not_met", "historical"),
    "booked after the index date": ("2025-06-10 yellow_fever_vaccine status=planned when=2025-08-19", "met", "supports"),
    "advised against": ("2025-06-10 live_vaccine if", "unknown", "hypothetical"),
    "none": ("2025-06-10 live_vaccine not", "not_met", "refutes"),
    "no vaccines of any kind": ("2025-06-10 vaccination not", "not_met", "refutes"),
    "injected influenza": ("2025-06-10 inactivated_vaccine", "unknown", "not_the_concept"),
    "a travel shot": ("2025-06-10 unnamed_vaccine", "unknown", "uncertain"),
    "BCG eleven months ago": ("2025-06-10 bcg_vaccine when=2024-07-16", "met", "supports"),
    "BCG at birth": ("2025-06-10 bcg_vaccine when=1981-04-10", "not_met", "historical"),
}


@pytest.mark.parametrize("case", VACCINES)
def test_live_vaccines(answer, case):
    lines, verdict, roles = VACCINES[case]
    assert answer("E11", lines) == (verdict, roles)


PREGNANCY = {
    "pregnant": ("2025-06-10 pregnancy", "met", "supports"),
    "breastfeeding": ("2025-06-10 breastfeeding", "met", "supports"),
    "refuses contraception": ("2025-06-10 contraception_refused", "met", "supports"),
    "negative test and a coil": (
        "2025-06-10 urine_pregnancy_test result=negative | 2025-06-10 contraception",
        "not_met",
        "refutes refutes",
    ),
    "serum test counts here": (
        "2025-06-10 serum_pregnancy_test result=negative | 2025-06-10 contraception",
        "not_met",
        "refutes refutes",
    ),
    "not breastfeeding and a coil": ("2025-06-10 breastfeeding not | 2025-06-10 contraception", "not_met", "refutes refutes"),
    "a coil alone": ("2025-06-10 contraception", "unknown", "refutes"),
    "negative test alone": ("2025-06-10 urine_pregnancy_test result=negative", "unknown", "refutes"),
    "to be asked again": (
        "2025-06-10 urine_pregnancy_test result=negative | 2025-06-10 contraception_open",
        "unknown",
        "refutes uncertain",
    ),
    "husband had a vasectomy": (
        "2025-06-10 urine_pregnancy_test result=negative | 2025-06-10 vasectomy kin of=partner",
        "not_met",
        "refutes refutes",
    ),
    "negative once, positive now": (
        "2025-05-10 urine_pregnancy_test result=negative | 2025-06-10 urine_pregnancy_test result=positive",
        "met",
        "historical supports",
    ),
    "pregnant last year": (
        "2024-06-10 pregnancy | 2025-06-10 contraception",
        "unknown",
        "historical refutes",
    ),
    "after the menopause": ("2025-06-10 menopause", "not_applicable", "refutes"),
    "the mother is pregnant": ("2025-06-10 pregnancy kin", "unknown", "family"),
}


@pytest.mark.parametrize("case", PREGNANCY)
def test_pregnancy_and_contraception(answer, case):
    lines, verdict, roles = PREGNANCY[case]
    assert answer("E12", lines) == (verdict, roles)


PARTNER = {
    "refuses": ("2025-06-10 contraception_refused", "met", "supports"),
    "condoms": ("2025-06-10 contraception", "not_met", "refutes"),
    "agrees": ("2025-06-10 contraception if status=agreed", "not_met", "refutes"),
    "vasectomy": ("2025-06-10 vasectomy when=2005-01-01..2005-12-31", "not_met", "refutes"),
    "wife after the menopause": ("2025-06-10 partner_infertile kin", "not_met", "refutes"),
    "no partner": ("2025-06-10 no_partner", "not_met", "refutes"),
    "agreed, then refuses": ("2025-05-10 contraception | 2025-06-10 contraception_refused", "met", "historical supports"),
    "counselled": ("2025-06-10 contraception_open if", "unknown", "hypothetical"),
    "nothing said": ("2025-06-10 infection not", "unknown", ""),
}


@pytest.mark.parametrize("case", PARTNER)
def test_partner_of_a_man(answer, case):
    lines, verdict, roles = PARTNER[case]
    assert answer("E13", lines, sex="male") == (verdict, roles)


def test_partner_criterion_is_not_about_women_nor_pregnancy_about_men(answer):
    assert answer("E13", "2025-06-10 contraception")[0] == "not_applicable"
    assert answer("E12", "2025-06-10 contraception", sex="male")[0] == "not_applicable"


def test_a_sex_that_is_not_known_leaves_both_open(answer):
    assert answer("E12", "2025-06-10 infection not", sex=None)[0] == "unknown"
    assert answer("E13", "2025-06-10 infection not", sex=None)[0] == "unknown"
