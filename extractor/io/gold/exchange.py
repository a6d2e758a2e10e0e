"""What all formats of annotation tools share: notes with spans go out, documents with spans come back.

A tool holds texts and spans. What it does not hold (who the patient is, dates, verdicts, splits) goes into
`corpus.json` beside the tool's files, which the tool ignores; no text is in it, so the text that comes back is the
tool's own, and its hash tells whether it is still the one that went out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import quote

from extractor.errors import InputError
from extractor.io.gold.read import patient_of, patient_row
from extractor.io.gold.records import REASONS, ROLES, Corpus, GoldChart, GoldSpan, in_order, text_sha256, with_evidence
from extractor.records import Note, Reason, Role

SIDECAR = "corpus.json"
SPAN_RULE = "needs one criterion, a role, and a reason exactly where the role is rejected"
LABEL_RULE = "must have a label CRITERION:ROLE, or CRITERION:rejected:REASON"


@dataclass(frozen=True, slots=True)
class Document:
    """A note as a tool gives it back. `faults` make the import fail; `losses` are only told."""

    note_id: str
    note_text: str
    spans: tuple[GoldSpan, ...]
    losses: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """What came back, and what the corpus cannot hold of it."""

    corpus: Corpus
    losses: tuple[str, ...] = ()


class Format(Protocol):
    """A module of this package that writes and reads the files of one tool."""

    def export(self, corpus: Corpus, folder: Path) -> list[str]:
        """Writes the tool's files into the folder; returns what they do not hold, a sentence each."""

    def import_(self, folder: Path) -> Imported:
        """Reads what `export` wrote and the tool has changed; raises `InputError` with every fault."""


def file_stem(note_id: str) -> str:
    """A file name for an id, whatever characters it has.

    >>> file_stem("A/1")
    'A%2F1'
    """
    return quote(note_id, safe="")


def write_sidecar(corpus: Corpus, folder: Path, *, format: str, **settings: str) -> list[str]:
    """Writes `corpus.json`; returns the columns that no export carries."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "format": format,
        **settings,
        "charts": [
            {**patient_row(chart.patient), "split": chart.split, "verdicts": dict(chart.verdicts), "doubts": list(chart.doubts)}
            for chart in corpus.charts
        ],
        "notes": [
            {
                "note_id": note.note_id,
                "patient_id": note.patient_id,
                "note_date": note.note_date.isoformat(),
                "note_title": note.note_title,
                "text_sha256": text_sha256(note.note_text),
            }
            for note in corpus.notes
        ],
    }
    (folder / SIDECAR).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return [f"column {name} is not carried" for name in corpus.unread]


def read_sidecar(folder: Path, *, format: str) -> dict[str, Any]:
    """The content of `corpus.json`; raises `InputError` when it is missing or of another format."""
    try:
        content: dict[str, Any] = json.loads((folder / SIDECAR).read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder}: no {SIDECAR}; it is written by the export, and stays beside the tool's files") from None
    except ValueError:
        content = {}
    if not isinstance(content, dict) or not all(isinstance(content.get(name), list) for name in ("charts", "notes")):
        raise InputError(f"{folder / SIDECAR}: not as the export wrote it; export again, and keep the file unchanged")
    if content.get("format") != format:
        raise InputError(f"{folder}: was exported as {content.get('format')}, not as {format}")
    return content


def assembled(sidecar: Mapping[str, Any], documents: Iterable[Document], *, source: Path) -> Imported:
    """The corpus of a sidecar with the texts and spans of the documents.

    Raises `InputError` with every fault: a note without document, with two, unknown, or with another text; a span of a
    criterion that the corpus has no verdict for.
    """
    found: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        found[document.note_id].append(document)
    faults = [fault for some in found.values() for document in some for fault in document.faults]
    known = {row["note_id"] for row in sidecar["notes"]}
    faults += [f"note {note_id}: is not in {SIDECAR}" for note_id in found if note_id not in known]
    faults += [fault for row in sidecar["notes"] for fault in _document_faults(row, found[row["note_id"]])]
    faults += [fault for some in found.values() for document in some for fault in _span_faults(document)]
    faults += _unjudged(sidecar, [span for some in found.values() for document in some for span in document.spans])
    if faults:
        raise InputError(f"{source}: {len(faults)} faults\n" + "\n".join(faults))
    losses = tuple(loss for some in found.values() for document in some for loss in document.losses)
    return Imported(_corpus(sidecar, {note_id: some[0] for note_id, some in found.items()}), losses)


def _document_faults(row: Mapping[str, Any], documents: list[Document]) -> Iterator[str]:
    if len(documents) != 1:
        yield f"note {row['note_id']}: {len(documents)} documents, expected one"
    elif text_sha256(documents[0].note_text) != row["text_sha256"]:
        yield f"note {row['note_id']}: the text is not the one that was exported, so that its offsets mean nothing"


def _unjudged(sidecar: Mapping[str, Any], spans: Iterable[GoldSpan]) -> list[str]:
    """Spans of a criterion that their patient's chart has no verdict for."""
    judged = {row["patient_id"]: row["verdicts"] for row in sidecar["charts"]}
    patient_of_note = {row["note_id"]: row["patient_id"] for row in sidecar["notes"]}
    return sorted(
        {
            f"criterion {span.criterion}: patient {patient} has no verdict for it"
            for span in spans
            if (patient := patient_of_note.get(span.note_id)) and span.criterion not in judged.get(patient, {})
        }
    )


def _span_faults(document: Document) -> Iterator[str]:
    for span in document.spans:
        if not 0 <= span.start <= span.end <= len(document.note_text):
            yield f"note {document.note_id}: {span.criterion} {span.start}..{span.end}: lies outside of the note"


def _corpus(sidecar: Mapping[str, Any], documents: Mapping[str, Document]) -> Corpus:
    notes = tuple(
        Note(
            row["note_id"],
            row["patient_id"],
            date.fromisoformat(row["note_date"]),
            documents[row["note_id"]].note_text,
            row["note_title"],
        )
        for row in sidecar["notes"]
    )
    spans: dict[str, list[GoldSpan]] = defaultdict(list)
    for note in notes:
        spans[note.patient_id] += documents[note.note_id].spans
    charts = (GoldChart(patient_of(row), row["verdicts"], (), row["split"], tuple(row["doubts"])) for row in sidecar["charts"])
    return in_order(replace(Corpus((), notes), charts=with_evidence(charts, spans)))


def label_of(span: GoldSpan) -> str:
    """Criterion, role and reason in one label, for tools whose spans have nothing else.

    >>> label_of(GoldSpan("C1", "n", 0, 1, "rejected", "family"))
    'C1:rejected:family'
    """
    return ":".join(part for part in (span.criterion, span.role, span.reason) if part)


def span_of_label(label: str, note_id: str, start: int, end: int) -> GoldSpan | None:
    """The span that a label names, or `None` when it names no criterion, role and reason."""
    parts = label.split(":")
    role, reason = (parts[1] if len(parts) > 1 else None), (parts[2] if len(parts) > 2 else None)
    return checked_span(parts[0], note_id, start, end, role, reason) if len(parts) in (2, 3) else None


def checked_span(criterion: Any, note_id: str, start: int, end: int, role: Any, reason: Any) -> GoldSpan | None:
    """A span, or `None` when a word is missing, unknown, or a reason stands where none belongs."""
    is_good = role in ROLES and (reason in REASONS if role == "rejected" else reason is None)
    if not (isinstance(criterion, str) and criterion and is_good and start <= end):
        return None
    return GoldSpan(criterion, note_id, start, end, cast(Role, role), cast("Reason | None", reason))


def all_labels(corpus: Corpus) -> list[str]:
    """Every label that a span of this corpus may have, for the configuration of a tool."""
    ends = [*(role for role in ROLES if role != "rejected"), *(f"rejected:{reason}" for reason in REASONS)]
    return [f"{criterion}:{end}" for criterion in corpus.criteria for end in ends]
