"""Fit the candidate score to a gold: a logistic regression on three numbers a patient, small and deterministic.

Comes in: gold and run. Goes out: a `Calibration`, to be stored with the hash of the gold it was fitted on. What it is worth is
measured on patients it has not seen: the outer folds of a nested cross-validation give the score of each patient by a model
whose strength of regularisation was chosen, by inner folds, without that patient. Folds never divide a patient.
Without a calibration the score is the documented rule of the run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from eval.calibration import brier, brier_rows
from eval.figures import Resampling
from eval.intervals import Interval
from eval.ranking import relevance, whole
from eval.records import EvalError, Gold, Kind, PredictedCandidate, Run

FloatArray = NDArray[np.float64]
FEATURES = ("score", "failed", "to_review")
STRENGTHS = (0.01, 0.1, 1.0, 10.0)
FOLDS = 5
MIN_OF_EACH = 4
"""Patients of either outcome below which nested folds cannot hold both outcomes."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything needed to give a candidate its score, and to know what that is worth.

    The hashes say by which trial and patterns the charts were judged, and which gold they were held against: a system that
    takes the calibration up must refuse it where it judges by others.
    """

    trial_sha256: str
    patterns_sha256: str
    gold_sha256: str
    patients: int
    worth_a_look: int
    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    strength: float
    brier_of_rule: float
    brier_held_out: float
    brier_change_low: float
    brier_change_high: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A calibration, with the held-out score of each patient it was measured by."""

    calibration: Calibration
    patient_ids: tuple[str, ...]
    rule_scores: FloatArray
    held_out_scores: FloatArray
    outcomes: NDArray[np.bool_]
    change: Interval


def fit(gold: Gold, run: Run, kinds: Mapping[str, Kind], *, resampling: Resampling | None = None) -> Fitted:
    """Fit on the gold patients that are judged as a whole and that the run scored.

    Raises `EvalError` where there are too few of either outcome, where the run does not say what it was judged by, and where
    its scores are fitted ones already.
    """
    made_by = _made_by(run)
    resampling, gold = resampling or Resampling(), whole(gold, kinds)
    patients = [p for p in gold.patients if _score(run.candidates.get(p.patient_id)) is not None]
    by_id = {p.patient_id: bool(seen) for p, seen in zip(gold.patients, relevance(gold, kinds), strict=True)}
    outcomes = np.array([by_id[p.patient_id] for p in patients], dtype=bool)
    fewest = int(min(outcomes.sum(), (~outcomes).sum())) if len(outcomes) else 0
    if fewest < MIN_OF_EACH:
        raise EvalError(
            f"calibration needs at least {MIN_OF_EACH} scored gold patients worth a look and {MIN_OF_EACH} that are not; "
            f"there are {int(outcomes.sum())} and {int((~outcomes).sum())}"
        )
    ids = np.array([p.patient_id for p in patients])
    features = np.array([feature_row(run.candidates[p.patient_id]) for p in patients])
    held_out = nested_scores(features, outcomes, ids, seed=resampling.seed)
    rule = features[:, 0]
    change = resampling.interval(np.stack([brier_rows(rule, outcomes), brier_rows(held_out, outcomes)], axis=1), brier_change)
    final = search(features, outcomes, ids, seed=resampling.seed)
    calibration = describe(final, gold, made_by, outcomes, rule, held_out, change)
    return Fitted(calibration, tuple(ids.tolist()), rule, held_out, outcomes, change)


def feature_row(candidate: PredictedCandidate) -> tuple[float, ...]:
    """The numbers of `FEATURES`: the rule's score, how many criteria failed, how many ask for review."""
    return (candidate.score or 0.0, float(candidate.failed), float(candidate.to_review))


def nested_scores(features: FloatArray, outcomes: NDArray[np.bool_], ids: NDArray[np.str_], *, seed: int) -> FloatArray:
    """(P,) the score of each patient by a model that has never seen that patient."""
    scores = np.full(len(outcomes), np.nan)
    for train, test in folds(outcomes, seed=seed).split(features, outcomes, groups=ids):
        model = search(features[train], outcomes[train], ids[train], seed=seed)
        scores[test] = model.predict_proba(features[test])[:, 1]
    return scores


def search(features: FloatArray, outcomes: NDArray[np.bool_], ids: NDArray[np.str_], *, seed: int) -> GridSearchCV:
    """The model whose strength of regularisation has the best Brier score over inner folds, fitted on all given."""
    steps: Pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    grid = {"logisticregression__C": list(STRENGTHS)}
    chosen = GridSearchCV(steps, grid, scoring="neg_brier_score", cv=folds(outcomes, seed=seed))
    return chosen.fit(features, outcomes, groups=ids)


def folds(outcomes: NDArray[np.bool_], *, seed: int) -> StratifiedGroupKFold:
    """As many folds as the rarer outcome fills, five at most."""
    fewest = int(min(outcomes.sum(), (~outcomes).sum()))
    return StratifiedGroupKFold(n_splits=max(2, min(FOLDS, fewest)), shuffle=True, random_state=seed)


def brier_change(sums: FloatArray) -> FloatArray:
    """(..., 2, 2) rule and held-out: how much the Brier score rises; below 0 the fitted score is better."""
    return brier(sums[..., 1, :]) - brier(sums[..., 0, :])


def describe(
    model: GridSearchCV,
    gold: Gold,
    made_by: Mapping[str, str],
    outcomes: NDArray[np.bool_],
    rule: FloatArray,
    held_out: FloatArray,
    change: Interval,
) -> Calibration:
    """The fitted model as plain numbers."""
    scaler, logistic = model.best_estimator_[0], model.best_estimator_[1]
    return Calibration(
        **made_by,
        gold_sha256=gold.sha256,
        patients=len(outcomes),
        worth_a_look=int(outcomes.sum()),
        features=FEATURES,
        means=tuple(scaler.mean_.tolist()),
        scales=tuple(scaler.scale_.tolist()),
        coefficients=tuple(logistic.coef_[0].tolist()),
        intercept=float(logistic.intercept_[0]),
        strength=float(model.best_params_["logisticregression__C"]),
        brier_of_rule=float(brier(brier_rows(rule, outcomes).sum(0))),
        brier_held_out=float(brier(brier_rows(held_out, outcomes).sum(0))),
        brier_change_low=change.low,
        brier_change_high=change.high,
    )


def calibrated_score(calibration: Calibration, candidate: PredictedCandidate) -> float:
    """The probability that the candidate is worth a look."""
    scaled = (np.array(feature_row(candidate)) - calibration.means) / calibration.scales
    return float(1 / (1 + np.exp(-(scaled @ np.array(calibration.coefficients) + calibration.intercept))))


def write_calibration(calibration: Calibration, path: Path) -> None:
    """As JSON, keys in order, so that the same fit gives the same bytes."""
    path.write_text(json.dumps(asdict(calibration), indent=2, sort_keys=True) + "\n", encoding="utf-8")


def read_calibration(path: Path) -> Calibration:
    """What `write_calibration` wrote."""
    try:
        row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
        return Calibration(**fields)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EvalError(f"{path}: not a calibration written by `prescreen calibrate`") from error


def _made_by(run: Run) -> dict[str, str]:
    """The hashes that the calibration will be held to."""
    if run.made_by.get("calibrated_on"):
        raise EvalError(f"{run.name}: its candidates are scored by a calibration; make the run without one, and calibrate that")
    found = {name: run.made_by.get(name) for name in ("trial_sha256", "patterns_sha256")}
    lacking = [name for name, value in found.items() if not value]
    if lacking:
        raise EvalError(
            f"{run.name}: run.json gives no {' and no '.join(lacking)}; a calibration must say what it was fitted with"
        )
    return {name: str(value) for name, value in found.items()}


def _score(candidate: PredictedCandidate | None) -> float | None:
    return None if candidate is None else candidate.score
