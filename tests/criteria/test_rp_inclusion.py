"""The inclusion criteria of the bundled trial, clause by clause of the guideline: what the notes say, what follows.

The index date is 2025-06-16 and the patient a woman born 1981-04-09 unless the case says otherwise. A role is shown as
`supports`, `refutes` or the reason for which the mention was set aside.
"""

from __future__ import annotations

import pytest

EARS = "2025-01-10 auricular_chondritis side=bilateral"
NOSE = "2025-01-10 nasal_chondritis"
EYES = "2025-01-10 ocular_inflammation"
MTX = "2025-06-10 methotrexate status=current when=2024-10-14..2025-06-10 value=2.14 unit=mg/d"
PRED15 = "2025-06-10 prednisone status=current value=15 unit=mg/d"
WEIGHT = "2025-06-10 body_weight value=68.9 unit=kg"
FAILED = "2025-06-10 inadequate_response"

AGE = {
    "birth date decides": ("", {}, "met", ""),
    "eighteen on the index date": ("", {"born": "2007-06-16"}, "met", ""),
    "the day before eighteen": ("", {"born": "2007-06-17"}, "not_met", ""),
    "seventy until the day before 71": ("", {"born": "1954-06-17"}, "met", ""),
    "seventy-one": ("", {"born": "1954-06-16"}, "not_met", ""),
    "stated age moves forward": ("2024-01-10 age value=16 unit=a", {"born": None}, "unknown", "uncertain"),
    "stated age is safe": ("2025-01-10 age value=44 unit=a", {"born": None}, "met", "supports"),
    "in her 40s": ("2025-01-10 age range=40..49", {"born": None}, "met", "supports"),
    "in his 70s": ("2025-01-10 age range=70..79", {"born": None}, "unknown", "uncertain"),
    "elderly": ("2025-01-10 age vague=yes", {"born": None}, "unknown", "uncertain"),
    "two ages narrow each other": (
        "2024-06-20 age value=17 unit=a | 2025-06-14 age value=18 unit=a",
        {"born": None},
        "met",
        "historical supports",
    ),
    "birth date in a note": ("2025-01-10 birth_date when=1960-03-02", {"born": None}, "met", "supports"),
    "an age that time overtook": ("2024-04-10 age value=17 unit=a", {"born": "2006-08-02"}, "met", "historical"),
    "turns eighteen on the day": ("2025-06-01 age value=18 birthday=yes when=2025-06-16", {"born": None}, "met", "supports"),
    "somebody else's age": ("2025-01-10 age value=80 unit=a kin", {"born": None}, "unknown", ""),
}


@pytest.mark.parametrize("case", AGE)
def test_age_is_counted_in_completed_years(answer, case):
    lines, who, verdict, roles = AGE[case]
    assert answer("I1", lines or "2025-06-01 infection not", **who) == (verdict, roles)


DAMIANI = {
    "three features": (f"{EARS} | {NOSE} | {EYES}", "met", "supports supports supports"),
    "two features": (f"{EARS} | {NOSE}", "unknown", "supports supports"),
    "one ear is a site and no feature": (
        f"2025-01-10 auricular_chondritis side=left | {NOSE} | {EYES}",
        "unknown",
        "supports supports supports",
    ),
    "both ears one after the other": (
        f"2023-01-10 auricular_chondritis side=left | 2025-01-10 auricular_chondritis side=right | {NOSE} | {EYES}",
        "met",
        "supports supports supports supports",
    ),
    "recurrent and no side": (
        f"2025-01-10 auricular_chondritis course=recurrent | {NOSE} | {EYES}",
        "met",
        "supports supports supports",
    ),
    "the other ear never": (
        f"{NOSE} | 2025-01-10 auricular_chondritis side=left not",
        "unknown",
        "supports negated",
    ),
    "a feature and histology": (f"{EYES} | 2025-02-10 cartilage_biopsy result=positive", "met", "supports supports"),
    "a feature and negative histology": (f"{EYES} | 2025-02-10 cartilage_biopsy result=negative", "unknown", "supports negated"),
    "two sites and a response": (
        f"2025-01-10 auricular_chondritis side=right | {NOSE} | 2025-02-10 rp_treatment_response",
        "met",
        "supports supports supports",
    ),
    "two features that are not sites and a response": (
        f"{EYES} | 2025-01-10 inner_ear_dysfunction | 2025-02-10 rp_treatment_response",
        "unknown",
        "supports supports supports",
    ),
    "ribs are a site": (
        "2025-01-10 costochondritis | 2025-01-10 airway_chondritis | 2025-02-10 rp_treatment_response",
        "met",
        "supports supports supports",
    ),
    "stated by a clinician": ("2025-01-10 rp_criteria_met", "met", "supports"),
    "possible only": ("2025-01-10 rp_criteria_met ?", "unknown", "uncertain"),
    "bare diagnosis": ("2025-01-10 relapsing_polychondritis", "unknown", "not_the_concept"),
    "bare diagnosis beside three features is not shown": (
        f"2025-01-09 relapsing_polychondritis | {EARS} | {NOSE} | {EYES}",
        "met",
        "supports supports supports",
    ),
    "saddle nose counts as nose": (f"{EARS} | 2025-01-10 saddle_nose | {EYES}", "met", "supports supports supports"),
    "stenosis after intubation does not count": (
        f"{EARS} | {NOSE} | 2025-01-10 airway_stenosis attributed_to=other",
        "unknown",
        "supports supports not_the_concept",
    ),
    "stenosis counts as airway": (f"{EARS} | {NOSE} | 2025-01-10 airway_stenosis", "met", "supports supports supports"),
    "seropositive arthritis does not count": (
        f"{EARS} | {NOSE} | 2025-01-10 inflammatory_polyarthritis | 2025-02-10 rheumatoid_factor result=positive",
        "unknown",
        "supports supports not_the_concept not_the_concept",
    ),
    "erosive arthritis does not count": (
        f"{EARS} | {NOSE} | 2025-01-10 inflammatory_polyarthritis erosive=yes",
        "unknown",
        "supports supports not_the_concept",
    ),
    "seronegative arthritis counts": (
        f"{EARS} | {NOSE} | 2025-01-10 inflammatory_polyarthritis | 2025-02-10 rheumatoid_factor result=negative",
        "met",
        "supports supports supports",
    ),
    "arthralgia does not": (f"{EARS} | {NOSE} | 2025-01-10 arthralgia", "unknown", "supports supports not_the_concept"),
    "hearing loss of no kind is uncertain": (
        f"{EARS} | {NOSE} | 2025-01-10 hearing_loss",
        "unknown",
        "supports supports uncertain",
    ),
    "positional vertigo does not count": (
        f"{EARS} | {NOSE} | 2025-01-10 other_hearing_disorder",
        "unknown",
        "supports supports not_the_concept",
    ),
    "a relative's scleritis does not": (
        f"{EARS} | {NOSE} | 2025-01-10 ocular_inflammation kin",
        "unknown",
        "supports supports family",
    ),
    "denied scleritis refutes no criterion": (
        f"{EARS} | {NOSE} | 2025-01-10 ocular_inflammation not",
        "unknown",
        "supports supports negated",
    ),
    "not met as stated": (f"{NOSE} | 2025-02-10 rp_criteria_met not", "not_met", "supports refutes"),
    "not met once, fulfilled later": (
        f"{NOSE} | 2025-02-10 rp_criteria_met not | 2025-03-10 cartilage_biopsy result=positive",
        "met",
        "supports historical supports",
    ),
    "excluded after three features": (
        f"{EARS} | {NOSE} | {EYES} | 2025-02-10 rp_excluded",
        "not_met",
        "supports supports supports refutes",
    ),
    "excluded, and the old findings seen again": (
        f"{NOSE} | 2025-02-10 rp_excluded | 2025-03-10 saddle_nose",
        "not_met",
        "supports refutes supports",
    ),
    "ruled out": ("2025-02-10 relapsing_polychondritis not", "not_met", "refutes"),
    "clinicians disagree": ("2025-01-10 rp_criteria_met | 2025-02-10 rp_criteria_met not", "unknown", "supports refutes"),
    "met after not met": ("2025-01-10 rp_criteria_met not | 2025-02-10 rp_criteria_met", "met", "historical supports"),
    "after the index date": (f"{EARS} | {NOSE} | 2025-06-17 ocular_inflammation", "unknown", "supports supports"),
}


@pytest.mark.parametrize("case", DAMIANI)
def test_damiani_criteria(answer, case):
    lines, verdict, roles = DAMIANI[case]
    assert answer("I2", lines) == (verdict, roles)


def test_another_reading_of_damiani_is_told_in_the_rationale(judged):
    judgement = judged(f"{EYES} | 2025-01-10 inner_ear_dysfunction | 2025-02-10 rp_treatment_response")
    rationale = next(v.rationale for v in judgement.verdicts if v.criterion_id == "I2")
    assert "read as 'as usually quoted'" in rationale
    assert "it would be met" in rationale


RESPONSE = {
    "long enough and failed": (f"{MTX} | {FAILED}", "met", "supports supports"),
    "stated duration": ("2025-06-10 azathioprine status=current duration_days=240 | " + FAILED, "met", "supports supports"),
    "same drug in notes four weeks apart": (
        "2025-05-13 azathioprine status=current | 2025-06-10 azathioprine status=current | " + FAILED,
        "met",
        "supports supports supports",
    ),
    "merely named in notes four weeks apart": (
        "2025-05-13 azathioprine | 2025-06-10 azathioprine | " + FAILED,
        "unknown",
        "supports supports supports",
    ),
    "begun anew between notes four weeks apart": (
        "2025-05-01 prednisone value=20 unit=mg/d"
        " | 2025-06-10 prednisone value=20 unit=mg/d status=started when=2025-06-05..2025-06-10 | " + FAILED,
        "unknown",
        "uncertain uncertain supports",
    ),
    "flares after treatment that was over": (
        "2025-01-10 azathioprine status=stopped duration_days=90 | 2025-06-10 disease_flare",
        "unknown",
        "supports supports",
    ),
    "same drug in notes less than four weeks apart": (
        "2025-05-14 azathioprine | 2025-06-10 azathioprine | " + FAILED,
        "unknown",
        "supports supports supports",
    ),
    "two bursts are not one treatment": (
        "2025-02-14 prednisone value=20 unit=mg/d duration_days=5 when=2025-02-10..2025-02-14"
        " | 2025-05-14 prednisone value=20 unit=mg/d duration_days=5 when=2025-05-10..2025-05-14 | " + FAILED,
        "not_met",
        "refutes refutes supports",
    ),
    "a sign at the visit, and no word on control": (f"{MTX} | 2025-06-10 active_sign", "met", "supports supports"),
    "a scar in remission": (
        f"{MTX} | 2025-06-10 disease_controlled | 2025-06-10 active_sign",
        "not_met",
        "refutes refutes historical",
    ),
    "duration in the failure itself": ("2025-06-10 inadequate_response duration_days=120", "met", "supports"),
    "flares on it": (f"{MTX} | 2025-06-10 disease_flare", "met", "supports supports"),
    "no duration": ("2025-06-10 hydroxychloroquine status=failed | " + FAILED, "unknown", "supports supports"),
    "less than four weeks": ("2025-06-10 azathioprine duration_days=27 | " + FAILED, "not_met", "refutes supports"),
    "twenty-eight days": ("2025-06-10 azathioprine duration_days=28 | " + FAILED, "met", "supports supports"),
    "in remission": (f"{MTX} | 2025-06-10 disease_controlled", "not_met", "refutes refutes"),
    "old failure, remission now": (
        f"2022-01-10 inadequate_response | {MTX} | 2025-06-10 disease_controlled",
        "not_met",
        "historical refutes refutes",
    ),
    "old remission, flare now": (
        f"2022-01-10 disease_controlled | {MTX} | 2025-06-10 disease_flare",
        "met",
        "historical supports supports",
    ),
    "never treated": (
        "2025-06-10 corticosteroid not when=..2025-06-10 | 2025-06-10 immunosuppressant not when=..2025-06-10",
        "not_met",
        "refutes refutes",
    ),
    "planned drug": ("2025-06-10 azathioprine if | " + FAILED, "unknown", "hypothetical supports"),
    "stopped for intolerance": (
        "2025-06-10 treatment_intolerance | 2025-06-10 azathioprine status=stopped duration_days=10 reason=intolerance",
        "not_met",
        "not_the_concept not_the_concept",
    ),
    "dose above the cap": (
        f"{MTX} | {FAILED} | 2025-06-10 prednisone status=current value=50 unit=mg/d | {WEIGHT}",
        "not_met",
        "supports supports refutes refutes",
    ),
    "dose at the cap": (
        f"{MTX} | {FAILED} | 2025-06-10 prednisone status=current value=34.45 unit=mg/d | {WEIGHT}",
        "met",
        "supports supports supports",
    ),
    "dose below the cap": (f"{MTX} | {FAILED} | {PRED15} | {WEIGHT}", "met", "supports supports supports"),
    "dose that no weight places": (
        f"{MTX} | {FAILED} | 2025-06-10 prednisone status=current value=40 unit=mg/d",
        "unknown",
        "supports supports uncertain",
    ),
    "an older high dose is over": (
        f"2025-05-01 prednisone status=current value=50 unit=mg/d | {MTX} | {FAILED} | {PRED15} | {WEIGHT}",
        "met",
        "historical supports supports supports",
    ),
    "dexamethasone by its equivalent": (
        f"{MTX} | {FAILED} | 2025-06-10 dexamethasone status=current value=6 unit=mg/d | {WEIGHT}",
        "not_met",
        "supports supports refutes refutes",
    ),
    "since a day, with no word on how it stands": (
        "2025-06-10 azathioprine when=2025-03-10..2025-06-10 | " + FAILED,
        "met",
        "supports supports",
    ),
    "a taper that ends below the cap": (
        f"{MTX} | {FAILED} | {WEIGHT} | 2025-06-10 prednisone value=50 unit=mg/d duration_days=7 when=2025-06-01..2025-06-07"
        " | 2025-06-10 prednisone value=20 unit=mg/d step=later when=2025-06-08..",
        "met",
        "supports supports historical supports",
    ),
    "a step that begins after the index date": (
        f"{MTX} | {FAILED} | {WEIGHT} | 2025-06-10 prednisone status=current value=50 unit=mg/d"
        " | 2025-06-10 prednisone value=20 unit=mg/d step=later when=2025-06-20..",
        "not_met",
        "supports supports refutes refutes supports",
    ),
    "settled in part and active in one note": (
        f"{MTX} | 2025-06-10 disease_controlled | 2025-06-10 disease_flare",
        "met",
        "supports historical supports",
    ),
    "told as past, controlled now, in one note": (
        f"{MTX} | 2025-06-10 inadequate_response was | 2025-06-10 disease_controlled",
        "not_met",
        "refutes historical refutes",
    ),
    "two notes of one day that differ": (
        f"{MTX} | 2025-06-10 disease_controlled note=a | 2025-06-10 disease_flare note=b",
        "unknown",
        "supports refutes supports",
    ),
    "nothing said": ("2025-06-10 infection not", "unknown", ""),
}


@pytest.mark.parametrize("case", RESPONSE)
def test_response_to_treatment(answer, case):
    lines, verdict, roles = RESPONSE[case]
    assert answer("I3", lines) == (verdict, roles)


PREGNANCY_TEST = {
    "urine negative": ("2025-06-12 urine_pregnancy_test result=negative", "met", "supports"),
    "no specimen named": ("2025-06-12 pregnancy_test result=negative", "met", "supports"),
    "positive": ("2025-06-12 urine_pregnancy_test result=positive", "not_met", "refutes"),
    "newest wins": (
        "2025-05-12 urine_pregnancy_test result=positive | 2025-06-12 urine_pregnancy_test result=negative",
        "met",
        "historical supports",
    ),
    "an older negative is history": (
        "2025-05-12 urine_pregnancy_test result=negative | 2025-06-12 urine_pregnancy_test result=negative",
        "met",
        "historical supports",
    ),
    "newest unclear": (
        "2025-05-12 urine_pregnancy_test result=negative | 2025-06-12 urine_pregnancy_test result=indeterminate",
        "unknown",
        "historical uncertain",
    ),
    "two results of one day": (
        "2025-06-12 urine_pregnancy_test result=negative | 2025-06-12 urine_pregnancy_test result=positive",
        "unknown",
        "supports refutes",
    ),
    "serum only": ("2025-06-12 serum_pregnancy_test result=negative", "unknown", "not_the_concept"),
    "ordered": ("2025-06-12 urine_pregnancy_test if", "unknown", "hypothetical"),
    "after the index date": ("2025-06-17 urine_pregnancy_test result=negative", "unknown", ""),
    "after the menopause": ("2025-06-12 menopause", "not_applicable", "exempt"),
    "after hysterectomy": ("2025-06-12 hysterectomy when=2004-01-01..2004-12-31", "not_applicable", "exempt"),
    "sterilised": ("2025-06-12 female_sterilisation", "not_applicable", "exempt"),
    "the mother's menopause": ("2025-06-12 menopause kin", "unknown", ""),
    "hysterectomy planned": ("2025-06-12 hysterectomy if", "unknown", ""),
}


@pytest.mark.parametrize("case", PREGNANCY_TEST)
def test_urine_pregnancy_test(answer, case):
    lines, verdict, roles = PREGNANCY_TEST[case]
    assert answer("I4", lines) == (verdict, roles)


def test_a_pregnancy_test_is_not_asked_of_men(answer):
    assert answer("I4", "2025-06-12 infection not", sex="male") == ("not_applicable", "")
    assert answer("I4", "2025-06-12 sex sex=male", sex=None) == ("not_applicable", "")


CONSENT = {
    "signed": ("2025-06-12 study_context | 2025-06-12 study_consent status=signed", "met", "supports"),
    "declined": ("2025-06-12 study_context | 2025-06-12 study_consent status=declined", "not_met", "refutes"),
    "signed, then withdrawn": (
        "2025-06-01 study_context | 2025-06-01 study_consent status=signed | 2025-06-12 study_context | "
        "2025-06-12 study_consent status=withdrawn",
        "not_met",
        "historical refutes",
    ),
    "declined, then signed": (
        "2025-06-01 study_context | 2025-06-01 study_consent status=declined | 2025-06-12 study_context | "
        "2025-06-12 study_consent status=signed",
        "met",
        "historical supports",
    ),
    "discussed": ("2025-06-12 study_consent status=discussed", "unknown", "hypothetical"),
    "nothing signed": ("2025-06-12 study_consent status=signed not", "unknown", "negated"),
    "would sign": ("2025-06-12 study_consent status=signed if", "unknown", "hypothetical"),
    "signed, but not told for what": ("2025-06-12 study_consent status=signed", "unknown", "not_the_concept"),
    "for a procedure": ("2025-06-12 procedure_consent", "unknown", "not_the_concept"),
    "interested": ("2025-06-12 study_interest", "unknown", "hypothetical"),
}


@pytest.mark.parametrize("case", CONSENT)
def test_written_consent(answer, case):
    lines, verdict, roles = CONSENT[case]
    assert answer("I5", lines) == (verdict, roles)
