"""Two readings of one corpus: where they differ, what was decided, and that nothing changes without a reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractor.io.gold.compare import disagreements, worklist_row
from extractor.io.gold.describe import describe, too_few
from extractor.io.gold.read import gold_rows, read_corpus, write_rows
from extractor.io.gold.records import Corpus
from extractor.io.gold.verify import verify_folder

ANNOTATIONS = Path(__file__).resolve().parents[3] / "annotations"
DECIDED = {
    "patient_id": "p1",
    "criterion": "C2",
    "first": "unknown",
    "second": "not_met",
    "final": "not_met",
    "why": "The note denies it.",
}


@pytest.fixture
def read_twice(folder: Path, corpus: Corpus) -> Path:
    """The second reader is right about C2 of p1, and did not read p2."""
    doubts = ("C1: two flares, or one", "C2: the note is old")
    first = replace(
        corpus.charts[0], verdicts={"C1": "met", "C2": "unknown"}, evidence=corpus.charts[0].evidence[:2], doubts=doubts
    )
    write_rows(folder / "first" / "gold.jsonl", gold_rows(replace(corpus, charts=(first, corpus.charts[1]))))
    write_rows(folder / "second" / "gold.jsonl", gold_rows(replace(corpus, charts=corpus.charts[:1])))
    return folder


def adjudicated(folder: Path, *rows: dict[str, Any]) -> list[str]:
    write_rows(folder / "adjudications.jsonl", rows)
    return verify_folder(folder)


def test_readings_are_read_with_the_notes_of_their_corpus(read_twice: Path) -> None:
    second = read_corpus(read_twice / "second")
    assert [chart.patient.patient_id for chart in second.charts] == ["p1"]
    assert {note.note_id for note in second.notes} == {"n1", "n2"}


def test_disagreement_shows_what_each_reader_saw(read_twice: Path) -> None:
    first, second = (read_corpus(read_twice / name) for name in ("first", "second"))
    (found,) = disagreements(first, second)
    row = worklist_row(found, {note.note_id: note.note_text for note in first.notes})
    assert (row["patient_id"], row["criterion"], row["first"], row["second"]) == ("p1", "C2", "unknown", "not_met")
    assert row["doubts"] == ["C2: the note is old"]
    assert row["first_evidence"] == []
    assert [span["text"] for span in row["second_evidence"]] == ["café\u0301 diet", "fever", "Sister has lupus"]
    assert disagreements(first, first) == ()


def test_change_without_adjudication_is_a_fault(read_twice: Path) -> None:
    assert verify_folder(read_twice) == ["gold.jsonl: p1 C2 is not what the first reader said, and no adjudication says why"]
    assert adjudicated(read_twice, DECIDED) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"first": "met"}, "adjudications.jsonl:1: p1 C2: 'first' is met, the reading has unknown"),
        ({"second": "met"}, "adjudications.jsonl:1: p1 C2: 'second' is met, the reading has not_met"),
        ({"final": "unknown"}, "adjudications.jsonl:1: p1 C2: 'final' is unknown, the reading has not_met"),
        ({"criterion": "C9"}, "adjudications.jsonl:1: p1 C9: gold.jsonl has no such verdict"),
        ({"why": ""}, "adjudications.jsonl:1: why: breaks minLength 10"),
    ],
)  # fmt: skip
def test_adjudication_that_misquotes_is_a_fault(read_twice: Path, change: dict[str, str], fault: str) -> None:
    assert fault in adjudicated(read_twice, {**DECIDED, **change})


def test_adjudication_stands_once(read_twice: Path) -> None:
    assert adjudicated(read_twice, DECIDED, DECIDED) == ["adjudications.jsonl:2: p1 C2 stands before"]


def test_chart_that_was_read_once_has_no_second_verdict(read_twice: Path) -> None:
    row = {**DECIDED, "patient_id": "p2", "criterion": "C1", "first": "unknown", "second": None, "final": "unknown"}
    assert adjudicated(read_twice, DECIDED, row) == []


def test_description_counts_each_split(corpus: Corpus) -> None:
    whole, dev, test = describe(corpus)
    assert [(part.name, part.patients, part.notes, part.spans) for part in (whole, dev, test)] == [
        ("all", 2, 3, 7),
        ("dev", 1, 2, 7),
        ("test", 1, 1, 0),
    ]
    assert whole.criteria[0].verdicts == {"met": 1, "not_met": 0, "unknown": 1, "not_applicable": 0}
    assert whole.criteria[1].roles == {"supports": 0, "refutes": 1, "rejected": 2}
    assert dev.reasons["family"] == 1
    assert too_few(whole, 1) == ["C1: 0 not_met, wanted 1", "C2: 0 met, wanted 1", "C2: 0 unknown, wanted 1"]


def test_every_criterion_of_the_charts_has_six_of_each_verdict() -> None:
    assert too_few(describe(read_corpus(ANNOTATIONS / "rp-charts"))[0], 6) == []


def test_first_reading_of_the_charts_is_kept() -> None:
    first = read_corpus(ANNOTATIONS / "rp-charts" / "first")
    assert len(first.charts) == len(read_corpus(ANNOTATIONS / "rp-charts").charts)


def test_json_of_a_reading_names_its_notes(read_twice: Path) -> None:
    row = json.loads((read_twice / "second" / "gold.jsonl").read_text(encoding="utf-8"))
    assert set(row["text_sha256"]) == {"n1", "n2"}
