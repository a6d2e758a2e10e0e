"""A run by Apache Spark: notes are read where they lie, in `mapInArrow`, and patients are judged in groups.

The pipeline is built once a Python worker. The tables are those of the local engine, row for row; where a failure is of
a row, its source is the table, because a row of a distributed table has no number. Spark tries a task again when a
worker dies, so there is no journal and no resuming; a note that always kills its worker ends the run here.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.window import Window

from extractor.engines.batches import Shard
from extractor.engines.runs import Plan, Tally, finished
from extractor.engines.work import NOTE_TEXTS, Setup, Worker, note_table
from extractor.errors import RunError
from extractor.io.notes import NOTE_COLUMNS, check_columns, note_or_failure, read_notes, with_omop_names
from extractor.io.parts import remove_tables
from extractor.io.schema import CANDIDATES, EVIDENCE, FAILURES, MENTIONS, NOTES, TABLES, VERDICTS, failure_row
from extractor.io.sources import RawRow
from extractor.ranking import ORDER as STATUS_ORDER
from extractor.records import Failure, Note

NOTES_IN_BATCH = 256
READ = pa.schema(
    [("note", pa.struct(NOTES)), ("mention", pa.struct(MENTIONS)), ("failure", pa.struct(FAILURES)), ("slow", pa.bool_())]
)
"""What reading gives: in each row one of the three. `slow` is set on a note that was read the long way."""
JUDGED = pa.schema(
    [
        ("verdicts", pa.list_(pa.struct(VERDICTS))),
        ("evidence", pa.list_(pa.struct(EVIDENCE))),
        ("candidates", pa.list_(pa.struct(CANDIDATES))),
        ("failures", pa.list_(pa.struct(FAILURES))),
    ]
)
PATIENTS = pa.schema(
    [("patient_id", pa.string()), ("sex", pa.string()), ("birth_date", pa.date32()), ("index_date", pa.date32())]
)
AGAIN, ROW = "_came_before", "_row"
_workers: dict[str, Worker] = {}
"""The worker of this Python process, by the token of the run."""


@dataclass(frozen=True)
class Reading:
    """What a Python worker needs beside the pipeline: our columns by their names in the table, and who is known."""

    token: str
    source: str
    names: Mapping[str, str]
    known: frozenset[str] | None
    shard: Shard


def run_spark(plan: Plan, setup: Setup, *, master: str | None = None) -> Tally:
    """Does a plan on the Spark of `master`, else on that of `spark-submit`; raises `RunError` for what only local runs can."""
    if plan.since is not None or plan.format != "parquet":
        raise RunError("--engine spark writes Parquet and reads every note: leave --since and --format to --engine local")
    remove_tables(plan.out)
    spark = session(master)
    scratch = plan.out / "parts"
    try:
        read = _read(spark, plan, setup, scratch)
        tally = Tally()
        _write(read.where("note IS NOT NULL").select("note.*"), plan.out, NOTES)
        _write(read.where("mention IS NOT NULL").select("mention.*"), plan.out, MENTIONS)
        failures = read.where("failure IS NOT NULL").select("failure.*")
        if plan.trial is not None:
            judged = _judge(spark, plan, setup, scratch)
            _write(_rows_of(judged, "verdicts"), plan.out, VERDICTS)
            _write(_rows_of(judged, "evidence"), plan.out, EVIDENCE)
            _write(_ranked(_rows_of(judged, "candidates")), plan.out, CANDIDATES)
            failures = failures.unionByName(_rows_of(judged, "failures"))
        _write(failures.coalesce(1), plan.out, FAILURES)
        counts = read.selectExpr(
            "count(note) AS notes", "count(mention) AS mentions", "count(failure) AS failed", "count(slow) AS slow"
        )
        found = counts.collect()[0]
        tally = finished(plan.out, {"mentions": found["mentions"], "slow_notes": found["slow"]}, has_trial=plan.trial is not None)
        unread = spark.read.parquet(str(plan.out / "failures")).where("stage = 'read'").count()
        tally.notes = found["notes"] + unread
        tally.failures = spark.read.parquet(str(plan.out / "failures")).count()
        tally.patients = sum(tally.by_status.values())
        return tally
    finally:
        spark.stop()


def session(master: str | None) -> SparkSession:
    """The session, with small batches: notes are long."""
    builder = SparkSession.builder.appName("prescreen")
    if master:
        builder = builder.master(master)
    if master is not None and master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else the first python of the PATH, which may be another
    settings = {
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(NOTES_IN_BATCH),
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _read(spark: SparkSession, plan: Plan, setup: Setup, scratch: Path) -> DataFrame:
    """All notes read, kept in files, so that the tables made of them cost one reading."""
    assert plan.notes is not None
    known = None if plan.patients is None else frozenset(plan.patients)
    source, unread = _source(spark, plan, scratch)
    names = _names(source, plan)
    numbered = source.withColumn(ROW, F.monotonically_increasing_id())
    note_id = names["note_id"]
    firsts = numbered.groupBy(note_id).agg(F.min(ROW).alias("first"), F.count("*").alias("times")).where("times > 1")
    marked = numbered.join(F.broadcast(firsts.select(note_id, "first")), note_id, "left")
    marked = marked.withColumn(AGAIN, F.col("first").isNotNull() & (F.col(ROW) > F.col("first"))).drop("first", ROW)
    reading = Reading(token_of(setup), str(plan.notes), names, known, plan.shard)

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from read_batch(pa.Table.from_batches([batch]), setup, reading).to_batches()

    where = str(scratch / "read")
    marked.mapInArrow(read, from_arrow_schema(READ)).write.mode("overwrite").parquet(where)
    if unread:
        rows = _struct_rows("failure", pa.Table.from_pylist([failure_row(failure) for failure in unread], schema=FAILURES))
        spark.createDataFrame(rows.to_pylist(), from_arrow_schema(READ)).write.mode("append").parquet(where)
    return spark.read.parquet(where)


def _source(spark: SparkSession, plan: Plan, scratch: Path) -> tuple[DataFrame, list[Failure]]:
    """The notes as a table of Spark: Parquet where it lies; what is JSON Lines, CSV or texts is made Parquet first."""
    assert plan.notes is not None
    files = [plan.notes] if plan.notes.is_file() else sorted(plan.notes.rglob("*.parquet"))
    if files and all(file.suffix.lower() == ".parquet" for file in files):
        return spark.read.option("recursiveFileLookup", "true").parquet(str(plan.notes.resolve())), []
    notes: list[Note] = []
    unread: list[Failure] = []
    folder = scratch / "input"
    folder.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(read_notes(plan.notes, columns=plan.columns, patients=plan.patients)):
        if isinstance(row, Failure):
            unread += [row] if plan.shard.holds(row.patient_id) else []
            continue
        notes.append(row)
        if len(notes) >= 20 * NOTES_IN_BATCH:
            _write_input(folder, number, notes)
            notes = []
    _write_input(folder, 10**9, notes)
    return spark.read.parquet(str(folder.resolve())), unread


def _write_input(folder: Path, number: int, notes: list[Note]) -> None:
    import pyarrow.parquet as pq

    pq.write_table(note_table(notes), folder / f"{number:010}.parquet", row_group_size=NOTES_IN_BATCH)


def _names(source: DataFrame, plan: Plan) -> dict[str, str]:
    """Our columns by their names in the table; raises `InputError` when one that every note needs is missing."""
    assert plan.notes is not None
    row = RawRow(dict.fromkeys(source.columns), str(plan.notes))
    written_again = set(NOTE_TEXTS.names) <= set(source.columns) and plan.notes.suffix.lower() != ".parquet"
    names = {name: name if written_again else plan.columns.get(name, name) for name in NOTE_COLUMNS}
    names = with_omop_names(names, row)
    check_columns(row, names, plan.notes)
    return names


def read_batch(table: pa.Table, setup: Setup, reading: Reading) -> pa.Table:
    """A batch of rows as rows of `READ`, by the pipeline of this Python worker."""
    notes: list[Note] = []
    failures: list[Failure] = []
    for values in table.to_pylist():
        seen = {str(values[reading.names["note_id"]])} if values.pop(AGAIN) else set()
        row = note_or_failure(RawRow(values, reading.source), reading.names, seen, reading.known)
        if not reading.shard.holds(row.patient_id):
            continue
        if isinstance(row, Failure):
            failures.append(row)
        else:
            notes.append(row)
    tables = worker_of(setup, reading.token).read(note_table(notes))
    unread = pa.Table.from_pylist([failure_row(failure) for failure in failures], schema=FAILURES)
    slow = set(tables["slow_notes"].column("note_id").to_pylist())
    return pa.concat_tables(
        [
            _struct_rows("note", tables["notes"], [True if note.note_id in slow else None for note in notes]),
            _struct_rows("mention", tables["mentions"]),
            _struct_rows("failure", pa.concat_tables([unread, tables["failures"]])),
        ]
    )


def token_of(setup: Setup) -> str:
    """What tells the setups of two runs apart in a Python worker that serves both."""
    return hashlib.sha256(pickle.dumps(setup)).hexdigest()


def worker_of(setup: Setup, token: str) -> Worker:
    """The worker of this process; its pipeline is built with the first batch and kept."""
    if token not in _workers:
        _workers.clear()
        _workers[token] = Worker(setup)
    return _workers[token]


def _struct_rows(kind: str, table: pa.Table, slow: list[bool | None] | None = None) -> pa.Table:
    """A table as the one column of `READ` that is for its kind of row."""
    whole = table.combine_chunks()
    columns = [column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column for column in whole.columns]
    structs = pa.StructArray.from_arrays(columns, fields=list(READ.field(kind).type))
    arrays = [structs if field.name == kind else pa.nulls(table.num_rows, field.type) for field in READ]
    if slow is not None:
        arrays[-1] = pa.array(slow, pa.bool_())
    return pa.table(arrays, schema=READ)


def _judge(spark: SparkSession, plan: Plan, setup: Setup, scratch: Path) -> DataFrame:
    """A row of `JUDGED` for every patient, kept in files."""
    notes, mentions = spark.read.parquet(str(plan.out / "notes")), spark.read.parquet(str(plan.out / "mentions"))
    newest = notes.groupBy("patient_id").agg(F.max("note_date").alias("newest"))
    rows = [
        (one.patient_id, one.sex, one.birth_date, one.index_date)
        for one in (plan.patients or {}).values()
        if plan.shard.holds(one.patient_id)
    ]
    known = spark.createDataFrame(rows, from_arrow_schema(PATIENTS))
    day = F.coalesce("index_date", F.lit(plan.index_date).cast("date"), "newest")
    patients = known.join(newest, "patient_id", "full").select("patient_id", "sex", "birth_date", day.alias("index_date"))

    token = token_of(setup)

    def judge(patient: pa.Table, own: pa.Table) -> pa.Table:
        return judge_chart(patient, own, setup, token)

    groups = patients.groupBy("patient_id").cogroup(mentions.groupBy("patient_id"))
    where = str(scratch / "judged")
    groups.applyInArrow(judge, from_arrow_schema(JUDGED)).write.mode("overwrite").parquet(where)
    return spark.read.parquet(where)


def judge_chart(patient: pa.Table, mentions: pa.Table, setup: Setup, token: str) -> pa.Table:
    """One patient and the mentions of all notes as one row of `JUDGED`."""
    chart = patient.append_column("mentions", pa.array([mentions.num_rows], pa.int64()))
    tables = worker_of(setup, token).judge(chart, mentions.select(MENTIONS.names))
    return pa.Table.from_pylist([{name: tables[name].to_pylist() for name in JUDGED.names}], schema=JUDGED)


def _rows_of(judged: DataFrame, name: str) -> DataFrame:
    return judged.select(F.explode(name).alias("row")).select("row.*")


def _ranked(candidates: DataFrame) -> DataFrame:
    """The candidates in order, ranks from 1 without gaps: by status, then score, then patient id."""
    place: Column = F.lit(len(STATUS_ORDER))
    for status, number in STATUS_ORDER.items():
        place = F.when(F.col("status") == status, number).otherwise(place)
    order = Window.orderBy(place, F.col("score").desc(), "patient_id")
    return candidates.withColumn("rank", F.row_number().over(order)).coalesce(1).sortWithinPartitions("rank")


def _write(rows: DataFrame, out: Path, schema: pa.Schema) -> None:
    """Writes a table of the run folder, its columns in the order of the contract."""
    name = next(name for name, one in TABLES.items() if one is schema)
    rows.select(*schema.names).write.mode("overwrite").parquet(str((out / name).resolve()))
