"""Measures: known answers, and what must hold for every one of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as oracle

from eval import metrics, shares
from eval.agreement import cohen_kappa
from eval.binary import MEASURES as BINARY
from eval.binary import macro_of, met
from eval.metrics import Binary
from eval.records import VERDICTS

FloatArray = NDArray[np.float64]
Measure = Callable[[FloatArray], FloatArray]
K = len(VERDICTS)

PERFECT_IS_ONE: dict[str, Measure] = {
    "accuracy": lambda m: shares.share(shares.right_of(m)),
    "accuracy when decided": lambda m: shares.share(shares.decided_of(m)),
    "macro F1": metrics.macro_f1,
    **{f"met {name}": met(name) for name in BINARY},
    **{f"macro of met {name}": (lambda m, name=name: macro_of(name)(m[..., None, :, :])) for name in BINARY},
    "span F1": lambda m: metrics.span_f1(as_spans(m)),
    "span recall": lambda m: metrics.span_recall(as_spans(m)),
    "span precision": lambda m: metrics.span_precision(as_spans(m)),
    "kappa": lambda m: cohen_kappa(m[..., :K]),
}
PERFECT_IS_ZERO: dict[str, Measure] = {
    "wrong exclusions": lambda m: shares.share(shares.wrong_of(m, 1)),
    "false passes": lambda m: shares.share(shares.false_pass_of(m[..., :3, :4])),
}
OTHER: dict[str, Measure] = {"coverage": lambda m: shares.share(shares.coverage_of(m))}
MEASURES = PERFECT_IS_ONE | PERFECT_IS_ZERO | OTHER
SYMMETRIC = ("accuracy", "macro F1", "kappa")
"""Measures that treat every class alike, so that renaming classes changes nothing."""


def as_spans(matrix: FloatArray) -> FloatArray:
    """A verdict matrix read as spans: paired, in gold, predicted."""
    paired = np.trace(matrix[..., :K], axis1=-2, axis2=-1)
    return np.stack([paired, matrix.sum((-2, -1)), matrix[..., :K].sum((-2, -1))], axis=-1)


def some_rows(patients: int = 9, seed: int = 5) -> FloatArray:
    """(P, 4, 5) counts of several verdicts a patient."""
    return np.random.default_rng(seed).integers(0, 3, size=(patients, K, K + 1)).astype(float)


each_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())


@each_measure
def test_order_of_patients_changes_nothing(measure: Measure) -> None:
    rows = some_rows()
    assert measure(rows[::-1].sum(0)) == measure(rows.sum(0))


@each_measure
def test_duplicating_every_patient_changes_nothing(measure: Measure) -> None:
    rows = some_rows()
    np.testing.assert_allclose(measure(np.concatenate([rows, rows]).sum(0)), measure(rows.sum(0)))


@each_measure
def test_nothing_to_measure_is_undefined_and_not_zero(measure: Measure) -> None:
    assert np.isnan(measure(np.zeros((K, K + 1))))


@each_measure
def test_axes_in_front_are_kept(measure: Measure) -> None:
    rows = some_rows().reshape(3, 3, K, K + 1)
    together = measure(rows)
    assert together.shape == (3, 3)
    np.testing.assert_allclose(together[1, 2], measure(rows[1, 2]))


@each_measure
def test_counts_are_not_changed_by_measuring(measure: Measure) -> None:
    rows = some_rows()
    before = rows.copy()
    measure(rows)
    np.testing.assert_array_equal(rows, before)


@each_measure
def test_values_lie_in_their_range(measure: Measure) -> None:
    values = measure(some_rows(patients=200, seed=8))
    values = values[~np.isnan(values)]
    lowest = -1.0 if measure is MEASURES["kappa"] else 0.0
    assert values.size > 0
    assert lowest <= values.min()
    assert values.max() <= 1.0


@pytest.mark.parametrize("name", PERFECT_IS_ONE)
def test_perfect_prediction_scores_one(name: str) -> None:
    matrix = np.zeros((K, K + 1))
    matrix[range(K), range(K)] = (4, 3, 2, 1)
    assert MEASURES[name](matrix) == 1.0


@pytest.mark.parametrize("name", PERFECT_IS_ZERO)
def test_perfect_prediction_has_no_harm(name: str) -> None:
    matrix = np.zeros((K, K + 1))
    matrix[range(K), range(K)] = (4, 3, 2, 1)
    assert MEASURES[name](matrix) == 0.0


@pytest.mark.parametrize("name", SYMMETRIC)
def test_renaming_the_verdicts_changes_nothing(name: str) -> None:
    matrix, order = some_rows().sum(0), [2, 0, 3, 1]
    renamed = matrix[np.ix_(order, [*order, K])]
    np.testing.assert_allclose(MEASURES[name](renamed), MEASURES[name](matrix))


def test_gold_of_one_class_leaves_the_other_half_undefined() -> None:
    matrix = np.zeros((K, K + 1))
    matrix[0, :2] = (3, 1)
    b = metrics.one_against_rest(matrix, 0)
    assert metrics.sensitivity(b) == 0.75
    assert np.isnan(metrics.specificity(b))
    assert np.isnan(metrics.balanced_accuracy(b))
    assert metrics.npv(b) == 0.0
    assert np.isnan(MEASURES["kappa"](np.diag([4.0, 0, 0, 0])))


def test_missing_prediction_is_never_right() -> None:
    matrix = np.zeros((K, K + 1))
    matrix[:, K] = 1
    assert MEASURES["accuracy"](matrix) == 0.0
    assert MEASURES["coverage"](matrix) == 0.0
    assert np.isnan(MEASURES["accuracy when decided"](matrix))


def test_deciding_where_gold_is_unknown_counts_against_accuracy_when_decided() -> None:
    matrix = np.zeros((K, K + 1))
    matrix[0, 0], matrix[2, 0], matrix[2, 2], matrix[1, 2] = 3, 1, 5, 1
    assert MEASURES["accuracy when decided"](matrix) == 0.75
    assert MEASURES["coverage"](matrix) == 0.4


def test_several_classes_may_be_one_side() -> None:
    b = metrics.one_against_rest(np.arange(12.0).reshape(3, 4), 0, 2)
    assert (float(b.tp), float(b.fn), float(b.fp), float(b.tn)) == (
        0 + 2 + 8 + 10,
        1 + 3 + 9 + 11,
        4 + 6,
        5 + 7,
    )


def test_measures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    gold, predicted = rng.integers(0, K, 200), rng.integers(0, K, 200)
    matrix = oracle.confusion_matrix(gold, predicted, labels=range(K)).astype(float)
    wide = np.pad(matrix, ((0, 0), (0, 1)))
    is_met, said_met = gold == 0, predicted == 0
    assert MEASURES["accuracy"](wide) == pytest.approx(oracle.accuracy_score(gold, predicted))
    assert MEASURES["macro F1"](wide) == pytest.approx(oracle.f1_score(gold, predicted, average="macro"))
    assert MEASURES["met F1"](wide) == pytest.approx(oracle.f1_score(is_met, said_met))
    assert MEASURES["met PPV"](wide) == pytest.approx(oracle.precision_score(is_met, said_met))
    assert MEASURES["met sensitivity"](wide) == pytest.approx(oracle.recall_score(is_met, said_met))
    assert MEASURES["met balanced accuracy"](wide) == pytest.approx(oracle.balanced_accuracy_score(is_met, said_met))
    assert MEASURES["kappa"](wide) == pytest.approx(oracle.cohen_kappa_score(gold, predicted))


def test_screening_test_of_altman_and_bland() -> None:
    """Liver scan against pathology (Altman & Bland, BMJ 1994;308:1552 and 309:102)."""
    scan = Binary(*(np.array(float(n)) for n in (231, 32, 27, 54)))
    assert round(float(metrics.sensitivity(scan)), 2) == 0.90
    assert round(float(metrics.specificity(scan)), 2) == 0.63
    assert round(float(metrics.ppv(scan)), 2) == 0.88
    assert round(float(metrics.npv(scan)), 2) == 0.67
