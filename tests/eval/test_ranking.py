"""Ranked lists: known answers, ties in no order, and the numbers a screening office asks for."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from eval.figures import Resampling
from eval.ranking import (
    average_precision,
    needed_to_screen,
    one_hot_places,
    places_of,
    ranking_score,
    recall_curve,
    screened_for,
    work_saved,
)
from eval.records import EvalError, Gold, PredictedCandidate, Run

QUICK = Resampling(replicates=200)


def measures(relevant: list[int], places: list[int]) -> tuple[float, float]:
    """Work saved and number needed to screen."""
    sums = one_hot_places(np.array(relevant, dtype=bool), np.array(places)).sum(0)
    return float(work_saved(sums)), float(needed_to_screen(sums))


def test_perfect_order_of_two_in_ten_saves_what_can_be_saved() -> None:
    assert measures([1, 1] + [0] * 8, list(range(10))) == pytest.approx((1 - 0.2 - 0.05, 1.0))


def test_worst_order_saves_nothing_beyond_the_five_percent_it_owes() -> None:
    assert measures([0] * 8 + [1, 1], list(range(10))) == pytest.approx((-0.05, 5.0))


def test_ninety_five_percent_of_forty_lets_two_go_unread() -> None:
    relevant = [1] * 38 + [0] * 60 + [1, 1]
    assert measures(relevant, list(range(100))) == pytest.approx((1 - 0.38 - 0.05, 1.0))


def test_one_place_for_all_is_reading_at_random() -> None:
    curve = recall_curve(np.array([1, 0, 0, 1], dtype=bool), np.zeros(4, dtype=int))
    assert curve == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert measures([1, 0, 0, 1], [0, 0, 0, 0]) == pytest.approx((-0.05, 2.0))


def test_tied_patients_may_be_named_in_any_order() -> None:
    one = recall_curve(np.array([1, 0, 1, 0], dtype=bool), np.array([0, 0, 1, 1]))
    other = recall_curve(np.array([0, 1, 0, 1], dtype=bool), np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(one, other)


def test_vectorised_count_agrees_with_the_curve() -> None:
    rng = np.random.default_rng(6)
    for _ in range(200):
        relevant, places = rng.random(15) < 0.4, rng.integers(0, 6, 15)
        relevant[0] = True
        places = np.searchsorted(np.unique(places), places)
        screened = screened_for(recall_curve(relevant, places), 0.95)
        assert measures(list(relevant), list(places))[0] == pytest.approx(1 - screened / 15 - 0.05)


def test_average_precision_agrees_with_scikit_learn_without_ties() -> None:
    rng = np.random.default_rng(1)
    relevant, places = rng.random(30) < 0.3, rng.permutation(30)
    ours = average_precision(recall_curve(relevant, places), int(relevant.sum()))
    assert ours == pytest.approx(average_precision_score(relevant, -places))


def test_gold_like_ranking_finds_all_relevant_first(gold: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    found = ranking_score(gold, perfect, kinds, resampling=QUICK)
    assert (found.patients, found.relevant, found.screened_at_target) == (8, 3, 3)
    assert found.number_needed_to_screen.value == 1.0
    assert found.work_saved.value == pytest.approx(1 - 3 / 8 - 0.05)
    assert found.average_precision == 1.0


def test_rank_decides_before_score_and_absent_patients_come_last(gold: Gold) -> None:
    candidates = {
        "S1": PredictedCandidate("review", score=0.1, rank=1),
        "S2": PredictedCandidate("review", score=0.9, rank=2),
    }
    assert places_of(gold, Run("", {}, {}, candidates)).tolist() == [0, 1, 2, 2, 2, 2, 2, 2]
    unranked = {key: dataclasses.replace(value, rank=None) for key, value in candidates.items()}
    assert places_of(gold, Run("", {}, {}, unranked)).tolist() == [1, 0, 2, 2, 2, 2, 2, 2]


def test_gold_without_anybody_relevant_cannot_score_an_order(gold: Gold, perfect: Run, kinds: dict[str, Any]) -> None:
    ineligible = tuple(p for p in gold.patients if p.patient_id in ("S2", "S3"))
    with pytest.raises(EvalError, match="no gold patient is worth a look"):
        ranking_score(dataclasses.replace(gold, patients=ineligible), perfect, kinds)
