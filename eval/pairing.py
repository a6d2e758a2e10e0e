"""Which predicted span answers which gold span: one to one, optimal, and the same whatever the order.

Comes in: the gold and the predicted spans of one place (a note and a criterion, say) with their labels. Goes
out: pairs of indices with a credit. Several spans may overlap one another; each is used once at most.

Modes, after the four measures of SemEval 2013 task 9 (Segura-Bedmar et al. 2013), which nervaluate computes
too:

| mode | admits | credit |
|---|---|---|
| strict | same offsets, same label | 1 |
| exact | same offsets, any label | 1 |
| partial | common characters, any label | 1 for same offsets, else 1/2 |
| overlap | common characters, same label ("type" in SemEval) | 1 |
| iou | intersection over union of at least `min_iou`, same label | 1 |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from eval.records import EvalError

Mode = Literal["strict", "exact", "partial", "overlap", "iou"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, order=True, slots=True)
class Labelled:
    """A half-open span with what it must agree on beside its place."""

    start: int
    end: int
    label: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise EvalError(f"span {self.start}..{self.end}: needs 0 <= start <= end")


@dataclass(frozen=True, order=True, slots=True)
class Pair:
    """Indices into the two sequences that were paired, and the credit of the pair: 1, or 1/2 in mode
    partial."""

    gold: int
    predicted: int
    credit: float


def pair(
    gold: Sequence[Labelled], predicted: Sequence[Labelled], *, mode: Mode = "overlap", min_iou: float = 0.5
) -> tuple[Pair, ...]:
    """The one-to-one pairing with the greatest sum of credit, and of those the one with the greatest sum of
    IoU.

    Ties that are left are settled by place and label, never by the order given. Pairs come in order of
    `gold`. Cost is cubic in the spans of one place, which are few.

    >>> pair([Labelled(0, 5), Labelled(5, 9)], [Labelled(4, 8)])
    (Pair(gold=1, predicted=0, credit=1.0),)
    """
    if not gold or not predicted:
        return ()
    gold_order = sorted(range(len(gold)), key=lambda index: gold[index])
    predicted_order = sorted(range(len(predicted)), key=lambda index: predicted[index])
    credits = np.array([[credit(gold[g], predicted[p], mode=mode, min_iou=min_iou) for p in predicted_order] for g in gold_order])
    overlaps = np.array([[iou(gold[g], predicted[p]) for p in predicted_order] for g in gold_order])
    rows, columns = linear_sum_assignment(credits * _credit_weight(credits) + overlaps * (credits > 0), maximize=True)
    return tuple(
        sorted(
            Pair(gold_order[row], predicted_order[column], float(credits[row, column]))
            for row, column in zip(rows, columns, strict=True)
            if credits[row, column] > 0
        )
    )


def _credit_weight(credits: NDArray[np.float64]) -> float:
    """Large enough that half a credit outweighs every overlap there can be."""
    return 4.0 * min(credits.shape)


def credit(gold: Labelled, predicted: Labelled, *, mode: Mode, min_iou: float = 0.5) -> float:
    """What the pair is worth in a mode; 0 where it may not be made."""
    same_place = (gold.start, gold.end) == (predicted.start, predicted.end)
    same_label = gold.label == predicted.label
    overlap = iou(gold, predicted)
    match mode:
        case "strict":
            return float(same_place and same_label)
        case "exact":
            return float(same_place)
        case "partial":
            return 1.0 if same_place else 0.5 * (overlap > 0)
        case "overlap":
            return float(same_label and overlap > 0)
        case "iou":
            return float(same_label and 0 < overlap >= min_iou)
    raise EvalError(f"pairing mode '{mode}': known are {', '.join(MODES)}")


def iou(one: Labelled, other: Labelled) -> float:
    """Characters in common over characters in either. Two empty spans at one place are the same span: 1.

    >>> iou(Labelled(0, 4), Labelled(2, 6)), iou(Labelled(0, 4), Labelled(4, 6))
    (0.3333333333333333, 0.0)
    """
    if (one.start, one.end) == (other.start, other.end):
        return 1.0
    common = min(one.end, other.end) - max(one.start, other.start)
    union = max(one.end, other.end) - min(one.start, other.start)
    return common / union if common > 0 else 0.0
