"""`prescreen trial list | check FILE | describe FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.options import Patterns

trial_app = typer.Typer(help="List, check and describe trial files.", no_args_is_help=True, add_completion=False)
TrialName = Annotated[str, typer.Argument(metavar="TRIAL", help="Id of a bundled trial, or the path of a YAML file.")]


@trial_app.command("list")
def list_trials(patterns: Patterns = None) -> None:
    """The bundled trials: id, number of criteria, title."""
    from rich.console import Console
    from rich.table import Table

    from extractor.spec.trials import load_trial, trial_files

    table = Table("id", "criteria", "title")
    for name, path in sorted(trial_files(patterns).items()):
        trial = load_trial(path)
        table.add_row(name, str(len(trial.criteria)), trial.title)
    Console().print(table)


@trial_app.command("check")
def check(trial: TrialName, patterns: Patterns = None) -> None:
    """Check a trial file: every fault with its line, concepts that no pattern finds included."""
    from extractor.spec.lint import trial_faults
    from extractor.spec.load import patterns_folder
    from extractor.spec.trials import load_trial

    spec = load_trial(Path(trial) if Path(trial).exists() else trial, folder=patterns)
    faults = trial_faults(spec, patterns_folder(patterns))
    for fault in faults:
        typer.echo(f"{trial}: {fault}", err=True)
    if faults:
        raise typer.Exit(2)
    typer.echo(f"{spec.id}: {len(spec.criteria)} criteria, no fault found")


@trial_app.command("describe")
def describe_trial(trial: TrialName, patterns: Patterns = None) -> None:
    """Say in plain English how each criterion is decided, beside the protocol's sentence."""
    from extractor.spec.describe import describe
    from extractor.spec.trials import load_trial

    typer.echo(describe(load_trial(trial, folder=patterns)))
