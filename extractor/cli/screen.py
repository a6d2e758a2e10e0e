"""`prescreen screen`: stored mentions and a trial in, verdicts out; the text is not needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.options import (
    CalibrationFile,
    Out,
    OutFormat,
    Overwrite,
    Patterns,
    Workers,
    iso_day,
    output_folder,
    run_progress,
    table_format,
)


def screen(
    run_folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Folders with mentions that annotate or run wrote, such as all shards.")
    ],
    trial: Annotated[str, typer.Option("--trial", help="Id of a bundled trial, or the path of a YAML file.")],
    out: Out,
    patients: Annotated[Path | None, typer.Option("--patients", help="Table of patient_id, sex, birth_date, index_date.")] = None,
    index_date: Annotated[
        str | None, typer.Option("--index-date", help="Day the criteria are judged at (YYYY-MM-DD) for patients without one.")
    ] = None,
    format: OutFormat = "parquet",
    patterns: Patterns = None,
    workers: Workers = 1,
    calibration: CalibrationFile = None,
    overwrite: Overwrite = False,
) -> None:
    """Judge stored mentions by a trial: verdicts, evidence and candidates, as `run` writes them."""
    day, kind = iso_day(index_date, "--index-date"), table_format(format)

    from extractor.cli.show import show_failures, show_run
    from extractor.engines.runs import exit_status
    from extractor.engines.start import Machinery, Request, start_screen
    from extractor.io.calibration import read_calibration
    from extractor.spec.trials import load_trial

    spec = load_trial(trial, folder=patterns)
    fitted = read_calibration(calibration) if calibration else None
    folder = output_folder(out, overwrite=overwrite)
    request = Request(folder, folder, spec, patients, day, format=kind, patterns=patterns, calibration=fitted)
    with run_progress() as watcher:
        tally = start_screen(run_folders, request, Machinery(workers=workers), watcher=watcher)
    show_run(spec, tally, folder, None)
    show_failures(tally)
    raise typer.Exit(exit_status(tally))
