"""Commands that score: `score`, `compare`, `score-assertions`, `agreement`, `sample`, `calibrate`.

Each parses, calls one function of `eval` and prints. Exit status: 0 all done; 1 done, but with verdicts missing or a bar not
reached; 2 not done, with one message on standard error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from eval.figures import Resampling

PLAIN_WIDTH = 160
"""Columns for a table that goes to a file or a pipe, where nobody can widen the window."""

RunFolder = Annotated[Path, typer.Argument(help="Folder that `prescreen run` wrote.", show_default=False)]
GoldOption = Annotated[Path, typer.Option("--gold", help="Folder with gold.jsonl, notes.jsonl and patients.jsonl.")]
SplitOption = Annotated[str | None, typer.Option(help="Score only this split of the gold's splits.csv.")]
SeedOption = Annotated[int, typer.Option(help="Seed of all resampling.")]
ReplicatesOption = Annotated[int, typer.Option(min=100, help="Bootstrap resamples.")]
JsonOption = Annotated[Path | None, typer.Option("--json", help="Write every number to this file.")]


class SamplingStrategy(str, Enum):
    """How the next charts are chosen."""

    random = "random"
    uncertain = "uncertain"
    stratified = "stratified"
    disagreement = "disagreement"


def score(
    run_folder: RunFolder,
    gold: GoldOption,
    html: Annotated[Path | None, typer.Option(help="Write the error report to this file.")] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="Keep all note text out of the error report.")] = False,
    split: SplitOption = None,
    baseline: Annotated[list[str] | None, typer.Option(help="NAME=DIR, another run beside it; repeatable.")] = None,
    details: Annotated[bool, typer.Option("--details", help="Also print every level and every verdict matrix.")] = False,
    json_file: JsonOption = None,
    seed: SeedOption = 0,
    replicates: ReplicatesOption = 2000,
) -> None:
    """Score a run against a gold standard."""
    from eval import tables
    from eval.study import study, study_html, study_json

    with _one_message():
        folders = dict(_named(pair) for pair in baseline or ())
        resampling = _resampling(seed, replicates)
        found = study(run_folder, gold, split=split, baselines=folders, resampling=resampling)
        if html is not None:
            html.write_text(study_html(found, with_text=not no_text), encoding="utf-8")
        if json_file is not None:
            json_file.write_text(json.dumps(study_json(found), indent=2) + "\n", encoding="utf-8")
    console = _console()
    console.print(tables.headline_table(found.scores, found.baselines))
    console.print(tables.criterion_table(found.scores))
    console.print(tables.baseline_table(found.scores, found.baselines))
    if found.ranking is not None or found.reliability is not None:
        console.print(tables.ranking_table(found.ranking, found.reliability))
    if found.weighted:
        console.print(tables.weighted_table(found.weighted))
    if details:
        for made in (
            tables.binary_table(found.scores),
            tables.average_table(found.scores),
            tables.matrix_table(found.scores),
            tables.level_table(found.scores.levels),
        ):
            console.print(made)
    if found.disagreements:
        console.print(tables.cause_table(found.disagreements))
    for remark in found.remarks:
        console.print(f"Note: {remark}.", markup=False)
    if found.scores.missing:
        _fail(f"{len(found.scores.missing)} gold verdicts have no row in the run; they are scored as wrong")


def compare(
    a: Annotated[Path, typer.Argument(help="Run folder A, the older or simpler one.", show_default=False)],
    b: Annotated[Path, typer.Argument(help="Run folder B, the one in question.", show_default=False)],
    gold: GoldOption,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            help="Exit 1 unless B reaches it: a verdict accuracy such as 0.97, or accuracy=, difference=, evidence_recall= "
            "(at least), wrong_exclusions=, false_passes= (at most); repeatable."
        ),
    ] = None,
    split: SplitOption = None,
    seed: SeedOption = 0,
    replicates: ReplicatesOption = 2000,
) -> None:
    """Compare two runs on one gold standard, and hold B to a bar."""
    from dataclasses import replace

    from eval import tables
    from eval.bars import missed, read_bars
    from eval.compare import compare as compare_runs
    from eval.read import read_gold, read_run
    from eval.records import kinds_of

    with _one_message():
        bars = read_bars(fail_under or ())
        standard = read_gold(gold, split=split)
        run_a, run_b = (replace(read_run(folder), name=str(folder)) for folder in (a, b))
        kinds = kinds_of(run_a) | kinds_of(run_b)
        found = compare_runs(standard, run_a, run_b, kinds, resampling=_resampling(seed, replicates))
    console = _console()
    for made in tables.comparison_tables(found):
        console.print(made)
    failures = missed(bars, found)
    if failures:
        _fail("; ".join(failures))


def score_assertions(
    predicted: Annotated[
        Path, typer.Argument(help="Rows {id, negated, uncertain, hypothetical, historical, family}.", show_default=False)
    ],
    gold: Annotated[Path, typer.Option("--gold", help="The corpus, rows of the same shape; null is not scored.")],
    show_errors: Annotated[bool, typer.Option("--show-errors", help="List the id and labels of every wrong row.")] = False,
    seed: SeedOption = 0,
    replicates: ReplicatesOption = 2000,
) -> None:
    """Score assertions against a corpus of sentences."""
    from eval import assertions, tables

    with _one_message():
        found = assertions.score_assertions(predicted, gold, resampling=_resampling(seed, replicates))
    console = _console()
    console.print(tables.assertion_table(found))
    for row_id, attribute, label, said in found.disagreements if show_errors else ():
        typer.echo(f"{row_id}\t{attribute}\tgold {label}\tpredicted {said}")
    if found.missing:
        _fail(f"{len(found.missing)} rows of the corpus were not predicted, such as {', '.join(found.missing[:5])}")


def agreement(
    golds: Annotated[list[Path], typer.Argument(help="Gold folders of two or more annotators.", show_default=False)],
    split: SplitOption = None,
    seed: SeedOption = 0,
    replicates: ReplicatesOption = 2000,
) -> None:
    """Agreement of annotators beyond chance, per criterion, and of their evidence spans."""
    from eval import tables
    from eval.agreement import agreement as agree
    from eval.read import read_gold

    with _one_message():
        found = agree([read_gold(folder, split=split) for folder in golds], resampling=_resampling(seed, replicates))
    _console().print(tables.agreement_table(found))


def sample(
    run_folder: RunFolder,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many charts can be annotated.")],
    out: Annotated[Path, typer.Option(help="CSV to write: patient_id, probability, strategy, seed.")],
    strategy: Annotated[SamplingStrategy, typer.Option(help="What to prefer.")] = SamplingStrategy.random,
    other: Annotated[Path | None, typer.Option(help="Run folder to disagree with.")] = None,
    gold: Annotated[Path | None, typer.Option("--gold", help="Gold folder whose patients are not drawn again.")] = None,
    seed: SeedOption = 0,
) -> None:
    """Draw the next charts to annotate, each with the probability it had."""
    import csv

    from eval.read import read_gold, read_run
    from eval.sampling import sample as draw

    with _one_message():
        annotated = {patient.patient_id for patient in read_gold(gold).patients} if gold else set()
        second = None if other is None else read_run(other)
        drawn = draw(read_run(run_folder), count, strategy=strategy.value, other=second, annotated=annotated, seed=seed)
        with out.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(("patient_id", "probability", "strategy", "seed"))
            writer.writerows((one.patient_id, one.probability, strategy.value, seed) for one in drawn)
    _console().print(f"{len(drawn)} charts drawn ({strategy.value}), written to {out}", markup=False)


def calibrate(
    run_folder: RunFolder,
    gold: GoldOption,
    out: Annotated[Path | None, typer.Option(help="File to write; calibration.json in the run folder if not given.")] = None,
    split: SplitOption = None,
    seed: SeedOption = 0,
    replicates: ReplicatesOption = 2000,
) -> None:
    """Fit the candidates' score to a gold standard, measured by nested cross-validation."""
    from eval import tables
    from eval.calibrate import fit, write_calibration
    from eval.read import read_gold, read_run
    from eval.records import kinds_of

    with _one_message():
        run = read_run(run_folder)
        fitted = fit(read_gold(gold, split=split), run, kinds_of(run), resampling=_resampling(seed, replicates))
        path = out or run_folder / "calibration.json"
        write_calibration(fitted.calibration, path)
    console = _console()
    console.print(tables.calibration_table(fitted))
    console.print(f"Written to {path}", markup=False)


@contextmanager
def _one_message() -> Iterator[None]:
    """A fault of the files or options ends the command with one message and status 2."""
    from eval.records import EvalError

    try:
        yield
    except (EvalError, OSError) as error:
        _say(str(error))
        raise typer.Exit(2) from error


def _fail(message: str) -> None:
    """Done, but not all of it is well: status 1."""
    _say(message)
    raise typer.Exit(1)


def _say(message: str) -> None:
    """On standard error, each line named as the program's."""
    for line in message.splitlines():
        typer.echo(f"prescreen: {line}", err=True)


def _named(pair: str) -> tuple[str, Path]:
    from eval.records import EvalError

    name, sign, folder = pair.partition("=")
    if not (name and sign and folder):
        raise EvalError(f"--baseline '{pair}': write NAME=DIR")
    return name, Path(folder)


def _resampling(seed: int, replicates: int) -> Resampling:
    from eval.figures import Resampling

    return Resampling(seed=seed, replicates=replicates)


def _console() -> Console:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH)
