"""`prescreen screen`: stored mentions and a trial in, verdicts out; the text is not needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.options import Out, OutFormat, Overwrite, Patterns, iso_day, output_folder, table_format


def screen(
    run_folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with the mentions that annotate or run wrote.")],
    trial: Annotated[str, typer.Option("--trial", help="Id of a bundled trial, or the path of a YAML file.")],
    out: Out,
    patients: Annotated[Path | None, typer.Option("--patients", help="Table of patient_id, sex, birth_date, index_date.")] = None,
    index_date: Annotated[
        str | None, typer.Option("--index-date", help="Day the criteria are judged at (YYYY-MM-DD) for patients without one.")
    ] = None,
    format: OutFormat = "parquet",
    patterns: Patterns = None,
    overwrite: Overwrite = False,
) -> None:
    """Judge stored mentions by a trial: verdicts, evidence and candidates, as `run` writes them."""
    day, kind = iso_day(index_date, "--index-date"), table_format(format)

    from extractor.cli.show import show_candidates
    from extractor.engines import runs
    from extractor.io.notes import read_patients
    from extractor.spec.trials import load_trial

    spec = load_trial(trial, folder=patterns)
    known = read_patients(patients) if patients else {}
    folder = output_folder(out, overwrite=overwrite)
    started = runs.now()
    tally, candidates = runs.screen(run_folder, spec, folder, patients=known, index_date=day, format=kind)
    runs.write_run_json(
        folder, started=started, tally=tally, trial=spec, rules_sha256=runs.rules_of(run_folder),
        inputs={"mentions": str(run_folder), "patients": str(patients) if patients else None, "index_date": index_date},
    )  # fmt: skip
    show_candidates(candidates, spec, tally, folder, None)
