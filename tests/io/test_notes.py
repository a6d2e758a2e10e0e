"""Reading notes: every format gives the same notes, and every bad row is a failure that names its place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractor.errors import InputError
from extractor.io.notes import read_notes, read_patients
from extractor.records import Failure, Note, Patient

TEXT = "Pain é 🙂\r\nline two\u2028three"
ROWS = [
    {"note_id": "n1", "patient_id": "p1", "note_date": "2025-01-31", "note_title": "Clinic", "note_text": TEXT},
    {"note_id": "n2", "patient_id": "p2", "note_date": "2025-02-01", "note_title": None, "note_text": ""},
]
NOTES = [Note("n1", "p1", date(2025, 1, 31), TEXT, "Clinic"), Note("n2", "p2", date(2025, 2, 1), "")]


def as_jsonl(folder: Path) -> Path:
    path = folder / "notes.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8", newline="")
    return path


def as_csv(folder: Path) -> Path:
    import csv

    path = folder / "notes.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    return path


def as_parquet(folder: Path) -> Path:
    path = folder / "notes.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


def as_parts(folder: Path) -> Path:
    parts = folder / "parts"
    parts.mkdir()
    for number, row in enumerate(ROWS):
        pq.write_table(
            pa.Table.from_pylist([row], schema=pa.schema([(name, pa.string()) for name in row])), parts / f"part-{number}.parquet"
        )
    return parts


def as_texts(folder: Path) -> Path:
    texts = folder / "texts"
    texts.mkdir()
    lines = ["file,note_id,patient_id,note_date,note_title"]
    for row in ROWS:
        (texts / f"{row['note_id']}.txt").write_bytes(str(row["note_text"]).encode())
        lines.append(f"{row['note_id']}.txt,{row['note_id']},{row['patient_id']},{row['note_date']},{row['note_title'] or ''}")
    (texts / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    return texts


@pytest.mark.parametrize("write", [as_jsonl, as_csv, as_parquet, as_parts, as_texts])
def test_every_format_gives_the_same_notes(tmp_path: Path, write) -> None:
    assert list(read_notes(write(tmp_path))) == NOTES


def lines(folder: Path, *rows: object) -> Path:
    path = folder / "notes.jsonl"
    path.write_bytes(b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows))
    return path


GOOD = dict(ROWS[0])


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        pytest.param({**GOOD, "note_id": "n9", "note_date": "31/01/2025"}, "note_date is not a date", id="bad date"),
        pytest.param({**GOOD, "note_id": "n9", "note_date": None}, "note_date is empty", id="no date"),
        pytest.param({**GOOD}, "note_id n1 came before", id="duplicate id"),
        pytest.param({**GOOD, "note_id": ""}, "note_id is empty", id="no id"),
        pytest.param({**GOOD, "note_id": "n9", "patient_id": None}, "patient_id is empty", id="no patient"),
        pytest.param({**GOOD, "note_id": "n9", "note_text": None}, "note_text is missing", id="no text"),
        pytest.param({**GOOD, "note_id": "n9", "note_text": "\ud83d"}, "surrogate", id="half a surrogate pair"),
        pytest.param(b'{"note_id": \xff}\n', "not UTF-8 at byte", id="undecodable bytes"),
        pytest.param(b"{broken\n", "not JSON", id="not JSON"),
        pytest.param(b"[1]\n", "expected one object a line", id="not an object"),
    ],
)
def test_a_bad_row_is_a_failure_with_its_place_and_the_rest_goes_on(tmp_path: Path, bad: object, says: str) -> None:
    path = lines(tmp_path, GOOD, bad, {**GOOD, "note_id": "n3"})
    first, failure, last = read_notes(path)
    assert isinstance(first, Note)
    assert isinstance(last, Note)
    assert isinstance(failure, Failure)
    assert failure.source == f"{path}:2"
    assert says in failure.error
    assert "Pain" not in failure.error


def test_a_note_of_an_unknown_patient_fails(tmp_path: Path) -> None:
    (failure,) = read_notes(lines(tmp_path, GOOD), patients={"p2": Patient("p2")})
    assert isinstance(failure, Failure)
    assert "p1 is not in the patients file" in failure.error


def test_a_missing_column_stops_with_the_names_that_exist(tmp_path: Path) -> None:
    path = lines(tmp_path, {"note_id": "n1", "patient_id": "p1", "note_date": "2025-01-01", "TEXT": "x"})
    with pytest.raises(InputError, match=r"no column note_text .* the row has note_id, patient_id, note_date, TEXT"):
        list(read_notes(path))
    (note,) = read_notes(path, columns={"note_text": "TEXT"})
    assert isinstance(note, Note)
    assert note.note_text == "x"


def test_a_csv_row_with_too_few_cells_fails_alone(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("note_id,patient_id,note_date,note_text\nn1,p1,2025-01-01,a\nn2,p1\nn3,p1,2025-01-01,b\n", encoding="utf-8")
    kinds = [type(row).__name__ for row in read_notes(path)]
    assert kinds == ["Note", "Failure", "Note"]


def test_a_manifest_cannot_reach_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "manifest.csv").write_text("file,note_id,patient_id,note_date\n../secret.txt,n1,p1,2025-01-01\n", encoding="utf-8")
    (failure,) = read_notes(texts)
    assert isinstance(failure, Failure)
    assert "outside of its folder" in failure.error


def test_an_unreadable_kind_of_file_says_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "notes.docx"
    path.write_bytes(b"PK")
    with pytest.raises(InputError, match=r"use \.csv, \.jsonl, \.ndjson, \.parquet"):
        list(read_notes(path))


def test_patients_are_read_and_every_fault_told_at_once(tmp_path: Path) -> None:
    good, bad = tmp_path / "p.csv", tmp_path / "bad.csv"
    good.write_text("patient_id,sex,birth_date,index_date\np1,F,1980-02-03,\np2,,,2025-01-01\n", encoding="utf-8")
    assert read_patients(good) == {
        "p1": Patient("p1", "female", date(1980, 2, 3)),
        "p2": Patient("p2", None, None, date(2025, 1, 1)),
    }
    bad.write_text("patient_id,sex,birth_date\np1,x,\np2,,1980\np2,,\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_patients(bad)
    assert len(str(error.value).splitlines()) == 2
