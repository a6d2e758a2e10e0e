"""Stored mentions in, whole charts out, patient by patient: grouped on the disk, so that any number of them fits.

Charts come in order of patient id, the mentions of one in the order of the tables. The index date of a patient is the
patient's own, else the run's, else the date of the newest note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from extractor.errors import RunError
from extractor.io.ranges import BYTES_IN_ROW, by_patient, range_ends
from extractor.io.schema import MENTIONS, NOTES, day_of, mention_of, mention_row
from extractor.io.tables import read_rows, table_files
from extractor.ranking import ORDER as STATUS_ORDER
from extractor.records import Patient

ROWS = 8192
MEMORY = "1GB"
"""What DuckDB may hold in memory while it counts and sorts; more goes to files under `spill`."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One patient, the index date (`None` when there is no note and none was given), and the mentions as rows."""

    patient: Patient
    index_date: date | None
    mentions: pa.Table


def charts(
    notes: Sequence[Path],
    mentions: Sequence[Path],
    *,
    patients: Mapping[str, Patient],
    index_date: date | None,
    spill: Path,
) -> Iterator[Chart]:
    """The chart of every patient of the notes tables and of `patients`, in order of patient id.

    `spill` is a folder for what DuckDB cannot hold in memory.
    """
    grouped = _grouped(as_parquet(mentions, MENTIONS, spill / "mentions"), spill)
    current = next(grouped, None)
    for patient_id, newest in _patients(as_parquet(notes, NOTES, spill / "notes"), patients, spill):
        while current is not None and current[0] < patient_id:
            current = next(grouped, None)
        rows = current[1] if current is not None and current[0] == patient_id else MENTIONS.empty_table()
        patient = patients.get(patient_id, Patient(patient_id))
        yield Chart(patient, patient.index_date or index_date or newest, rows)


def count_patients(notes: Sequence[Path], patients: Mapping[str, Patient], spill: Path) -> int:
    """How many charts there are."""
    return sum(1 for _ in _patients(as_parquet(notes, NOTES, spill / "notes"), patients, spill))


def _patients(notes: Sequence[Path], patients: Mapping[str, Patient], spill: Path) -> Iterator[tuple[str, date | None]]:
    """Every patient id once, in order, with the date of the newest note."""
    query = f"SELECT patient_id, max(note_date) AS newest FROM {_source(notes)} GROUP BY patient_id ORDER BY patient_id"
    written = ((row["patient_id"], row["newest"]) for batch in _query(query, spill) for row in batch.to_pylist())
    known: Iterator[tuple[str, date | None]] = ((patient_id, None) for patient_id in sorted(patients))
    for patient_id, found in groupby(merge(written, known, key=itemgetter(0)), key=itemgetter(0)):
        yield patient_id, next((newest for _, newest in found if newest is not None), None)


def _grouped(mentions: Sequence[Path], spill: Path) -> Iterator[tuple[str, pa.Table]]:
    """(patient id, mentions) for every patient with a mention."""
    waiting: list[pa.RecordBatch] = []
    patient_id: str | None = None
    for batch in _sorted(mentions, spill):
        for name, part in _runs(batch):
            if patient_id is not None and name != patient_id:
                yield patient_id, _joined(waiting)
                waiting = []
            patient_id = name
            waiting.append(part)
    if patient_id is not None:
        yield patient_id, _joined(waiting)


def _sorted(mentions: Sequence[Path], spill: Path) -> Iterator[pa.RecordBatch]:
    """All mentions in order of patient, range after range."""
    size = f"CAST(sum({BYTES_IN_ROW} + strlen(text) + strlen(snippet)) AS BIGINT)"
    query = f"SELECT patient_id, {size} AS size FROM {_source(mentions)} GROUP BY patient_id ORDER BY patient_id"
    sizes = ((row["patient_id"], row["size"]) for batch in _query(query, spill) for row in batch.to_pylist())
    for table in by_patient(mentions, range_ends(sizes), spill / "ranges"):
        yield from table.to_batches(max_chunksize=ROWS)


def _joined(batches: Sequence[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(batches).select(MENTIONS.names).cast(MENTIONS)


def _runs(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The stretches of a sorted batch with one patient id."""
    ids = batch.column(batch.schema.get_field_index("patient_id")).to_pylist()
    start = 0
    for position in range(1, len(ids) + 1):
        if position == len(ids) or ids[position] != ids[start]:
            yield ids[start], batch.slice(start, position - start)
            start = position


def _query(query: str, spill: Path) -> Iterator[pa.RecordBatch]:
    import duckdb

    spill.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {"memory_limit": MEMORY, "temp_directory": str(spill), "threads": 1}
    with duckdb.connect(":memory:", config=settings) as connection:
        yield from connection.sql(query).to_arrow_reader(ROWS)


def ranked(candidates: Sequence[Path], spill: Path) -> Iterator[pa.RecordBatch]:
    """The candidates of all parts in order, ranks from 1 without gaps: by status, then score, then patient id."""
    if not candidates:
        return
    place = " ".join(f"WHEN '{status}' THEN {number}" for status, number in STATUS_ORDER.items())
    rank = 1
    for batch in _query(f"SELECT * FROM {_source(candidates)} ORDER BY CASE status {place} END, score DESC, patient_id", spill):
        ranks = pa.array(range(rank, rank + batch.num_rows), pa.int32())
        yield batch.set_column(batch.schema.get_field_index("rank"), "rank", ranks)
        rank += batch.num_rows


def _source(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(_quoted(str(path)) for path in files)}])"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def as_parquet(files: Sequence[Path], schema: pa.Schema, folder: Path) -> list[Path]:
    """The files of a table as Parquet: those that are JSON Lines or CSV are written again into `folder`."""
    found: list[Path] = []
    for number, path in enumerate(files):
        if path.suffix != ".parquet":
            folder.mkdir(parents=True, exist_ok=True)
            copy = folder / f"{number:05}.parquet"
            with pq.ParquetWriter(copy, schema) as writer:
                for rows in _batches(read_rows(path, schema), ROWS):
                    writer.write_table(pa.Table.from_pylist([_typed(row, schema) for row in rows], schema=schema))
            path = copy
        found.append(path)
    return found


def _batches(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, size)):
        yield batch


def _typed(row: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """A row of text formats with its dates as dates and its maps as pairs; of a mention, with nothing for what is not said."""
    if schema is MENTIONS:
        return mention_row(mention_of(row))
    typed = dict(row)
    for field in schema:
        value = typed.get(field.name)
        if pa.types.is_date(field.type) and value:
            typed[field.name] = day_of(value)
        elif pa.types.is_map(field.type) and isinstance(value, Mapping):
            typed[field.name] = list(value.items())
        elif value == "" and not pa.types.is_string(field.type):
            typed[field.name] = None
    return typed


def tables_of(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of the notes and of the mentions of a run folder; raises `RunError` when it holds none."""
    notes, mentions = table_files(folder, "notes"), table_files(folder, "mentions")
    if not notes or not mentions:
        raise RunError(f"{folder}: no table '{'mentions' if notes else 'notes'}' here; expected what run or annotate write")
    return notes, mentions
