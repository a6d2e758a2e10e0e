"""Shares: how many, and of how many. Each function takes (..., K, K + 1) counts and gives (..., 2).

They stay two numbers until the last moment, so that a table can print the counts beside the value, and so
that a bootstrap sums before it divides. The last column of every matrix is "the run has no row", which is
never right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eval.metrics import one_against_rest, ratio
from eval.records import EFFECTS, VERDICTS

FloatArray = NDArray[np.float64]
FAIL, PASS = EFFECTS.index("fail"), EFFECTS.index("pass")
DECIDED = [index for index, verdict in enumerate(VERDICTS) if verdict != "unknown"]


def share(pair: FloatArray) -> FloatArray:
    """(..., 2) to (...): the quotient, NaN of nothing."""
    return ratio(pair[..., 0], pair[..., 1])


def right_of(matrix: FloatArray) -> FloatArray:
    """On the diagonal, all. Its share is accuracy, and the micro-average of a task of one label a case."""
    right = np.trace(matrix[..., : matrix.shape[-2]], axis1=-2, axis2=-1)
    return np.stack([right, matrix.sum((-2, -1))], axis=-1)


def wrong_of(matrix: FloatArray, index: int) -> FloatArray:
    """Put into the class without belonging there, not belonging there.

    With effects and `fail`: a patient turned away by a criterion that did not fail, the wrong exclusion.
    """
    b = one_against_rest(matrix, index)
    return np.stack([b.fp, b.fp + b.tn], axis=-1)


def false_pass_of(effects: FloatArray) -> FloatArray:
    """Effects: failing in gold and passed by the run without asking for review, failing in gold."""
    return np.stack([effects[..., FAIL, PASS], effects[..., FAIL, :].sum(-1)], axis=-1)


def coverage_of(matrix: FloatArray) -> FloatArray:
    """Verdicts: decided by the run (`unknown` and no row are abstention), all."""
    return np.stack([_only_decided(matrix).sum((-2, -1)), matrix.sum((-2, -1))], axis=-1)


def decided_of(matrix: FloatArray) -> FloatArray:
    """Verdicts: decided and right, decided by the run; deciding where gold is `unknown` is wrong."""
    return right_of(_only_decided(matrix))


def _only_decided(matrix: FloatArray) -> FloatArray:
    """The columns of the verdicts other than `unknown`, the others zeroed."""
    is_decided = np.zeros(matrix.shape[-1])
    is_decided[DECIDED] = 1
    return matrix * is_decided
