"""Scores are checked against what they promise, and a fitted score is measured on patients it has not seen."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from eval import calibrate
from eval.calibrate import FEATURES, calibrated_score, fit, nested_scores, read_calibration, write_calibration
from eval.calibration import brier, brier_rows, reliability, reliability_bins, scored_patients
from eval.figures import Resampling
from eval.records import EvalError, Gold, GoldPatient, PredictedCandidate, Run

QUICK = Resampling(replicates=200)
MADE_BY = {"trial_sha256": "t1", "patterns_sha256": "p1", "calibrated_on": None}


def test_brier_score_of_a_table_worked_by_hand_and_by_scikit_learn() -> None:
    scores, outcomes = np.array([0.9, 0.8, 0.3, 0.1]), np.array([1, 1, 0, 1], dtype=bool)
    assert brier(brier_rows(scores, outcomes).sum(0)) == pytest.approx((0.01 + 0.04 + 0.09 + 0.81) / 4)
    assert brier(brier_rows(scores, outcomes).sum(0)) == pytest.approx(brier_score_loss(outcomes, scores))


def test_bins_hold_everybody_once_and_one_belongs_to_the_last() -> None:
    scores = np.array([0.0, 0.05, 0.1, 0.95, 1.0])
    bins = reliability_bins(scores, scores > 0.5)
    assert [(b.low, b.patients, b.observed.value) for b in bins] == [(0.0, 2, 0.0), (0.1, 1, 0.0), (0.9, 2, 1.0)]


def test_honest_scores_have_a_small_expected_error_and_boastful_ones_a_large() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(4000)
    outcomes = rng.random(4000) < truth
    assert reliability(truth, outcomes, resampling=QUICK).expected_error < 0.03
    assert reliability(np.sqrt(truth), outcomes, resampling=QUICK).expected_error > 0.1


def test_nobody_scored_is_undefined() -> None:
    found = reliability(np.zeros(0), np.zeros(0, dtype=bool))
    assert np.isnan([found.brier.value, found.expected_error, found.brier_of_prevalence]).all()


def test_score_outside_its_range_is_told_with_the_patient(gold: Gold) -> None:
    run = Run("", {}, {}, {"S2": PredictedCandidate("review", score=1.5)})
    with pytest.raises(EvalError, match=r"score outside 0\.\.1 of S2"):
        scored_patients(gold, run)


def overconfident(patients: int = 80) -> tuple[Gold, Run]:
    """A rule that scores 0.9 where half are worth a look, and knows the rest by what failed."""
    rng = np.random.default_rng(4)
    failed = rng.integers(0, 4, patients)
    verdicts = ["not_met" if rng.random() < (0.1, 0.4, 0.8, 0.95)[n] else "met" for n in failed]
    gold = tuple(GoldPatient(f"P{i:03}", {"I1": verdict}) for i, verdict in enumerate(verdicts))  # type: ignore[dict-item]
    candidates = {f"P{i:03}": PredictedCandidate("review", 0.9 - 0.05 * n, None, int(n), 1) for i, n in enumerate(failed)}
    return Gold(gold, criteria=("I1",), sha256="abc"), Run("rule", {}, {}, candidates, MADE_BY)


def test_fitted_score_is_better_on_patients_it_has_not_seen() -> None:
    gold, run = overconfident()
    found = fit(gold, run, {"I1": "inclusion"}, resampling=QUICK)
    assert found.calibration.brier_held_out < found.calibration.brier_of_rule - 0.1
    assert found.change.high < 0
    assert found.calibration.gold_sha256 == "abc"
    assert (found.calibration.trial_sha256, found.calibration.patterns_sha256) == ("t1", "p1")
    assert found.calibration.features == FEATURES


def test_stored_calibration_gives_the_score_of_the_model(tmp_path: Path) -> None:
    gold, run = overconfident()
    calibration = fit(gold, run, {"I1": "inclusion"}, resampling=QUICK).calibration
    write_calibration(calibration, tmp_path / "calibration.json")
    again = read_calibration(tmp_path / "calibration.json")
    assert again == calibration
    scores = [calibrated_score(again, PredictedCandidate("review", 0.9 - 0.05 * n, None, n, 1)) for n in range(4)]
    assert scores == sorted(scores, reverse=True)
    features = np.array([calibrate.feature_row(run.candidates[p.patient_id]) for p in gold.patients])
    outcomes = np.array([p.verdicts["I1"] == "met" for p in gold.patients])
    ids = np.array([p.patient_id for p in gold.patients])
    model = calibrate.search(features, outcomes, ids, seed=0)
    stored = [calibrated_score(again, run.candidates[p.patient_id]) for p in gold.patients]
    np.testing.assert_allclose(stored, model.predict_proba(features)[:, 1])


def test_same_gold_and_run_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        gold, run = overconfident()
        write_calibration(fit(gold, run, {"I1": "inclusion"}, resampling=QUICK).calibration, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_no_patient_is_scored_by_a_model_that_saw_it() -> None:
    """A patient whose number alone gives the outcome away would be known by heart; held out it is at chance."""
    rng = np.random.default_rng(2)
    ids = np.repeat([f"P{i}" for i in range(30)], 4)
    outcomes = np.repeat(rng.random(30) < 0.5, 4)
    fingerprint = np.repeat(rng.random((30, 1)), 4, axis=0)
    scores = nested_scores(fingerprint, outcomes, ids, seed=0)
    assert not np.isnan(scores).any()
    assert brier(brier_rows(scores, outcomes).sum(0)) > 0.2


def test_too_few_of_either_outcome_is_told(gold: Gold, perfect: Run) -> None:
    kinds = {c: "inclusion" if c.startswith("I") else "exclusion" for c in gold.criteria}
    perfect = dataclasses.replace(perfect, made_by=MADE_BY)
    with pytest.raises(EvalError, match="at least 4 scored gold patients worth a look .*; there are 3 and 5"):
        fit(gold, perfect, kinds)  # type: ignore[arg-type]
    nobody = dataclasses.replace(perfect, candidates={})
    with pytest.raises(EvalError, match="there are 0 and 0"):
        fit(gold, nobody, kinds)  # type: ignore[arg-type]


def test_file_that_is_no_calibration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    with pytest.raises(EvalError, match="not a calibration"):
        read_calibration(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("made_by", "message"),
    [
        ({}, "gives no trial_sha256 and no patterns_sha256"),
        ({**MADE_BY, "patterns_sha256": None}, "gives no patterns_sha256"),
        ({**MADE_BY, "calibrated_on": "g1"}, "scored by a calibration; make the run without one"),
    ],
)
def test_run_that_cannot_be_calibrated_is_refused(made_by: dict[str, str | None], message: str) -> None:
    gold, run = overconfident()
    with pytest.raises(EvalError, match=message):
        fit(gold, dataclasses.replace(run, made_by=made_by), {"I1": "inclusion"}, resampling=QUICK)


def test_program_that_takes_the_file_up_gives_the_same_scores(tmp_path: Path) -> None:
    """The scorer and the system share the file and no code."""
    from extractor.io.calibration import read_calibration as taken_up
    from extractor.records import Candidate

    gold, run = overconfident()
    calibration = fit(gold, run, {"I1": "inclusion"}, resampling=QUICK).calibration
    write_calibration(calibration, tmp_path / "calibration.json")
    system = taken_up(tmp_path / "calibration.json")
    for candidate in run.candidates.values():
        lists = (("x",) * candidate.failed, ("x",) * candidate.to_review)
        row = Candidate("P", "t", candidate.status, candidate.score or 0.0, 0, *lists)
        assert system.score(row) == round(calibrated_score(calibration, candidate), 4)
