"""Assertion corpora: is a target said to be absent, possible, not yet happened, past?

Comes in: rows `{id, negated, uncertain, hypothetical, historical, family}` of a corpus and of a prediction. Goes out: one score
an attribute. A corpus that does not say an attribute of a row (null) has that row not scored for it. A predicted null, or a row
that was not predicted, is scored as "not so" and counted, since that is what a reader of the output would take it for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.figures import Figure, Maker, Resampling
from eval.metrics import f1, one_against_rest
from eval.records import EvalError
from eval.rows import Row, read_file, read_jsonl

FloatArray = NDArray[np.float64]
ATTRIBUTES = ("negated", "uncertain", "hypothetical", "historical", "family")
TRUE_WORDS, FALSE_WORDS = ("true", "1", "yes"), ("false", "0", "no")


@dataclass(frozen=True, slots=True)
class AttributeScore:
    """Measures of one attribute over `rows` labelled rows, of which `unanswered` had no predicted value."""

    attribute: str
    rows: int
    unanswered: int
    accuracy: Figure
    sensitivity: Figure
    specificity: Figure
    ppv: Figure
    f1: Figure


@dataclass(frozen=True, slots=True)
class AssertionScores:
    """One score for each attribute that the corpus labels; `missing` are corpus ids without a predicted row."""

    attributes: tuple[AttributeScore, ...]
    missing: tuple[str, ...]
    disagreements: tuple[tuple[str, str, bool, bool], ...]
    """(id, attribute, gold, predicted) of every row that is wrong, in order of the corpus."""


def score_assertions(predicted: Path, gold: Path, *, resampling: Resampling | None = None) -> AssertionScores:
    """Score a file of predictions (JSON Lines, CSV or Parquet) against a corpus of the same kind."""
    corpus, answers = rows_by_id(gold), rows_by_id(predicted)
    scores, wrong = [], []
    for attribute in ATTRIBUTES:
        labels = {i: label for i, row in corpus.items() if (label := flag(row, attribute, gold)) is not None}
        if labels:
            said = {i: flag(answers.get(i, {}), attribute, predicted) for i in labels}
            scores.append(attribute_score(attribute, labels, said, resampling or Resampling()))
            wrong += [(i, attribute, label, bool(said[i])) for i, label in labels.items() if bool(said[i]) != label]
    if not scores:
        raise EvalError(f"{gold}: no row labels any of {', '.join(ATTRIBUTES)}")
    return AssertionScores(tuple(scores), tuple(i for i in corpus if i not in answers), tuple(wrong))


def rows_by_id(path: Path) -> dict[str, Row]:
    """Rows of a file by `id`; an id that is lacking or repeated is refused."""
    if not path.is_file():
        raise EvalError(f"{path}: no such file")
    rows = read_file(path) if path.suffix in (".parquet", ".csv") else read_jsonl(path)
    lacking = [number for number, row in enumerate(rows, 1) if row.get("id") is None]
    repeated = [i for i, n in Counter(str(row.get("id")) for row in rows).items() if n > 1]
    if lacking or repeated:
        raise EvalError(f"{path}: {len(lacking)} rows without id, {len(repeated)} ids repeated, {', '.join(repeated[:5])}")
    return {str(row["id"]): row for row in rows}


def flag(row: Row, attribute: str, path: Path) -> bool | None:
    """True, false or not said. CSV writes them as words."""
    cell = row.get(attribute)
    if cell is None or isinstance(cell, bool):
        return cell
    word = str(cell).lower()
    if word in TRUE_WORDS or word in FALSE_WORDS:
        return word in TRUE_WORDS
    raise EvalError(f"{path}: {row.get('id')}: {attribute} must be true, false or null")


def attribute_score(
    attribute: str, labels: dict[str, bool], said: dict[str, bool | None], resampling: Resampling
) -> AttributeScore:
    """Counts of one attribute, then measures; each row is a case."""
    rows = np.zeros((len(labels), 2, 2))
    for n, (row_id, label) in enumerate(sorted(labels.items())):
        rows[n, int(not label), int(not said[row_id])] = 1
    b = one_against_rest(rows.sum(0), 0)
    tp, fp, fn, tn = (float(count) for count in (b.tp, b.fp, b.fn, b.tn))
    make = Maker(resampling, attribute)
    return AttributeScore(
        attribute=attribute,
        rows=len(labels),
        unanswered=sum(value is None for value in said.values()),
        accuracy=make.proportion("accuracy", tp + tn, tp + fp + fn + tn),
        sensitivity=make.proportion("sensitivity", tp, tp + fn),
        specificity=make.proportion("specificity", tn, tn + fp),
        ppv=make.proportion("PPV", tp, tp + fp),
        f1=make.measure("F1", rows, positive_f1, {"tp": tp, "fp": fp, "fn": fn}),
    )


def positive_f1(matrix: FloatArray) -> FloatArray:
    """(..., 2, 2), positive first: F1 of the positives."""
    return f1(one_against_rest(matrix, 0))
