"""Folders are read in every form the contract allows, and every fault is told at once, without a word of a note."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.read import read_gold, read_run
from eval.records import EvalError, Run


@pytest.fixture
def own_gold(gold_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(gold_folder, tmp_path / "gold"))


def spoil(folder: Path, change: Callable[[list[dict[str, Any]]], None], name: str = "gold") -> None:
    path = folder / f"{name}.jsonl"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [json.loads(line) for line in handle]
    change(rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.mark.parametrize("form", ["jsonl", "csv", "parts"])
def test_run_reads_the_same_from_every_form(form: str, make_run: Callable[..., Path], faults: Any) -> None:
    parquet, other = read_run(make_run(faults())), read_run(make_run(faults(), form=form))
    assert other.verdicts == parquet.verdicts
    assert other.candidates == parquet.candidates
    assert {p: sorted(s, key=repr) for p, s in other.evidence.items()} == {
        p: sorted(s, key=repr) for p, s in parquet.evidence.items()
    }


def test_verdicts_alone_are_a_run(make_run: Callable[..., Path]) -> None:
    folder = make_run()
    (folder / "evidence.parquet").unlink()
    (folder / "candidates.parquet").unlink()
    run = read_run(folder)
    assert (len(run.verdicts), run.evidence, run.candidates) == (56, {}, {})


def test_gold_keeps_patients_in_order_and_hashes_its_file(gold_folder: Path, own_gold: Path) -> None:
    gold = read_gold(gold_folder)
    assert [p.patient_id for p in gold.patients] == [f"S{n}" for n in range(1, 9)]
    assert gold.criteria == ("I1", "I2", "I4", "E1", "E3", "E8", "E9")
    spoil(own_gold, lambda rows: rows.reverse())
    again = read_gold(own_gold)
    assert again.patients == gold.patients
    assert again.sha256 != gold.sha256


def test_split_takes_its_patients_and_their_notes_only(gold_folder: Path) -> None:
    test = read_gold(gold_folder, split="test")
    assert [p.patient_id for p in test.patients] == ["S5", "S6", "S7", "S8"]
    assert {note.patient_id for note in test.notes.values()} == {"S5", "S6", "S7", "S8"}


def test_carriage_returns_and_emoji_do_not_shift_offsets(gold_folder: Path) -> None:
    gold = read_gold(gold_folder)
    note = gold.notes["S1-1"]
    assert "\r\n" in note.note_text
    assert all(note.note_text[s.start : s.end] == s.text for s in gold.patients[0].evidence if s.note_id == "S1-1")


def test_every_fault_of_a_gold_is_told_at_once_without_its_text(own_gold: Path) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[0]["evidence"][1]["start"] += 1
        rows[0]["evidence"][2]["end"] = 9999
        rows[1]["verdicts"]["E1"] = "maybe"
        rows[2]["evidence"][0]["role"] = "proves"
        rows[2]["evidence"][1]["note_id"] = "nowhere"
        rows[3]["evidence"][0] = {"criterion": "I1"}
        rows.append(rows[4])

    spoil(own_gold, change)
    with pytest.raises(EvalError) as caught:
        read_gold(own_gold)
    message = str(caught.value)
    for told in (
        "7 faults",
        "S1: I2 S1-1 58..87: the note has other text there",
        "9999: outside its note of",
        "'maybe' is not one of met, not_met, unknown, not_applicable in E1",
        "'proves' is not one of supports, refutes, rejected",
        "nowhere",
        "S4: evidence without note_id, start, end, role",
        "patient_id S5: 2 rows",
    ):
        assert told in message
    assert "chondritis" not in message


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        ("gold.jsonl", "no gold.jsonl; a gold folder holds"),
        ("notes.jsonl", "no notes.jsonl beside gold.jsonl"),
        ("splits.csv", "no splits.csv, so there is no split 'test'"),
    ],
)
def test_file_that_is_not_there_is_named(own_gold: Path, spoiled: str, message: str) -> None:
    (own_gold / spoiled).unlink()
    with pytest.raises(EvalError, match=message):
        read_gold(own_gold, split="test")


def test_unknown_split_is_answered_with_those_there_are(gold_folder: Path) -> None:
    with pytest.raises(EvalError, match="no split 'train'; there are dev, test"):
        read_gold(gold_folder, split="train")


def test_broken_line_is_named_by_number(own_gold: Path) -> None:
    with (own_gold / "gold.jsonl").open("a", encoding="utf-8") as handle:
        handle.write("{broken\n[1]\n")
    with pytest.raises(EvalError, match="not a JSON object in line 9, 10"):
        read_gold(own_gold)


def test_sampling_probabilities_are_read_and_checked(own_gold: Path) -> None:
    (own_gold / "sampling.csv").write_text("patient_id,probability\nS1,0.25\nS2,1\n")
    assert read_gold(own_gold).sampling_probability == {"S1": 0.25, "S2": 1.0}
    (own_gold / "sampling.csv").write_text("patient_id,probability\nS1,0\nS2,\nS3,x\n")
    with pytest.raises(EvalError, match="patient S1: needs 0 < probability <= 1\n.*S2.*\n.*S3"):
        read_gold(own_gold)


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("verdicts", {"verdict": "true"}, "column|verdict 'true' is not one of met"),
        ("verdicts", {"effect": None}, "effect 'None' is not one of pass, fail, review"),
        ("verdicts", {"criterion_id": "I2"}, "verdicts, S1 I2: 2 rows"),
        ("verdicts", {"trial_id": "other"}, "verdicts of 2 trials .other, small."),
        ("evidence", {"role": "x" * 500}, "'x{20}' is not one of supports"),
        ("evidence", {"start": 50, "end": 40}, "needs start <= end"),
        ("candidates", {"status": "perhaps"}, "status 'perhaps' is not one of eligible"),
    ],
)
def test_fault_of_a_run_is_told_with_its_place(
    table: str, change: dict[str, Any], message: str, make_run: Callable[..., Path]
) -> None:
    folder = make_run(form="jsonl")
    spoil(folder, lambda rows: rows[0].update(change), table)
    with pytest.raises(EvalError, match=message):
        read_run(folder)


def test_table_in_two_forms_is_refused(make_run: Callable[..., Path]) -> None:
    folder = make_run()
    (folder / "verdicts.csv").write_text("patient_id\n")
    with pytest.raises(EvalError, match=r"'verdicts' is there twice: verdicts.parquet, verdicts.csv"):
        read_run(folder)


def test_folder_without_verdicts_or_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match="no table 'verdicts'; looked for verdicts.parquet"):
        read_run(tmp_path)
    with pytest.raises(EvalError, match="no such run folder"):
        read_run(tmp_path / "nothing")


def test_lists_in_a_cell_may_be_json_or_parted_by_signs(make_run: Callable[..., Path]) -> None:
    folder = make_run(form="csv")
    (folder / "candidates.csv").write_text(
        'patient_id,status,score,rank,failed,to_review\nS1,review,0.5,1,E1|E3,"[""E2"", ""E4"", ""E5""]"\nS2,review,,,,\n'
    )
    run: Run = read_run(folder)
    assert (run.candidates["S1"].failed, run.candidates["S1"].to_review) == (2, 3)
    assert (run.candidates["S2"].score, run.candidates["S2"].failed) == (None, 0)
