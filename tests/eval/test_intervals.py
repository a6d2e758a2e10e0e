"""Intervals: published answers, scipy as an oracle, and honesty where there is no spread."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from eval import intervals
from eval.intervals import bca_tails, bootstrap, draws, jackknife, resampled, wilson
from eval.records import EvalError
from eval.shares import share

FloatArray = NDArray[np.float64]
SPATIAL = np.array([48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41.0])
"""Spatial test data, neurologically impaired children, test A (Efron & Tibshirani 1993, table 14.1)."""


def moments(values: FloatArray) -> FloatArray:
    """Rows whose sums give the variance: 1, x, x squared."""
    return np.stack([np.ones_like(values), values, values**2], axis=-1)


def variance(sums: FloatArray) -> FloatArray:
    spread: FloatArray = sums[..., 2] / sums[..., 0] - (sums[..., 1] / sums[..., 0]) ** 2
    return spread


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_limits_that_newcombe_printed(successes: int, total: int, low: float, high: float) -> None:
    """Newcombe, Stat Med 1998;17:857-872, table I, method 3."""
    found = wilson(successes, total)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize("total", [1, 3, 7, 11, 29, 1000])
def test_wilson_limits_hold_the_value_to_the_last_digit(total: int) -> None:
    none, all_of_them = wilson(0, total), wilson(total, total)
    assert (none.low, all_of_them.high) == (0.0, 1.0)
    assert (none.value, all_of_them.value) == (0.0, 1.0)


def test_wilson_of_nothing_is_undefined() -> None:
    assert np.isnan(wilson(0, 0).value)


def test_wilson_mirrors() -> None:
    few, many = wilson(3, 17), wilson(14, 17)
    assert (few.low, few.high) == pytest.approx((1 - many.high, 1 - many.low))


def test_bca_corrections_are_those_of_efron_and_tibshirani() -> None:
    """Their chapter 14: value 171.5, acceleration 0.061, bias near 0.146, 90% limits 115.8 and 259.6."""
    rows = moments(SPATIAL)
    found = bootstrap(rows, variance, np.random.default_rng(1), replicates=8000, confidence=0.9)
    assert found.method == "bca"
    assert found.value == pytest.approx(171.5, abs=0.05)
    assert found.low == pytest.approx(115.8, abs=4)
    assert found.high == pytest.approx(259.6, abs=8)


def test_bca_agrees_with_scipy() -> None:
    found = bootstrap(moments(SPATIAL), variance, np.random.default_rng(1), replicates=8000)
    theirs = stats.bootstrap(
        (SPATIAL,), np.var, n_resamples=8000, method="BCa", rng=np.random.default_rng(2), vectorized=True
    ).confidence_interval
    assert found.low == pytest.approx(theirs.low, abs=5)
    assert found.high == pytest.approx(theirs.high, abs=8)


def test_bca_is_undefined_without_influence_or_with_the_value_at_the_edge() -> None:
    tails, samples = np.array([0.025, 0.975]), np.array([1.0, 2.0, 3.0])
    assert bca_tails(2.0, samples, np.array([5.0, 5.0]), tails) is None
    assert bca_tails(9.0, samples, np.array([1.0, 2.0]), tails) is None
    assert bca_tails(2.0, samples, np.array([np.nan, 2.0]), tails) is None
    assert bca_tails(2.0, samples, np.array([1.0, 2.0]), tails) is not None


def test_percentile_stands_in_where_leaving_a_patient_out_is_undefined() -> None:
    """Without the one patient that has positives there is no sensitivity."""
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    only = rows[[0, 1]]
    found = bootstrap(np.concatenate([only, [[1.0, 5.0]]]), lambda s: share(s), np.random.default_rng(0))
    assert found.method in ("bca", "percentile")
    alone = bootstrap(
        np.array([[2.0, 3.0, 1.0], [0.0, 0.0, 5.0], [0.0, 0.0, 9.0]]),
        lambda s: share(s[..., :2]) + s[..., 2],
        np.random.default_rng(0),
    )
    assert alone.method == "percentile"
    assert alone.low <= alone.value <= alone.high


def test_perfect_score_still_has_an_interval() -> None:
    rows = np.array([[18.0, 18.0]] * 14)
    found = bootstrap(rows, share, np.random.default_rng(0))
    assert (found.value, found.method) == (1.0, "wilson over patients")
    assert found.low == wilson(14, 14).low < 1


def test_patients_with_nothing_to_count_do_not_narrow_a_perfect_score() -> None:
    rows = np.array([[2.0, 2.0]] * 5 + [[0.0, 0.0]] * 200, dtype=float)
    assert bootstrap(rows, share, np.random.default_rng(0)).low == wilson(5, 5).low


def test_undefined_measure_and_no_patients_have_no_interval() -> None:
    for rows in (np.zeros((4, 2)), np.zeros((0, 2))):
        found = bootstrap(rows, share, np.random.default_rng(0))
        assert np.isnan([found.value, found.low, found.high]).all()


def test_same_seed_gives_the_same_interval() -> None:
    rows = moments(SPATIAL)
    one, two = (bootstrap(rows, variance, np.random.default_rng(4), replicates=500) for _ in range(2))
    assert one == two


def test_more_patients_of_the_same_kind_narrow_the_interval() -> None:
    rows = np.array([[1.0, 2.0], [2.0, 2.0], [0.0, 2.0], [2.0, 2.0], [1.0, 2.0]])
    few = bootstrap(rows, share, np.random.default_rng(0))
    many = bootstrap(np.concatenate([rows] * 8), share, np.random.default_rng(0))
    assert few.value == many.value
    assert many.high - many.low < 0.6 * (few.high - few.low)


def test_patients_are_resampled_whole() -> None:
    """Eighteen verdicts that stand or fall together carry the information of one."""
    singles = np.array([[1.0, 1.0], [0.0, 1.0]] * 10)
    one = bootstrap(singles, share, np.random.default_rng(0))
    eighteen = bootstrap(singles * 18.0, share, np.random.default_rng(0))
    assert (eighteen.low, eighteen.high) == pytest.approx((one.low, one.high))


def test_resampling_in_blocks_draws_every_patient_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "CELLS_AT_ONCE", 50)
    blocks = list(draws(10, np.random.default_rng(0), replicates=23))
    assert [len(block) for block in blocks] == [5, 5, 5, 5, 3]
    assert all((block.sum(1) == 10).all() for block in blocks)
    assert len(resampled(np.ones((10, 2)), share, np.random.default_rng(0), replicates=23)) == 23


def test_no_patients_cannot_be_resampled() -> None:
    with pytest.raises(EvalError, match="no patients"):
        list(draws(0, np.random.default_rng(0), replicates=5))


def test_jackknife_leaves_out_one_patient_at_a_time() -> None:
    np.testing.assert_allclose(jackknife(np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 2.0]]), share), [1 / 3, 2 / 3, 1 / 2])


def test_wilson_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(9)
    found = [wilson(int(n), 30) for n in rng.binomial(30, 0.85, size=2000)]
    covered = np.mean([one.low <= 0.85 <= one.high for one in found])
    assert 0.92 < covered < 0.98
