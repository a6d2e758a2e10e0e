"""Intervals: Wilson for proportions of independent cases, bootstrap over patients for everything else.

The verdicts of one patient hang together, so a figure pooled over criteria is resampled by whole patients.
Comes in: one row of counts a patient and a measure of summed counts. Goes out: value, interval, and the
method that gave it. Randomness arrives as a generator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from eval.records import EvalError

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]
"""Maps summed counts (..., *shape of one row) to values (...)."""
Method = Literal["wilson", "bca", "percentile", "wilson over patients", "none"]

REPLICATES = 2000
CONFIDENCE = 0.95
CELLS_AT_ONCE = 20_000_000
"""Resampling weights held in memory at a time: 160 MB."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its limits; all NaN where the measure is undefined, limits NaN where there is no
    interval."""

    value: float
    low: float
    high: float
    method: Method


UNDEFINED = Interval(np.nan, np.nan, np.nan, "none")


def wilson(successes: float, total: float, *, confidence: float = CONFIDENCE) -> Interval:
    """Wilson score interval of a proportion (Wilson 1927; recommended by Newcombe, Stat Med 1998;17:857-872).

    >>> found = wilson(81, 263)
    >>> round(found.low, 4), round(found.high, 4)
    (0.2553, 0.3662)
    """
    if total == 0:
        return UNDEFINED
    z = norm.ppf((1 + confidence) / 2)
    share = successes / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    low, high = float(np.clip(centre - half, 0, share)), float(np.clip(centre + half, share, 1))  # rounding may step past
    return Interval(share, low, high, "wilson")


def bootstrap(
    rows: FloatArray,
    statistic: Statistic,
    rng: np.random.Generator,
    *,
    replicates: int = REPLICATES,
    confidence: float = CONFIDENCE,
) -> Interval:
    """BCa interval over patients (Efron, JASA 1987;82:171-185), percentile where BCa is undefined.

    `rows` is (P, ...) counts. BCa is undefined where no or every resample lies below the value, or where
    leaving a patient out never changes it. Where no resample differs at all (every patient perfect, or none
    right) a bootstrap would claim certainty: a proportion then gets Wilson limits with the patients as the
    cases.
    """
    if len(rows) == 0:
        return UNDEFINED
    value = float(statistic(rows.sum(0)))
    if np.isnan(value):
        return UNDEFINED
    samples = resampled(rows, statistic, rng, replicates=replicates)
    samples = samples[~np.isnan(samples)]
    if samples.size < replicates / 2:
        return Interval(value, np.nan, np.nan, "none")
    if np.ptp(samples) == 0:
        return _without_spread(value, int((~np.isnan(statistic(rows))).sum()), confidence)
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    adjusted = bca_tails(value, samples, jackknife(rows, statistic), tails)
    low, high = np.quantile(samples, tails if adjusted is None else adjusted)
    return Interval(value, float(low), float(high), "percentile" if adjusted is None else "bca")


def _without_spread(value: float, patients: int, confidence: float) -> Interval:
    """Wilson limits of none or all of the patients that have anything to count."""
    if value in (0.0, 1.0):
        limits = wilson(value * patients, patients, confidence=confidence)
        return Interval(value, limits.low, limits.high, "wilson over patients")
    return Interval(value, np.nan, np.nan, "none")


def resampled(rows: FloatArray, statistic: Statistic, rng: np.random.Generator, *, replicates: int) -> FloatArray:
    """(replicates,) values of the statistic on patients drawn with replacement."""
    return np.concatenate([statistic(summed(weights, rows)) for weights in draws(len(rows), rng, replicates=replicates)])


def draws(patients: int, rng: np.random.Generator, *, replicates: int) -> Iterator[FloatArray]:
    """(some, patients) how often each patient was drawn, in blocks that fit in memory, `replicates` in
    all."""
    if patients == 0:
        raise EvalError("no patients to resample")
    block = max(1, CELLS_AT_ONCE // patients)
    chances = np.full(patients, 1 / patients)
    for start in range(0, replicates, block):
        yield rng.multinomial(patients, chances, size=min(block, replicates - start)).astype(float)


def summed(weights: FloatArray, rows: FloatArray) -> FloatArray:
    """(B, P) weights and (P, ...) rows to (B, ...) weighted sums."""
    return np.tensordot(weights, rows, axes=(1, 0))


def jackknife(rows: FloatArray, statistic: Statistic) -> FloatArray:
    """(P,) values of the statistic with one patient left out; NaN where that leaves it undefined."""
    return statistic(rows.sum(0) - rows)


def bca_tails(value: float, samples: FloatArray, left_out: FloatArray, tails: FloatArray) -> FloatArray | None:
    """The quantiles of the resamples that BCa takes instead of the plain tails; `None` where it is
    undefined."""
    below = (np.mean(samples < value) + np.mean(samples <= value)) / 2
    deviations = left_out.mean() - left_out
    spread = np.sum(deviations**2)
    if not 0 < below < 1 or np.isnan(spread) or spread == 0:
        return None
    bias = norm.ppf(below)
    acceleration = np.sum(deviations**3) / (6 * spread**1.5)
    shifted = bias + norm.ppf(tails)
    adjusted: FloatArray = norm.cdf(bias + shifted / (1 - acceleration * shifted))
    return None if np.isnan(adjusted).any() else adjusted
