"""One note in, its mentions or its failure out: the step that every engine maps over notes.

Whatever goes wrong inside a note is that note's failure, named by the kind of fault and never by its text. A note that
takes longer than its time limit is stopped in the middle of whatever it does.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from extractor.records import Failure, Mention, Note
from extractor.text.pipeline import Pipeline

STAGE = "extract"


class NoteTimeout(BaseException):
    """A note has used up its time. No `Exception`, so that nothing on the way takes it for a fault of its own."""


@dataclass(frozen=True, slots=True)
class NoteResult:
    """What became of one note; `failure` is `None` when it was read."""

    note_id: str
    patient_id: str
    mentions: tuple[Mention, ...] = ()
    failure: Failure | None = None


def read_note(pipeline: Pipeline, note: Note, *, seconds: float = 0) -> NoteResult:
    """The mentions of `note`, or a failure that names the exception's class only; 0 `seconds` is no limit."""
    try:
        with time_limit(seconds):
            return NoteResult(note.note_id, note.patient_id, tuple(pipeline.mentions(note)))
    except NoteTimeout:
        return failed(note, f"took longer than {seconds:g} seconds")
    except Exception as error:  # a note must never end a run; its text may be in the message, so only the class is kept
        return failed(note, type(error).__name__)


def failed(note: Note, error: str) -> NoteResult:
    """The result of a note that could not be read."""
    return NoteResult(note.note_id, note.patient_id, failure=Failure(note.note_id, note.patient_id, note.note_id, STAGE, error))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises `NoteTimeout` inside when the time is up; where there are no timer signals (Windows) nothing happens.

    A match of a regular expression that backtracks is stopped too: it looks for signals as it goes.
    """
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return
    former = signal.signal(signal.SIGALRM, _time_is_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def _time_is_up(signum: int, frame: object) -> None:
    raise NoteTimeout
