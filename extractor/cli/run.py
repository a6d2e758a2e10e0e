"""`prescreen run`: notes and a trial in, candidates out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.options import (
    Columns,
    DateOrder,
    Notes,
    Out,
    OutFormat,
    Overwrite,
    Patterns,
    column_map,
    day_first,
    iso_day,
    note_progress,
    output_folder,
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
    overwrite: Overwrite = False,
    report: Annotated[
        bool, typer.Option("--report/--no-report", help="Write report.html, with the evidence marked in its notes.")
    ] = True,
) -> None:
    """Read notes and decide for every patient and criterion: met, not_met, unknown or not_applicable.

    Writes verdicts, evidence, candidates, failures, mentions, run.json and report.html into the folder given by --out.
    Exit status: 0 all done, 1 done with failures, 2 not done.
    """
    columns, order, day, kind = (
        column_map(column),
        day_first(date_order),
        iso_day(index_date, "--index-date"),
        table_format(format),
    )
    folder = output_folder(out, overwrite=overwrite)

    from extractor.cli.show import show_candidates, show_failures
    from extractor.engines import runs
    from extractor.io.notes import read_patients
    from extractor.spec.trials import load_trial
    from extractor.text.pipeline import FastPipeline

    spec = load_trial(trial, folder=patterns)
    known = read_patients(patients) if patients else None
    started = runs.now()
    pipeline = FastPipeline.load(patterns, day_first=order)
    with note_progress("reading notes") as progress:
        tally, candidates = runs.run(
            notes, spec, folder, pipeline, patients=known, index_date=day, columns=columns, format=kind, progress=progress
        )
    runs.write_run_json(
        folder, started=started, tally=tally, trial=spec, rules_sha256=pipeline.rules.sha256,
        inputs={"notes": str(notes), "patients": str(patients) if patients else None, "index_date": index_date, "columns": columns, "date_order": date_order},
    )  # fmt: skip
    page = None
    if report:
        from extractor.reports.html import write_report

        page = write_report(folder, notes, spec, columns=columns)
    show_candidates(candidates, spec, tally, folder, page)
    show_failures(tally.failures)
    raise typer.Exit(runs.exit_status(tally))
