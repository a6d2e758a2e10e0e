"""Real notes in, as many notes as a benchmark wants out: repeated under new names and with new words, or joined to a length."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from extractor.io.notes import read_notes
from extractor.records import Note


def load(path: Path) -> list[Note]:
    """The notes of a file or folder."""
    return [row for row in read_notes(path) if isinstance(row, Note)]


def evenly(notes: Sequence[Note], count: int) -> list[Note]:
    """`count` notes spread over the whole corpus, all of them when there are no more."""
    step = max(1, len(notes) // count)
    return list(notes[::step][:count])


def repeated(notes: Sequence[Note], count: int, *, per_patient: int = 4) -> Iterator[dict[str, str]]:
    """`count` rows made of the notes in turn. Each has an identifier in it that no other has, as real notes do.

    >>> from datetime import date
    >>> rows = list(repeated([Note("n", "p", date(2025, 1, 1), "No fever.")], 2))
    >>> [row["note_text"] for row in rows]
    ['No fever.\\nRef 000000-0x0f4243.', 'No fever.\\nRef 000001-0x1e8486.']
    """
    for number, note in enumerate(islice(cycle(notes), count)):
        yield {
            "note_id": f"n{number:07}",
            "patient_id": f"p{number // per_patient:07}",
            "note_date": note.note_date.isoformat(),
            "note_title": note.note_title or "",
            "note_text": f"{note.note_text}\nRef {number:06}-{(number + 1) * 1_000_003:#08x}.",
        }


def write(path: Path, rows: Iterator[dict[str, str]]) -> Path:
    """Rows as JSON Lines."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def joined(notes: Sequence[Note], characters: int) -> Note:
    """One note of so many characters, made of whole notes one after the other and cut at the end."""
    texts: list[str] = []
    length = 0
    for note in cycle(notes):
        texts.append(note.note_text)
        length += len(note.note_text) + 2
        if length >= characters + 2:  # the last joint is not written
            break
    first = notes[0]
    return Note("joined", "joined", first.note_date, "\n\n".join(texts)[:characters], first.note_title)
