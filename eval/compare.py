"""Two runs against one gold: how much better is B than A, and could chance have done it?

Comes in: gold and runs A and B. Goes out: the difference of each headline share with a paired bootstrap interval and an
approximate randomisation p-value (patients are the units of both), and per criterion an exact McNemar test, one case a
patient, with Holm's correction over the criteria.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from eval.figures import Resampling
from eval.intervals import Interval, Statistic
from eval.records import Gold, Kind, Run
from eval.scores import Tally
from eval.shares import FAIL, false_pass_of, right_of, share, wrong_of

FloatArray = NDArray[np.float64]
ROUNDS = 9999
"""Swaps of approximate randomisation: the smallest p-value there can be is 1 / (rounds + 1)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of A, of B, and B - A with its interval and two-sided p-value."""

    name: str
    a: float
    b: float
    difference: Interval
    p_value: float


@dataclass(frozen=True, slots=True)
class CriterionDifference:
    """Verdicts that only A or only B has right, McNemar's exact p-value, and that value after Holm."""

    criterion: str
    only_a: int
    only_b: int
    both: int
    neither: int
    p_value: float
    holm_p_value: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it; `criteria` in the order of the gold."""

    a: str
    b: str
    patients: int
    overall: tuple[Difference, ...]
    criteria: tuple[CriterionDifference, ...]


def compare(
    gold: Gold, a: Run, b: Run, kinds: Mapping[str, Kind], *, resampling: Resampling | None = None, rounds: int = ROUNDS
) -> Comparison:
    """Compare two runs on the gold's patients; a gold verdict without a row counts against the run that lacks it."""
    resampling = resampling or Resampling()
    tally_a, tally_b = Tally.of(gold, a, kinds), Tally.of(gold, b, kinds)
    overall = [
        difference(name, rows_a, rows_b, resampling=resampling, rounds=rounds)
        for (name, rows_a), (_, rows_b) in zip(shares_of(tally_a), shares_of(tally_b), strict=True)
    ]
    return Comparison(a.name, b.name, len(gold.patients), tuple(overall), criterion_differences(gold, tally_a, tally_b))


def shares_of(tally: Tally) -> list[tuple[str, FloatArray]]:
    """The shares that are compared, as (P, 2) rows; the names are those of the headline."""
    effects = tally.effects.sum(1)
    return [
        ("verdict accuracy", right_of(tally.verdicts.sum(1))),
        ("wrong exclusions", wrong_of(effects, FAIL)),
        ("false passes", false_pass_of(effects)),
        ("evidence recall, right role", tally.evidence.sum(1)),
    ]


def difference(name: str, a: FloatArray, b: FloatArray, *, resampling: Resampling, rounds: int) -> Difference:
    """B - A of one share, from (P, 2) rows of the same patients in the same order."""
    both = np.stack([a, b], axis=1)
    interval = resampling.interval(both, share_difference)
    rng = np.random.default_rng(resampling.seed)
    p_value = approximate_randomisation(a, b, share, rng, rounds=rounds)
    return Difference(name, float(share(a.sum(0))), float(share(b.sum(0))), interval, p_value)


def share_difference(sums: FloatArray) -> FloatArray:
    """(..., 2, 2) of A and B to B - A."""
    return share(sums[..., 1, :]) - share(sums[..., 0, :])


def approximate_randomisation(
    a: FloatArray, b: FloatArray, statistic: Statistic, rng: np.random.Generator, *, rounds: int = ROUNDS
) -> float:
    """Two-sided p-value of the difference when each patient's A and B are swapped at random (Noreen 1989).

    NaN where either value is undefined. The observed arrangement counts as one of the rounds, so p is never 0.
    """
    observed = abs(float(statistic(b.sum(0)) - statistic(a.sum(0))))
    if np.isnan(observed) or len(a) == 0:
        return float("nan")
    is_swapped = rng.integers(0, 2, size=(rounds, len(a))).astype(float)
    moved = np.tensordot(is_swapped, b - a, axes=(1, 0))
    swapped = np.abs(statistic(b.sum(0) - moved) - statistic(a.sum(0) + moved))
    at_least = np.nansum(swapped >= observed - 1e-12)
    return float((at_least + 1) / (rounds + 1))


def criterion_differences(gold: Gold, a: Tally, b: Tally) -> tuple[CriterionDifference, ...]:
    """McNemar for each criterion; Holm over those that gold has judged at all, the others are NaN."""
    right_a, right_b = right_of(a.verdicts)[..., 0], right_of(b.verdicts)[..., 0]
    judged = a.verdicts.sum((-2, -1))
    only_a, only_b = (right_a * (1 - right_b)).sum(0), (right_b * (1 - right_a)).sum(0)
    both, neither = (right_a * right_b).sum(0), (judged * (1 - right_a) * (1 - right_b)).sum(0)
    is_judged = judged.sum(0) > 0
    p_values = [
        mcnemar_exact(int(x), int(y)) if seen else float("nan") for x, y, seen in zip(only_a, only_b, is_judged, strict=True)
    ]
    corrected = holm(p_values)
    return tuple(
        CriterionDifference(criterion, int(only_a[c]), int(only_b[c]), int(both[c]), int(neither[c]), p_values[c], corrected[c])
        for c, criterion in enumerate(gold.criteria)
    )


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """Exact conditional two-sided p-value: are the cases that one alone has right split evenly? 1 without such cases.

    >>> round(mcnemar_exact(1, 7), 4)
    0.0703
    """
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down p-values, in the order given (Holm, Scand J Stat 1979;6:65-70). NaN is no test, and stays NaN.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    tested = [index for index, p_value in enumerate(p_values) if not np.isnan(p_value)]
    corrected, highest = [float("nan")] * len(p_values), 0.0
    for step, index in enumerate(sorted(tested, key=lambda index: p_values[index])):
        highest = max(highest, min(1.0, (len(tested) - step) * p_values[index]))
        corrected[index] = highest
    return corrected
