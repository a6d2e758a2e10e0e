"""`prescreen baseline`: notes and a trial in, the run of a plain baseline out, for `prescreen score --baseline`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.options import (
    Columns,
    Notes,
    NoteSeconds,
    Out,
    OutFormat,
    Overwrite,
    Patterns,
    Workers,
    column_map,
    iso_day,
    output_folder,
    run_progress,
    table_format,
)


class Baseline(str, Enum):
    """A plain way to read a note."""

    keyword = "keyword"
    medspacy = "medspacy"


def baseline(
    kind: Annotated[
        Baseline, typer.Argument(help="keyword: our literal terms, looked up. medspacy: stock medspaCy with the same terms.")
    ],
    notes: Notes,
    trial: Annotated[str, typer.Option("--trial", help="Id of a bundled trial, or the path of a YAML file.")],
    out: Out,
    patients: Annotated[Path | None, typer.Option("--patients", help="Table of patient_id, sex, birth_date, index_date.")] = None,
    index_date: Annotated[
        str | None, typer.Option("--index-date", help="Day the criteria are judged at (YYYY-MM-DD) for patients without one.")
    ] = None,
    column: Columns = None,
    format: OutFormat = "parquet",
    patterns: Patterns = None,
    workers: Workers = 1,
    overwrite: Overwrite = False,
    note_seconds: NoteSeconds = 60,
) -> None:
    """Read notes with the terms of our concepts and nothing else of ours, and judge them by the same trial.

    The folder holds what `run` writes, without a report. Exit status: 0 all done, 1 done with failures, 2 not done.
    """
    columns, day, form = column_map(column), iso_day(index_date, "--index-date"), table_format(format)

    from extractor.cli.show import show_failures, show_tally
    from extractor.engines.runs import exit_status
    from extractor.engines.start import Machinery, Request, start
    from extractor.spec.trials import load_trial

    spec = load_trial(trial, folder=patterns)
    folder = output_folder(out, overwrite=overwrite)
    request = Request(notes, folder, spec, patients, day, columns, format=form, patterns=patterns, reading=kind.value)
    with run_progress() as watcher:
        tally = start(request, Machinery(workers=workers, note_seconds=note_seconds), watcher=watcher)
    show_tally(tally, folder)
    show_failures(tally)
    raise typer.Exit(exit_status(tally))
