"""A run by Apache Spark: notes are read where they lie, in `mapInArrow`, and patients are judged in groups.

The pipeline is built once a Python worker, in a process beside it, so that a note that crashes, hangs or eats memory
costs itself only, as with the local engine. The tables are those of the local engine, row for row; where a failure is
of a row, its source is the table, because a row of a distributed table has no number. Spark tries a task again when a
machine is lost, so there is no journal and no resuming.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.window import Window

from extractor.engines.runs import Plan, Tally, finished
from extractor.engines.spark_worker import JUDGED, READ, Reading, judge_rows, read_rows, struct_rows
from extractor.engines.status import StatusBoard, Watcher, nobody
from extractor.engines.work import Setup, note_table
from extractor.errors import RunError
from extractor.io.fingerprint import files_of
from extractor.io.notes import NOTE_COLUMNS, check_columns, read_notes, with_omop_names
from extractor.io.parts import remove_tables
from extractor.io.schema import CANDIDATES, EVIDENCE, FAILURES, MENTIONS, NOTES, TABLES, VERDICTS, failure_row
from extractor.io.sources import READERS, RawRow
from extractor.ranking import ORDER as STATUS_ORDER
from extractor.records import Failure, Note

NOTES_IN_BATCH = 256
TABLE = "table:"
"""Before the name of a table of Spark's catalog, in the place of a path."""
PATIENTS = pa.schema(
    [("patient_id", pa.string()), ("sex", pa.string()), ("birth_date", pa.date32()), ("index_date", pa.date32())]
)
ROW, AGAIN = "_row", "_came_before"


def run_spark(plan: Plan, setup: Setup, *, master: str | None = None, memory_mb: int = 0, watcher: Watcher = nobody) -> Tally:
    """Does a plan on the Spark of `master`, else on that of `spark-submit`; `memory_mb` is what reading may use a worker.

    Raises `RunError` for what only local runs can, and when Spark gives up.
    """
    if plan.since is not None or plan.format != "parquet":
        raise RunError("--engine spark writes Parquet and reads every note: leave --since and --format to --engine local")
    remove_tables(plan.out)
    spark = session(master)
    board = StatusBoard(plan.out / "status.json", watcher, None)
    board.tell("reading")
    try:
        tally = _run(spark, plan, setup, memory_mb, board)
    except (PySparkException, Py4JError) as error:
        board.tell("failed")
        raise RunError(f"Spark has ended the run: {_told(str(error))}") from None
    except BaseException as error:
        board.tell("stopped" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    finally:
        spark.stop()
    board.tell("done")
    return tally


def _told(message: str) -> str:
    """What our own program said in a message of Spark, else its first line; never a line with the text of a note."""
    own = [line.partition(": ")[2] for line in message.splitlines() if line.startswith("extractor.errors.")]
    return own[0] if own else message.partition("\n")[0]


def _run(spark: SparkSession, plan: Plan, setup: Setup, memory_mb: int, board: StatusBoard) -> Tally:
    scratch = plan.out / "parts"
    read = _read(spark, plan, setup, memory_mb, scratch)
    _write(read.where("note IS NOT NULL").select("note.*"), plan.out, NOTES)
    _write(read.where("mention IS NOT NULL").select("mention.*"), plan.out, MENTIONS)
    failures = read.where("failure IS NOT NULL").select("failure.*")
    counts = read.selectExpr("count(note) AS notes", "count(mention) AS mentions", "count(slow) AS slow").collect()[0]
    unread = failures.where("stage = 'read'").count()
    board.notes = counts["notes"] + unread
    if plan.trial is not None:
        board.tell("judging")
        judged = _judge(spark, plan, setup, memory_mb, scratch)
        for name, schema in (("verdicts", VERDICTS), ("evidence", EVIDENCE)):
            _write(_rows_of(judged, name), plan.out, schema)
        _write(_ranked(_rows_of(judged, "candidates")), plan.out, CANDIDATES)
        failures = failures.unionByName(_rows_of(judged, "failures"))
    _write(failures.coalesce(1), plan.out, FAILURES)
    found = {"mentions": counts["mentions"], "slow_notes": counts["slow"], "notes": counts["notes"] + unread}
    tally = finished(plan.out, found, has_trial=plan.trial is not None)
    tally.failures = spark.read.parquet(_url(plan.out / "failures")).count()
    tally.patients = sum(tally.by_status.values())
    board.failures, board.patients = tally.failures, tally.patients
    return tally


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


def _read(spark: SparkSession, plan: Plan, setup: Setup, memory_mb: int, scratch: Path) -> DataFrame:
    """All notes read, kept in files, so that the tables made of them cost one reading."""
    known = None if plan.patients is None else frozenset(plan.patients)
    source, columns, unread = _source(spark, plan, scratch)
    names = _names(source, columns, str(plan.notes))
    note_id = names["note_id"]
    firsts = source.groupBy(note_id).agg(F.min(ROW).alias("first"), F.count("*").alias("times")).where("times > 1")
    marked = source.join(F.broadcast(firsts.select(note_id, "first")), note_id, "left")
    marked = marked.withColumn(AGAIN, F.col("first").isNotNull() & (F.col(ROW) > F.col("first")))
    marked = marked.select(*{names[name] for name in NOTE_COLUMNS if names[name] in source.columns}, AGAIN)
    least = 2 * spark.sparkContext.defaultParallelism
    if marked.rdd.getNumPartitions() < least:  # a few large files would keep most cores idle
        marked = marked.repartition(least)
    reading = Reading(str(plan.notes), names, AGAIN, known, plan.shard)

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return read_rows(batches, setup, memory_mb, reading)

    where = _url(scratch / "read")
    marked.mapInArrow(read, from_arrow_schema(READ)).write.mode("overwrite").parquet(where)
    if unread:
        rows = struct_rows(READ, "failure", pa.Table.from_pylist([failure_row(failure) for failure in unread], schema=FAILURES))
        spark.createDataFrame(rows.to_pylist(), from_arrow_schema(READ)).write.mode("append").parquet(where)
    return spark.read.parquet(where)


def _source(spark: SparkSession, plan: Plan, scratch: Path) -> tuple[DataFrame, Mapping[str, str], list[Failure]]:
    """The notes as a table of Spark with the place of each row in `ROW`, what its columns are called, and what is no row.

    Parquet and tables of the catalog are read where they lie; what is JSON Lines, CSV or texts is made Parquet first.
    """
    assert plan.notes is not None
    if str(plan.notes).startswith(TABLE):
        table = spark.table(str(plan.notes).removeprefix(TABLE))
        return table.withColumn(ROW, F.monotonically_increasing_id()), plan.columns, []
    kinds = {file.suffix.lower() for file in files_of(plan.notes)} & READERS.keys()
    if kinds == {".parquet"}:
        return _parquet(spark, plan.notes), plan.columns, []
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
    return _parquet(spark, folder), {}, unread


def _parquet(spark: SparkSession, path: Path) -> DataFrame:
    """The rows of Parquet files, which come in the order of the local engine: by file, folder by folder, then by row."""
    rows = spark.read.options(recursiveFileLookup=True, pathGlobFilter="*.{parquet,PARQUET}").parquet(_url(path))
    place = F.struct(F.translate(F.col("_metadata.file_path"), "/", "\u0001"), F.col("_metadata.row_index"))
    return rows.withColumn(ROW, place)


def _url(path: Path) -> str:
    """A path of the file system that all machines share, whatever the cluster takes a bare path for."""
    return f"file://{path.resolve()}"


def _write_input(folder: Path, number: int, notes: list[Note]) -> None:
    import pyarrow.parquet as pq

    pq.write_table(note_table(notes), folder / f"{number:010}.parquet", row_group_size=NOTES_IN_BATCH)


def _names(source: DataFrame, columns: Mapping[str, str], place: str) -> dict[str, str]:
    """Our columns by their names in the table; raises `InputError` when one that every note needs is missing."""
    row = RawRow({name: None for name in source.columns if name != ROW}, place)
    names = with_omop_names({name: columns.get(name, name) for name in NOTE_COLUMNS}, row)
    check_columns(row, names, Path(place))
    return names


def _judge(spark: SparkSession, plan: Plan, setup: Setup, memory_mb: int, scratch: Path) -> DataFrame:
    """Rows of `JUDGED`, kept in files. Each patient's row comes first, then the mentions of all the patient's notes."""
    notes, mentions = spark.read.parquet(_url(plan.out / "notes")), spark.read.parquet(_url(plan.out / "mentions"))
    newest = notes.groupBy("patient_id").agg(F.max("note_date").alias("newest"))
    rows = [
        (one.patient_id, one.sex, one.birth_date, one.index_date)
        for one in (plan.patients or {}).values()
        if plan.shard.holds(one.patient_id)
    ]
    known = spark.createDataFrame(rows, from_arrow_schema(PATIENTS))
    day = F.coalesce("index_date", F.lit(plan.index_date).cast("date"), "newest")
    patients = known.join(newest, "patient_id", "full").select("patient_id", "sex", "birth_date", day.alias("index_date"))
    no_patient, no_mention = (F.lit(None).cast(from_arrow_schema(schema)) for schema in (PATIENTS, MENTIONS))
    own_rows = patients.select("patient_id", F.struct(*PATIENTS.names).alias("patient"), no_mention.alias("mention"))
    other_rows = mentions.select("patient_id", no_patient.alias("patient"), F.struct(*MENTIONS.names).alias("mention"))
    together = own_rows.unionByName(other_rows).repartition("patient_id")
    grouped = together.sortWithinPartitions("patient_id", F.col("patient").isNull())

    def judge(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return judge_rows(batches, setup, memory_mb)

    where = _url(scratch / "judged")
    grouped.mapInArrow(judge, from_arrow_schema(JUDGED)).write.mode("overwrite").parquet(where)
    return spark.read.parquet(where)


def _rows_of(judged: DataFrame, name: str) -> DataFrame:
    return judged.where(F.col(name).isNotNull()).select(f"{name}.*")


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
    rows.select(*schema.names).write.mode("overwrite").parquet(_url(out / name))
