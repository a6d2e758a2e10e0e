"""One line of a table of scores: a measure, its value with an interval, and the counts it comes from.

Comes in: rows of counts a patient and the measure's name. Goes out: `Figure`. Its own file because scores,
comparison, agreement and sampling all print figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from eval.intervals import CONFIDENCE, REPLICATES, Interval, Statistic, bootstrap, wilson
from eval.shares import share

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """`counts` says what the value comes from, in words fit for a table: {"count": 240, "of": 252}."""

    name: str
    interval: Interval
    counts: Mapping[str, float]
    level: str = ""

    @property
    def value(self) -> float:
        """The value itself, NaN where undefined."""
        return self.interval.value


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made. Each figure starts the generator anew, so that adding a figure changes no
    other."""

    seed: int = 0
    replicates: int = REPLICATES
    confidence: float = CONFIDENCE

    def interval(self, rows: FloatArray, statistic: Statistic) -> Interval:
        """Bootstrap over the patients of `rows`."""
        rng = np.random.default_rng(self.seed)
        return bootstrap(rows, statistic, rng, replicates=self.replicates, confidence=self.confidence)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the figures of one level, all with the same resampling."""

    resampling: Resampling = field(default_factory=Resampling)
    level: str = ""

    def share(self, name: str, rows: FloatArray) -> Figure:
        """(P, 2) how many and of how many, pooled over patients that may each have several cases."""
        total = rows.sum(0)
        interval = self.resampling.interval(rows, share)
        return Figure(name, interval, {"count": float(total[0]), "of": float(total[1])}, self.level)

    def proportion(self, name: str, right: float, of: float) -> Figure:
        """A share of independent cases, one a patient: Wilson."""
        interval = wilson(right, of, confidence=self.resampling.confidence)
        return Figure(name, interval, {"count": float(right), "of": float(of)}, self.level)

    def measure(self, name: str, rows: FloatArray, statistic: Statistic, counts: Mapping[str, float]) -> Figure:
        """Any other measure of summed counts."""
        return Figure(name, self.resampling.interval(rows, statistic), counts, self.level)

    def coefficient(self, name: str, rows: FloatArray, statistic: Statistic, counts: Mapping[str, float]) -> Figure:
        """A measure that is no share, such as kappa: without spread it has no limits, Wilson's would not be about it."""
        figure = self.measure(name, rows, statistic, counts)
        if figure.interval.method != "wilson over patients":
            return figure
        return Figure(name, Interval(figure.value, float("nan"), float("nan"), "none"), counts, self.level)
