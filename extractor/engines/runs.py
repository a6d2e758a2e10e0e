"""A whole run: notes and a trial in, a folder of tables out. What `prescreen run`, `annotate` and `screen` call.

Notes are read in batches in any order; their mentions are grouped by patient on the disk, and each patient is judged
alone. Everything is written in parts with a journal, so that a run that was cut off can be gone on with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from extractor.engines.batches import Batch, Shard, batches, judge_tasks, read_task
from extractor.engines.ending import ending_cleanly
from extractor.engines.merging import merged, read_failures
from extractor.engines.since import Earlier
from extractor.engines.status import StatusBoard, Watcher, nobody
from extractor.engines.tasks import Engine, Task
from extractor.io.charts import charts, count_patients, ranked, tables_of
from extractor.io.fingerprint import count_notes, fingerprint
from extractor.io.notes import read_notes
from extractor.io.parts import Parts
from extractor.io.schema import TABLES
from extractor.io.tables import Format, read_table
from extractor.records import Candidate, Failure, Patient
from extractor.spec.trials import Trial

MOST_SHOWN = 40
PUBLISH = "publish"
"""The stage in the journal from which on the parts are moved: nothing is read or judged any more."""
MakeEngine = Callable[[], Engine]


@dataclass(frozen=True)
class Plan:
    """What a run reads and by what it judges. `key` is what two runs must share for one to go on with the other."""

    out: Path
    key: Mapping[str, object]
    notes: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    patients: Mapping[str, Patient] | None = None
    index_date: date | None = None
    trial: Trial | None = None
    format: Format = "parquet"
    shard: Shard = Shard()
    since: Callable[[Path], Earlier] | None = None


@dataclass
class Tally:
    """What a run counted, and what is shown of it: the first failures and candidates."""

    notes: int = 0
    patients: int = 0
    mentions: int = 0
    failures: int = 0
    slow_notes: int = 0
    reused_notes: int = 0
    first_failures: list[Failure] = field(default_factory=list)
    first_candidates: list[Candidate] = field(default_factory=list)
    by_status: dict[str, int] = field(default_factory=dict)


def input_key(notes: Path, patients: Path | None) -> dict[str, str | None]:
    """What the input of a run is known by."""
    return {"notes": fingerprint(notes), "patients": fingerprint(patients) if patients else None}


def run(plan: Plan, make_engine: MakeEngine, *, resume: bool = False, watcher: Watcher = nobody) -> Tally:
    """Reads the notes of a plan and, if it has a trial, judges their patients; writes all tables of the run folder.

    The engine is made once something is known to be left to do. With `resume` what an earlier run has done is kept.
    Raises `RunError` when the run is stopped or the disk is full: what was done stays and can be gone on with.
    """
    assert plan.notes is not None
    parts = Parts(plan.out, plan.key)
    if not (resume and parts.resume()):
        parts.start()
    board = StatusBoard(plan.out / "status.json", watcher, plan.shard.share_of(count_notes(plan.notes)))
    engine = make_engine()
    with ending_cleanly(plan.out, board, engine):
        tally = _read(plan, parts, engine, board) if not parts.done(PUBLISH) else _counted(parts)
        _judge(plan, parts, engine, board, (parts.files("notes"), parts.files("mentions")), tally)
        return _published(plan, parts, board, tally)


def screen(plan: Plan, folders: list[Path], make_engine: MakeEngine, *, watcher: Watcher = nobody) -> Tally:
    """Judges the mentions of run folders; raises `RunError` when one holds none."""
    parts = Parts(plan.out, plan.key)
    found = [tables_of(folder) for folder in folders]
    parts.start()
    board = StatusBoard(plan.out / "status.json", watcher, None)
    stored = [path for notes, _ in found for path in notes], [path for _, mentions in found for path in mentions]
    engine = make_engine()
    with ending_cleanly(plan.out, board, engine):
        tally = Tally()
        _judge(plan, parts, engine, board, stored, tally)
        return _published(plan, parts, board, tally)


def exit_status(tally: Tally) -> int:
    """0 all done, 1 done with failures, 2 when no note could be read."""
    if not tally.failures:
        return 0
    return 1 if tally.failures < tally.notes or not tally.notes else 2


def _read(plan: Plan, parts: Parts, engine: Engine, board: StatusBoard) -> Tally:
    """The reading stage: parts of `notes`, `mentions` and `failures`, and what they hold."""
    assert plan.notes is not None
    tally = _counted(parts)
    board.skip(tally.notes, tally.failures)
    earlier = plan.since(parts.folder / "since") if plan.since else None
    waiting: dict[int, tuple[Batch, pa.Table | None]] = {}

    def finish(batch: Batch, kept: pa.Table | None, tables: Mapping[str, pa.Table]) -> None:
        whole = merged(batch, kept, tables)
        slow = tables["slow_notes"].num_rows if "slow_notes" in tables else 0
        counts = {"rows": batch.rows, "slow_notes": slow, "reused_notes": len(batch.reused)}
        parts.write("read", batch.number, whole, counts)
        _count(tally, parts.done("read")[batch.number])
        board.notes += batch.rows
        board.failures += whole["failures"].num_rows
        board.tell("reading")

    def tasks() -> Iterator[Task]:
        rows = read_notes(plan.notes, columns=plan.columns, patients=plan.patients)  # type: ignore[arg-type]
        for batch in batches(rows, plan.shard):
            if batch.number in parts.done("read"):
                continue
            kept = batch.reuse(earlier) if earlier else None
            if batch.notes:
                waiting[batch.number] = batch, kept
                yield read_task(batch)
            else:
                finish(batch, kept, {})

    for done in engine.map(tasks()):
        finish(*waiting.pop(done.number), done.tables)
    return tally


def _judge(
    plan: Plan, parts: Parts, engine: Engine, board: StatusBoard, stored: tuple[list[Path], list[Path]], tally: Tally
) -> None:
    """The judging stage, when there is a trial: parts of `verdicts`, `evidence`, `candidates` and `judge_failures`."""
    if plan.trial is None:
        return
    if (stored[0] or plan.patients) and not parts.done(PUBLISH):
        _judge_charts(plan, parts, engine, board, stored)
    tally.patients = sum(rows["candidates"] for rows in parts.done("judge").values())
    tally.failures += sum(rows["judge_failures"] for rows in parts.done("judge").values())


def _judge_charts(plan: Plan, parts: Parts, engine: Engine, board: StatusBoard, stored: tuple[list[Path], list[Path]]) -> None:
    spill = parts.folder / "spill"
    patients = {patient_id: patient for patient_id, patient in (plan.patients or {}).items() if plan.shard.holds(patient_id)}
    judged = sum(rows["candidates"] for rows in parts.done("judge").values())
    board.judge(judged, count_patients(stored[0], patients, spill))
    every = charts(*stored, patients=patients, index_date=plan.index_date, spill=spill)
    for done in engine.map(judge_tasks(every, parts.done("judge").__contains__)):
        tables = dict(done.tables)
        tables["judge_failures"] = tables.pop("failures")
        parts.write("judge", done.number, tables)
        board.patients += tables["candidates"].num_rows
        board.tell("judging")


def _published(plan: Plan, parts: Parts, board: StatusBoard, tally: Tally) -> Tally:
    """The parts become tables; the tally is given what is shown of them. What was cut off here is gone on with here."""
    parts.write(PUBLISH, 0, {})
    parts.move("judge_failures", "failures", after=len(parts.done("read")))
    if plan.trial is not None:
        parts.replace("candidates", ranked(parts.files("candidates"), parts.folder / "spill"))
    read = ("notes", "mentions") if plan.notes is not None else ()
    judged = ("verdicts", "evidence", "candidates") if plan.trial is not None else ()
    for name in (*read, *judged, "failures"):
        parts.publish(name, plan.format)
    tally.first_failures = read_failures(plan.out)
    if plan.trial is not None:
        _show_candidates(plan.out, tally)
    board.tell("done")
    return tally


def finished(out: Path, counts: Mapping[str, int], *, has_trial: bool) -> Tally:
    """The tally of a run that is whole, from its tables and the counts of its `run.json`."""
    tally = Tally(first_failures=read_failures(out))
    for name, count in counts.items():
        setattr(tally, name, count)
    if has_trial:
        _show_candidates(out, tally)
    return tally


def _show_candidates(out: Path, tally: Tally) -> None:
    for row in read_table(out, "candidates"):
        tally.by_status[row["status"]] = tally.by_status.get(row["status"], 0) + 1
        if len(tally.first_candidates) < MOST_SHOWN:
            lists = {name: tuple(row[name] or ()) for name in ("failed", "to_review")}
            tally.first_candidates.append(Candidate(**{name: row[name] for name in TABLES["candidates"].names} | lists))


def _counted(parts: Parts) -> Tally:
    """What is done already."""
    tally = Tally()
    for rows in parts.done("read").values():
        _count(tally, rows)
    return tally


def _count(tally: Tally, rows: Mapping[str, int]) -> None:
    tally.notes += rows["rows"]
    tally.mentions += rows["mentions"]
    tally.failures += rows["failures"]
    tally.slow_notes += rows["slow_notes"]
    tally.reused_notes += rows["reused_notes"]
