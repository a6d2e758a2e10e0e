"""Does a score of 0.8 mean that eight in ten are worth a look? Reliability and Brier score.

Comes in: scores in 0..1 and whether each patient is worth a look. Goes out: bins and one number. Fitting a better score is
another story (`calibrate`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.figures import Resampling
from eval.intervals import Interval, wilson
from eval.metrics import ratio
from eval.records import EvalError, Gold, Run

FloatArray = NDArray[np.float64]
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Patients whose score lies in [low, high) (the last bin holds 1 too): their mean score and the share that is right."""

    low: float
    high: float
    patients: int
    mean_score: float
    observed: Interval


@dataclass(frozen=True, slots=True)
class Reliability:
    """`bins` that hold somebody; `expected_error` is the mean gap of the bins, weighted by patients (ECE)."""

    patients: int
    bins: tuple[Bin, ...]
    brier: Interval
    brier_of_prevalence: float
    expected_error: float


def scored_patients(gold: Gold, run: Run) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Scores of the gold patients that have one, and which patients (P,) those are."""
    scores = [
        run.candidates[patient.patient_id].score if patient.patient_id in run.candidates else None for patient in gold.patients
    ]
    outside = [p.patient_id for p, score in zip(gold.patients, scores, strict=True) if score is not None and not 0 <= score <= 1]
    if outside:
        raise EvalError(f"candidates: score outside 0..1 of {', '.join(outside[:10])}")
    has_score = np.array([score is not None for score in scores], dtype=bool)
    return np.array([score for score in scores if score is not None], dtype=float), has_score


def reliability(
    scores: FloatArray, outcomes: NDArray[np.bool_], *, bins: int = BINS, resampling: Resampling | None = None
) -> Reliability:
    """Reliability of (P,) scores against (P,) outcomes; the bins are equally wide."""
    rows = brier_rows(scores, outcomes)
    held = reliability_bins(scores, outcomes, bins=bins)
    gaps = [one.patients * abs(one.mean_score - one.observed.value) for one in held]
    prevalence = float(outcomes.mean()) if len(outcomes) else float("nan")
    return Reliability(
        patients=len(scores),
        bins=held,
        brier=(resampling or Resampling()).interval(rows, brier),
        brier_of_prevalence=prevalence * (1 - prevalence),
        expected_error=sum(gaps) / len(scores) if len(scores) else float("nan"),
    )


def reliability_bins(scores: FloatArray, outcomes: NDArray[np.bool_], *, bins: int = BINS) -> tuple[Bin, ...]:
    """Equally wide bins, the empty ones left out; Wilson interval of the observed share."""
    number = np.minimum((scores * bins).astype(int), bins - 1)
    return tuple(
        Bin(
            low=index / bins,
            high=(index + 1) / bins,
            patients=int((number == index).sum()),
            mean_score=float(scores[number == index].mean()),
            observed=wilson(float(outcomes[number == index].sum()), int((number == index).sum())),
        )
        for index in np.unique(number)
    )


def brier_rows(scores: FloatArray, outcomes: NDArray[np.bool_]) -> FloatArray:
    """(P, 2) squared error and one, whose sums give the score."""
    return np.stack([(scores - outcomes) ** 2, np.ones(len(scores))], axis=-1)


def brier(sums: FloatArray) -> FloatArray:
    """Mean squared error of the score (Brier, Mon Weather Rev 1950;78:1-3): 0 is best, 0.25 is always saying one half."""
    return ratio(sums[..., 0], sums[..., 1])
