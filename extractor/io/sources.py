"""Files in, raw rows out, each with the place it came from: JSON Lines, CSV, Parquet, a folder of them, or texts with a manifest.

A row that cannot be read is yielded as a `BadRow`, never dropped. Files are opened with `newline=""`, so that
offsets count the characters that are stored.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.errors import InputError

MANIFEST = "manifest.csv"
TEXT_COLUMN = "note_text"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as read; `place` is file and row, for messages."""

    values: dict[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read; `error` never quotes what it holds."""

    place: str
    error: str


Row = RawRow | BadRow


def read_raw(path: Path) -> Iterator[Row]:
    """Rows of a file or folder in a fixed order; raises `InputError` where there is nothing to read."""
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if path.is_dir():
        yield from _folder(path)
        return
    reader = READERS.get(_suffix(path))
    if reader is None:
        raise InputError(
            f"{path}: cannot read a file of this kind; use {', '.join(sorted(READERS))}, a folder of such files, "
            f"or a folder of .txt files with {MANIFEST}"
        )
    yield from reader(path)


def _suffix(path: Path) -> str:
    return path.suffix.lower()


def _folder(path: Path) -> Iterator[Row]:
    if (path / MANIFEST).is_file():
        yield from _texts(path)
        return
    files = sorted(p for p in path.rglob("*") if p.is_file() and _suffix(p) in READERS and not p.name.startswith((".", "_")))
    if not files:
        raise InputError(f"{path}: holds no {', '.join(sorted(READERS))} file and no {MANIFEST} beside .txt files")
    for file in files:
        yield from READERS[_suffix(file)](file)


def _jsonl(path: Path) -> Iterator[Row]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            place = f"{path}:{number}"
            if line.strip():
                yield _json_row(line, place)


def _json_row(line: bytes, place: str) -> Row:
    try:
        values = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return BadRow(place, f"not UTF-8 at byte {error.start} of the line; convert the file to UTF-8")
    except json.JSONDecodeError as error:
        return BadRow(place, f"not JSON at character {error.pos} of the line; expected one object a line")
    except RecursionError:
        return BadRow(place, "nested too deeply; expected one flat object a line")
    return (
        RawRow(values, place)
        if isinstance(values, dict)
        else BadRow(place, f"is a {type(values).__name__}; expected one object a line")
    )


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open("r", encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader, None)
        if not header:
            raise InputError(f"{path}: is empty; expected a header line with the names of the columns")
        yield from _csv_rows(path, header, reader)


def _csv_rows(path: Path, header: list[str], reader: Iterator[list[str]]) -> Iterator[Row]:
    number = 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(f"{path}: row {number}", f"not CSV: {error}")
            continue
        if not cells:
            continue
        place = f"{path}: row {number}"
        if len(cells) != len(header):
            yield BadRow(
                place, f"has {len(cells)} cells where the header has {len(header)}; quote cells that hold commas or line breaks"
            )
        elif any("\udc80" <= char <= "\udcff" for cell in cells for char in cell):
            yield BadRow(place, "not UTF-8; convert the file to UTF-8")
        else:
            yield RawRow(dict(zip(header, cells, strict=True)), place)


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path}: not a Parquet file: {type(error).__name__}") from None
    number = 0
    for batch in file.iter_batches(batch_size=1024):
        for values in batch.to_pylist():
            number += 1
            yield RawRow(values, f"{path}: row {number}")


def _texts(folder: Path) -> Iterator[Row]:
    """A manifest with a `file` column and the other columns of a note; the texts lie beside it."""
    for row in _csv(folder / MANIFEST):
        yield row if isinstance(row, BadRow) else _text_row(folder, row)


def _text_row(folder: Path, row: RawRow) -> Row:
    name = row.values.get("file") or f"{row.values.get('note_id', '')}.txt"
    file = (folder / name).resolve()
    if folder.resolve() not in file.parents:
        return BadRow(row.place, "names a file outside of its folder")
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return BadRow(row.place, f"names the file {name}, which is not in {folder}")
    except UnicodeDecodeError as error:
        return BadRow(row.place, f"{name} is not UTF-8 at byte {error.start}; convert it to UTF-8")
    except OSError as error:
        return BadRow(row.place, f"{name} cannot be read: {type(error).__name__}")
    return RawRow({**row.values, TEXT_COLUMN: text}, row.place)


READERS: dict[str, Callable[[Path], Iterator[Row]]] = {".jsonl": _jsonl, ".ndjson": _jsonl, ".csv": _csv, ".parquet": _parquet}
