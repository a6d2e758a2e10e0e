"""`prescreen run`: notes and a trial in, candidates out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.options import (
    CalibrationFile,
    Columns,
    DateOrder,
    Engine,
    Master,
    Notes,
    NoteSeconds,
    Out,
    OutFormat,
    Overwrite,
    Patterns,
    Resume,
    ShardText,
    Since,
    WorkerMemory,
    Workers,
    column_map,
    day_first,
    engine_name,
    iso_day,
    output_folder,
    run_progress,
    shard_of,
    table_format,
)


def run(
    notes: Notes,
    trial: Annotated[str, typer.Option("--trial", help="Id of a bundled trial, or the path of a YAML file.")],
    out: Out,
    patients: Annotated[Path | None, typer.Option("--patients", help="Table of patient_id, sex, birth_date, index_date.")] = None,
    index_date: Annotated[
        str | None,
        typer.Option(
            "--index-date", help="Day the criteria are judged at (YYYY-MM-DD) for patients without one; else the newest note's."
        ),
    ] = None,
    column: Columns = None,
    date_order: DateOrder = "auto",
    format: OutFormat = "parquet",
    patterns: Patterns = None,
    engine: Engine = "local",
    master: Master = None,
    workers: Workers = 1,
    resume: Resume = False,
    overwrite: Overwrite = False,
    shard: ShardText = "1/1",
    since: Since = None,
    calibration: CalibrationFile = None,
    note_seconds: NoteSeconds = 60,
    worker_memory: WorkerMemory = 4096,
    report: Annotated[
        bool, typer.Option("--report/--no-report", help="Write report.html, with the evidence marked in its notes.")
    ] = True,
) -> None:
    """Read notes and decide for every patient and criterion: met, not_met, unknown or not_applicable.

    Writes verdicts, evidence, candidates, failures, mentions, run.json and report.html into the folder given by --out.
    Exit status: 0 all done, 1 done with failures, 2 not done.
    """
    columns, day, kind, part = column_map(column), iso_day(index_date, "--index-date"), table_format(format), shard_of(shard)
    day_first(date_order)

    from extractor.cli.show import show_failures, show_run
    from extractor.engines.runs import exit_status
    from extractor.engines.start import Machinery, Request, start
    from extractor.io.calibration import read_calibration
    from extractor.spec.trials import load_trial

    spec = load_trial(trial, folder=patterns)
    fitted = read_calibration(calibration) if calibration else None
    folder = output_folder(out, overwrite=overwrite, resume=resume)
    request = Request(
        notes, folder, spec, patients, day, columns, date_order, kind, patterns, shard=part, since=since, calibration=fitted
    )  # fmt: skip
    machinery = Machinery(engine_name(engine), master, workers, worker_memory, note_seconds)
    with run_progress() as watcher:
        tally = start(request, machinery, resume=resume, watcher=watcher)
    page = None
    if report and notes.exists():  # the notes of a table of Spark's catalog are not here
        from extractor.reports.html import write_report

        page = write_report(folder, notes, spec, columns=columns)
    show_run(spec, tally, folder, page)
    show_failures(tally)
    raise typer.Exit(exit_status(tally))
