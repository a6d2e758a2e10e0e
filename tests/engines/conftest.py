"""Notes, setups and the pipeline that does what a note tells it, importable by workers too."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from extractor.engines.work import Setup
from extractor.records import Note

POISON = Path(__file__).resolve().parent / "poison"


@pytest.fixture
def poisonous() -> Iterator[Setup]:
    """A setup with the poisonous pipeline; a note may take a second."""
    sys.path.insert(0, str(POISON))
    import poisonous as module

    yield Setup(note_seconds=1, make_pipeline=module.make)
    sys.path.remove(str(POISON))


@pytest.fixture
def notes_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notes file of (patient, text) rows, note ids counted from n0."""

    def write(*rows: tuple[str, str], name: str = "notes.jsonl") -> Path:
        path = tmp_path / name
        lines = [
            json.dumps({"note_id": f"n{number}", "patient_id": patient, "note_date": "2025-06-12", "note_text": text})
            for number, (patient, text) in enumerate(rows)
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def note() -> Callable[[str, str], Note]:
    return lambda note_id, text: Note(note_id, "p1", date(2025, 6, 12), text)
