"""How a figure is written, the same in the terminal and on a page: value, interval, counts. NaN is –."""

from __future__ import annotations

import math

from eval.figures import Figure
from eval.intervals import Interval

DASH = "–"


def number_text(value: float, *, digits: int = 3) -> str:
    """A number, or – where it is undefined.

    >>> number_text(0.98765), number_text(float("nan"))
    ('0.988', '–')
    """
    return DASH if math.isnan(value) else f"{value:.{digits}f}"


def value_text(figure: Figure) -> str:
    """The value of a figure."""
    return number_text(figure.value)


def interval_text(interval: Interval, *, digits: int = 3) -> str:
    """Both limits, or – where there is no interval."""
    if math.isnan(interval.low):
        return DASH
    return f"{number_text(interval.low, digits=digits)} to {number_text(interval.high, digits=digits)}"


def limits_text(figure: Figure) -> str:
    """The limits of a figure."""
    return interval_text(figure.interval)


def tally_text(figure: Figure) -> str:
    """The counts of a figure: "240/252", or each by its name.

    >>> tally_text(Figure("", Interval(0.5, 0, 1, "none"), {"count": 3, "of": 6}))
    '3/6'
    """
    counts = dict(figure.counts)
    if set(counts) == {"count", "of"}:
        return f"{counts['count']:.10g}/{counts['of']:.10g}"
    return ", ".join(f"{name} {count:.10g}" for name, count in counts.items())


def short_text(figure: Figure) -> str:
    """Value and limits in one narrow cell.

    >>> short_text(Figure("", Interval(0.5, 0.25, 1, "bca"), {}))
    '0.50 (0.25 to 1.00)'
    """
    return f"{number_text(figure.value, digits=2)} ({interval_text(figure.interval, digits=2)})"
