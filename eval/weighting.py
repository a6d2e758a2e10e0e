"""Scores of a sample spoken for the whole it was drawn from: corrected for the sampling, and naive, side by side.

A gold of charts that were picked because something was found in them says nothing of what was overlooked elsewhere, and
its sensitivity flatters. Each patient is weighted by one over its inclusion probability (Horvitz & Thompson; the
quotient of two such sums is Hájek's estimator). Comes in: gold with probabilities, run. Goes out: pairs of figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.figures import Figure, Maker, Resampling
from eval.levels import WORTH_A_LOOK
from eval.metrics import MET, one_against_rest
from eval.records import EvalError, Gold, Kind, Run
from eval.scores import Tally
from eval.shares import FAIL, right_of, wrong_of

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weighted:
    """One measure as the sample shows it, and as it is estimated for the population."""

    naive: Figure
    corrected: Figure


def weighted_figures(
    gold: Gold, run: Run, kinds: Mapping[str, Kind], *, resampling: Resampling | None = None
) -> tuple[Weighted, ...]:
    """Accuracy, wrong exclusions, and both sensitivities; raises where a gold patient has no sampling probability."""
    weights = weights_of(gold)
    tally = Tally.of(gold, run, kinds)
    rows = {
        "verdict accuracy": right_of(tally.verdicts.sum(1)),
        "wrong exclusions": wrong_of(tally.effects.sum(1), FAIL),
        "sensitivity of met": found_of(tally.verdicts.sum(1), MET),
        "sensitivity of patients worth a look": found_of(tally.statuses, *WORTH_A_LOOK),
    }
    make = Maker(resampling or Resampling(), "sampling")
    return tuple(Weighted(make.share(name, pair), make.share(name, pair * weights[:, None])) for name, pair in rows.items())


def weights_of(gold: Gold) -> FloatArray:
    """(P,) one over the inclusion probability of each gold patient."""
    lacking = [p.patient_id for p in gold.patients if p.patient_id not in gold.sampling_probability]
    if lacking:
        raise EvalError(f"sampling.csv: no probability for {len(lacking)} gold patients, {', '.join(lacking[:10])}")
    return np.array([1 / gold.sampling_probability[patient.patient_id] for patient in gold.patients])


def found_of(matrix: FloatArray, *indices: int) -> FloatArray:
    """(..., K, K + 1) to (..., 2): positives found, positives of gold."""
    b = one_against_rest(matrix, *indices)
    return np.stack([b.tp, b.tp + b.fn], axis=-1)
