"""The scoring commands: whole printed tables, files they write, and exit statuses."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

import eval as package
from extractor.cli import score as commands

GOLDEN = Path(__file__).parents[1] / "golden" / "score"


@pytest.fixture(scope="module")
def prescreen() -> Callable[..., Result]:
    """The commands of this file under their names, as the program registers them."""
    app = typer.Typer()
    for name in ("score", "compare", "agreement", "sample", "calibrate", "score_assertions"):
        app.command(name.replace("_", "-"))(getattr(commands, name))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def flawed_folder(make_run: Callable[..., Path], faults: Any) -> Path:
    return make_run(faults())


def test_score_prints_the_whole_table(prescreen: Callable[..., Result], flawed_folder: Path, gold_folder: Path) -> None:
    result = prescreen("score", flawed_folder, "--gold", gold_folder)
    assert result.exit_code == 0
    assert result.stdout == (GOLDEN / "score.txt").read_text(encoding="utf-8")


def test_score_of_a_split_has_its_patients_only(prescreen: Callable[..., Result], flawed_folder: Path, gold_folder: Path) -> None:
    result = prescreen("score", flawed_folder, "--gold", gold_folder, "--split", "test", "--replicates", 100)
    assert result.exit_code == 0
    assert "run: 4 patients, 28 verdicts" in result.stdout
    assert "4 patients of the run have no gold here" in result.stdout


def test_score_writes_report_and_numbers(
    prescreen: Callable[..., Result], flawed_folder: Path, gold_folder: Path, tmp_path: Path
) -> None:
    files = ("--html", tmp_path / "errors.html", "--json", tmp_path / "scores.json", "--no-text", "--details")
    result = prescreen("score", flawed_folder, "--gold", gold_folder, *files, "--replicates", 100)
    assert result.exit_code == 0
    assert "note × criterion" in result.stdout
    page = (tmp_path / "errors.html").read_text(encoding="utf-8")
    assert "Offsets only" in page
    assert page.count("<svg") == 4
    assert "chondritis" not in page
    numbers = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert numbers["scores"]["headline"][3]["counts"] == {"count": 45.0, "of": 56.0}
    assert [one["name"] for one in numbers["scores"]["headline"][:2]] == ["wrong exclusions", "false passes"]
    assert sum(numbers["wrong_verdicts_by_cause"].values()) == 11
    assert "chondritis" not in json.dumps(numbers)


def test_report_shows_the_text_unless_told_not_to(
    prescreen: Callable[..., Result], flawed_folder: Path, gold_folder: Path, tmp_path: Path
) -> None:
    prescreen("score", flawed_folder, "--gold", gold_folder, "--html", tmp_path / "e.html", "--replicates", 100)
    assert "chondritis" in (tmp_path / "e.html").read_text(encoding="utf-8")


def test_baselines_stand_in_the_same_table(
    prescreen: Callable[..., Result], flawed_folder: Path, make_run: Callable[..., Path], gold_folder: Path
) -> None:
    words = ("--baseline", f"keywords={make_run()}", "--replicates", 100)
    result = prescreen("score", flawed_folder, "--gold", gold_folder, *words)
    first = result.stdout.splitlines()[2]
    assert "majority class" in first
    assert "keywords" in first


def test_score_with_missing_verdicts_is_printed_and_ends_with_one(
    prescreen: Callable[..., Result], make_run: Callable[..., Path], gold_folder: Path
) -> None:
    folder = make_run(form="jsonl")
    lines = (folder / "verdicts.jsonl").read_text().splitlines(keepends=True)
    (folder / "verdicts.jsonl").write_text("".join(lines[7:]))
    result = prescreen("score", folder, "--gold", gold_folder, "--replicates", 100)
    assert result.exit_code == 1
    assert "7 gold verdicts have no row in the run" in result.stderr
    assert "1 gold patients are not in the run: S1" in result.stdout
    assert "verdict accuracy" in result.stdout


def test_corrected_figures_are_printed_where_the_sampling_is_known(
    prescreen: Callable[..., Result], flawed_folder: Path, gold_folder: Path, tmp_path: Path
) -> None:
    import shutil

    folder = Path(shutil.copytree(gold_folder, tmp_path / "gold"))
    prescreen("sample", flawed_folder, "-n", 8, "--out", folder / "sampling.csv")
    result = prescreen("score", flawed_folder, "--gold", folder, "--replicates", 100)
    assert "Corrected for the sampling" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("score", "RUN", "--gold", "NOWHERE"),
        ("score", "NOWHERE", "--gold", "GOLD"),
        ("score", "RUN", "--gold", "GOLD", "--split", "train"),
        ("score", "RUN", "--gold", "GOLD", "--baseline", "nameless"),
        ("score", "RUN", "--gold", "GOLD", "--html", "NOWHERE/deep/x.html"),
        ("compare", "RUN", "RUN", "--gold", "GOLD", "--fail-under", "beauty=1"),
        ("compare", "RUN", "RUN", "--gold", "GOLD", "--fail-under", "high"),
        ("agreement", "GOLD"),
        ("sample", "RUN", "-n", "99", "--out", "OUT"),
        ("sample", "RUN", "-n", "2", "--strategy", "disagreement", "--out", "OUT"),
        ("calibrate", "RUN", "--gold", "GOLD"),
        ("score-assertions", "NOWHERE", "--gold", "NOWHERE"),
    ],
    ids=lambda words: " ".join(words),
)
def test_what_cannot_be_done_ends_with_two_and_one_message(
    words: tuple[str, ...], prescreen: Callable[..., Result], flawed_folder: Path, gold_folder: Path, tmp_path: Path
) -> None:
    places = {"RUN": flawed_folder, "GOLD": gold_folder, "NOWHERE": tmp_path / "no", "OUT": tmp_path / "out.csv"}
    result = prescreen(*(places.get(word, word.replace("NOWHERE", str(tmp_path / "no"))) for word in words))
    assert result.exit_code == 2
    assert result.stderr.startswith("prescreen: ")
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("bar", "status", "message"),
    [
        ("0.8", 0, ""),
        ("accuracy=0.9", 1, "accuracy of B is 0.8036, below 0.9"),
        ("difference=0", 1, "difference of B is -0.1964, below 0"),
        ("wrong_exclusions=0", 1, "wrong_exclusions of B is"),
        ("false_passes=1", 0, ""),
        ("evidence_recall=0.99", 1, "evidence_recall of B is"),
    ],
)
def test_compare_holds_the_second_run_to_a_bar(
    bar: str,
    status: int,
    message: str,
    prescreen: Callable[..., Result],
    flawed_folder: Path,
    make_run: Callable[..., Path],
    gold_folder: Path,
) -> None:
    result = prescreen("compare", make_run(), flawed_folder, "--gold", gold_folder, "--fail-under", bar, "--replicates", 100)
    assert (result.exit_code, message in result.stderr) == (status, True)
    assert "McNemar p" in result.stdout


def test_agreement_prints_a_line_a_criterion(prescreen: Callable[..., Result], gold_folder: Path) -> None:
    result = prescreen("agreement", gold_folder, gold_folder, "--replicates", 100)
    assert result.exit_code == 0
    assert "2 annotators, 8 patients" in result.stdout
    assert all(name in result.stdout for name in ("all", "I1", "E9", "AC1"))


@pytest.mark.parametrize("strategy", list(commands.SamplingStrategy))
def test_sample_writes_patients_with_their_probability(
    strategy: str, prescreen: Callable[..., Result], flawed_folder: Path, make_run: Callable[..., Path], tmp_path: Path
) -> None:
    out, words = tmp_path / "sampling.csv", ("--other", make_run(), "--seed", 3)
    assert prescreen("sample", flawed_folder, "-n", 3, "--strategy", strategy.value, "--out", out, *words).exit_code == 0  # type: ignore[attr-defined]
    with out.open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 3
    assert list(rows[0]) == ["patient_id", "probability", "strategy", "seed"]
    assert all(0 < float(row["probability"]) <= 1 and row["seed"] == "3" for row in rows)


def test_calibrate_stores_the_fit_with_the_hash_of_its_gold(prescreen: Callable[..., Result], tmp_path: Path) -> None:
    gold, run = tmp_path / "gold", tmp_path / "run"
    for folder in (gold, run):
        folder.mkdir()
    write(gold / "gold.jsonl", [{"patient_id": f"P{i}", "verdicts": {"E1": "met" if i % 2 else "not_met"}} for i in range(24)])
    write(gold / "notes.jsonl", [])
    row = {"trial_id": "t", "criterion_id": "E1", "kind": "exclusion", "verdict": "unknown", "effect": "review"}
    write(run / "verdicts.jsonl", [{"patient_id": f"P{i}", **row} for i in range(24)])
    write(
        run / "candidates.jsonl",
        [
            {"patient_id": f"P{i}", "status": "review", "score": 0.9 - 0.1 * (i % 2), "failed": [], "to_review": ["E1"]}
            for i in range(24)
        ],
    )
    refused = prescreen("calibrate", run, "--gold", gold)
    assert refused.exit_code == 2
    assert "run.json gives no trial_sha256" in refused.stderr
    (run / "run.json").write_text(json.dumps({"trial_sha256": "t1", "patterns_sha256": "p1", "inputs": {"calibration": None}}))
    result = prescreen("calibrate", run, "--gold", gold, "--replicates", 100)
    assert result.exit_code == 0
    stored = json.loads((run / "calibration.json").read_text())
    assert len(stored["gold_sha256"]) == 64
    assert stored["brier_held_out"] < stored["brier_of_rule"]
    (run / "run.json").write_text(json.dumps({"inputs": {"calibration": {"gold_sha256": stored["gold_sha256"]}}}))
    assert "fitted on charts of this gold" in prescreen("score", run, "--gold", gold, "--replicates", 100).stdout
    again = prescreen("calibrate", run, "--gold", gold)
    assert again.exit_code == 2
    assert "scored by a calibration" in again.stderr


def test_score_assertions_prints_scores_and_lists_errors(prescreen: Callable[..., Result], tmp_path: Path) -> None:
    write(tmp_path / "gold.jsonl", [{"id": "a", "negated": True}, {"id": "b", "negated": False}])
    write(tmp_path / "pred.jsonl", [{"id": "a", "negated": False}])
    result = prescreen("score-assertions", tmp_path / "pred.jsonl", "--gold", tmp_path / "gold.jsonl", "--show-errors")
    assert result.exit_code == 1
    assert "a\tnegated\tgold True\tpredicted False" in result.stdout
    assert "1 rows of the corpus were not predicted, such as b" in result.stderr


def test_scorer_imports_nothing_of_what_it_scores() -> None:
    folder = Path(package.__file__).parent
    imported = {
        name
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in getattr(node, "names", ())])
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "benchmarks" not in path.parts
    }
    assert "eval.records" in imported
    assert not [name for name in imported if (name or "").split(".")[0] == "extractor"]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
