"""`prescreen patterns check`: faults, danger and cost of the files in a patterns folder."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from extractor.cli.options import Columns, Patterns, column_map

patterns_app = typer.Typer(
    help="Check concept, cue and section files.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
MEASURED_NOTES = 300


@patterns_app.callback()
def patterns() -> None:
    """Check concept, cue and section files."""


@patterns_app.command("check")
def check(
    patterns: Patterns = None,
    notes: Annotated[
        Path | None, typer.Option("--notes", help=f"Measure the cost of each rule on the first {MEASURED_NOTES} of these notes.")
    ] = None,
    column: Columns = None,
    show: Annotated[int, typer.Option("--show", help="How many of the dearest expressions to list.")] = 20,
) -> None:
    """Check all files: faults with their line, expressions that may take for ever, and what each one costs.

    Exit status 2 when a file is faulty or an expression backtracks without bound.
    """
    from rich.console import Console
    from rich.table import Table

    from extractor.io.notes import read_notes
    from extractor.records import Note
    from extractor.text.checks import dangerous, guessed_costs, measured_costs, unserved
    from extractor.text.rules import TextRules

    rules = TextRules.load(patterns)
    lines = list(dangerous(rules))
    for line in lines:
        typer.echo(line, err=True)
    console = Console()
    concepts = rules.concepts
    counts = f"{len(concepts.rules):,} rules, {len(concepts.phrases):,} terms, {len(concepts.expressions):,} expressions"
    console.print(f"{counts}, {len(lines)} dangerous")
    for expression in unserved(rules):
        where = f"sections {', '.join(expression.rule.sections)}" if expression.rule.sections else "every section"
        text = f"tried on every sentence of {where}: {expression.rule.concept}: {expression.pattern.text}"
        console.print(text, markup=False, highlight=False)
    found = (row for row in read_notes(notes, columns=column_map(column)) if isinstance(row, Note)) if notes else None
    costs = guessed_costs(rules) if found is None else measured_costs(rules, islice(found, MEASURED_NOTES))
    table = Table("concept", "tries per 1,000 words (guess)", "tries a note", "µs a note", "pattern", show_lines=False)
    for name in ("concept", "pattern"):
        next(one for one in table.columns if one.header == name).no_wrap = True
    for cost in costs[:show]:
        measured = (f"{cost.tries_a_note:.2f}", f"{cost.microseconds:.1f}") if found is not None else ("", "")
        table.add_row(cost.expression.rule.concept, f"{cost.tries:.2f}", *measured, _short(cost.expression.pattern.text))
    console.print(table)
    if lines:
        raise typer.Exit(2)


def _short(pattern: str) -> str:
    from rich.markup import escape

    return escape(pattern if len(pattern) <= 60 else pattern[:59] + "…")
