"""An earlier run in, its mentions out for every note that has not changed: only new and changed notes are read again.

A note is the same when id, patient, date, title and the hash of its text are; and only where the earlier run read with
the same patterns and date order. Notes that failed then are read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractor.engines.manifest import code_sha256, read_run_json
from extractor.errors import RunError
from extractor.io.charts import as_parquet
from extractor.io.schema import FAILURES, MENTIONS, NOTES, note_row
from extractor.io.tables import table_files
from extractor.records import Note

PARTS_KEPT = 4  # notes come in much the same order as before, so the part wanted next is nearly always at hand


class Earlier:
    """The notes and mentions of a finished run. `scratch` takes Parquet copies of tables that are text."""

    def __init__(self, folder: Path, *, patterns_sha256: str, date_order: str, scratch: Path) -> None:
        _check(folder, patterns_sha256, date_order)
        self._mentions = as_parquet(table_files(folder, "mentions"), MENTIONS, scratch / "mentions")
        self._part_of = {
            note_id: number
            for number, path in enumerate(self._mentions)
            for note_id in pc.unique(pq.read_table(path, columns=["note_id"]).column(0)).to_pylist()
        }
        failed = _ids(as_parquet(table_files(folder, "failures"), FAILURES, scratch / "failures"))
        self._digests = {
            row["note_id"]: _digest(row)
            for path in as_parquet(table_files(folder, "notes"), NOTES, scratch / "notes")
            for batch in pq.ParquetFile(path).iter_batches()
            for row in batch.to_pylist()
            if row["note_id"] not in failed
        }
        self._part = lru_cache(maxsize=PARTS_KEPT)(pq.read_table)

    def is_same(self, note: Note) -> bool:
        """Whether the earlier run has read this very note."""
        return self._digests.get(note.note_id) == _digest(note_row(note))

    def mentions(self, notes: Sequence[Note]) -> pa.Table:
        """The mentions of notes that are the same."""
        wanted = pa.array([note.note_id for note in notes], pa.string())
        numbers = sorted({self._part_of[note.note_id] for note in notes if note.note_id in self._part_of})
        found = [_of(self._part(self._mentions[number]), wanted) for number in numbers]
        return pa.concat_tables([MENTIONS.empty_table(), *(table.select(MENTIONS.names).cast(MENTIONS) for table in found)])


def _of(table: pa.Table, note_ids: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table.column("note_id"), value_set=note_ids))


def _check(folder: Path, patterns_sha256: str, date_order: str) -> None:
    run = read_run_json(folder)
    if not run:
        raise RunError(f"{folder}: holds no finished run (no run.json); --since needs one")
    if run.get("program", {}).get("code_sha256") != code_sha256():
        raise RunError(f"{folder}: was read by another version of prescreen; run once without --since")
    if run.get("patterns_sha256") != patterns_sha256:
        raise RunError(f"{folder}: was read with other patterns; run once without --since")
    if run.get("inputs", {}).get("date_order") != date_order:
        raise RunError(f"{folder}: was read with another --date-order; run once without --since")


def _ids(files: Sequence[Path]) -> set[str]:
    return {note_id for path in files for note_id in pq.read_table(path, columns=["note_id"]).column(0).to_pylist()}


def _digest(row: dict[str, Any]) -> bytes:
    parts = (row["patient_id"], row["note_date"], row["note_title"] or "", row["text_sha256"])
    return blake2b(repr(parts).encode("utf-8"), digest_size=8).digest()
