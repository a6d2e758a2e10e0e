"""doccano JSON Lines for sequence labelling: one note a line, labels of criterion, role and reason.

doccano counts UTF-16 units, unless the project counts grapheme clusters (doccano/doccano issue 2290). It gives no words
back that a span could be checked by: the unit that an export is written in is the unit that it is read in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.gold.exchange import (
    LABEL_RULE,
    Document,
    Imported,
    assembled,
    label_of,
    read_sidecar,
    span_of_label,
    write_sidecar,
)
from extractor.io.gold.offsets import OffsetUnit, TextOffsets
from extractor.io.gold.read import write_rows
from extractor.io.gold.records import Corpus, GoldSpan, spans_by_note
from extractor.io.gold.rows import json_object
from extractor.records import Note

NAME = "doccano"


def export(corpus: Corpus, folder: Path, *, offset_unit: OffsetUnit = "utf16") -> list[str]:
    """Writes the folder; nothing is lost but columns that no export carries."""
    losses = write_sidecar(corpus, folder, format=NAME, offset_unit=offset_unit)
    spans = spans_by_note(corpus)
    write_rows(
        folder / "doccano.jsonl", (_row(n, note, spans[note.note_id], offset_unit) for n, note in enumerate(corpus.notes, 1))
    )
    return losses


def import_(folder: Path) -> Imported:
    """The corpus of the one JSON Lines file of a folder, as exported or as downloaded from the tool."""
    sidecar = read_sidecar(folder, format=NAME)
    unit = sidecar.get("offset_unit", "utf16")
    return assembled(sidecar, tool_documents(folder, lambda row: _document(row, unit, folder)), source=folder)


def tool_documents(folder: Path, document_of: Callable[[dict[str, Any]], Document]) -> list[Document]:
    """The documents of the one `.jsonl` file of a folder; raises `InputError` when a line is of another shape."""
    try:
        return [document_of(row) for row in tool_rows(folder)]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{folder}: a line of the .jsonl file is not as this tool writes it") from None


def tool_rows(folder: Path) -> list[dict[str, Any]]:
    """The objects of the one `.jsonl` file of a folder; raises `InputError` when there are several or a line is none."""
    files = sorted(folder.glob("*.jsonl"))
    if len(files) != 1:
        raise InputError(f"{folder}: {len(files)} .jsonl files; keep the one that is to be read")
    rows = []
    for number, line in enumerate(files[0].read_bytes().decode("utf-8").split("\n"), start=1):
        try:
            rows += [json_object(line)] if line.strip() else []
        except ValueError as error:
            raise InputError(f"{files[0]}:{number}: {error}") from None
    return rows


def _row(number: int, note: Note, spans: tuple[GoldSpan, ...], unit: OffsetUnit) -> dict[str, Any]:
    offsets = TextOffsets.of(note.note_text)
    return {
        "id": number,
        "text": note.note_text,
        "label": [[offsets.to_units(span.start, unit), offsets.to_units(span.end, unit), label_of(span)] for span in spans],
        "note_id": note.note_id,
        "patient_id": note.patient_id,
        "note_date": note.note_date.isoformat(),
        "note_title": note.note_title,
    }


def _document(row: Mapping[str, Any], unit: OffsetUnit, source: Path) -> Document:
    """A line with `label` (start, end, label), or `entities` as projects with relations give them."""
    meta = row.get("meta") or row.get("metadata") or {}
    note_id, text = row.get("note_id", meta.get("note_id")), row.get("text", row.get("data"))
    if not isinstance(note_id, str) or not isinstance(text, str):
        raise InputError(f"{source}: a line without note_id or text; keep the meta data when downloading")
    entities = [(one["start_offset"], one["end_offset"], one["label"]) for one in row.get("entities") or ()]
    offsets = TextOffsets.of(text)
    spans, faults = [], []
    for place, (start, end, label) in enumerate([*(row.get("label") or ()), *entities], start=1):
        points = offsets.to_code_point(start, unit), offsets.to_code_point(end, unit)
        span = None if points[0] is None or points[1] is None else span_of_label(str(label), note_id, points[0], points[1])
        if span is None:
            faults.append(f"note {note_id}: label {place} at {start}..{end} {LABEL_RULE}, and may not cut a character")
        else:
            spans.append(span)
    losses = [f"note {note_id}: {len(row['relations'])} relations are not carried"] if row.get("relations") else []
    return Document(note_id, text, tuple(spans), tuple(losses), tuple(faults))
