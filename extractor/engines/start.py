"""What a command asks for in, a run started out: the plan of it, its key for going on, and the engine that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from extractor.engines.batches import Shard
from extractor.engines.manifest import Counts, code_sha256, now, package_version, read_run_json, trial_sha256, write_run_json
from extractor.engines.readings import READINGS, Reading, rules_name
from extractor.engines.runs import MakeEngine, Plan, Tally, finished, input_key, run, screen
from extractor.engines.since import Earlier
from extractor.engines.status import Watcher, nobody
from extractor.engines.tasks import Engine
from extractor.engines.work import Setup
from extractor.errors import RunError
from extractor.io.calibration import check_calibration
from extractor.io.locks import holding
from extractor.io.notes import read_patients
from extractor.io.parts import check_key, remove_parts
from extractor.io.tables import Format
from extractor.ranking import Calibration
from extractor.spec.load import patterns_folder
from extractor.spec.trials import Trial
from extractor.text.rules import patterns_sha256

DATE_ORDERS: Mapping[str, bool | None] = {"auto": None, "us": False, "international": True}


@dataclass(frozen=True)
class Request:
    """A run as a person asks for it; `trial` is `None` for mentions alone."""

    notes: Path
    out: Path
    trial: Trial | None = None
    patients: Path | None = None
    index_date: date | None = None
    columns: Mapping[str, str] | None = None
    date_order: str = "auto"
    format: Format = "parquet"
    patterns: Path | None = None
    reading: Reading = "fast"
    shard: Shard = Shard()
    since: Path | None = None
    calibration: Calibration | None = None


@dataclass(frozen=True)
class Machinery:
    """What a run may use: processes, memory of each in MB (0: no limit), seconds a note (0: no limit).

    With the engine `spark` the number of processes is Spark's; `master` is its address, `None` that of `spark-submit`.
    """

    engine: str = "local"
    master: str | None = None
    workers: int = 1
    memory_mb: int = 4096
    note_seconds: float = 60


def start(request: Request, machinery: Machinery, *, resume: bool = False, watcher: Watcher = nobody) -> Tally:
    """Runs what is asked for and writes `run.json`. With `resume` a run that is whole is only told again.

    Raises `RunError` when another process writes into the folder, or the run in it is of something else.
    """
    if machinery.engine == "spark" and resume:
        raise RunError("--resume is for --engine local: Spark tries what is lost again by itself")
    _check_apart(request.out, [path for path in (request.notes, request.patients, request.since) if path is not None])
    with holding(request.out):
        return _started(request, machinery, resume, watcher)


def _started(request: Request, machinery: Machinery, resume: bool, watcher: Watcher) -> Tally:
    started = now()
    rules_sha256 = rules_name(request.reading, patterns_sha256(patterns_folder(request.patterns)))
    _check_calibration(request, rules_sha256)
    plan = _plan(request, rules_sha256, is_resumable=machinery.engine == "local")
    if resume and (finished_run := read_run_json(request.out)):
        check_key(request.out, "that is whole", plan.key, finished_run.get("key", {}))
        remove_parts(request.out)
        return finished(request.out, finished_run["counts"], has_trial=request.trial is not None)
    setup = Setup(
        patterns=request.patterns,
        day_first=DATE_ORDERS[request.date_order],
        trial=request.trial,
        calibration=request.calibration,
        note_seconds=machinery.note_seconds,
        make_pipeline=READINGS[request.reading],
    )
    if machinery.engine == "spark":
        tally = _on_spark(plan, setup, machinery, watcher)
    else:
        tally = run(plan, _maker(setup, machinery), resume=resume, watcher=watcher)
    _finish(request, tally, started, rules_sha256, _inputs(request), plan.key)
    return tally


def start_screen(folders: list[Path], request: Request, machinery: Machinery, *, watcher: Watcher = nobody) -> Tally:
    """Judges stored mentions and writes `run.json`."""
    _check_apart(request.out, [*folders, *([request.patients] if request.patients else [])])
    with holding(request.out):
        started = now()
        plan = Plan(
            request.out, {"screen": True}, patients=read_patients(request.patients) if request.patients else None,
            index_date=request.index_date, trial=request.trial, format=request.format,
        )  # fmt: skip
        found = {read_run_json(folder).get("patterns_sha256") for folder in folders}
        rules_sha256 = found.pop() if len(found) == 1 else None
        _check_calibration(request, rules_sha256)
        setup = Setup(patterns=request.patterns, trial=request.trial, calibration=request.calibration, reads=False)
        tally = screen(plan, folders, _maker(setup, machinery), watcher=watcher)
        _finish(request, tally, started, rules_sha256, {"mentions": [str(folder) for folder in folders]}, plan.key)
        return tally


def _check_calibration(request: Request, rules_sha256: str | None) -> None:
    if request.calibration is not None and request.trial is not None:
        check_calibration(request.calibration, trial_sha256=trial_sha256(request.trial), patterns_sha256=rules_sha256)


def _check_apart(out: Path, read: Sequence[Path]) -> None:
    """Raises `RunError` when a run would remove or read again what it reads: its tables have the names of many inputs."""
    folder = out.resolve()
    for path in (one.resolve() for one in read):
        if path.is_relative_to(folder) or (path.is_dir() and folder.is_relative_to(path)):
            raise RunError(f"{out}: is in one folder with {path}, which the run reads; give --out a folder of its own")


def _named(calibration: Calibration | None) -> dict[str, str] | None:
    """What `run.json` says of a calibration: which it was, and on which gold it was fitted."""
    return None if calibration is None else {"sha256": calibration.sha256, "gold_sha256": calibration.gold_sha256}


def _plan(request: Request, rules_sha256: str, *, is_resumable: bool) -> Plan:
    """The plan, with the hash of the input in its key where a run may be gone on with: that reads all of it once."""
    key = {
        **(input_key(request.notes, request.patients) if is_resumable else {}),
        "program": f"{package_version()} {code_sha256()}",
        "patterns": rules_sha256,
        "trial": trial_sha256(request.trial) if request.trial else None,
        "columns": dict(request.columns or {}),
        "date order": request.date_order,
        "index date": request.index_date.isoformat() if request.index_date else None,
        "way of reading": request.reading,
        "shard": f"{request.shard.index}/{request.shard.count}",
        "calibration": request.calibration.sha256 if request.calibration else None,
        "earlier run": str(request.since) if request.since else None,
    }

    def earlier(scratch: Path) -> Earlier:
        assert request.since is not None
        return Earlier(request.since, patterns_sha256=rules_sha256, date_order=request.date_order, scratch=scratch)

    return Plan(
        request.out, key, notes=request.notes, columns=request.columns or {},
        patients=read_patients(request.patients) if request.patients else None, index_date=request.index_date,
        trial=request.trial, format=request.format, shard=request.shard, since=earlier if request.since else None,
    )  # fmt: skip


def _on_spark(plan: Plan, setup: Setup, machinery: Machinery, watcher: Watcher) -> Tally:
    try:
        from extractor.engines.spark import run_spark
    except ImportError:
        raise RunError("--engine spark needs pyspark: pip install 'prescreen[spark]', and Java 17 or later") from None
    return run_spark(plan, setup, master=machinery.master, memory_mb=machinery.memory_mb, watcher=watcher)


def _maker(setup: Setup, machinery: Machinery) -> MakeEngine:
    if machinery.workers < 1:
        raise RunError(f"--workers {machinery.workers}: give 1 or more")

    def make() -> Engine:
        from extractor.engines.processes import ProcessEngine

        return ProcessEngine(setup, workers=machinery.workers, memory_mb=machinery.memory_mb)

    return make


def _finish(
    request: Request,
    tally: Tally,
    started: datetime,
    rules_sha256: str | None,
    inputs: Mapping[str, object],
    key: Mapping[str, object],
) -> None:
    counts = Counts(tally.notes, tally.patients, tally.mentions, tally.failures, tally.slow_notes, tally.reused_notes)
    judged_by = {
        "patients": str(request.patients) if request.patients else None,
        "index_date": request.index_date.isoformat() if request.index_date else None,
        "calibration": _named(request.calibration),
    }
    write_run_json(
        request.out, started=started, counts=counts, trial=request.trial, rules_sha256=rules_sha256,
        inputs={**inputs, **judged_by}, key=key,
    )  # fmt: skip
    remove_parts(request.out)


def _inputs(request: Request) -> dict[str, object]:
    return {
        "notes": str(request.notes),
        "columns": dict(request.columns or {}),
        "date_order": request.date_order,
        "reading": request.reading,
        "shard": f"{request.shard.index}/{request.shard.count}",
        "since": str(request.since) if request.since else None,
    }
