"""Exclusion by antibodies and by corticosteroid dose: windows, courses, weights.

The index date is 2025-06-16: 49 days reach back to 2025-04-28, one month to 2025-05-16.
"""

from __future__ import annotations

import pytest

KG = "2025-06-10 body_weight value=68.9 unit=kg"

ANTIBODY = {
    "on the first day of the window": ("2025-05-02 infliximab when=2025-04-28", "met", "supports"),
    "the day before the window": ("2025-05-02 infliximab when=2025-04-27", "not_met", "historical"),
    "on the index date": ("2025-06-16 infliximab status=given", "met", "supports"),
    "merely named": ("2025-06-16 infliximab", "unknown", "uncertain"),
    "had at some time": ("2025-06-16 infliximab status=had", "unknown", "uncertain"),
    "a last dose told beside it": (
        "2025-06-16 infliximab status=current | 2025-06-16 infliximab last_dose=yes when=2025-04-12",
        "not_met",
        "historical historical",
    ),
    "current in a list": ("2025-06-10 infliximab status=current", "met", "supports"),
    "since long ago and still": ("2025-06-10 infliximab status=current when=2020-01-01..2025-06-10", "met", "supports"),
    "some time in a month that straddles": ("2025-06-10 infliximab when=2025-04-01..2025-04-30", "unknown", "uncertain"),
    "history without a date": ("2025-06-10 infliximab was when=..2025-06-10", "unknown", "uncertain"),
    "history in a note before the window": ("2025-04-10 infliximab was when=..2025-04-10", "not_met", "historical"),
    "running when the notes fell silent": ("2025-04-10 infliximab status=current", "unknown", "uncertain"),
    "running, later stopped before the window": (
        "2025-04-10 infliximab status=current | 2025-06-10 infliximab last_dose=yes when=2025-04-12",
        "not_met",
        "historical historical",
    ),
    "a last dose bounds a vague one": (
        "2025-05-20 infliximab when=2025-04-01..2025-04-30 | 2025-06-10 infliximab last_dose=yes when=2025-04-20",
        "not_met",
        "historical historical",
    ),
    "stopped in the window, last dose not told": ("2025-05-02 infliximab status=stopped", "unknown", "uncertain"),
    "held": ("2025-06-10 infliximab status=held", "unknown", "negated"),
    "planned": ("2025-06-10 tocilizumab status=planned", "unknown", "hypothetical"),
    "considered": ("2025-06-10 tocilizumab if", "unknown", "hypothetical"),
    "the mother's": ("2025-06-10 rituximab kin", "unknown", "family"),
    "perhaps given": ("2025-06-10 adalimumab ?", "unknown", "uncertain"),
    "never any": ("2025-06-10 monoclonal_antibody not when=..2025-06-10", "not_met", "refutes"),
    "no biologic ever": ("2025-06-10 biologic not when=..2025-06-10", "not_met", "refutes"),
    "some biologic": ("2025-06-10 biologic when=..2025-06-10", "unknown", "uncertain"),
    "some infusion": ("2025-06-10 unnamed_infusion", "unknown", "uncertain"),
    "a fusion protein": ("2025-06-10 etanercept status=current", "unknown", "not_the_concept"),
    "no other since one long ago": (
        "2025-06-10 rituximab when=2024-10-14 | 2025-06-10 biologic not scope=other when=2024-10-14..2025-06-10",
        "not_met",
        "historical refutes",
    ),
    "denied in a later note": (
        "2025-05-10 rituximab when=2025-05-08 | 2025-06-10 monoclonal_antibody not when=..2025-06-10",
        "unknown",
        "supports refutes",
    ),
    "denied before it was given": (
        "2025-05-01 monoclonal_antibody not when=..2025-05-01 | 2025-06-10 rituximab when=2025-06-08",
        "met",
        "refutes supports",
    ),
    "no other one in the same note": (
        "2025-06-10 rituximab when=2025-06-08 | 2025-06-10 biologic not scope=other when=..2025-06-10",
        "met",
        "supports refutes",
    ),
    "in an allergy list before the window": ("2025-04-10 infliximab status=allergic", "not_met", "historical"),
    "in an allergy list in the window": ("2025-06-10 infliximab status=allergic", "unknown", "uncertain"),
    "in allergy lists, the first before the window": (
        "2025-04-10 infliximab status=allergic | 2025-06-10 infliximab status=allergic",
        "not_met",
        "historical historical",
    ),
    "since a day, in a note of the window": ("2025-06-10 infliximab when=2024-07-28..2025-06-10", "met", "supports"),
    "stopped on a day in the window": ("2025-06-10 infliximab status=stopped when=2025-05-12", "met", "supports"),
    "stopped on a day before the window": ("2025-06-10 infliximab status=stopped when=2025-03-12", "not_met", "historical"),
    "one drug of the class denied": ("2025-06-10 rituximab not", "unknown", "negated"),
    "the class named beside the drug": (
        "2025-06-10 monoclonal_antibody | 2025-06-10 rituximab when=2024-10-14",
        "not_met",
        "historical",
    ),
    "the class named alone": ("2025-06-10 monoclonal_antibody", "unknown", "uncertain"),
    "one old, one new": (
        "2025-06-10 rituximab when=2021-01-01..2021-12-31 | 2025-06-10 tocilizumab when=2025-06-01",
        "met",
        "historical supports",
    ),
    "two antibodies, the older current": (
        "2025-06-10 denosumab when=2025-02-01 | 2025-06-10 infliximab status=current",
        "met",
        "historical supports",
    ),
}


@pytest.mark.parametrize("case", ANTIBODY)
def test_monoclonal_antibody_within_49_days(answer, case):
    lines, verdict, roles = ANTIBODY[case]
    assert answer("E1", lines) == (verdict, roles)


def test_the_rationale_tells_days_window_clearing_and_the_other_reading(judged):
    judgement = judged("2025-06-10 infliximab when=2025-05-09")
    rationale = next(v.rationale for v in judgement.verdicts if v.criterion_id == "E1")
    assert "38 days before 2025-06-16" in rationale
    assert "1.6 months (49 days) from 2025-04-28" in rationale
    assert "clears on 2025-06-28" in rationale
    old = judged("2025-06-10 infliximab when=2025-02-01")
    assert "read as '6 months'" in next(v.rationale for v in old.verdicts if v.criterion_id == "E1")


STEROID = {
    "above by weight": (f"{KG} | 2025-06-10 prednisone value=69 unit=mg/d", "met", "supports supports"),
    "one mg/kg exactly": (
        "2025-06-10 body_weight value=60 unit=kg | 2025-06-10 prednisone value=60 unit=mg/d",
        "not_met",
        "refutes refutes",
    ),
    "written per kilogram": ("2025-06-10 prednisone value=1.2 unit=mg/kg/d", "met", "supports"),
    "written per kilogram, at the limit": ("2025-06-10 methylprednisolone value=1 unit=mg/kg/d", "not_met", "refutes"),
    "a pulse needs no weight": ("2025-06-10 methylprednisolone value=500 unit=mg/d", "met", "supports"),
    "a pulse without a dose": ("2025-06-10 corticosteroid pulse=yes", "met", "supports"),
    "dexamethasone by its equivalent": (f"{KG} | 2025-06-10 dexamethasone value=16 unit=mg/d", "met", "supports supports"),
    "no weight, in between": ("2025-06-10 prednisone value=60 unit=mg/d", "unknown", "uncertain"),
    "no weight, low for anybody": ("2025-06-10 prednisone value=30 unit=mg/d", "not_met", "refutes"),
    "no weight, high for anybody": ("2025-06-10 prednisone value=201 unit=mg/d", "met", "supports"),
    "no weight, not quite": ("2025-06-10 prednisone value=200 unit=mg/d", "unknown", "uncertain"),
    "the nearest weight": (
        "2025-06-01 body_weight value=40 unit=kg | 2025-06-10 body_weight value=80 unit=kg | 2025-06-11 prednisone value=60 unit=mg/d",
        "not_met",
        "refutes refutes",
    ),
    "weight in pounds": (
        "2025-06-10 body_weight value=150 unit=lb | 2025-06-10 prednisone value=69 unit=mg/d",
        "met",
        "supports supports",
    ),
    "first day of the window": (f"{KG} | 2025-06-10 prednisone value=80 unit=mg/d when=2025-05-16", "met", "supports supports"),
    "day before the window": (
        f"{KG} | 2025-06-10 prednisone value=80 unit=mg/d when=2025-05-15 duration_days=1",
        "not_met",
        "historical",
    ),
    "a course that reaches into the window": (
        f"{KG} | 2025-06-10 prednisone value=80 unit=mg/d duration_days=5 when=2025-05-13..2025-05-17",
        "met",
        "supports supports",
    ),
    "single high day beside a low dose": (
        f"{KG} | 2025-06-01 methylprednisolone value=1000 unit=mg/d when=2025-05-20 | 2025-06-10 prednisone value=15 unit=mg/d",
        "met",
        "supports refutes",
    ),
    "high once, before the window": (
        f"{KG} | 2025-06-10 methylprednisolone value=1000 unit=mg/d when=2025-04-20 | 2025-06-10 prednisone value=15 unit=mg/d",
        "not_met",
        "refutes historical refutes",
    ),
    "known only before, silence since": ("2025-04-10 prednisone status=current value=15 unit=mg/d", "unknown", "historical"),
    "stopped before": ("2025-04-10 prednisone status=stopped value=15 unit=mg/d", "not_met", "historical"),
    "a course of stated length before": (
        "2025-04-10 prednisone value=40 unit=mg/d duration_days=5 when=2025-04-01..2025-04-05",
        "not_met",
        "historical",
    ),
    "dose not known": ("2025-06-10 prednisone status=current", "unknown", "uncertain"),
    "dose not known here, known there": (
        "2025-06-01 prednisone status=current | 2025-06-10 prednisone value=15 unit=mg/d",
        "not_met",
        "uncertain refutes",
    ),
    "none taken": ("2025-06-10 corticosteroid not when=..2025-06-10", "not_met", "refutes"),
    "none since July": ("2025-06-10 prednisone not when=2024-07-01..2025-06-10", "not_met", "refutes"),
    "denied dose": (
        f"{KG} | 2025-06-01 prednisone value=80 unit=mg/d duration_days=5 when=2025-05-20..2025-05-24 | 2025-06-10 prednisone value=80 unit=mg/d not",
        "unknown",
        "supports supports negated",
    ),
    "planned": ("2025-06-10 prednisone value=80 unit=mg/d if", "unknown", "hypothetical"),
    "since a day, in a note of the window": (
        "2025-06-10 prednisone value=15 unit=mg/d when=2024-10-01..2025-06-10",
        "not_met",
        "refutes",
    ),
    "a later step of a taper": (
        f"{KG} | 2025-05-10 prednisone value=80 unit=mg/d step=later when=2025-05-20..",
        "met",
        "supports supports",
    ),
    "a step after the index date": (
        f"{KG} | 2025-06-10 prednisone value=80 unit=mg/d step=later when=2025-06-20..",
        "unknown",
        "historical",
    ),
    "eye drops": ("2025-06-10 prednisolone route=eye", "unknown", "not_the_concept"),
    "into a joint": ("2025-06-10 methylprednisolone route=intra_articular value=80 unit=mg/d", "unknown", "not_the_concept"),
    "highest dose as stated": (
        f"{KG} | 2025-06-10 steroid_peak_statement value=55 unit=mg/d when=2025-05-16..2025-06-10 lasting=yes",
        "not_met",
        "refutes refutes",
    ),
    "nothing said": ("2025-06-10 infection not", "unknown", ""),
}


@pytest.mark.parametrize("case", STEROID)
def test_glucocorticoid_above_one_mg_per_kg_within_a_month(answer, case):
    lines, verdict, roles = STEROID[case]
    assert answer("E2", lines) == (verdict, roles)


def test_the_rationale_shows_the_dose_per_kilogram(judged):
    judgement = judged(f"{KG} | 2025-06-01 prednisone value=80 unit=mg/d")
    rationale = next(v.rationale for v in judgement.verdicts if v.criterion_id == "E2")
    assert "80 mg/d prednisone-equivalent / 68.9 kg = 1.16 mg/kg/d" in rationale
    assert "clears on 2025-07-02" in rationale
