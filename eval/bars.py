"""Bars that a run is held to in continuous integration: `--fail-under accuracy=0.97`.

Comes in: words of the command line and a comparison. Goes out: a sentence for each bar that B misses. A value that is
undefined misses every bar.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eval.compare import Comparison
from eval.format import number_text
from eval.records import EvalError

AT_LEAST = {"accuracy": "verdict accuracy", "evidence_recall": "evidence recall, right role"}
AT_MOST = {"wrong_exclusions": "wrong exclusions", "false_passes": "false passes"}
DIFFERENCE = "difference"
NAMES = (*AT_LEAST, *AT_MOST, DIFFERENCE)


@dataclass(frozen=True, slots=True)
class Bar:
    """A measure and the value it must not fall below, or, for what hurts, rise above."""

    name: str
    value: float


def read_bars(words: Iterable[str]) -> tuple[Bar, ...]:
    """A bare number is a verdict accuracy.

    >>> read_bars(["0.97", "wrong_exclusions=0"])
    (Bar(name='accuracy', value=0.97), Bar(name='wrong_exclusions', value=0.0))
    """
    return tuple(_bar(word) for word in words)


def _bar(word: str) -> Bar:
    name, sign, number = word.rpartition("=")
    try:
        bar = Bar(name if sign else "accuracy", float(number))
    except ValueError:
        raise EvalError(f"--fail-under '{word}': write a number, or NAME=NUMBER") from None
    if bar.name not in NAMES:
        raise EvalError(f"--fail-under '{word}': no measure '{bar.name}'; there are {', '.join(NAMES)}")
    return bar


def missed(bars: Iterable[Bar], comparison: Comparison) -> list[str]:
    """What B does not reach, one sentence each; `difference` is B - A of the verdict accuracy."""
    measures = {one.name: one for one in comparison.overall}
    sentences = []
    for bar in bars:
        if bar.name == DIFFERENCE:
            value = measures["verdict accuracy"].difference.value
        else:
            value = measures[{**AT_LEAST, **AT_MOST}[bar.name]].b
        is_reached = value <= bar.value if bar.name in AT_MOST else value >= bar.value
        if not is_reached:
            side = "above" if bar.name in AT_MOST else "below"
            sentences.append(f"{bar.name} of B is {number_text(value, digits=4)}, {side} {bar.value:g}")
    return sentences
