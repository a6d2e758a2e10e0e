"""A fitted score takes the place of the rule's, and is refused wherever it was fitted on something else."""

from __future__ import annotations

import json
import math
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractor.criteria.evaluate import judge
from extractor.engines.readings import rules_name
from extractor.engines.start import Machinery, Request, start, start_screen
from extractor.errors import InputError, RunError
from extractor.io.calibration import check_calibration, read_calibration
from extractor.io.tables import read_table
from extractor.ranking import Calibration, rank
from extractor.records import Candidate, Patient
from extractor.spec.load import patterns_folder
from extractor.spec.trials import load_trial

TEXTS = {
    "p1": "Recurrent bilateral auricular chondritis, nasal chondritis and scleritis. No pregnancy. Allergies: NKDA.",
    "p2": "Pregnant, 20 weeks. Active tuberculosis.",
    "p3": "Seen for cough.",
}
FILE = {
    "trial_sha256": "t" * 64, "patterns_sha256": "p" * 64, "gold_sha256": "g" * 64, "features": ["score", "failed", "to_review"],
    "means": [0.5, 1.0, 4.0], "scales": [0.2, 1.0, 3.0], "coefficients": [1.0, -2.0, 0.5], "intercept": -0.3,
    "patients": 40, "brier_held_out": 0.1,
}  # fmt: skip


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "calibration.json"
    path.write_text(json.dumps({**FILE, **changes}), encoding="utf-8")
    return path


def test_score_is_the_logistic_of_scaled_numbers(tmp_path: Path) -> None:
    calibration = read_calibration(written(tmp_path))
    candidate = Candidate("p", "t", "ineligible", 0.7, 0, ("A", "B"), ("C",))
    logit = -0.3 + 1.0 * (0.7 - 0.5) / 0.2 - 2.0 * (2 - 1) / 1 + 0.5 * (1 - 4) / 3
    assert calibration.score(candidate) == round(1 / (1 + math.exp(-logit)), 4)


def test_extreme_numbers_stay_probabilities(tmp_path: Path) -> None:
    candidate = Candidate("p", "t", "review", 1.0, 0, ("A",) * 30, ())
    low, high = (read_calibration(written(tmp_path, intercept=intercept)) for intercept in (-1e6, 1e6))
    assert (low.score(candidate), high.score(candidate)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"trial_sha256": None}, "trial_sha256 is no text"),
        ({"features": ["score"]}, "features are not score, failed, to_review"),
        ({"means": [1, 2]}, "means are not three numbers"),
        ({"scales": [1, 0, 1]}, "scales are not above 0"),
        ({"coefficients": [1, float("nan"), 1]}, "coefficients are not three numbers"),
        ({"intercept": "0"}, "intercept is no number"),
    ],
)
def test_fault_of_a_file_is_told(tmp_path: Path, changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        read_calibration(written(tmp_path, **changes))


@pytest.mark.parametrize(("text", "fault"), [("[]", "not an object"), ("{", "not JSON")])
def test_file_of_another_kind_is_told(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=fault):
        read_calibration(tmp_path / "x.json")
    with pytest.raises(InputError, match="no such file"):
        read_calibration(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("own", "named"),
    [
        ({"trial_sha256": "x" * 64}, "the trial it was fitted with"),
        ({"patterns_sha256": "x" * 64}, "the patterns it was fitted with"),
        ({"patterns_sha256": None}, "this run .unknown."),
        ({"patterns_sha256": rules_name("keyword", "p" * 64)}, "the patterns it was fitted with"),
    ],
)
def test_calibration_of_another_trial_or_other_patterns_is_refused(tmp_path: Path, own: dict[str, Any], named: str) -> None:
    calibration = read_calibration(written(tmp_path))
    same = {"trial_sha256": "t" * 64, "patterns_sha256": "p" * 64}
    check_calibration(calibration, **same)
    with pytest.raises(RunError, match=named):
        check_calibration(calibration, **same | own)


def test_ranking_goes_by_status_and_then_by_the_fitted_score() -> None:
    trial = load_trial("rp-low-dose-il2")
    silent = [judge(trial, Patient(name, index_date=date(2025, 6, 12)), []) for name in ("b", "a")]
    turned = Calibration("t", "p", "g", (0, 0, 0), (1, 1, 1), (-5.0, 0, 0), 0.0)
    by_rule, fitted = rank(trial, silent), rank(trial, silent, calibration=turned)
    assert [c.rank for c in fitted] == [1, 2]
    assert {c.score for c in fitted} == {turned.score(by_rule[0])} != {by_rule[0].score}
    assert [c.status for c in fitted] == [c.status for c in by_rule]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run by the rule, and what it says it was made by."""
    folder = tmp_path_factory.mktemp("calibrated")
    rows = [
        {"note_id": f"n-{name}", "patient_id": name, "note_date": "2025-06-12", "note_title": "Clinic", "note_text": text}
        for name, text in TEXTS.items()
    ]
    notes = folder / "notes.jsonl"
    notes.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    patterns = Path(shutil.copytree(patterns_folder(None), folder / "patterns"))
    (folder / "rule").mkdir()
    start(Request(notes, folder / "rule", load_trial("rp-low-dose-il2", folder=patterns), patterns=patterns), Machinery())
    return {"notes": notes, "rule": folder / "rule", "patterns": patterns}


def fitting(runs: dict[str, Path], folder: Path) -> Calibration:
    made_by = json.loads((runs["rule"] / "run.json").read_text())
    return read_calibration(written(folder, **{name: made_by[name] for name in ("trial_sha256", "patterns_sha256")}))


def asked(runs: dict[str, Path], out: Path, calibration: Calibration) -> Request:
    trial = load_trial("rp-low-dose-il2", folder=runs["patterns"])
    return Request(runs["notes"], out, trial, patterns=runs["patterns"], calibration=calibration)


def go(command: str, request: Request, mentions: Path) -> None:
    if command == "run":
        start(request, Machinery())
    else:
        start_screen([mentions], request, Machinery())


def scores_of(folder: Path) -> dict[str, float]:
    return {row["patient_id"]: row["score"] for row in read_table(folder, "candidates")}


@pytest.mark.parametrize("command", ["run", "screen"])
def test_run_and_screen_score_by_the_calibration(runs: dict[str, Path], tmp_path: Path, command: str) -> None:
    calibration, out = fitting(runs, tmp_path), tmp_path / "out"
    out.mkdir()
    request = asked(runs, out, calibration)
    go(command, request, runs["rule"])
    expected = {
        row["patient_id"]: calibration.score(
            Candidate(row["patient_id"], "", row["status"], row["score"], 0, tuple(row["failed"]), tuple(row["to_review"]))
        )
        for row in read_table(runs["rule"], "candidates")
    }
    assert scores_of(out) == expected != scores_of(runs["rule"])
    rows = list(read_table(out, "candidates"))
    assert [row["rank"] for row in rows] == [1, 2, 3]
    order = ["eligible", "review", "ineligible"]
    assert rows == sorted(rows, key=lambda row: (order.index(row["status"]), -row["score"], row["patient_id"]))
    assert json.loads((out / "run.json").read_text())["inputs"]["calibration"] == {
        "sha256": calibration.sha256,
        "gold_sha256": calibration.gold_sha256,
    }
    assert json.loads((runs["rule"] / "run.json").read_text())["inputs"]["calibration"] is None


@pytest.mark.parametrize("command", ["run", "screen"])
def test_mismatch_is_refused_before_anything_is_written(runs: dict[str, Path], tmp_path: Path, command: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    request = asked(runs, out, read_calibration(written(tmp_path)))
    with pytest.raises(RunError, match="the calibration does not fit: the trial .*; the patterns .* calibrate anew"):
        go(command, request, runs["rule"])
    assert not [path for path in out.iterdir() if path.suffix in (".parquet", ".json")]
