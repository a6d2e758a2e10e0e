"""What the commands print when they are done: tables on stdout, failures on stderr. No note text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from extractor.engines.runs import Tally
from extractor.records import Candidate, CandidateStatus, Failure
from extractor.spec.trials import Trial

MOST_ROWS = 40
MOST_FAILURES = 20
COLOURS: dict[CandidateStatus, str] = {"eligible": "green", "review": "yellow", "ineligible": "red"}


def show_candidates(candidates: Sequence[Candidate], trial: Trial, tally: Tally, folder: Path, report: Path | None) -> None:
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
    for candidate in candidates[:MOST_ROWS]:
        colour = COLOURS[candidate.status]
        table.add_row(
            str(candidate.rank), candidate.patient_id, f"[{colour}]{candidate.status}[/]", f"{candidate.score:.2f}",
            " ".join(candidate.failed), " ".join(candidate.to_review),
        )  # fmt: skip
    console.print(table)
    if len(candidates) > MOST_ROWS:
        console.print(f"… and {len(candidates) - MOST_ROWS:,} more in {folder}/candidates")
    counts = Counter(candidate.status for candidate in candidates)
    console.print(f"{len(candidates):,} patients: " + ", ".join(f"{counts[status]:,} {status}" for status in COLOURS))
    show_tally(tally, folder)
    if report is not None:
        console.print(f"report: {report}", soft_wrap=True)


def show_tally(tally: Tally, folder: Path) -> None:
    """How much was read, and where it went."""
    console = Console()
    console.print(f"{tally.notes:,} notes, {tally.mentions:,} mentions, {len(tally.failures):,} failures", soft_wrap=True)
    console.print(f"results: {folder}", soft_wrap=True)


def show_failures(failures: Sequence[Failure]) -> None:
    """The first failures on stderr, one line each: where, at which stage, what."""
    console = Console(stderr=True)
    for failure in failures[:MOST_FAILURES]:
        console.print(f"{failure.source}: {failure.stage}: {failure.error}", soft_wrap=True, markup=False, highlight=False)
    if len(failures) > MOST_FAILURES:
        console.print(f"… and {len(failures) - MOST_FAILURES:,} more in the failures table")
