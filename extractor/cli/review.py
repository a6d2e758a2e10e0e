"""`prescreen review DIR`: serves the review page of a run. `prescreen audit verify DIR`: checks its record.

`prescreen review-export DIR` writes what the page's export gives, for scripts.
"""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from extractor.cli.options import Columns, column_map
from extractor.errors import RunError

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run, as prescreen run writes it.")]
Db = Annotated[
    str | None,
    typer.Option("--db", envvar="PRESCREEN_REVIEW_DB", help="sqlite:///FILE or postgresql://USER@HOST/NAME; DIR/review.sqlite."),
]
Key = Annotated[Path | None, typer.Option("--key", help="File of the key that seals the record; DIR/review.key.")]
audit_app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Check the record of a review.",
)


def review(
    run_folder: Folder,
    notes: Annotated[
        Path | None, typer.Option("--notes", help="The notes that the run has read; else where run.json says.")
    ] = None,
    patients: Annotated[Path | None, typer.Option("--patients", help="Likewise the table of patients.")] = None,
    trial: Annotated[str | None, typer.Option("--trial", help="The trial's YAML file, where it is not a bundled one.")] = None,
    questions: Annotated[Path | None, typer.Option("--questions", help="YAML of questions that only people answer.")] = None,
    column: Columns = None,
    db: Db = None,
    key: Key = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; another than loopback needs TLS and accounts.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port; 0 takes a free one.")] = 8475,
    hostname: Annotated[list[str] | None, typer.Option("--hostname", help="Name by which browsers reach it. Repeatable.")] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", help="Certificate chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its private key, PEM.")] = None,
    idle_minutes: Annotated[int, typer.Option("--idle-minutes", min=1, max=240, help="A session unused so long ends.")] = 30,
) -> None:
    """Open a page on which reviewers read the evidence, decide each criterion, and leave a record.

    The first start prints a code with which the first account is made on the page.
    """
    from extractor.review import load
    from extractor.review.serve import Address, serve

    source = _source(run_folder, notes, patients, trial, questions, column_map(column))
    database = _database(run_folder, db, key)
    loaded = load.load(database, source)
    say = partial(print, flush=True)
    say(f"{'loaded' if loaded.is_new else 'found'}: {loaded.charts:,} charts of {source.trial.id}")
    if loaded.notes_without_text:
        say(f"{loaded.notes_without_text:,} notes have no text to show; give the file that the run has read with --notes")
    address = Address(host, port, tuple(hostname or ()), tls_cert, tls_key)
    serve(database, address, setup_code=secrets.token_urlsafe(9), idle_minutes=idle_minutes, say=say)


def _database(folder: Path, db: str | None, key: Path | None) -> Any:
    from extractor.review.database import open_database

    if not folder.is_dir():
        raise RunError(f"{folder}: no such folder")
    return open_database(db or f"sqlite:///{folder / 'review.sqlite'}", key or folder / "review.key")


def _source(
    folder: Path, notes: Path | None, patients: Path | None, trial: str | None, questions: Path | None, columns: dict[str, str]
) -> Any:
    from extractor.review.load import Source, read_run
    from extractor.review.questions import load_questions
    from extractor.spec.trials import load_trial, trial_files

    run, digest = read_run(folder)
    inputs = run.get("inputs", {})
    if trial is None and run["trial_id"] not in trial_files():
        raise RunError(f"{folder}: the trial {run['trial_id']} is not a bundled one; give its file with --trial")
    spec = load_trial(trial or run["trial_id"])
    if spec.id != run["trial_id"]:
        raise RunError(f"{folder}: the run judged {run['trial_id']}, --trial is {spec.id}")
    return Source(
        folder,
        notes or _if_there(inputs.get("notes")),
        patients or _if_there(inputs.get("patients")),
        spec,
        load_questions(spec, questions),
        run,
        digest,
        columns or inputs.get("columns") or {},
    )


def _if_there(name: str | None) -> Path | None:
    """A path that run.json names, if it is still there; the page says what is missing otherwise."""
    return Path(name) if name and Path(name).exists() else None


@audit_app.callback()
def _audit() -> None:
    """Check the record of a review."""


@audit_app.command()
def verify(
    run_folder: Folder,
    db: Db = None,
    key: Key = None,
    known: Annotated[
        str | None,
        typer.Option("--known", help="EVENT:HASH, an end of the log noted earlier, as signed pages and exports name it."),
    ] = None,
) -> None:
    """Find any edited, removed or reordered event, and any decision that is not what the log says.

    Exit status: 0 the record holds, 1 it does not, 2 it could not be read.
    """
    from extractor.review.verify import verify as verify_record

    _check_exists(run_folder, db, key)
    report = verify_record(_database(run_folder, db, key), known=_end(known))
    for fault in report.faults:
        print(fault)
    print(f"{report.events:,} events, {len(report.faults):,} faults; the log ends with {report.end.seq}:{report.end.hash}")
    raise typer.Exit(1 if report.faults else 0)


def _check_exists(folder: Path, db: str | None, key: Path | None) -> None:
    """Nothing is made by a check: neither a new record nor a new key."""
    missing = [
        path for path in (None if db else folder / "review.sqlite", key or folder / "review.key") if path and not path.is_file()
    ]
    if missing:
        raise RunError("\n".join(f"{path}: no such file" for path in missing))


def _end(known: str | None) -> Any:
    from extractor.review.log import End

    if known is None:
        return None
    seq, mark, digest = known.partition(":")
    if not mark or not seq.isdecimal():
        raise RunError("--known: write EVENT:HASH")
    return End(int(seq), digest)


def review_export(
    run_folder: Folder,
    out: Annotated[
        Path, typer.Option("--out", help="Folder for gold.jsonl, notes.jsonl, patients.jsonl, splits.csv, worklist.csv.")
    ],
    db: Db = None,
    key: Key = None,
) -> None:
    """Write the signed-off charts of a review as gold annotations."""
    from extractor.review.export import write_folder
    from extractor.review.load import read_run

    _check_exists(run_folder, db, key)
    _, digest = read_run(run_folder)
    count = write_folder(_database(run_folder, db, key), digest, out)
    print(f"{count:,} signed-off charts: {out}")
