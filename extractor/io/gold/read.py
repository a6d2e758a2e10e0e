"""A corpus folder as records, and records as a corpus folder. What is read has no fault; what is written can be read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.gold.records import Corpus, GoldChart, GoldSpan, text_sha256
from extractor.io.gold.rows import FILES, CorpusRows, PlacedRow, read_corpus_rows
from extractor.io.gold.schema import load_schema
from extractor.io.gold.verify import corpus_faults
from extractor.records import Note, Patient


def read_corpus(folder: Path) -> Corpus:
    """The corpus of a folder; raises `InputError` with all faults at once.

    A reading (`first/`, `second/`) has the notes of the folder above it, and only the patients that it judged.
    """
    rows = read_corpus_rows(folder)
    faults = corpus_faults(rows)
    if faults:
        raise InputError(f"{folder}: {len(faults)} faults\n" + "\n".join(faults))
    return corpus_of(rows)


def corpus_of(rows: CorpusRows) -> Corpus:
    """The records of rows that have no fault."""
    patients = {row.values["patient_id"]: patient_of(row.values) for row in rows.patients}
    splits = {row.values["patient_id"]: row.values["split"] for row in rows.splits}
    charts = tuple(_chart(row.values, patients, splits) for row in rows.gold)
    judged = {chart.patient.patient_id for chart in charts}
    notes = tuple(_note(row.values) for row in rows.notes if row.values["patient_id"] in judged)
    return Corpus(charts=charts, notes=notes, unread=_unread(rows))


def write_corpus(corpus: Corpus, folder: Path) -> list[Path]:
    """Writes `notes.jsonl`, `patients.jsonl`, `gold.jsonl`, and `splits.csv` where a chart has a split."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        write_rows(folder / FILES["notes"], map(note_row, corpus.notes)),
        write_rows(folder / FILES["patients"], (patient_row(chart.patient) for chart in corpus.charts)),
        write_rows(folder / FILES["gold"], gold_rows(corpus)),
    ]
    parted = [(chart.patient.patient_id, chart.split) for chart in corpus.charts if chart.split is not None]
    if parted:
        with (folder / FILES["splits"]).open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerows([("patient_id", "split"), *parted])
        written.append(folder / FILES["splits"])
    return written


def gold_rows(corpus: Corpus) -> Iterable[dict[str, Any]]:
    """The lines of `gold.jsonl`: verdicts, evidence with its text, hashes of all notes of the patient."""
    texts = {note.note_id: note.note_text for note in corpus.notes}
    for chart in corpus.charts:
        patient_id = chart.patient.patient_id
        yield {
            "patient_id": patient_id,
            "verdicts": dict(chart.verdicts),
            "evidence": [span_row(span, texts[span.note_id]) for span in chart.evidence],
            **({"doubts": list(chart.doubts)} if chart.doubts else {}),
            "text_sha256": {n.note_id: text_sha256(n.note_text) for n in corpus.notes if n.patient_id == patient_id},
        }


def span_row(span: GoldSpan, note_text: str) -> dict[str, Any]:
    """One span as a row of the data contract."""
    return {
        "criterion": span.criterion,
        "note_id": span.note_id,
        "start": span.start,
        "end": span.end,
        "text": note_text[span.start : span.end],
        "role": span.role,
        "reason": span.reason,
    }


def note_row(note: Note) -> dict[str, Any]:
    """A line of `notes.jsonl`."""
    return {
        "note_id": note.note_id,
        "patient_id": note.patient_id,
        "note_date": note.note_date.isoformat(),
        "note_title": note.note_title,
        "note_text": note.note_text,
    }


def patient_row(patient: Patient) -> dict[str, Any]:
    """A line of `patients.jsonl`."""
    return {
        "patient_id": patient.patient_id,
        "sex": patient.sex,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "index_date": patient.index_date.isoformat() if patient.index_date else None,
    }


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """One JSON object a line, characters as they are, lines ended by a line feed on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def patient_of(values: Mapping[str, Any]) -> Patient:
    return Patient(values["patient_id"], values.get("sex"), _day(values.get("birth_date")), _day(values.get("index_date")))


def _note(values: Mapping[str, Any]) -> Note:
    day = date.fromisoformat(values["note_date"])
    return Note(values["note_id"], values["patient_id"], day, values["note_text"], values.get("note_title"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _chart(values: Mapping[str, Any], patients: Mapping[str, Patient], splits: Mapping[str, str]) -> GoldChart:
    patient_id = values["patient_id"]
    evidence = (
        GoldSpan(row["criterion"], row["note_id"], row["start"], row["end"], row["role"], row["reason"])
        for row in values["evidence"]
    )
    return GoldChart(
        patients[patient_id], dict(values["verdicts"]), tuple(evidence), splits.get(patient_id), tuple(values.get("doubts", ()))
    )


def _unread(rows: CorpusRows) -> tuple[str, ...]:
    """Columns of the files that the records do not hold: they are allowed, and not carried into other formats."""
    spans = [PlacedRow("", span) for row in rows.gold for span in row.values["evidence"]]
    known_span = load_schema("gold")["$defs"]["span"]["properties"]
    extra = [f"gold.evidence.{name}" for row in spans for name in row.values if name not in known_span]
    for table in ("notes", "patients", "gold", "splits"):
        known = load_schema(table)["properties"]
        extra += [f"{table}.{name}" for row in getattr(rows, table) for name in row.values if name not in known]
    return tuple(sorted(set(extra)))
