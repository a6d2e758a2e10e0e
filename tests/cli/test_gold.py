"""`prescreen gold`: what is printed, what is written, and the exit statuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor.cli.app import main
from extractor.io.gold.read import read_corpus

CORPUS = Path(__file__).resolve().parents[2] / "annotations" / "rp-dev"
Said = tuple[int, str, str]


@pytest.fixture
def gold(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def run(*words: object) -> Said:
        with pytest.raises(SystemExit) as stopped:
            main(["gold", *map(str, words)])
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The corpus, which a test may spoil."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("notes.jsonl", "patients.jsonl", "gold.jsonl", "splits.csv"):
        (folder / name).write_bytes((CORPUS / name).read_bytes())
    return folder


def test_verify_says_what_it_has_seen(gold: Callable[..., Said]) -> None:
    assert gold("verify", CORPUS) == (0, f"{CORPUS}: 14 patients, 55 notes, 1,036 spans, no fault found\n", "")


def test_verify_tells_every_fault_and_no_text(gold: Callable[..., Said], copied: Path) -> None:
    path = copied / "gold.jsonl"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"auricular', '"Auricular').replace('"met"', '"mett"', 1), encoding="utf-8"
    )
    status, out, err = gold("verify", copied)
    assert (status, out) == (2, "")
    assert "gold.jsonl:1: verdicts.I1: must be one of met, not_met, unknown, not_applicable" in err
    assert err.endswith(f"{copied}: {err.count('gold.jsonl:')} faults\n")
    assert "uricular" not in err


def test_build_writes_the_corpus_again(gold: Callable[..., Said], tmp_path: Path) -> None:
    assert gold("build", CORPUS / "charts", tmp_path) == (0, f"{tmp_path}: 14 patients, 55 notes, 1,036 spans\n", "")
    assert (tmp_path / "gold.jsonl").read_bytes() == (CORPUS / "gold.jsonl").read_bytes()


def test_describe_counts_and_holds_to_a_bar(gold: Callable[..., Said]) -> None:
    status, out, _ = gold("describe", CORPUS)
    assert status == 0
    assert "all: 14 patients, 55 notes" in out
    status, _, err = gold("describe", CORPUS, "--at-least", 2)
    assert status == 1
    assert "prescreen: E5: 1 met, wanted 2\n" in err


def test_export_and_import_give_the_corpus_back(gold: Callable[..., Said], tmp_path: Path) -> None:
    status, out, _ = gold("export", CORPUS, "--format", "brat", "--out", tmp_path / "brat")
    assert (status, out) == (0, f"{tmp_path / 'brat'}: 14 patients, 55 notes, 1,036 spans, as brat\n")
    status, out, _ = gold("import", tmp_path / "brat", "--format", "brat", "--out", tmp_path / "back")
    assert (status, out) == (0, f"{tmp_path / 'back'}: 14 patients, 55 notes, 1,036 spans\n")
    assert set(read_corpus(tmp_path / "back").evidence) == set(read_corpus(CORPUS).evidence)


def test_losses_are_printed(gold: Callable[..., Said], tmp_path: Path) -> None:
    status, out, _ = gold("export", CORPUS, "--format", "n2c2", "--out", tmp_path / "n2c2")
    assert status == 0
    assert "lost: patient D1-001: no tag for the verdict not_applicable: E13\n" in out


def test_folder_that_is_not_empty_is_left_alone(gold: Callable[..., Said], copied: Path) -> None:
    status, _, err = gold("export", CORPUS, "--format", "brat", "--out", copied)
    assert status == 2
    assert "is there already; choose another folder" in err


def test_unknown_format_is_refused(gold: Callable[..., Said], tmp_path: Path) -> None:
    status, _, err = gold("export", CORPUS, "--format", "conll", "--out", tmp_path / "x")
    assert status == 2
    assert err.startswith("prescreen: --format conll: one of brat, label-studio")


def test_compare_prints_agreement_and_writes_the_worklist(gold: Callable[..., Said], copied: Path, tmp_path: Path) -> None:
    lines = (copied / "gold.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    rows = [json.loads(line) for line in lines]
    rows[0]["verdicts"]["I1"] = "unknown"
    rows[1]["evidence"] = []
    (copied / "second").mkdir()
    (copied / "second" / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    status, out, _ = gold("compare", copied, copied / "second", "--out", tmp_path / "todo.jsonl", "--replicates", 100)
    assert status == 0
    assert "2 annotators, 14 patients" in out
    assert f"14 charts read twice, 1 verdicts differ, written to {tmp_path / 'todo.jsonl'}" in out
    (todo,) = [json.loads(line) for line in (tmp_path / "todo.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (todo["patient_id"], todo["criterion"], todo["first"], todo["second"], todo["final"]) == (
        "D1-001",
        "I1",
        "met",
        "unknown",
        None,
    )
    assert all(span["criterion"] == "I1" for span in todo["first_evidence"])
