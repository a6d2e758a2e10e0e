"""`prescreen explain DIR PATIENT CRITERION`: one verdict, why, and every piece of evidence with its date and role."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def explain(
    run_folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="patient_id.")],
    criterion: Annotated[str, typer.Argument(metavar="CRITERION", help="criterion id, e.g. E6.")],
) -> None:
    """Show the verdict with its evidence quoted, dates, window arithmetic, and which readings agree."""
    from rich.console import Console

    from extractor.errors import RunError
    from extractor.io.tables import read_table

    verdicts = [row for row in read_table(run_folder, "verdicts") if row["patient_id"] == patient]
    if not verdicts:
        raise RunError(f"{run_folder}: no patient {patient} in its verdicts")
    found = [row for row in verdicts if row["criterion_id"] == criterion]
    if not found:
        raise RunError(
            f"{run_folder}: no criterion {criterion}; the run has {', '.join(row['criterion_id'] for row in verdicts)}"
        )
    evidence = [
        row for row in read_table(run_folder, "evidence") if row["patient_id"] == patient and row["criterion_id"] == criterion
    ]
    _print(Console(), found[0], evidence)


def _print(console: Any, verdict: dict[str, Any], evidence: list[dict[str, Any]]) -> None:
    from rich.table import Table

    console.print(f"[bold]{verdict['patient_id']}  {verdict['criterion_id']}  {verdict['verdict']}[/] → {verdict['effect']}")
    console.print(verdict["rationale"], markup=False)
    decided = set(verdict["evidence_ids"] or ())
    table = Table("", "role", "quote", "when", "note", "sentence", show_lines=True)
    order = {"supports": 0, "refutes": 1, "rejected": 2}
    for row in sorted(
        evidence, key=lambda r: (r["evidence_id"] not in decided, order[r["role"]], str(r["note_date"]), r["start"])
    ):
        table.add_row(
            "*" if row["evidence_id"] in decided else "",
            row["role"] + (f"\n{row['reason']}" if row["reason"] else ""), _plain(row["text"]), _when(row),
            f"{row['note_id']}\n{row['note_date']}\n{row['start']}-{row['end']}", _plain(row["snippet"]),
        )  # fmt: skip
    console.print(table)
    console.print("* decided the verdict")


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(" ".join(text.split()))


def _when(row: dict[str, Any]) -> str:
    earliest, latest = row["earliest"] or "…", row["latest"] or "…"
    span = str(earliest) if earliest == latest else f"{earliest} to {latest}"
    return f"{span}\n{row['date_source']}"
