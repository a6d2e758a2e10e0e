"""Every way to spoil a corpus is found, named by file, line and ids, and never by the words of a note."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import InputError
from extractor.io.gold.read import read_corpus
from extractor.io.gold.schema import TABLES, load_schema
from extractor.io.gold.verify import verify_folder

ANNOTATIONS = Path(__file__).resolve().parents[3] / "annotations"
CORPORA = sorted(path.parent for path in ANNOTATIONS.glob("*/gold.jsonl"))
SECRET = "lupus"
Edit = Callable[[list[dict[str, Any]]], Any]


def edit(folder: Path, table: str, change: Edit) -> None:
    path = folder / f"{table}.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    change(rows)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8", newline="")


def span(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The refuting span of C2 in note n2."""
    return next(one for one in rows[0]["evidence"] if one["note_id"] == "n2")


SPOILED: dict[str, tuple[str, Edit, str]] = {
    "text of a span": ("gold", lambda r: span(r).update(text="lupus"), "gold.jsonl:1: p1 C2 n2 3..8: the note has another text there"),
    "span past the end": ("gold", lambda r: span(r).update(end=99), "C2 n2 3..99: lies outside the note, which has 28 characters"),
    "span turned round": ("gold", lambda r: span(r).update(start=8, end=3, text=""), "C2 n2 8..3: lies outside"),
    "negative offset": ("gold", lambda r: span(r).update(start=-1), "gold.jsonl:1: evidence.5.start: breaks minimum 0"),
    "offset as text": ("gold", lambda r: span(r).update(start="3"), "evidence.5.start: must be of type integer"),
    "unknown note": ("gold", lambda r: span(r).update(note_id="n9"), "C2 n9 3..8: there is no such note"),
    "note of another patient": ("gold", lambda r: span(r).update(note_id="n/3"), "C2 n/3 3..8: the note is of patient p2"),
    "criterion without verdict": ("gold", lambda r: span(r).update(criterion="C7"), "p1 C7 n2 3..8: the chart has no verdict"),
    "unknown verdict": ("gold", lambda r: r[0]["verdicts"].update(C1="lupus"), "gold.jsonl:1: verdicts.C1: must be one of met, not_met"),
    "missing verdict": ("gold", lambda r: r[1]["verdicts"].pop("C2"), "gold.jsonl:2: patient p2 has no verdict for C2"),
    "unknown role": ("gold", lambda r: span(r).update(role="lupus"), "evidence.5.role: must be one of supports, refutes, rejected"),
    "unknown reason": ("gold", lambda r: span(r).update(role="rejected", reason="lupus"), "evidence.5.reason: must be one of negated"),
    "rejected without reason": ("gold", lambda r: span(r).update(role="rejected"), "evidence.5.reason: must be of type string"),
    "reason without rejection": ("gold", lambda r: span(r).update(reason="family"), "evidence.5.reason: must be null here"),
    "missing role": ("gold", lambda r: span(r).pop("role"), "evidence.5: has no role"),
    "span twice": ("gold", lambda r: r[0]["evidence"].append(dict(span(r), role="supports")), "p1 C2 n2 3..8: stands 2 times"),
    "patient twice": ("gold", lambda r: r.append(r[0]), "gold.jsonl:3: patient_id p1 stands in gold.jsonl:1 too"),
    "gold without patient": ("gold", lambda r: r[1].update(patient_id="p9"), "gold.jsonl: patient p9 is not in patients.jsonl"),
    "patient without gold": ("gold", lambda r: r.pop(), "patients.jsonl: patient p2 has no line in gold.jsonl"),
    "hash of another text": ("gold", lambda r: r[0]["text_sha256"].update(n2="0" * 64), "the text of note n2 is not the one that was annotated"),
    "hash left out": ("gold", lambda r: r[0]["text_sha256"].pop("n2"), "text_sha256 does not name note n2 of patient p1"),
    "hash of no note": ("gold", lambda r: r[0]["text_sha256"].update(n9="0" * 64), "text_sha256 names n9, which is no note of patient p1"),
    "changed note": ("notes", lambda r: r[1].update(note_text=r[1]["note_text"] + " lupus"), "its hash differs"),
    "note twice": ("notes", lambda r: r.append(r[0]), "notes.jsonl:4: note_id n1 stands in notes.jsonl:1 too"),
    "note of nobody": ("notes", lambda r: r[2].update(patient_id="p9"), "notes.jsonl: patient p9 is not in patients.jsonl"),
    "note after the index date": ("notes", lambda r: r[1].update(note_date="2025-04-02"), "was written after the index date 2025-04-01"),
    "no day of the calendar": ("notes", lambda r: r[1].update(note_date="2025-02-30"), "notes.jsonl:2: note_date is no day of the calendar"),
    "half a surrogate pair": ("notes", lambda r: r[2].update(note_text="\ud83d"), "notes.jsonl:3: note_text holds half of a surrogate pair"),
    "unknown sex": ("patients", lambda r: r[0].update(sex="lupus"), "patients.jsonl:1: sex: must be one of female, male, null"),
    "birth date of another form": ("patients", lambda r: r[0].update(birth_date="29/02/1980"), "patients.jsonl:1: birth_date: must match"),
    "patient without note": ("patients", lambda r: r.append({"patient_id": "p3"}), "patients.jsonl: patient p3 has no note"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "change", "fault"), SPOILED.values(), ids=SPOILED)
def test_spoiled_corpus_is_told_without_its_text(folder: Path, table: str, change: Edit, fault: str) -> None:
    edit(folder, table, change)
    faults = verify_folder(folder)
    assert any(fault in one for one in faults), faults
    assert SECRET not in "\n".join(faults)
    with pytest.raises(InputError):
        read_corpus(folder)


LINES = {
    "not JSON": ("gold.jsonl", "{lupus\n", "gold.jsonl:3: not JSON at character 1 of the line"),
    "not an object": ("notes.jsonl", '["lupus"]\n', "notes.jsonl:4: expected one object a line"),
    "a key twice": ("gold.jsonl", '{"patient_id": "a", "patient_id": "b"}\n', "gold.jsonl:3: the key 'patient_id' stands twice"),
    "split twice": ("splits.csv", "p1,test\n", "splits.csv:4: patient_id p1 stands in splits.csv:2 too"),
    "split of nobody": ("splits.csv", "p9,test\n", "splits.csv: patient p9 is not in patients.jsonl"),
    "half a row": ("splits.csv", "p1\n", "splits.csv:4: has not as many cells as the header"),
}


@pytest.mark.parametrize(("file", "line", "fault"), LINES.values(), ids=LINES)
def test_bad_line_is_named(folder: Path, file: str, line: str, fault: str) -> None:
    with (folder / file).open("a", encoding="utf-8", newline="") as out:
        out.write(line)
    assert any(fault in one for one in verify_folder(folder)), verify_folder(folder)


def test_patient_without_split_is_found(folder: Path) -> None:
    (folder / "splits.csv").write_text("patient_id,split\np1,dev\n", encoding="utf-8")
    assert verify_folder(folder) == ["splits.csv: patient p2 has no split"]


def test_all_faults_are_told_at_once(folder: Path) -> None:
    edit(folder, "gold", lambda rows: (rows[0]["verdicts"].update(C1="maybe"), rows[1].pop("evidence")))
    edit(folder, "notes", lambda rows: rows[0].pop("note_text"))
    assert len(verify_folder(folder)) == 3


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "notes.jsonl").unlink()
    with pytest.raises(InputError, match=r"notes\.jsonl: no such file; a gold folder holds"):
        verify_folder(folder)


def test_added_columns_are_allowed_and_remembered(folder: Path) -> None:
    edit(folder, "gold", lambda rows: rows[0].update(annotator="first"))
    edit(folder, "notes", lambda rows: rows[0].update(ward="3"))
    assert verify_folder(folder) == []
    assert read_corpus(folder).unread == ("gold.annotator", "notes.ward")


@pytest.mark.parametrize("table", TABLES)
def test_schemas_are_schemas(table: str) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(load_schema(table))


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.name)
def test_bundled_corpora_have_no_fault_and_a_hash_for_every_note(corpus: Path) -> None:
    assert verify_folder(corpus) == []
    rows = [json.loads(line) for line in (corpus / "gold.jsonl").read_text(encoding="utf-8").split("\n") if line]
    assert sum(len(row["text_sha256"]) for row in rows) == len(read_corpus(corpus).notes)


def test_corpus_of_parts_is_accepted(folder: Path) -> None:
    """Charts that were each written for one criterion: none is judged in all, so none has forgotten one."""
    edit(folder, "gold", lambda rows: (rows[0].update(evidence=[]), rows[0]["verdicts"].pop("C2"), rows[1]["verdicts"].pop("C1")))
    assert verify_folder(folder) == []
    assert [dict(chart.verdicts) for chart in read_corpus(folder).charts] == [{"C1": "met"}, {"C2": "not_applicable"}]


def test_span_outside_of_a_part_and_chart_without_verdict_are_found(folder: Path) -> None:
    edit(folder, "gold", lambda rows: (rows[0]["verdicts"].pop("C2"), rows[1]["verdicts"].clear()))
    faults = verify_folder(folder)
    assert "gold.jsonl:2: patient p2 has no verdict for C1" in faults
    edit(folder, "gold", lambda rows: rows[1]["verdicts"].update(C2="unknown"))
    assert any("p1 C2 n2 3..8: the chart has no verdict for this criterion" in fault for fault in verify_folder(folder))
