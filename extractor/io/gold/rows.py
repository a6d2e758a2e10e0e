"""The files of a corpus folder as rows with their places, and every line that cannot be one as a fault.

Its own file because checking works on rows that records could not hold: a word that is no verdict, a span without end.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from extractor.errors import InputError

FILES = {
    "notes": "notes.jsonl",
    "patients": "patients.jsonl",
    "gold": "gold.jsonl",
    "splits": "splits.csv",
    "adjudications": "adjudications.jsonl",
}
REQUIRED = ("notes", "patients", "gold")


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row and where it stands, for messages."""

    place: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CorpusRows:
    """The tables of one corpus. `is_reading` says that the notes are those of the folder above."""

    notes: tuple[PlacedRow, ...] = ()
    patients: tuple[PlacedRow, ...] = ()
    gold: tuple[PlacedRow, ...] = ()
    splits: tuple[PlacedRow, ...] = ()
    adjudications: tuple[PlacedRow, ...] = ()
    has_splits: bool = False
    is_reading: bool = False
    faults: tuple[str, ...] = field(default=())


def notes_folder(folder: Path) -> Path:
    """Where the notes of a gold folder lie: in it, or one folder up for a reading such as `first/` or `second/`."""
    above = folder.resolve().parent
    if not (folder / FILES["notes"]).is_file() and (above / FILES["notes"]).is_file():
        return above
    return folder


def read_corpus_rows(folder: Path) -> CorpusRows:
    """All tables of a folder; raises `InputError` when a file that every corpus has is missing."""
    base = notes_folder(folder)
    places = {name: (folder if name in ("gold", "adjudications") else base) / file for name, file in FILES.items()}
    missing = [places[name] for name in REQUIRED if not places[name].is_file()]
    if missing:
        raise InputError(
            "\n".join(f"{path}: no such file; a gold folder holds {', '.join(FILES[r] for r in REQUIRED)}" for path in missing)
        )
    read = {name: _read(path) if path.is_file() else ((), ()) for name, path in places.items()}
    return CorpusRows(
        **{name: rows for name, (rows, _) in read.items()},
        has_splits=places["splits"].is_file(),
        is_reading=base != folder,
        faults=tuple(fault for _, faults in read.values() for fault in faults),
    )


def _read(path: Path) -> tuple[tuple[PlacedRow, ...], tuple[str, ...]]:
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return (), (f"{path.name}: not UTF-8 at byte {error.start}",)
    return _csv_rows(path.name, text) if path.suffix == ".csv" else _json_rows(path.name, text)


def _json_rows(name: str, text: str) -> tuple[tuple[PlacedRow, ...], tuple[str, ...]]:
    rows, faults = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = f"{name}:{number}"
            try:
                rows.append(PlacedRow(place, json_object(line)))
            except ValueError as error:
                faults.append(f"{place}: {error}")
    return tuple(rows), tuple(faults)


def json_object(text: str) -> dict[str, Any]:
    """One JSON object; raises `ValueError` on anything else, and on a key that stands twice, which JSON readers lose."""
    try:
        values = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at character {error.pos} of the line") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError("expected one object a line")
    return values


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError(f"the key {_first_repeated(key for key, _ in pairs)!r} stands twice in one object")
    return values


def _first_repeated(keys: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(key[:40] for key in keys if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def _csv_rows(name: str, text: str) -> tuple[tuple[PlacedRow, ...], tuple[str, ...]]:
    reader = csv.DictReader(StringIO(text, newline=""))
    rows, faults = [], []
    for number, values in enumerate(reader, start=2):
        if None in values or None in values.values():
            faults.append(f"{name}:{number}: has not as many cells as the header")
        else:
            rows.append(PlacedRow(f"{name}:{number}", dict(values)))
    return tuple(rows), tuple(faults)
