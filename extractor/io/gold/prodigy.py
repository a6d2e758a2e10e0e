"""Prodigy JSON Lines: one note a line with its tokens, spans of criterion, role and reason.

Prodigy counts code points, and selects whole tokens. So the tokens of an export are cut at the ends of its spans too,
and every span begins and ends with a token. No token can be empty, nor can a span.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.gold.doccano import tool_documents
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
from extractor.io.gold.read import write_rows
from extractor.io.gold.records import Corpus, GoldSpan, spans_by_note
from extractor.records import Note

NAME = "prodigy"
WORD = re.compile(r"[^\W_]+|\s|[\W_]")


def export(corpus: Corpus, folder: Path) -> list[str]:
    """Writes the folder; returns the empty spans, which Prodigy cannot show."""
    losses = write_sidecar(corpus, folder, format=NAME)
    spans = spans_by_note(corpus)
    losses += [
        f"note {span.note_id}: {span.criterion} {span.start}..{span.end}: is empty; Prodigy holds no such span"
        for note in corpus.notes
        for span in spans[note.note_id]
        if span.start == span.end
    ]
    write_rows(
        folder / "prodigy.jsonl", (_row(note, [s for s in spans[note.note_id] if s.start < s.end]) for note in corpus.notes)
    )
    return losses


def import_(folder: Path) -> Imported:
    """The corpus of the one JSON Lines file of a folder, as exported or as `prodigy db-out` gives it."""
    sidecar = read_sidecar(folder, format=NAME)
    return assembled(sidecar, tool_documents(folder, lambda row: _document(row, folder)), source=folder)


def tokens_of(text: str, spans: Iterable[GoldSpan]) -> list[dict[str, Any]]:
    """Words, marks and blanks in order, cut at the ends of spans; the blank after a token is its `ws`.

    Text is what the tokens join to: `"".join(t["text"] + " " * t["ws"] for t in tokens)`.
    """
    starts, ends = {span.start for span in spans}, {span.end for span in spans}
    cuts = sorted({0, len(text), *starts, *ends, *(place for found in WORD.finditer(text) for place in found.span())})
    tokens: list[dict[str, Any]] = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        is_blank = text[start:end] == " " and start not in starts and end not in ends
        if is_blank and tokens and not tokens[-1]["ws"]:
            tokens[-1]["ws"] = True
        else:
            tokens.append({"text": text[start:end], "start": start, "end": end, "id": len(tokens), "ws": False})
    return tokens


def _row(note: Note, spans: list[GoldSpan]) -> dict[str, Any]:
    tokens = tokens_of(note.note_text, spans)
    first, last = {token["start"]: token["id"] for token in tokens}, {token["end"]: token["id"] for token in tokens}
    return {
        "text": note.note_text,
        "meta": {
            "note_id": note.note_id,
            "patient_id": note.patient_id,
            "note_date": note.note_date.isoformat(),
            "note_title": note.note_title,
        },
        "tokens": tokens,
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "token_start": first[span.start],
                "token_end": last[span.end],
                "label": label_of(span),
            }
            for span in spans
        ],
        "answer": "accept",
    }


def _document(row: Mapping[str, Any], source: Path) -> Document:
    note_id, text = (row.get("meta") or {}).get("note_id"), row.get("text")
    if not isinstance(note_id, str) or not isinstance(text, str):
        raise InputError(f"{source}: a line without text or meta.note_id; keep the meta data of the export")
    if row.get("answer", "accept") != "accept":
        return Document(note_id, text, (), (f"note {note_id}: the answer was {row['answer']}; its spans are not taken",))
    spans, faults = [], []
    for span in row.get("spans") or ():
        start, end = int(span["start"]), int(span["end"])
        found = span_of_label(str(span.get("label")), note_id, start, end) if 0 <= start <= end <= len(text) else None
        if found is None:
            faults.append(f"note {note_id}: the span at {start}..{end} {LABEL_RULE}, inside of the text")
        else:
            spans.append(found)
    return Document(note_id, text, tuple(spans), (), tuple(faults))
