"""The page of the benchmark says what the results say: ratios, targets that were missed, a busy machine."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.benchmarks import plots
from eval.benchmarks.corpus import joined, repeated
from eval.benchmarks.memory import Moment, Watched
from eval.benchmarks.page import page
from eval.benchmarks.readers import COLD, EDS, EXACT, SCAN, STOCK, WARM
from extractor.records import Note


def figures(median: float) -> dict[str, float]:
    return {"median": median, "least": median / 2, "most": median * 2}


ABOUT = {"load": 0.2, "commit": "abc1234", "day": "2026-01-02"}
PACES = {STOCK: 5.0, EDS: 150.0, EXACT: 10.0, COLD: 600.0, WARM: 700.0, SCAN: 9000.0}
RESULTS: dict[str, Any] = {
    "machine": {"system": "Linux", "processor": "a processor", "cores": 2, "memory_gb": 8, "python": "3.11"},
    "corpus": {"notes": 1000, "characters": 2_000_000, "median": 1900},
    "parts": {
        "systems": {
            "paces": [{"name": name, **figures(pace), "clock": figures(pace)} for name, pace in PACES.items()],
            "notes": 100, "characters": 1000, "terms": 5, "expressions": 6, "mentions": 70, "differing": 0, "rounds": 5,
            "edsnlp_version": "0.23.0", **ABOUT,
        },
        "start_up": {"rounds": 5, **figures(7.5), "processor": figures(6), **ABOUT},
    },
}  # fmt: skip


def test_ratios_and_targets_come_from_the_medians() -> None:
    text = page(RESULTS)
    assert f"| {COLD} | 600.0 (300.0 to 1,200.0) | 600.0 (300.0 to 1,200.0) | 120.0 | 4.00 |" in text
    assert "| fast, cold: 100 times stock medspaCy | 120 times | reached |" in text
    assert "| fast, cold: 4 times EDS-NLP | 4.0 times | reached |" in text
    assert "| 10 notes in less than 6 s from cold | 7.5 s | missed |" in text
    assert "Other programs" not in text
    assert "## Memory" not in text
    assert "Not measured yet: scanners, engines, length, terms, memory." in text


def test_a_mention_that_differs_and_a_busy_machine_are_said() -> None:
    results = copy.deepcopy(RESULTS)
    results["parts"]["systems"] |= {"differing": 3, "load": 7.0}
    text = page(results)
    assert "| mentions as the exact way | 3 differ | missed |" in text
    assert "Other programs were running" in text


def test_the_same_results_draw_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        plots.bars(tmp_path / name, RESULTS["parts"]["systems"]["paces"])
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()


def test_repeated_notes_have_names_and_words_of_their_own() -> None:
    note = Note("n", "p", date(2025, 1, 1), "No fever.")
    rows = list(repeated([note], 9, per_patient=4))
    assert len({row["note_id"] for row in rows}) == len({row["note_text"] for row in rows}) == 9
    assert len({row["patient_id"] for row in rows}) == 3
    assert len(joined([note], 1_000).note_text) == 1_000


@pytest.mark.parametrize(("end", "gained"), [(300.0, 50.0), (250.0, 0.0)])
def test_memory_gained_is_counted_from_a_tenth_of_the_run_on(end: float, gained: float) -> None:
    moments = (Moment(0, 90, 80), Moment(100, 250, 80), Moment(900, end, 90))
    assert Watched(1000, 1.0, end, 90, moments).gained_mb == gained
