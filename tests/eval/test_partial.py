"""A gold that judges some criteria of a patient only: what was not judged is not counted, for or against anybody."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval import counts
from eval.agreement import agreement
from eval.calibrate import fit
from eval.compare import compare, holm
from eval.errors import disagreements
from eval.figures import Resampling
from eval.ranking import whole
from eval.records import EvalError, Gold, GoldPatient, Run
from eval.scores import Scores, score
from eval.study import study

QUICK = Resampling(replicates=200)


def part_of(patient: GoldPatient, criteria: set[str]) -> GoldPatient:
    return GoldPatient(
        patient.patient_id,
        {c: v for c, v in patient.verdicts.items() if c in criteria},
        tuple(span for span in patient.evidence if span.criterion in criteria),
    )


@pytest.fixture(scope="module")
def partial(gold: Gold) -> Gold:
    """Of each patient the one criterion whose turn it is."""
    one_each = (part_of(p, {gold.criteria[n % len(gold.criteria)]}) for n, p in enumerate(gold.patients))
    return dataclasses.replace(gold, patients=tuple(one_each))


def scored(gold: Gold, run: Run, kinds: dict[str, Any]) -> Scores:
    return score(gold, run, kinds, resampling=QUICK)


def test_each_criterion_counts_the_patients_it_was_judged_for(partial: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    found = scored(partial, flawed, kinds)
    assert found.verdicts == 8
    assert [one.accuracy.counts["of"] for one in found.criteria] == [2, 1, 1, 1, 1, 1, 1]
    assert sum(one.accuracy.counts["count"] for one in found.criteria) == found.figure("verdict accuracy").counts["count"]
    assert found.missing == ()


def test_what_the_run_says_of_other_criteria_changes_nothing(partial: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    judged = {(p.patient_id, c) for p in partial.patients for c in p.verdicts}
    silent = Run(
        flawed.name,
        {key: row for key, row in flawed.verdicts.items() if key in judged},
        {p: tuple(s for s in spans if (p, s.criterion) in judged) for p, spans in flawed.evidence.items()},
        flawed.candidates,
    )
    loud, quiet = scored(partial, flawed, kinds), scored(partial, silent, kinds)
    assert [str(f.value) for f in (*loud.headline, *loud.levels)] == [str(f.value) for f in (*quiet.headline, *quiet.levels)]
    assert disagreements(partial, flawed) == disagreements(partial, silent)


def test_perfect_run_is_perfect_on_a_part(partial: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    found = scored(partial, perfect, kinds)
    assert found.figure("verdict accuracy").value == 1
    assert all(figure.value == 1 or np.isnan(figure.value) for figure in found.levels)


def test_patient_judged_in_part_has_no_status(gold: Gold, partial: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    mixed = dataclasses.replace(gold, patients=(*gold.patients[:3], *partial.patients[3:]))
    assert counts.status_counts(mixed, perfect, kinds).sum((1, 2)).tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert np.isnan(scored(partial, perfect, kinds).figure("patients wrongly excluded").value)
    assert len(whole(mixed, kinds).patients) == 3
    named = dataclasses.replace(perfect, made_by={"trial_sha256": "t", "patterns_sha256": "p"})
    with pytest.raises(EvalError, match="there are 0 and 0"):
        fit(partial, named, kinds)


def test_notes_count_for_the_criterion_they_were_read_for(partial: Gold, perfect: Run) -> None:
    notes = {p.patient_id: sum(n.patient_id == p.patient_id for n in partial.notes.values()) for p in partial.patients}
    assert counts.note_counts(partial, perfect).sum((1, 2, 3)).tolist() == [notes[p.patient_id] for p in partial.patients]


def test_study_says_so_and_keeps_the_order_of_the_trial(
    gold_folder: Path, make_run: Callable[..., Path], partial: Gold, tmp_path: Path
) -> None:
    judged = {p.patient_id: set(p.verdicts) for p in partial.patients}
    rows = [json.loads(line) for line in (gold_folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows:
        some = judged[row["patient_id"]]
        row["verdicts"] = {c: v for c, v in row["verdicts"].items() if c in some}
        row["evidence"] = [span for span in row["evidence"] if span["criterion"] in some]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[::-1]), encoding="utf-8")
    (tmp_path / "notes.jsonl").write_bytes((gold_folder / "notes.jsonl").read_bytes())
    found = study(make_run(), tmp_path, resampling=QUICK)
    assert tuple(one.criterion for one in found.scores.criteria) == partial.criteria
    assert "8 gold patients are judged in part: they have no status and no place in a ranking" in found.remarks
    assert (found.ranking, found.reliability) == (None, None)
    assert found.baselines[0].verdicts == 8


def test_annotators_are_compared_where_both_judged(gold: Gold, partial: Gold) -> None:
    found = agreement([gold, partial], resampling=QUICK)
    assert found.patients == 8
    assert found.pooled[0].counts == {"count": 8, "of": 8}
    spans = sum(len(p.evidence) for p in partial.patients)
    assert found.pooled[-1].counts == {"paired": spans, "first": spans, "second": spans}
    assert found.criteria["I1"][0].counts == {"count": 2, "of": 2}
    alike = agreement([partial, gold], resampling=QUICK)
    assert [str(f.value) for f in alike.pooled] == [str(f.value) for f in found.pooled]


def test_annotators_who_judged_different_criteria_have_nothing_in_common(gold: Gold) -> None:
    first, second = (dataclasses.replace(gold, patients=tuple(part_of(p, {c}) for p in gold.patients)) for c in ("I1", "E1"))
    with pytest.raises(EvalError, match="no patient with a common criterion"):
        agreement([first, second], resampling=QUICK)


def test_criterion_that_nobody_judged_is_no_test(gold: Gold, flawed: Run, perfect: Run, kinds: dict[str, Any]) -> None:
    some = dataclasses.replace(gold, patients=tuple(part_of(p, {"I1", "E1"}) for p in gold.patients))
    found = {one.criterion: one for one in compare(some, flawed, perfect, kinds, resampling=QUICK, rounds=100).criteria}
    assert np.isnan(found["E3"].p_value)
    assert np.isnan(found["E3"].holm_p_value)
    assert found["E1"].holm_p_value == min(1.0, 2 * found["E1"].p_value)


def test_holm_leaves_out_what_was_not_tested() -> None:
    corrected = holm([0.01, float("nan"), 0.03])
    assert (corrected[0], corrected[2]) == (0.02, 0.03)
    assert np.isnan(corrected[1])
