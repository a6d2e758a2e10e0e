"""`prescreen annotate`: notes in, every mention out."""

from __future__ import annotations

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
    note_progress,
    output_folder,
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
    overwrite: Overwrite = False,
) -> None:
    """Read notes and write every mention of every concept, with its assertion, dates and values; no trial is asked.

    `prescreen screen` then judges the stored mentions by any trial.
    """
    columns, order, kind = column_map(column), day_first(date_order), table_format(format)
    folder = output_folder(out, overwrite=overwrite)

    from extractor.cli.show import show_failures, show_tally
    from extractor.engines import runs
    from extractor.text.pipeline import FastPipeline, ReferencePipeline
    from extractor.text.rules import TextRules

    started = runs.now()
    pipeline = (ReferencePipeline if exact else FastPipeline)(TextRules.load(patterns), day_first=order)
    with note_progress("reading notes") as progress:
        tally = runs.annotate(notes, folder, pipeline, columns=columns, format=kind, progress=progress)
    runs.write_run_json(
        folder, started=started, tally=tally, trial=None, rules_sha256=pipeline.rules.sha256,
        inputs={"notes": str(notes), "columns": columns, "date_order": date_order, "exact": exact},
    )  # fmt: skip
    show_tally(tally, folder)
    show_failures(tally.failures)
    raise typer.Exit(runs.exit_status(tally))
