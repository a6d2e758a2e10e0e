"""A run folder and its notes in, one self-contained HTML file out: candidates, criteria grid, evidence in its notes.

No script, no font and no picture is fetched; all note text is escaped by the template engine. Only the first
candidates are shown with their notes, so that a run over millions of notes still opens in a browser.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import nsmallest
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from extractor.io.notes import read_notes
from extractor.io.tables import read_table
from extractor.records import Note
from extractor.reports.marking import pieces
from extractor.spec.trials import Trial

MOST_CHARTS = 100
MOST_ROWS = 2_000
SIGNS = {"met": "●", "not_met": "○", "unknown": "?", "not_applicable": "–"}


def write_report(
    folder: Path, notes: Path, trial: Trial, *, columns: Mapping[str, str] | None = None, most_charts: int = MOST_CHARTS
) -> Path:
    """Writes `report.html` into the run folder and returns its path; `notes` is read again for the text."""
    path = folder / "report.html"
    partial = folder / "report.html.partial"
    partial.write_text(
        render_report(folder, notes, trial, columns=columns, most_charts=most_charts), encoding="utf-8", newline=""
    )
    partial.replace(path)
    return path


def render_report(
    folder: Path, notes: Path, trial: Trial, *, columns: Mapping[str, str] | None = None, most_charts: int = MOST_CHARTS
) -> str:
    """The page as text."""
    candidates = nsmallest(max(MOST_ROWS, most_charts), read_table(folder, "candidates"), key=lambda row: row["rank"])
    listed = candidates[:MOST_ROWS]
    shown = [row["patient_id"] for row in candidates[:most_charts]]
    texts = _texts(notes, columns, frozenset(shown))
    verdicts = _by_patient(folder, "verdicts", frozenset(row["patient_id"] for row in candidates))
    evidence = _by_patient(folder, "evidence", frozenset(shown))
    patients = _count(folder, "candidates")
    page: str = _template().render(
        trial=trial,
        criteria=trial.criteria,
        candidates=listed,
        patients=patients,
        unlisted=patients - len(listed),
        hidden=patients - len(shown),
        grid={patient: {row["criterion_id"]: row for row in rows} for patient, rows in verdicts.items()},
        charts=[_chart(patient, verdicts[patient], evidence[patient], texts.get(patient, [])) for patient in shown],
        signs=SIGNS,
        failures=_count(folder, "failures"),
    )
    return page


def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("extractor.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def _texts(notes: Path, columns: Mapping[str, str] | None, patients: frozenset[str]) -> dict[str, list[Note]]:
    texts: dict[str, list[Note]] = defaultdict(list)
    for note in read_notes(notes, columns=columns):
        if isinstance(note, Note) and note.patient_id in patients:
            texts[note.patient_id].append(note)
    for chart in texts.values():
        chart.sort(key=lambda note: (note.note_date, note.note_id))
    return texts


def _by_patient(folder: Path, name: str, patients: frozenset[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of the patients that are shown; a run of millions has too many to hold them all."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_table(folder, name):
        if row["patient_id"] in patients:
            rows[row["patient_id"]].append(row)
    return rows


def _count(folder: Path, name: str) -> int:
    return sum(1 for _ in read_table(folder, name))


def _chart(patient_id: str, verdicts: list[dict[str, Any]], evidence: list[dict[str, Any]], notes: list[Note]) -> dict[str, Any]:
    by_id = {row["evidence_id"]: row for row in evidence}
    by_note: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in evidence:
        by_note[row["note_id"]].append(row)
    return {
        "patient_id": patient_id,
        "verdicts": [{**row, "quotes": [by_id[e] for e in row["evidence_ids"] or () if e in by_id]} for row in verdicts],
        "notes": [{"note": note, "pieces": pieces(note.note_text, by_note.get(note.note_id, []))} for note in notes],
    }
