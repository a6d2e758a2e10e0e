"""Two runs are compared by patients, and the tests give their published answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from eval.compare import approximate_randomisation, compare, holm, mcnemar_exact
from eval.figures import Resampling
from eval.read import read_run
from eval.records import Gold, Run
from eval.shares import share

QUICK = Resampling(replicates=300)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p_value"),
    [(1, 7, 0.0703), (7, 1, 0.0703), (59, 16, 5e-7), (3, 3, 1.0), (0, 0, 1.0)],
    ids=["Fagerland 2013", "swapped", "many", "even", "none"],
)
def test_mcnemar_gives_the_exact_p_value(only_a: int, only_b: int, p_value: float) -> None:
    assert mcnemar_exact(only_a, only_b) == pytest.approx(p_value, abs=5e-5)


def test_holm_steps_down_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_randomisation_agrees_with_scipy_on_paired_differences() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.binomial(6, 0.6, 9).astype(float), rng.binomial(6, 0.8, 9).astype(float)
    as_rows = [np.stack([x, np.full(9, 6.0)], axis=-1) for x in (a, b)]
    ours = approximate_randomisation(as_rows[0], as_rows[1], share, rng, rounds=20000)
    theirs = stats.permutation_test(
        (a, b), lambda x, y, axis=-1: (y - x).mean(axis), permutation_type="samples", n_resamples=np.inf, vectorized=True
    ).pvalue
    assert ours == pytest.approx(theirs, abs=0.015)


def test_run_does_not_differ_from_itself(gold: Gold, flawed: Run, kinds: dict[str, Any]) -> None:
    found = compare(gold, flawed, flawed, kinds, resampling=QUICK, rounds=200)
    assert all(one.difference.value == 0 and one.p_value == 1 for one in found.overall)
    assert all(one.holm_p_value == 1 and one.only_a == one.only_b == 0 for one in found.criteria)


def test_perfect_run_is_better_by_what_the_flawed_one_lacks(gold: Gold, flawed: Run, perfect: Run, kinds: dict[str, Any]) -> None:
    found = compare(gold, flawed, perfect, kinds, resampling=QUICK, rounds=500)
    accuracy = found.overall[0]
    assert accuracy.difference.value == pytest.approx(1 - accuracy.a)
    assert 0 < accuracy.difference.low <= accuracy.difference.value <= accuracy.difference.high
    assert accuracy.p_value < 0.05
    assert sum(one.only_b for one in found.criteria) == round((1 - accuracy.a) * 56)
    assert all(one.only_a + one.only_b + one.both + one.neither == 8 for one in found.criteria)


def test_swapping_the_runs_turns_the_sign_and_keeps_the_p_values(
    gold: Gold, flawed: Run, perfect: Run, kinds: dict[str, Any]
) -> None:
    one = compare(gold, flawed, perfect, kinds, resampling=QUICK, rounds=500)
    other = compare(gold, perfect, flawed, kinds, resampling=QUICK, rounds=500)
    assert [d.difference.value for d in one.overall] == pytest.approx([-d.difference.value for d in other.overall])
    assert [d.p_value for d in one.overall] == [d.p_value for d in other.overall]
    assert [c.holm_p_value for c in one.criteria] == [c.holm_p_value for c in other.criteria]


def test_randomisation_is_level_when_there_is_nothing_to_find() -> None:
    """Under no difference a p-value of at most 0.1 comes in about one comparison of ten."""
    rng = np.random.default_rng(5)
    p_values = []
    for _ in range(300):
        rows = np.stack([rng.binomial(18, 0.9, (2, 20)), np.full((2, 20), 18)], axis=-1).astype(float)
        p_values.append(approximate_randomisation(rows[0], rows[1], share, rng, rounds=199))
    assert 0.05 < np.mean(np.array(p_values) <= 0.1) < 0.15


def test_missing_rows_count_against_the_run_that_lacks_them(
    gold: Gold, perfect: Run, kinds: dict[str, Any], make_run: Callable[..., Path]
) -> None:
    other = read_run(make_run())
    less = Run("less", {key: row for key, row in other.verdicts.items() if key[0] != "S1"}, other.evidence, {})
    found = compare(gold, less, perfect, kinds, resampling=QUICK, rounds=200)
    assert found.overall[0].a == pytest.approx(49 / 56)
