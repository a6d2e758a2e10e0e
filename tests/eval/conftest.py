"""A small gold project, and a run folder made of it by faults that are chosen by counting, never by
chance."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eval.read import read_gold, read_run
from eval.records import VERDICTS, Gold, Run, effect_of, kinds_of, status_of
from eval.rows import read_jsonl

GOLD_FOLDER = Path(__file__).parents[1] / "golden" / "score" / "gold"
Rows = list[dict[str, Any]]
ROLE_REASONS = {"supports": None, "refutes": None, "rejected": "negated"}


@dataclass(frozen=True)
class Faults:
    """Every how many verdicts or spans a fault is made; 0 makes none."""

    verdict: int = 5
    dropped_span: int = 6
    moved_span: int = 5
    role: int = 8
    extra_span: int = 9


PERFECT = Faults(0, 0, 0, 0, 0)


@pytest.fixture(scope="session")
def gold_folder() -> Path:
    """Eight invented patients, seven criteria; four patients in split dev and four in test."""
    return GOLD_FOLDER


@pytest.fixture(scope="session")
def gold() -> Gold:
    """The whole of it."""
    return read_gold(GOLD_FOLDER)


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a run folder: `make_run(faults)` beside the small gold, or beside any gold folder given."""

    def build(faults: Faults = PERFECT, *, gold_folder: Path = GOLD_FOLDER, form: str = "parquet") -> Path:
        out = tmp_path_factory.mktemp("runs") / "run"
        write_run(out, run_rows(gold_folder, faults), form=form)
        return out

    return build


@pytest.fixture(scope="session")
def perfect(make_run: Callable[..., Path]) -> Run:
    """A run that says what gold says."""
    return read_run(make_run())


@pytest.fixture(scope="session")
def flawed(make_run: Callable[..., Path]) -> Run:
    """A run with every kind of fault."""
    return read_run(make_run(Faults()))


@pytest.fixture(scope="session")
def kinds(perfect: Run) -> dict[str, Any]:
    """Which of the small project's criteria include and which exclude."""
    return dict(kinds_of(perfect))


@pytest.fixture(scope="session")
def faults() -> type[Faults]:
    """The class itself, since a conftest is not for importing."""
    return Faults


def run_rows(gold_folder: Path, faults: Faults) -> dict[str, Rows]:
    """The tables of a run that repeats the gold of a folder, but for its faults."""
    patients = read_jsonl(gold_folder / "gold.jsonl")
    notes = read_jsonl(gold_folder / "notes.jsonl")
    texts = {note["note_id"]: note["note_text"] for note in notes}
    verdicts = verdict_rows(patients, faults)
    return {
        "verdicts": verdicts,
        "evidence": evidence_rows(patients, texts, faults),
        "candidates": candidate_rows(verdicts),
    }


def verdict_rows(patients: Rows, faults: Faults) -> Rows:
    """One row a patient and criterion; a faulty one says the next word of the vocabulary."""
    rows: Rows = []
    for patient in patients:
        for criterion, verdict in patient["verdicts"].items():
            kind = "inclusion" if criterion.startswith("I") else "exclusion"
            said = next_of(VERDICTS, verdict) if due(faults.verdict, len(rows)) else verdict
            rows.append(
                {
                    "patient_id": patient["patient_id"],
                    "trial_id": "small",
                    "criterion_id": criterion,
                    "kind": kind,
                    "verdict": said,
                    "effect": effect_of(kind, said),  # type: ignore[arg-type]
                    "rationale": f"said to be {said}",
                    "evidence_ids": [],
                }
            )
    return rows


def evidence_rows(patients: Rows, texts: dict[str, str], faults: Faults) -> Rows:
    """Gold's spans, some dropped, moved or in another role, and some where gold has none."""
    rows: Rows = []
    spans = [(patient["patient_id"], span) for patient in patients for span in patient["evidence"]]
    for number, (patient_id, span) in enumerate(spans):
        start, end, role, reason = span["start"], span["end"], span["role"], span["reason"]
        if due(faults.dropped_span, number):
            continue
        if due(faults.moved_span, number):
            start += 1
        if due(faults.role, number):
            role = next_of(("supports", "refutes", "rejected"), role)
            reason = ROLE_REASONS[role]
        rows.append(evidence_row(patient_id, span, start, end, role, reason, texts))
        if due(faults.extra_span, number):
            rows.append(evidence_row(patient_id, span, 0, 1, "supports", None, texts))
    return rows


def evidence_row(
    patient_id: str,
    span: dict[str, Any],
    start: int,
    end: int,
    role: str,
    reason: str | None,
    texts: dict[str, str],
) -> dict[str, Any]:
    """One row with the columns of the contract that scoring reads."""
    return {
        "patient_id": patient_id,
        "trial_id": "small",
        "criterion_id": span["criterion"],
        "note_id": span["note_id"],
        "start": start,
        "end": end,
        "text": texts[span["note_id"]][start:end],
        "section": "",
        "role": role,
        "reason": reason,
        "negated": reason == "negated",
        "date_source": "note",
        "value": None,
    }


def candidate_rows(verdicts: Rows) -> Rows:
    """One row a patient, ranked by the share of criteria that pass."""
    effects: dict[str, list[Any]] = {}
    for row in verdicts:
        effects.setdefault(row["patient_id"], []).append((row["criterion_id"], row["effect"]))
    rows: Rows = [
        {
            "patient_id": patient_id,
            "trial_id": "small",
            "status": status_of([effect for _, effect in found]),
            "score": sum(effect == "pass" for _, effect in found) / len(found),
            "failed": [criterion for criterion, effect in found if effect == "fail"],
            "to_review": [criterion for criterion, effect in found if effect == "review"],
        }
        for patient_id, found in effects.items()
    ]
    order = sorted(rows, key=lambda row: (row["status"] == "ineligible", -row["score"], row["patient_id"]))
    return [{**row, "rank": rank} for rank, row in enumerate(order, start=1)]


def write_run(out: Path, tables: dict[str, Rows], *, form: str) -> None:
    """Each table in one of the forms a run may have."""
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if form == "jsonl":
            (out / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        elif form == "csv":
            write_csv(out / f"{name}.csv", rows)
        elif form == "parts":
            (out / name).mkdir()
            (out / name / "_SUCCESS").touch()
            for part in range(2):
                pq.write_table(pa.Table.from_pylist(rows[part::2]), out / name / f"part-{part}.parquet")
        else:
            pq.write_table(pa.Table.from_pylist(rows), out / f"{name}.parquet")


def write_csv(path: Path, rows: Rows) -> None:
    """Lists as JSON in a cell, nothing as an empty cell."""
    import csv

    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({key: json.dumps(cell) if isinstance(cell, list) else cell for key, cell in row.items()} for row in rows)


def due(every: int, number: int) -> bool:
    """Is it the turn of a fault?"""
    return every > 0 and number % every == every - 1


def next_of(words: tuple[str, ...], word: str) -> str:
    """The word after it, the first after the last."""
    return words[(words.index(word) + 1) % len(words)]
