"""Agreement coefficients: worked examples as their authors printed them, and scikit-learn and the library as oracles."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from eval import agreement as module
from eval.agreement import agreement, cohen_kappa, complete_alpha, fleiss_kappa, gwet_ac1, krippendorff_alpha, unit_rows
from eval.figures import Resampling
from eval.records import EvalError, Gold, GoldPatient

FloatArray = NDArray[np.float64]
QUICK = Resampling(replicates=200)


def choices(*annotators: str, words: str = "abcdefgh") -> FloatArray:
    """Each annotator's answers as letters into (units, annotators, verdicts)."""
    return np.stack([[np.eye(module.K)[words.index(letter)] for letter in answers] for answers in annotators], axis=1)


def two_by_two(both_yes: int, yes_no: int, no_yes: int, both_no: int) -> FloatArray:
    """(units, 2, K) of two annotators and two answers."""
    first = "a" * (both_yes + yes_no) + "b" * (no_yes + both_no)
    second = "a" * both_yes + "b" * yes_no + "a" * no_yes + "b" * both_no
    return choices(first, second)


def test_cohen_kappa_of_a_table_worked_by_hand() -> None:
    """Observed 35/50, expected 0.5, so 0.4."""
    assert cohen_kappa(np.array([[20.0, 5.0], [10.0, 15.0]])) == pytest.approx(0.4)


def test_fleiss_kappa_of_ten_subjects_and_fourteen_raters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example that statistics texts print for Fleiss 1971: 0.210 (five categories)."""
    table = np.array(
        [
            [0, 0, 0, 0, 14],
            [0, 2, 6, 4, 2],
            [0, 0, 3, 5, 6],
            [0, 3, 9, 2, 0],
            [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0],
            [2, 5, 3, 2, 2],
            [6, 5, 2, 1, 0],
            [0, 2, 2, 3, 7],
        ]
    )
    monkeypatch.setattr(module, "K", 5)
    each = np.stack([np.repeat(np.eye(5), row, axis=0) for row in table])
    assert fleiss_kappa(unit_rows(each).sum(0)) == pytest.approx(0.210, abs=5e-4)


def test_gwet_ac1_where_kappa_is_paradoxical(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gwet 2002: 118 both positive, 5 and 2 apart, none negative; kappa -0.0234, AC1 0.9408."""
    monkeypatch.setattr(module, "K", 2)
    rows = two_by_two(118, 5, 2, 0)
    assert gwet_ac1(unit_rows(rows).sum(0)) == pytest.approx(0.9408, abs=5e-5)
    assert cohen_kappa(np.array([[118.0, 5.0], [2.0, 0.0]])) == pytest.approx(-0.0234, abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "alpha"),
    [("abaaaaaaba", "bbbaabaaaa", 0.095), ("aabbdcccedda", "babbbccceddd", 0.692)],
    ids=["binary", "nominal"],
)
def test_alpha_of_krippendorff_2011(first: str, second: str, alpha: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), parts A and B."""
    monkeypatch.setattr(module, "K", 5)
    rows = choices(first, second)
    ours = float(complete_alpha(unit_rows(rows).sum(0)))
    assert ours == pytest.approx(krippendorff_alpha(rows))
    assert ours == pytest.approx(alpha, abs=5e-4)


def test_kappa_agrees_with_scikit_learn_and_two_raters_need_no_other_formula() -> None:
    rng = np.random.default_rng(0)
    answers = rng.integers(0, module.K, (60, 2))
    rows = np.eye(module.K)[answers]
    matrix = np.einsum("ui,uj->ij", rows[:, 0], rows[:, 1])
    assert cohen_kappa(matrix) == pytest.approx(cohen_kappa_score(answers[:, 0], answers[:, 1]))
    assert module.light_kappa(matrix[None]) == cohen_kappa(matrix)


@pytest.mark.parametrize("coefficient", [fleiss_kappa, gwet_ac1, complete_alpha])
@pytest.mark.parametrize("annotators", [2, 3, 5])
def test_coefficient_is_one_when_all_agree_and_near_zero_when_all_guess(coefficient: Any, annotators: int) -> None:
    rng = np.random.default_rng(1)
    answers = np.eye(module.K)[rng.integers(0, module.K, 3000)]
    agreed = np.repeat(answers[:, None], annotators, axis=1)
    guessed = np.eye(module.K)[rng.integers(0, module.K, (3000, annotators))]
    assert coefficient(unit_rows(agreed).sum(0)) == pytest.approx(1.0)
    assert abs(coefficient(unit_rows(guessed).sum(0))) < 0.05


@pytest.mark.parametrize("coefficient", [fleiss_kappa, gwet_ac1, complete_alpha])
def test_order_of_annotators_units_and_names_of_verdicts_change_nothing(coefficient: Any) -> None:
    rng = np.random.default_rng(2)
    rows = np.eye(module.K)[rng.integers(0, module.K, (40, 3))]
    value = coefficient(unit_rows(rows).sum(0))
    for changed in (rows[:, ::-1], rows[::-1], rows[..., ::-1]):
        assert coefficient(unit_rows(changed).sum(0)) == pytest.approx(value)


@pytest.mark.parametrize("coefficient", [fleiss_kappa, complete_alpha])
def test_one_verdict_only_is_undefined_for_what_corrects_by_it(coefficient: Any) -> None:
    assert np.isnan(coefficient(unit_rows(choices("aaaa", "aaaa")).sum(0)))
    assert np.isnan(krippendorff_alpha(choices("aaaa", "aaaa")))


def test_gold_agrees_with_itself(gold: Gold) -> None:
    found = agreement([gold, gold], resampling=QUICK)
    assert (found.patients, found.annotators) == (8, 2)
    assert all(figure.value == pytest.approx(1.0) for figure in found.pooled)
    assert [f.name for f in found.criteria["I1"]] == [f.name for f in found.pooled]


def test_coefficient_without_spread_has_no_limits_but_a_share_has(gold: Gold) -> None:
    by_name = {figure.name: figure.interval for figure in agreement([gold, gold], resampling=QUICK).pooled}
    assert np.isnan(by_name["Gwet's AC1"].low)
    assert by_name["observed agreement"].low < 1


def test_second_annotator_lowers_every_figure(gold: Gold) -> None:
    second = dataclasses.replace(gold, patients=tuple(doubting(patient) for patient in gold.patients))
    found = agreement([gold, second], resampling=QUICK)
    assert all(figure.interval.low <= figure.value < 1 for figure in found.pooled)
    swapped = agreement([second, gold], resampling=QUICK)
    assert [f.value for f in swapped.pooled] == pytest.approx([f.value for f in found.pooled])


def test_only_what_all_annotators_judged_is_compared(gold: Gold) -> None:
    fewer = dataclasses.replace(gold, patients=gold.patients[:3])
    assert agreement([gold, fewer], resampling=QUICK).patients == 3


def test_annotators_without_a_common_patient_are_refused(gold: Gold) -> None:
    with pytest.raises(EvalError, match="no patient with a common criterion"):
        agreement([gold, dataclasses.replace(gold, patients=())])


def doubting(patient: GoldPatient) -> GoldPatient:
    """An annotator who says unknown to E1 and marks one span less."""
    return GoldPatient(patient.patient_id, {**patient.verdicts, "E1": "unknown"}, patient.evidence[1:])
