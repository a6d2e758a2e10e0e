"""The options that several commands share, and what they are turned into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractor.errors import InputError, RunError

if TYPE_CHECKING:
    from extractor.engines.batches import Shard
    from extractor.engines.status import Status, Watcher

NOTE_COLUMNS = ("note_id", "patient_id", "note_date", "note_text", "note_title")
FORMATS = ("parquet", "jsonl", "csv")

Notes = Annotated[
    Path,
    typer.Argument(
        metavar="NOTES",
        help="Notes: a .jsonl, .csv or .parquet file, a folder of such files, or a folder of .txt files with manifest.csv; "
        "with --engine spark also table:NAME, a table of its catalog.",
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
Engine = Annotated[str, typer.Option("--engine", help="local (processes of this machine) or spark.")]
Master = Annotated[
    str | None, typer.Option("--master", help="With --engine spark: the master's address, such as local[4]; else spark-submit's.")
]
Workers = Annotated[int, typer.Option("--workers", help="How many processes read notes.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off: same notes, trial, patterns.")]
ShardText = Annotated[
    str, typer.Option("--shard", help="Only the I-th of N parts of the patients, such as 2/8: one job of a batch scheduler.")
]
Since = Annotated[
    Path | None, typer.Option("--since", help="Folder of an earlier run: only notes that are new or changed are read.")
]
CalibrationFile = Annotated[
    Path | None,
    typer.Option(
        "--calibration", help="calibration.json of prescreen calibrate: scores are probabilities by it; else the documented rule."
    ),
]
NoteSeconds = Annotated[float, typer.Option("--note-seconds", help="A note that takes longer goes to failures; 0 for no limit.")]
WorkerMemory = Annotated[
    int, typer.Option("--worker-memory", help="MB a worker may use before a note that needs more fails; 0 for no limit.")
]
ENGINES = ("local", "spark")
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


def output_folder(out: Path, *, overwrite: bool, resume: bool = False) -> Path:
    """The folder, made if needed; raises `RunError` when it holds a run that may be neither replaced nor gone on with."""
    from extractor.io.locks import check_free
    from extractor.io.parts import is_cut_off

    if out.exists() and not out.is_dir():
        raise RunError(f"{out}: is a file; --out names a folder")
    if overwrite and resume:
        raise InputError("--overwrite starts anew and --resume goes on; give one of them")
    check_free(out)
    if not overwrite and not resume:
        if (out / "run.json").exists():
            raise RunError(f"{out}: holds the results of an earlier run; choose another folder, or --overwrite to replace them")
        if is_cut_off(out):
            raise RunError(f"{out}: holds a run that was cut off; --resume goes on with it, --overwrite starts anew")
    out.mkdir(parents=True, exist_ok=True)
    return out


def engine_name(name: str) -> str:
    """The --engine option; raises `InputError` on another word."""
    if name not in ENGINES:
        raise InputError(f"--engine {name}: use {' or '.join(ENGINES)}")
    return name


def shard_of(text: str) -> Shard:
    """The --shard option, `2/8` for the second of eight; raises `InputError` on anything else."""
    from extractor.engines.batches import Shard

    index, mark, count = text.partition("/")
    if not (mark and index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count)):
        raise InputError(f"--shard {text}: write I/N with I from 1 to N, such as 2/8")
    return Shard(int(index), int(count))


@contextmanager
def run_progress() -> Iterator[Watcher]:
    """A progress line on stderr for a run: notes done, notes a second, time left. Yields what is told of each change."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:,.0f} notes"),
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("loading", total=None, pace="")

        def show(status: Status) -> None:
            pace = f"{status.notes_per_second:,.0f} notes/s" if status.notes else ""
            if status.state == "judging":
                pace = f"{status.patients:,} patients"
            if status.seconds_left:
                pace += f", {timedelta(seconds=status.seconds_left)} left"
            bar.update(task, description=status.state, completed=status.notes, total=status.total, pace=pace)

        yield show
