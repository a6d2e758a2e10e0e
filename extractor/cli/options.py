"""The options that several commands share, and what they are turned into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from extractor.errors import InputError, RunError

NOTE_COLUMNS = ("note_id", "patient_id", "note_date", "note_text", "note_title")
FORMATS = ("parquet", "jsonl", "csv")

Notes = Annotated[
    Path,
    typer.Argument(
        metavar="NOTES",
        help="Notes: a .jsonl, .csv or .parquet file, a folder of such files, or a folder of .txt files with manifest.csv."
    ),
]
Out = Annotated[Path, typer.Option("--out", help="Folder for the results; created if it is not there.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="Map a column: our name = name in the file, e.g. --column note_text=TEXT. Repeatable."),
]
DateOrder = Annotated[
    str,
    typer.Option(
        "--date-order",
        help="How 03/04/2024 is read: auto (by the note's other dates), us (month first), international (day first).",
    ),
]
OutFormat = Annotated[str, typer.Option("--format", help="parquet, jsonl or csv.")]
Patterns = Annotated[
    Path | None, typer.Option("--patterns", help="Folder of concepts, cues and trials; the bundled one by default.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the results of an earlier run in the same folder.")]
ORDERS = {"auto": None, "us": False, "international": True}


def column_map(pairs: Sequence[str] | None) -> dict[str, str]:
    """`note_text=TEXT` pairs as a mapping; raises `InputError` on a name that no note has."""
    mapping: dict[str, str] = {}
    for pair in pairs or ():
        name, mark, column = pair.partition("=")
        if not mark or name not in NOTE_COLUMNS or not column:
            raise InputError(f"--column {pair}: write OUR_NAME=NAME_IN_FILE with one of {', '.join(NOTE_COLUMNS)}")
        mapping[name] = column
    return mapping


def day_first(order: str) -> bool | None:
    """The date order option; raises `InputError` on another word."""
    if order not in ORDERS:
        raise InputError(f"--date-order {order}: use {', '.join(ORDERS)}")
    return ORDERS[order]


def table_format(name: str) -> Any:
    """The --format option; raises `InputError` on another word."""
    if name not in FORMATS:
        raise InputError(f"--format {name}: use {', '.join(FORMATS)}")
    return name


def iso_day(text: str | None, option: str) -> date | None:
    """An ISO date option; raises `InputError` when it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{option} {text}: write a date as YYYY-MM-DD") from None


def output_folder(out: Path, *, overwrite: bool) -> Path:
    """The folder, made if needed; raises `RunError` when it holds an earlier run that may not be replaced."""
    if out.exists() and not out.is_dir():
        raise RunError(f"{out}: is a file; --out names a folder")
    if (out / "run.json").exists() and not overwrite:
        raise RunError(f"{out}: holds the results of an earlier run; choose another folder, or --overwrite to replace them")
    out.mkdir(parents=True, exist_ok=True)
    return out


@contextmanager
def note_progress(label: str) -> Iterator[Callable[[int], None]]:
    """A progress line on stderr for long work: notes done, notes a second. Yields a function that takes the count."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f} notes"),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, pace="")

        def show(done: int) -> None:
            if done % 20 == 0 or done < 20:
                speed = bar.tasks[0].speed
                bar.update(task, completed=done, pace=f"{speed:,.0f} notes/s" if speed else "")

        yield show
