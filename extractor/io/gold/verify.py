"""Every fault of a corpus at once: schemas, ids, dates, spans against the text, hashes, completeness, splits.

Comes in: rows with their places. Goes out: sentences that name file, line, ids and offsets, and never quote a note.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from extractor.io.gold.adjudications import adjudication_faults
from extractor.io.gold.records import text_sha256
from extractor.io.gold.rows import CorpusRows, PlacedRow, read_corpus_rows
from extractor.io.gold.schema import TABLES, schema_faults

Values = Mapping[str, Any]


def verify_folder(folder: Path) -> list[str]:
    """The faults of a corpus folder or of a reading in it; raises `InputError` when a file is missing."""
    rows = read_corpus_rows(folder)
    return corpus_faults(rows) + adjudication_faults(folder, rows)


def corpus_faults(rows: CorpusRows) -> list[str]:
    """The faults of the rows, in the order of the files. Rows that break their schema are not looked at further."""
    faults = [*rows.faults, *_schema_faults(rows)]
    broken = {fault.split(": ")[0] for fault in faults}
    notes, patients, gold, splits = (
        [row for row in table if row.place not in broken] for table in (rows.notes, rows.patients, rows.gold, rows.splits)
    )
    faults += _repeated(notes, "note_id") + _repeated(patients, "patient_id")
    faults += _repeated(gold, "patient_id") + _repeated(splits, "patient_id")
    unusable = [fault for row in notes for fault in _text_faults(row)]
    faults += [*unusable, *(fault for row in notes for fault in _day_faults(row, "note_date"))]
    faults += [fault for row in patients for fault in (*_day_faults(row, "birth_date"), *_day_faults(row, "index_date"))]
    faults += _completeness_faults(gold)
    if broken or rows.faults or unusable:
        return faults  # what refers to a row that is itself broken would only repeat its fault
    faults += _reference_faults(rows)
    notes_by_id = {row.values["note_id"]: row.values for row in notes}
    index_dates = {row.values["patient_id"]: row.values.get("index_date") for row in patients}
    for row in gold:
        faults += _evidence_faults(row, notes_by_id, index_dates.get(row.values["patient_id"]))
        faults += _hash_faults(row, notes_by_id)
    return faults


def _schema_faults(rows: CorpusRows) -> list[str]:
    return [
        f"{row.place}: {fault}" for table in TABLES for row in getattr(rows, table) for fault in schema_faults(table, row.values)
    ]


def _repeated(rows: Iterable[PlacedRow], key: str) -> list[str]:
    places: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        places[row.values[key]].append(row.place)
    return [f"{found[1]}: {key} {value} stands in {found[0]} too" for value, found in places.items() if len(found) > 1]


def _day_faults(row: PlacedRow, key: str) -> Iterator[str]:
    try:
        if row.values.get(key):
            date.fromisoformat(row.values[key])
    except ValueError:
        yield f"{row.place}: {key} is no day of the calendar"


def _text_faults(row: PlacedRow) -> Iterator[str]:
    if any("\ud800" <= char <= "\udfff" for char in row.values["note_text"]):
        yield f"{row.place}: note_text holds half of a surrogate pair"


def _reference_faults(rows: CorpusRows) -> list[str]:
    """Every patient has a row in every table, notes, and a split; a reading may leave patients out."""
    patients, gold = _ids(rows.patients), _ids(rows.gold)
    noted, parted = _ids(rows.notes), _ids(rows.splits)
    faults = [f"notes.jsonl: patient {one} is not in patients.jsonl" for one in noted - patients]
    faults += [f"gold.jsonl: patient {one} is not in patients.jsonl" for one in gold - patients]
    faults += [f"patients.jsonl: patient {one} has no note" for one in patients - noted]
    faults += [f"splits.csv: patient {one} is not in patients.jsonl" for one in parted - patients]
    if not rows.is_reading:
        faults += [f"patients.jsonl: patient {one} has no line in gold.jsonl" for one in patients - gold]
    if rows.has_splits:
        faults += [f"splits.csv: patient {one} has no split" for one in patients - parted]
    return sorted(faults)


def _ids(rows: Iterable[PlacedRow]) -> set[str]:
    return {row.values["patient_id"] for row in rows}


def _completeness_faults(gold: Iterable[PlacedRow]) -> list[str]:
    """Every chart has a verdict for each criterion, unless the corpus is made of parts.

    Where one chart is judged in every criterion, a criterion that another lacks was forgotten. Where none is (a bank of
    charts that were each written for a criterion or two), what is not judged is not meant to be.
    """
    rows = list(gold)
    criteria = tuple(dict.fromkeys(criterion for row in rows for criterion in row.values["verdicts"]))
    if all(len(row.values["verdicts"]) < len(criteria) for row in rows):
        return [f"{row.place}: patient {row.values['patient_id']} has no verdict" for row in rows if not row.values["verdicts"]]
    lacking = ((row, [criterion for criterion in criteria if criterion not in row.values["verdicts"]]) for row in rows)
    return [
        f"{row.place}: patient {row.values['patient_id']} has no verdict for {', '.join(some)}" for row, some in lacking if some
    ]


def _evidence_faults(row: PlacedRow, notes: Mapping[str, Values], index_date: str | None) -> Iterator[str]:
    patient = row.values["patient_id"]
    for span in row.values["evidence"]:
        place = f"{row.place}: {patient} {span['criterion']} {span['note_id']} {span['start']}..{span['end']}"
        yield from (f"{place}: {fault}" for fault in _span_faults(span, notes, row.values, index_date))
    keys = Counter((s["criterion"], s["note_id"], s["start"], s["end"]) for s in row.values["evidence"])
    for (criterion, note_id, start, end), count in keys.items():
        if count > 1:
            yield f"{row.place}: {patient} {criterion} {note_id} {start}..{end}: stands {count} times"


def _span_faults(span: Values, notes: Mapping[str, Values], chart: Values, index_date: str | None) -> Iterator[str]:
    note = notes.get(span["note_id"])
    if span["criterion"] not in chart["verdicts"]:
        yield "the chart has no verdict for this criterion"
    if note is None:
        yield "there is no such note"
        return
    if note["patient_id"] != chart["patient_id"]:
        yield f"the note is of patient {note['patient_id']}"
    if index_date and note["note_date"] > index_date:
        yield f"the note was written after the index date {index_date}, and is not used"
    length = len(note["note_text"])
    if not span["start"] <= span["end"] <= length:
        yield f"lies outside the note, which has {length} characters"
    elif note["note_text"][span["start"] : span["end"]] != span["text"]:
        yield "the note has another text there"


def _hash_faults(row: PlacedRow, notes: Mapping[str, Values]) -> Iterator[str]:
    """The hashes are of all notes of the patient, as they are stored; a gold without them is checked by its spans alone."""
    hashes = row.values.get("text_sha256")
    if hashes is None:
        return
    patient = row.values["patient_id"]
    own = {note_id: note for note_id, note in notes.items() if note["patient_id"] == patient}
    for note_id in sorted(own.keys() | hashes.keys()):
        if note_id not in own:
            yield f"{row.place}: text_sha256 names {note_id}, which is no note of patient {patient}"
        elif note_id not in hashes:
            yield f"{row.place}: text_sha256 does not name note {note_id} of patient {patient}"
        elif hashes[note_id] != text_sha256(own[note_id]["note_text"]):
            yield f"{row.place}: the text of note {note_id} is not the one that was annotated: its hash differs"
