"""`prescreen annotate`: notes in, every mention out."""

from __future__ import annotations

from typing import Annotated

import typer

from extractor.cli.options import (
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
    output_folder,
    run_progress,
    shard_of,
    table_format,
)


def annotate(
    notes: Notes,
    out: Out,
    exact: Annotated[
        bool, typer.Option("--exact", help="Use the plain medspaCy pipeline, slow, to which the fast one is equal.")
    ] = False,
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
    note_seconds: NoteSeconds = 60,
    worker_memory: WorkerMemory = 4096,
) -> None:
    """Read notes and write every mention of every concept, with its assertion, dates and values; no trial is asked.

    `prescreen screen` then judges the stored mentions by any trial.
    """
    columns, kind, part = column_map(column), table_format(format), shard_of(shard)
    day_first(date_order)
    folder = output_folder(out, overwrite=overwrite, resume=resume)

    from extractor.cli.show import show_failures, show_tally
    from extractor.engines.runs import exit_status
    from extractor.engines.start import Machinery, Request, start

    request = Request(
        notes,
        folder,
        columns=columns,
        date_order=date_order,
        format=kind,
        patterns=patterns,
        reading="exact" if exact else "fast",
        shard=part,
        since=since,
    )
    machinery = Machinery(engine_name(engine), master, workers, worker_memory, note_seconds)
    with run_progress() as watcher:
        tally = start(request, machinery, resume=resume, watcher=watcher)
    show_tally(tally, folder)
    show_failures(tally)
    raise typer.Exit(exit_status(tally))
