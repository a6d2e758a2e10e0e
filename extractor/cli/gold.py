"""`prescreen gold verify | build | describe | export | import | compare`: gold corpora, their making and their exchange."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.errors import InputError, RunError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from eval.agreement import Agreement
    from eval.records import Gold
    from extractor.io.gold.compare import Disagreement
    from extractor.io.gold.describe import Part
    from extractor.io.gold.records import Corpus

PLAIN_WIDTH = 160
"""Columns for a table that goes to a file or a pipe, where nobody can widen the window."""
DONE_WITH_FAULTS, NOT_DONE = 1, 2

gold_app = typer.Typer(
    help="Check, build, describe, convert and compare gold corpora.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder with gold.jsonl, notes.jsonl and patients.jsonl.")]
FormatName = Annotated[str, typer.Option("--format", help="brat, label-studio, inception, doccano, prodigy, docbin or n2c2.")]
NewFolder = Annotated[Path, typer.Option("--out", help="Folder to write; empty, or not there yet.")]


@gold_app.command("verify")
def verify(folder: Folder) -> None:
    """Check a corpus: schemas, ids, spans against the text, hashes, completeness, splits, adjudications. All faults at once."""
    from extractor.io.gold.read import read_corpus
    from extractor.io.gold.verify import verify_folder

    faults = verify_folder(folder)
    for fault in faults:
        typer.echo(f"{folder}: {fault}", err=True)
    if faults:
        typer.echo(f"{folder}: {len(faults)} faults", err=True)
        raise typer.Exit(NOT_DONE)
    typer.echo(f"{folder}: {_counts(read_corpus(folder))}, no fault found")


@gold_app.command("build")
def build(
    charts: Annotated[Path, typer.Argument(metavar="CHARTS", help="Folder of chart files, one YAML file a patient.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the corpus, or of a reading inside of a corpus.")],
) -> None:
    """Build a corpus from chart files, or a second reading from files that have verdicts and evidence only."""
    from extractor.io.gold.chartfiles import build_corpus
    from extractor.io.gold.read import gold_rows, write_corpus, write_rows

    built = build_corpus(charts, out)
    if built.is_reading:
        write_rows(out / "gold.jsonl", gold_rows(built.corpus))
    else:
        write_corpus(built.corpus, out)
    typer.echo(f"{out}: {_counts(built.corpus)}")


@gold_app.command("describe")
def describe(
    folder: Folder,
    at_least: Annotated[
        int | None, typer.Option(help="Exit 1 unless each criterion has so many charts met, not met and unknown.")
    ] = None,
) -> None:
    """Count verdicts and spans of each criterion, in the whole corpus and in each split."""
    from extractor.io.gold.describe import describe as parts_of
    from extractor.io.gold.describe import too_few
    from extractor.io.gold.read import read_corpus

    parts = parts_of(read_corpus(folder))
    for part in parts:
        _console().print(_part_table(part))
    faults = [] if at_least is None else too_few(parts[0], at_least)
    for fault in faults:
        typer.echo(f"prescreen: {fault}", err=True)
    if faults:
        raise typer.Exit(DONE_WITH_FAULTS)


@gold_app.command("export")
def export(
    folder: Folder,
    format: FormatName,
    out: NewFolder,
    offset_unit: Annotated[
        str | None,
        typer.Option(help="utf16 or codepoint: what the tool counts; for label-studio and doccano, utf16 by default."),
    ] = None,
) -> None:
    """Write a corpus for an annotation tool, and list what its format does not hold."""
    from extractor.io.gold.formats import export_corpus
    from extractor.io.gold.read import read_corpus

    corpus = read_corpus(folder)
    _check_empty(out)
    _list_losses(export_corpus(corpus, out, format=format, offset_unit=offset_unit))
    typer.echo(f"{out}: {_counts(corpus)}, as {format}")


@gold_app.command("import")
def import_folder(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that was exported, with what the tool made of it.")],
    format: FormatName,
    out: NewFolder,
) -> None:
    """Read a corpus back from an annotation tool, and list what could not be taken over."""
    from extractor.io.gold.formats import import_corpus
    from extractor.io.gold.read import write_corpus

    _check_empty(out)
    imported = import_corpus(folder, format=format)
    write_corpus(imported.corpus, out)
    _list_losses(imported.losses)
    typer.echo(f"{out}: {_counts(imported.corpus)}")


@gold_app.command("compare")
def compare(
    first: Annotated[
        Path, typer.Argument(metavar="FIRST", help="The first reading: a corpus, or a folder with gold.jsonl inside of one.")
    ],
    second: Annotated[Path, typer.Argument(metavar="SECOND", help="The second reading of the same notes.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the disagreements to this file, for the adjudicator to fill in.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all resampling.")] = 0,
    replicates: Annotated[int, typer.Option(min=100, help="Bootstrap resamples.")] = 2000,
) -> None:
    """Agreement of two readings beyond chance, per criterion, and the verdicts that they gave differently."""
    from eval.tables import agreement_table
    from extractor.io.gold.compare import disagreements, worklist_row
    from extractor.io.gold.read import read_corpus, write_rows

    one, other = read_corpus(first), read_corpus(second)
    agreed = _agreement(one, other, seed, replicates)
    found = disagreements(one, other)
    _console().print(agreement_table(agreed))
    if found:
        _console().print(_disagreement_table(found))
    if out is not None:
        texts = {note.note_id: note.note_text for note in one.notes}
        write_rows(out, (worklist_row(one, texts) for one in found))
    where = "" if out is None else f", written to {out}"
    typer.echo(f"{agreed.patients} charts read twice, {len(found)} verdicts differ{where}")


def _agreement(one: Corpus, other: Corpus, seed: int, replicates: int) -> Agreement:
    from eval.agreement import agreement
    from eval.figures import Resampling
    from eval.records import EvalError

    try:
        return agreement([_as_gold(one), _as_gold(other)], resampling=Resampling(seed=seed, replicates=replicates))
    except EvalError as error:
        raise InputError(str(error)) from None


def _as_gold(corpus: Corpus) -> Gold:
    """The same reading in the records of the scorer, which shares no code with us."""
    from eval.records import Gold, GoldPatient, Span

    patients = (
        GoldPatient(
            chart.patient.patient_id,
            chart.verdicts,
            tuple(Span(s.criterion, s.note_id, s.start, s.end, s.role, s.reason) for s in chart.evidence),
        )
        for chart in corpus.charts
    )
    return Gold(tuple(sorted(patients, key=lambda patient: patient.patient_id)), criteria=corpus.criteria)


def _part_table(part: Part) -> Table:
    from rich.table import Table

    title = f"{part.name}: {part.patients} patients, {part.notes} notes, {part.words:,} words, {part.spans:,} spans"
    table = Table(title=title, title_justify="left")
    table.add_column("criterion")
    for name in (*part.criteria[0].verdicts, *part.criteria[0].roles) if part.criteria else ():
        table.add_column(name, justify="right")
    for one in part.criteria:
        table.add_row(one.criterion, *map(str, one.verdicts.values()), *map(str, one.roles.values()))
    table.caption = "rejected: " + ", ".join(f"{count} {reason}" for reason, count in part.reasons.items())
    return table


def _disagreement_table(found: Sequence[Disagreement]) -> Table:
    from rich.table import Table

    table = Table(title="Verdicts given differently", title_justify="left")
    for name in ("patient", "criterion", "first", "second", "spans of the first", "spans of the second"):
        table.add_column(name, justify="right" if name.startswith("spans") else "left")
    for one in found:
        counts = (str(len(one.first_evidence)), str(len(one.second_evidence)))
        table.add_row(one.patient_id, one.criterion, one.first, one.second, *counts)
    return table


def _counts(corpus: Corpus) -> str:
    return f"{len(corpus.charts)} patients, {len(corpus.notes)} notes, {len(corpus.evidence):,} spans"


def _list_losses(losses: Sequence[str]) -> None:
    for loss in losses:
        typer.echo(f"lost: {loss}")


def _check_empty(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RunError(f"{out}: is there already; choose another folder, or empty this one")


def _console() -> Console:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH)
