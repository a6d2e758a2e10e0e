"""What the commands print when they are done: tables on stdout, failures on stderr. No note text."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from extractor.engines.runs import Tally
from extractor.records import CandidateStatus
from extractor.spec.trials import Trial

COLOURS: dict[CandidateStatus, str] = {"eligible": "green", "review": "yellow", "ineligible": "red"}


def show_run(trial: Trial, tally: Tally, folder: Path, report: Path | None) -> None:
    """The candidates in order, best first, then the counts and where the results are."""
    console = Console()
    table = Table(title=f"{trial.title} ({trial.id})", title_justify="left")
    for name, justify in (
        ("rank", "right"),
        ("patient", "left"),
        ("status", "left"),
        ("score", "right"),
        ("fails", "left"),
        ("to review", "left"),
    ):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for candidate in tally.first_candidates:
        colour = COLOURS[candidate.status]
        table.add_row(
            str(candidate.rank), candidate.patient_id, f"[{colour}]{candidate.status}[/]", f"{candidate.score:.2f}",
            " ".join(candidate.failed), " ".join(candidate.to_review),
        )  # fmt: skip
    console.print(table)
    patients = sum(tally.by_status.values())
    if patients > len(tally.first_candidates):
        console.print(f"… and {patients - len(tally.first_candidates):,} more in {folder}/candidates")
    counts = ", ".join(f"{tally.by_status.get(status, 0):,} {status}" for status in COLOURS)
    console.print(f"{patients:,} patients: {counts}")
    show_tally(tally, folder)
    if report is not None:
        console.print(f"report: {report}", soft_wrap=True)


def show_tally(tally: Tally, folder: Path) -> None:
    """How much was read, and where it went."""
    console = Console()
    reused = f" ({tally.reused_notes:,} of them read before)" if tally.reused_notes else ""
    counts = f"{tally.notes:,} notes{reused}, {tally.mentions:,} mentions, {tally.failures:,} failures"
    console.print(counts if tally.notes else f"{tally.failures:,} failures", soft_wrap=True)
    console.print(f"results: {folder}", soft_wrap=True)


def show_failures(tally: Tally) -> None:
    """The first failures on stderr, one line each: where, at which stage, what."""
    console = Console(stderr=True)
    for failure in tally.first_failures:
        console.print(f"{failure.source}: {failure.stage}: {failure.error}", soft_wrap=True, markup=False, highlight=False)
    if tally.failures > len(tally.first_failures):
        console.print(f"… and {tally.failures - len(tally.first_failures):,} more in the failures table")
