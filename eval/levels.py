"""Figures of every level below and above the verdict: span, attribute of a span, note × criterion, patient.

Comes in: gold and run. Goes out: one `Figure` a measure with its level's name, in the order they are printed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eval import counts, metrics
from eval.figures import Figure, Maker, Resampling
from eval.pairing import MODES
from eval.records import REASONS, ROLES, STATUSES, VERDICTS, Gold, Run
from eval.shares import right_of

FloatArray = NDArray[np.float64]
WORTH_A_LOOK = [index for index, status in enumerate(STATUSES) if status != "ineligible"]
MIN_IOU = 0.5


def level_figures(gold: Gold, run: Run, verdicts: FloatArray, statuses: FloatArray, resampling: Resampling) -> tuple[Figure, ...]:
    """All levels, the finest first; `verdicts` (P, C, V, V + 1) and `statuses` (P, 3, 4) as `counts` makes
    them."""
    return (
        *span_figures(gold, run, Maker(resampling, "span")),
        *attribute_figures(gold, run, Maker(resampling, "assertion of paired spans")),
        *note_figures(gold, run, Maker(resampling, "note × criterion")),
        *verdict_figures(verdicts, Maker(resampling, "patient × criterion")),
        *patient_figures(statuses, Maker(resampling, "patient")),
    )


def span_figures(gold: Gold, run: Run, make: Maker) -> list[Figure]:
    """Recall, precision and F1 of the evidence in each pairing mode; the label of a span is its role."""
    figures = []
    for mode in MODES:
        rows = counts.span_counts(gold, run, mode=mode, min_iou=MIN_IOU).sum(1)
        name = f"{mode} ≥ {MIN_IOU}" if mode == "iou" else mode
        credit, wanted, found = (float(total) for total in rows.sum(0))
        figures.append(make.share(f"{name}, recall", rows[:, :2]))
        figures.append(make.share(f"{name}, precision", rows[:, ::2]))
        tally = {"paired": credit, "gold": wanted, "predicted": found}
        figures.append(make.measure(f"{name}, F1", rows, metrics.span_f1, tally))
    return figures


def attribute_figures(gold: Gold, run: Run, make: Maker) -> list[Figure]:
    """How often a span found where gold has one also has its role and its reason, and the F1 of each."""
    roles, reasons = counts.role_counts(gold, run), counts.reason_counts(gold, run)
    figures = [make.share("role", right_of(roles)), make.share("reason", right_of(reasons))]
    for matrix, names in ((roles, ROLES), (reasons, REASONS)):
        figures += [_class_f1(make, matrix, index, name) for index, name in enumerate(names)]
    return figures


def note_figures(gold: Gold, run: Run, make: Maker) -> list[Figure]:
    """Does the note hold evidence that decides the criterion? (P, C, 2, 2) pooled over criteria."""
    rows = counts.note_counts(gold, run).sum(1)
    return [
        make.share("sensitivity", np.stack([rows[:, 1, 1], rows[:, 1].sum(-1)], axis=-1)),
        make.share("specificity", np.stack([rows[:, 0, 0], rows[:, 0].sum(-1)], axis=-1)),
        make.share("PPV", np.stack([rows[:, 1, 1], rows[:, :, 1].sum(-1)], axis=-1)),
        make.share("NPV", np.stack([rows[:, 0, 0], rows[:, :, 0].sum(-1)], axis=-1)),
        _class_f1(make, rows, 1, "holds deciding evidence"),
    ]


def verdict_figures(verdicts: FloatArray, make: Maker) -> list[Figure]:
    """Verdicts pooled over criteria: each verdict against the rest, and their macro-average."""
    pooled = verdicts.sum(1)
    figures = [_class_f1(make, pooled, index, name) for index, name in enumerate(VERDICTS)]
    total = {"of": float(pooled.sum())}
    return [*figures, make.measure("macro F1 of the four verdicts", pooled, metrics.macro_f1, total)]


def patient_figures(statuses: FloatArray, make: Maker) -> list[Figure]:
    """Status right, and the patients worth a person's look (not ineligible) as a yes-or-no task."""
    total = statuses.sum(0)
    b = metrics.one_against_rest(total, *WORTH_A_LOOK)
    return [
        make.proportion("status right", float(np.trace(total)), float(total.sum())),
        make.proportion("worth a look: sensitivity", float(b.tp), float(b.tp + b.fn)),
        make.proportion("worth a look: specificity", float(b.tn), float(b.tn + b.fp)),
        make.proportion("worth a look: PPV", float(b.tp), float(b.tp + b.fp)),
        make.proportion("worth a look: NPV", float(b.tn), float(b.tn + b.fn)),
        make.measure(
            "worth a look: balanced accuracy",
            statuses,
            lambda sums: metrics.balanced_accuracy(metrics.one_against_rest(sums, *WORTH_A_LOOK)),
            {"count": float(b.tp + b.tn), "of": float(total.sum())},
        ),
    ]


def _class_f1(make: Maker, rows: FloatArray, index: int, name: str) -> Figure:
    b = metrics.one_against_rest(rows.sum(0), index)
    tally = {"tp": float(b.tp), "fp": float(b.fp), "fn": float(b.fn)}
    return make.measure(f"{name}, F1", rows, lambda sums: metrics.f1(metrics.one_against_rest(sums, index)), tally)
