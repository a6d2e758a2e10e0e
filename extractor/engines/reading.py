"""One note in, its mentions or its failure out: the step that every engine maps over notes.

Whatever goes wrong inside a note is that note's failure, named by the kind of fault and never by its text.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractor.records import Failure, Mention, Note
from extractor.text.pipeline import Pipeline

STAGE = "extract"


@dataclass(frozen=True, slots=True)
class NoteResult:
    """What became of one note; `failure` is `None` when it was read."""

    note_id: str
    patient_id: str
    mentions: tuple[Mention, ...] = ()
    failure: Failure | None = None


def read_note(pipeline: Pipeline, note: Note) -> NoteResult:
    """The mentions of `note`, or a failure that names the exception's class only."""
    try:
        return NoteResult(note.note_id, note.patient_id, tuple(pipeline.mentions(note)))
    except Exception as error:  # a note must never end a run; its text may be in the message, so only the class is kept
        failure = Failure(note.note_id, note.patient_id, note.note_id, STAGE, type(error).__name__)
        return NoteResult(note.note_id, note.patient_id, failure=failure)
