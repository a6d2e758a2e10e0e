"""Charts are drawn with the probability that is written down, and weighting by it undoes the drawing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from eval.figures import Resampling
from eval.records import EvalError, Gold, GoldPatient, PredictedVerdict, Run
from eval.sampling import STRATEGIES, Strategy, draw, inclusion_probabilities, sample, stratum_probabilities
from eval.weighting import weighted_figures

QUICK = Resampling(replicates=200)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_strategy_draws_as_many_as_asked_and_gives_each_a_chance(strategy: Strategy, flawed: Run, perfect: Run) -> None:
    drawn = sample(flawed, 5, strategy=strategy, other=perfect)
    assert len(drawn) == 5 == len({one.patient_id for one in drawn})
    assert all(0 < one.probability <= 1 for one in drawn)
    assert drawn == sample(flawed, 5, strategy=strategy, other=perfect)
    assert len({sample(flawed, 4, strategy=strategy, other=perfect, seed=seed) for seed in range(8)}) > 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_patient_is_drawn_as_often_as_its_probability_says(strategy: Strategy, flawed: Run, perfect: Run) -> None:
    rounds, seen, said = 600, dict.fromkeys(sorted({p for p, _ in flawed.verdicts}), 0), {}
    for seed in range(rounds):
        for one in sample(flawed, 3, strategy=strategy, other=perfect, seed=seed):
            seen[one.patient_id] += 1
            said[one.patient_id] = one.probability
    assert said.keys() == seen.keys(), "no patient is out of reach"
    assert sum(said.values()) == pytest.approx(3)
    assert [seen[p] / rounds for p in said] == pytest.approx(list(said.values()), abs=0.08)


def test_uncertain_prefers_the_patients_with_open_criteria(perfect: Run) -> None:
    chance = {one.patient_id: one.probability for one in sample(perfect, 7, strategy="uncertain")}
    assert chance["S8"] > chance["S1"]


def test_annotated_patients_are_not_drawn_again(perfect: Run) -> None:
    drawn = sample(perfect, 3, annotated={"S1", "S2", "S3", "S4", "S5"})
    assert [one.patient_id for one in drawn] == ["S6", "S7", "S8"]


def test_what_cannot_be_drawn_is_told(perfect: Run) -> None:
    with pytest.raises(EvalError, match="cannot draw 9 charts: the run has 8 patients"):
        sample(perfect, 9)
    with pytest.raises(EvalError, match="needs a second run"):
        sample(perfect, 2, strategy="disagreement")
    with pytest.raises(EvalError, match="known are random, uncertain, stratified, disagreement"):
        sample(perfect, 2, strategy="best")  # type: ignore[arg-type]


def test_probabilities_sum_to_the_count_and_stop_at_one() -> None:
    for count in (1, 3, 5):
        chances = inclusion_probabilities(np.array([1.0, 2.0, 40.0, 9.0, 9.0]), count)
        assert chances.sum() == pytest.approx(count)
        assert chances.max() <= 1


def test_strata_are_filled_evenly_as_far_as_they_reach() -> None:
    strata = ["eligible"] * 2 + ["ineligible"] * 6 + ["review"] * 4
    chances = stratum_probabilities(strata, 8)
    assert chances[0] == 1.0
    assert chances[2] == pytest.approx(3 / 6)
    assert chances[8] == pytest.approx(3 / 4)


def test_whole_groups_are_drawn_in_whole_numbers() -> None:
    chances, groups = np.array([1 / 3] * 3 + [2 / 3] * 3), ["a"] * 3 + ["b"] * 3
    for seed in range(50):
        drawn = draw(chances, groups, np.random.default_rng(seed))
        assert (drawn[:3].sum(), drawn[3:].sum()) == (1, 2)


def population_sample() -> tuple[Gold, Run]:
    """All 100 charts that the run flagged are read, and 100 of the 960 that it did not; one criterion, constructed.

    47 of the flagged have the condition, and 3 of the unflagged that were read, which stand for 28.8: the sensitivity is
    47/75.8 = 0.62, though 47 of the 50 positives that were read were found: 0.94.
    """
    said = ["met"] * 100 + ["not_met"] * 100
    truth = ["met"] * 47 + ["not_met"] * 53 + ["met"] * 3 + ["not_met"] * 97
    patients = tuple(GoldPatient(f"P{i:03}", {"I1": verdict}) for i, verdict in enumerate(truth))  # type: ignore[dict-item]
    chance = {patient.patient_id: 1.0 if i < 100 else 100 / 960 for i, patient in enumerate(patients)}
    verdicts = {
        (patient.patient_id, "I1"): PredictedVerdict(verdict, "pass" if verdict == "met" else "fail", "inclusion")  # type: ignore[arg-type]
        for patient, verdict in zip(patients, said, strict=True)
    }
    return Gold(patients, criteria=("I1",), sampling_probability=chance), Run("flagging", verdicts)


def test_corrected_sensitivity_counts_what_was_overlooked_in_charts_not_read() -> None:
    gold, run = population_sample()
    found = weighted_figures(gold, run, {"I1": "inclusion"}, resampling=QUICK)
    sensitivity = next(one for one in found if one.naive.name == "sensitivity of met")
    assert sensitivity.naive.value == pytest.approx(0.94)
    assert sensitivity.corrected.value == pytest.approx(0.62, abs=5e-4)
    assert sensitivity.corrected.interval.low < sensitivity.corrected.value < sensitivity.naive.interval.low
    assert sensitivity.corrected.counts == {"count": 47.0, "of": pytest.approx(75.8)}


def test_equal_probabilities_correct_nothing(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    alike = dataclasses.replace(gold, sampling_probability={p.patient_id: 0.25 for p in gold.patients})
    for one in weighted_figures(alike, flawed, kinds, resampling=QUICK):
        assert one.corrected.value == pytest.approx(one.naive.value, nan_ok=True)


def test_patient_without_a_probability_is_named(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    partly = dataclasses.replace(gold, sampling_probability={p.patient_id: 0.5 for p in gold.patients[1:]})
    with pytest.raises(EvalError, match="no probability for 1 gold patients, S1"):
        weighted_figures(partly, flawed, kinds)
