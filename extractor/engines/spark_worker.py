"""What a Python worker of Spark does with the batches it is given: rows to notes to mentions, sorted mentions to verdicts.

The work itself is done by one worker process of the local engine, started beside the Python worker and kept.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from extractor.engines.batches import Shard, judge_tasks
from extractor.engines.processes import ProcessEngine
from extractor.engines.tasks import Task
from extractor.engines.work import Setup, note_table
from extractor.io.charts import Chart
from extractor.io.notes import note_or_failure
from extractor.io.schema import CANDIDATES, EVIDENCE, FAILURES, MENTIONS, NOTES, VERDICTS, failure_row
from extractor.io.sources import RawRow
from extractor.records import Failure, Note, Patient

READ = pa.schema(
    [("note", pa.struct(NOTES)), ("mention", pa.struct(MENTIONS)), ("failure", pa.struct(FAILURES)), ("slow", pa.bool_())]
)
"""What reading gives: in each row one of the three. `slow` is set on a note that was read the long way."""
JUDGED = pa.schema(
    [
        ("verdicts", pa.struct(VERDICTS)),
        ("evidence", pa.struct(EVIDENCE)),
        ("candidates", pa.struct(CANDIDATES)),
        ("failures", pa.struct(FAILURES)),
    ]
)
"""What judging gives: in each row one of the four."""
_engines: dict[str, ProcessEngine] = {}
"""The process beside this Python worker, by the setup that it was started with."""


@dataclass(frozen=True)
class Reading:
    """What reading needs beside the pipeline: our columns by their names in the table, and who is known.

    `again` is the column that says whether a row's note id came before.
    """

    source: str
    names: Mapping[str, str]
    again: str
    known: frozenset[str] | None
    shard: Shard


def read_rows(batches: Iterator[pa.RecordBatch], setup: Setup, memory_mb: int, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Rows of notes in, rows of `READ` out."""
    engine = engine_of(setup, memory_mb)
    for number, batch in enumerate(batches):
        notes, failures = _notes(batch, reading)
        unread = pa.Table.from_pylist([failure_row(failure) for failure in failures], schema=FAILURES)
        yield from struct_rows(READ, "failure", unread).to_batches()
        for done in engine.map(iter([Task(number, "read", (note_table(notes),), len(notes))] if notes else [])):
            slow = set(done.tables["slow_notes"].column("note_id").to_pylist())
            marks = pa.array([True if note.note_id in slow else None for note in notes], pa.bool_())
            yield from struct_rows(READ, "note", done.tables["notes"], slow=marks).to_batches()
            yield from struct_rows(READ, "mention", done.tables["mentions"]).to_batches()
            yield from struct_rows(READ, "failure", done.tables["failures"]).to_batches()


def _notes(batch: pa.RecordBatch, reading: Reading) -> tuple[list[Note], list[Failure]]:
    notes: list[Note] = []
    failures: list[Failure] = []
    for values in batch.to_pylist():
        seen = {str(values[reading.names["note_id"]])} if values.pop(reading.again) else set()
        row = note_or_failure(RawRow(values, reading.source), reading.names, seen, reading.known)
        if not reading.shard.holds(row.patient_id):
            continue
        if isinstance(row, Failure):
            failures.append(row)
        else:
            notes.append(row)
    return notes, failures


def judge_rows(batches: Iterator[pa.RecordBatch], setup: Setup, memory_mb: int) -> Iterator[pa.RecordBatch]:
    """Rows of patients and mentions in order of patient, each patient's own row first, in; rows of `JUDGED` out."""
    for done in engine_of(setup, memory_mb).map(judge_tasks(_charts(batches), lambda number: False)):
        for name in JUDGED.names:
            yield from struct_rows(JUDGED, name, done.tables[name]).to_batches()


def _charts(batches: Iterator[pa.RecordBatch]) -> Iterator[Chart]:
    patient: dict[str, object] | None = None
    waiting: list[pa.Table] = []
    for batch in batches:
        places = [place for place, is_one in enumerate(batch.column("patient").is_valid().to_pylist()) if is_one]
        mentions = pa.Table.from_struct_array(batch.column("mention")).select(MENTIONS.names)
        start = 0
        for place in [*places, batch.num_rows]:
            waiting.append(mentions.slice(start, place - start))
            if place == batch.num_rows:
                break
            if patient is not None:
                yield _chart(patient, waiting)
            waiting = []
            patient, start = batch.column("patient")[place].as_py(), place + 1
    if patient is not None:
        yield _chart(patient, waiting)


def _chart(row: dict[str, object], mentions: list[pa.Table]) -> Chart:
    index_date = row.pop("index_date")
    return Chart(Patient(**row), index_date, pa.concat_tables(mentions).cast(MENTIONS))  # type: ignore[arg-type]


def engine_of(setup: Setup, memory_mb: int) -> ProcessEngine:
    """The process beside this Python worker; its pipeline is built once and kept from batch to batch and task to task."""
    token = hashlib.sha256(pickle.dumps((setup, memory_mb))).hexdigest()
    if token not in _engines:
        for engine in _engines.values():
            engine.close()
        _engines.clear()
        _engines[token] = ProcessEngine(setup, workers=1, memory_mb=memory_mb)
    return _engines[token]


def struct_rows(schema: pa.Schema, kind: str, table: pa.Table, **besides: pa.Array) -> pa.Table:
    """A table as the one column of a schema that is for its kind of row; `besides` fills other columns."""
    structs = pa.StructArray.from_arrays(
        [column.combine_chunks() for column in table.combine_chunks().columns], fields=list(schema.field(kind).type)
    )
    arrays = {kind: structs, **besides}
    return pa.table([arrays.get(field.name, pa.nulls(table.num_rows, field.type)) for field in schema], schema=schema)
