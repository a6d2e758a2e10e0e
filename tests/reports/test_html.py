"""The report of a run: it shows the first patients and says how many more there are, whatever their number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extractor.io.tables import write_table
from extractor.reports import html
from extractor.spec.trials import load_trial


def test_a_report_holds_the_rows_of_those_it_shows_and_counts_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = load_trial("rp-low-dose-il2")
    notes = tmp_path / "notes.jsonl"
    notes.write_text(json.dumps({"note_id": "n1", "patient_id": "p1", "note_date": "2025-01-01", "note_text": "text <b>"}) + "\n")
    people = range(1, 8)
    write_table(
        tmp_path,
        "candidates",
        (
            {
                "patient_id": f"p{n}",
                "trial_id": trial.id,
                "status": "review",
                "score": 0.5,
                "rank": n,
                "failed": [],
                "to_review": [],
            }
            for n in reversed(people)
        ),
    )
    verdicts: list[dict[str, Any]] = [
        {
            "patient_id": f"p{n}",
            "trial_id": trial.id,
            "criterion_id": one.id,
            "kind": one.kind,
            "verdict": "unknown",
            "effect": "review",
            "rationale": f"why p{n}",
            "evidence_ids": [],
        }
        for n in people
        for one in trial.criteria
    ]
    write_table(tmp_path, "verdicts", verdicts)
    write_table(tmp_path, "evidence", [])
    write_table(tmp_path, "failures", [{"note_id": "n9", "patient_id": "p9", "source": "n9", "stage": "read", "error": "x"}] * 3)
    monkeypatch.setattr(html, "MOST_ROWS", 4)
    page = html.render_report(tmp_path, notes, trial, most_charts=2)
    assert "7 patients" in page
    assert "3 notes or patients could not be read" in page
    assert "3 more patients" in page
    assert "5 more patients" in page
    assert page.count('<details class="chart"') == 2
    assert "p4</td>" in page
    assert "p5" not in page
    assert "text &lt;b&gt;" in page
