"""Assertion corpora: what the corpus does not say is not scored, what the prediction does not say counts as no."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.assertions import AssertionScores, score_assertions
from eval.figures import Resampling
from eval.records import EvalError

QUICK = Resampling(replicates=200)


def row(number: int, **flags: Any) -> dict[str, Any]:
    return {"id": f"r{number}", "text": "not read", **flags}


CORPUS = [
    row(1, negated=True, uncertain=None, hypothetical=False, historical=True),
    row(2, negated=False, uncertain=None, hypothetical=True, historical=False),
    row(3, negated=True, uncertain=None, hypothetical=False, historical=False),
    row(4, negated=False, uncertain=None, hypothetical=None, historical=False),
]


def scored(tmp_path: Path, answers: list[dict[str, Any]], corpus: list[dict[str, Any]] | None = None) -> AssertionScores:
    for name, rows in (("gold", CORPUS if corpus is None else corpus), ("pred", answers)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return score_assertions(tmp_path / "pred.jsonl", tmp_path / "gold.jsonl", resampling=QUICK)


def test_corpus_scored_by_itself_is_perfect_and_keeps_its_intervals(tmp_path: Path) -> None:
    found = scored(tmp_path, CORPUS)
    assert [one.attribute for one in found.attributes] == ["negated", "hypothetical", "historical"]
    assert all(one.accuracy.value == one.f1.value == 1 for one in found.attributes)
    assert all(one.accuracy.interval.low < 1 for one in found.attributes)
    assert (found.missing, found.disagreements) == ((), ())


def test_attribute_that_the_corpus_never_labels_is_not_scored(tmp_path: Path) -> None:
    assert "uncertain" not in {one.attribute for one in scored(tmp_path, CORPUS).attributes}


def test_family_is_scored_where_a_corpus_labels_it(tmp_path: Path) -> None:
    (found,) = scored(
        tmp_path, [row(1, family=True), row(2, family=True)], [row(1, family=True), row(2, family=False)]
    ).attributes
    assert (found.attribute, found.sensitivity.value, found.ppv.value) == ("family", 1.0, 0.5)


def test_null_label_takes_the_row_out_for_that_attribute_only(tmp_path: Path) -> None:
    rows = {one.attribute: one.rows for one in scored(tmp_path, CORPUS).attributes}
    assert rows == {"negated": 4, "hypothetical": 3, "historical": 4}


def test_counts_of_a_flawed_prediction(tmp_path: Path) -> None:
    answers = [row(1, negated=True), row(2, negated=True), row(3, negated=False), row(4, negated=None)]
    negated = scored(tmp_path, answers).attributes[0]
    assert negated.f1.counts == {"tp": 1, "fp": 1, "fn": 1}
    assert (negated.accuracy.value, negated.sensitivity.value, negated.ppv.value) == (0.5, 0.5, 0.5)
    assert negated.unanswered == 1


def test_row_that_was_not_predicted_is_named_and_costs_its_positives(tmp_path: Path) -> None:
    found = scored(tmp_path, CORPUS[1:])
    assert found.missing == ("r1",)
    assert found.attributes[0].f1.counts == {"tp": 1, "fp": 0, "fn": 1}
    assert ("r1", "negated", True, False) in found.disagreements


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    answers = [row(1, negated=True), row(2, negated=True), row(3, negated=False), row(4, negated=False)]
    forward = scored(tmp_path, answers)
    assert scored(tmp_path, answers[::-1], CORPUS[::-1]).attributes == forward.attributes


def test_csv_words_are_read_as_flags(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_text("id,negated\na,True\nb,false\nc,\n")
    (tmp_path / "pred.csv").write_text("id,negated\na,1\nb,0\nc,0\n")
    found = score_assertions(tmp_path / "pred.csv", tmp_path / "gold.csv", resampling=QUICK)
    assert (found.attributes[0].rows, found.attributes[0].accuracy.value) == (2, 1.0)


@pytest.mark.parametrize(
    ("corpus", "message"),
    [
        ([{"negated": True}], "1 rows without id"),
        ([row(1, negated=True)] * 2, "1 ids repeated, r1"),
        ([row(1, negated="maybe")], "r1: negated must be true, false or null"),
        ([row(1)], "no row labels any of negated, uncertain, hypothetical, historical, family"),
    ],
    ids=["no id", "twice", "word", "no label"],
)
def test_fault_of_a_file_is_told(tmp_path: Path, corpus: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(EvalError, match=message):
        scored(tmp_path, CORPUS, corpus)
