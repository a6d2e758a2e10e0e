"""`met` against everything else, the other verdicts folded together: of one criterion, micro-averaged, macro-averaged.

Comes in: verdict counts, the first axis the patient. Goes out: figures by name. This is how n2c2 2018 track 1 scores, and what
a paper calls sensitivity and specificity of a criterion. Micro pools the verdicts of all criteria; macro is the plain mean of the
criteria where the measure is defined, and says of how many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from eval.figures import Figure, Maker
from eval.intervals import Statistic
from eval.metrics import (
    MET,
    Binary,
    balanced_accuracy,
    f1,
    mean_of_defined,
    npv,
    one_against_rest,
    ppv,
    sensitivity,
    specificity,
)

FloatArray = NDArray[np.float64]
Counts = Callable[[Binary], tuple[FloatArray, FloatArray]]
SHARES: Mapping[str, Counts] = {
    "sensitivity": lambda b: (b.tp, b.tp + b.fn),
    "specificity": lambda b: (b.tn, b.tn + b.fp),
    "PPV": lambda b: (b.tp, b.tp + b.fp),
    "NPV": lambda b: (b.tn, b.tn + b.fn),
}
"""How many, of how many."""
MEASURES: Mapping[str, Callable[[Binary], FloatArray]] = {
    "sensitivity": sensitivity,
    "specificity": specificity,
    "PPV": ppv,
    "NPV": npv,
    "F1": f1,
    "balanced accuracy": balanced_accuracy,
}


def criterion_figures(verdicts: FloatArray, make: Maker) -> dict[str, Figure]:
    """(P, 4, 5) counts of one case a patient: Wilson intervals for shares, bootstrap for the rest."""
    b = one_against_rest(verdicts.sum(0), MET)
    shares = {name: make.proportion(name, *map(float, counts(b))) for name, counts in SHARES.items()}
    return shares | _others(verdicts, make)


def micro_figures(verdicts: FloatArray, make: Maker) -> dict[str, Figure]:
    """(P, C, 4, 5): the verdicts of all criteria as cases of one task; a patient's hang together, so all is bootstrapped."""
    pooled = verdicts.sum(1)
    b = one_against_rest(pooled, MET)
    shares = {name: make.share(name, np.stack(counts(b), axis=-1)) for name, counts in SHARES.items()}
    return shares | _others(pooled, make)


def macro_figures(verdicts: FloatArray, make: Maker) -> dict[str, Figure]:
    """(P, C, 4, 5): mean over the criteria where the measure is defined; the counts say how many these are, of how many."""
    return {name: make.measure(name, verdicts, macro_of(name), criteria_defined(met(name)(verdicts.sum(0)))) for name in MEASURES}


def met(name: str) -> Statistic:
    """A measure of `met` against the rest, from (..., 4, 5) summed counts."""
    return lambda matrix: MEASURES[name](one_against_rest(matrix, MET))


def macro_of(name: str) -> Statistic:
    """The mean of that measure over the criteria, from (..., C, 4, 5) summed counts."""
    return lambda matrix: mean_of_defined(met(name)(matrix))


def criteria_defined(values: FloatArray) -> dict[str, float]:
    """Of how many criteria a macro-average is one, and how many there are."""
    return {"criteria": float((~np.isnan(values)).sum()), "of": float(values.size)}


def _others(rows: FloatArray, make: Maker) -> dict[str, Figure]:
    b = one_against_rest(rows.sum(0), MET)
    counts = {"tp": float(b.tp), "fp": float(b.fp), "fn": float(b.fn), "tn": float(b.tn)}
    return {name: make.measure(name, rows, met(name), counts) for name in MEASURES if name not in SHARES}
