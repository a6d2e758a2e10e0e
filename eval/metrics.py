"""Measures from summed counts. Each takes arrays whose last axes are counts and keeps the axes before them.

So one function gives the figure of one criterion, of eighteen at once, and of two thousand resamples. A
measure that would divide by zero is undefined: NaN, printed as –, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.records import VERDICTS

FloatArray = NDArray[np.float64]
MET = VERDICTS.index("met")


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Elementwise quotient, NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    return np.divide(numerator, denominator, out=np.full(denominator.shape, np.nan), where=denominator != 0)


@dataclass(frozen=True, slots=True)
class Binary:
    """Counts of a yes-or-no task, arrays of one shape: true and false positives, false and true negatives."""

    tp: FloatArray
    fp: FloatArray
    fn: FloatArray
    tn: FloatArray


def one_against_rest(matrix: FloatArray, *indices: int) -> Binary:
    """(..., K, K or more) gold by predicted into the counts of one class, or several as one, against all
    others.

    A column beyond the classes (no prediction) is a negative: nothing was found. With `met` as the class this
    is the folding of `unknown`, `not_met` and `not_applicable` into "not met", as n2c2 2018 track 1 scores.
    """
    rows, columns = list(indices), list(indices)
    tp = matrix[..., rows, :][..., columns].sum((-2, -1))
    fn = matrix[..., rows, :].sum((-2, -1)) - tp
    fp = matrix[..., :, columns].sum((-2, -1)) - tp
    return Binary(tp, fp, fn, matrix.sum((-2, -1)) - tp - fn - fp)


def sensitivity(counts: Binary) -> FloatArray:
    """Share of the positives of gold that were found (recall)."""
    return ratio(counts.tp, counts.tp + counts.fn)


def specificity(counts: Binary) -> FloatArray:
    """Share of the negatives of gold that were left alone."""
    return ratio(counts.tn, counts.tn + counts.fp)


def ppv(counts: Binary) -> FloatArray:
    """Share of the found that are positive in gold (precision)."""
    return ratio(counts.tp, counts.tp + counts.fp)


def npv(counts: Binary) -> FloatArray:
    """Share of the left alone that are negative in gold."""
    return ratio(counts.tn, counts.tn + counts.fn)


def f1(counts: Binary) -> FloatArray:
    """Harmonic mean of sensitivity and PPV; undefined only where gold and prediction are both empty."""
    return ratio(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn)


def balanced_accuracy(counts: Binary) -> FloatArray:
    """Mean of sensitivity and specificity; undefined where gold has one class only."""
    return (sensitivity(counts) + specificity(counts)) / 2


def span_f1(counts: FloatArray) -> FloatArray:
    """(..., 3) credit, gold spans, predicted spans: harmonic mean of recall and precision."""
    return ratio(2 * counts[..., 0], counts[..., 1] + counts[..., 2])


def span_recall(counts: FloatArray) -> FloatArray:
    """(..., 2 or 3) credit over gold spans."""
    return ratio(counts[..., 0], counts[..., 1])


def span_precision(counts: FloatArray) -> FloatArray:
    """(..., 3) credit over predicted spans."""
    return ratio(counts[..., 0], counts[..., 2])


def macro_f1(matrix: FloatArray) -> FloatArray:
    """(..., K, K or more): mean F1 of the classes that gold or prediction has at all."""
    values = np.stack([f1(one_against_rest(matrix, index)) for index in range(matrix.shape[-2])], axis=-1)
    return mean_of_defined(values)


def mean_of_defined(values: FloatArray) -> FloatArray:
    """Mean over the last axis of what is not NaN; NaN where nothing is defined."""
    is_defined = ~np.isnan(values)
    return ratio(np.where(is_defined, values, 0.0).sum(-1), is_defined.sum(-1).astype(float))
