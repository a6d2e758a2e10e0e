"""Tables in parts: a journal that a crash has torn, text formats that are written row by row."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pyarrow as pa
import pytest

from extractor.io.fingerprint import count_notes, fingerprint
from extractor.io.parts import JOURNAL, Parts
from extractor.io.schema import NOTES
from extractor.io.tables import read_rows, write_rows


def table(*ids: str) -> pa.Table:
    return pa.Table.from_pylist([{"note_id": one, "patient_id": "p"} for one in ids], schema=NOTES)


def test_a_torn_line_of_the_journal_is_cut_off_and_what_follows_counts(tmp_path: Path) -> None:
    """The next line used to be written behind the torn one, so that it and all after it were lost to the next resumption."""
    parts = Parts(tmp_path, {"notes": "x"})
    parts.start()
    parts.write("read", 0, {"notes": table("a")})
    with (parts.folder / JOURNAL).open("a") as journal:
        journal.write('{"stage": "read", "pa')
    second = Parts(tmp_path, {"notes": "x"})
    assert second.resume()
    assert list(second.done("read")) == [0]
    second.write("read", 1, {"notes": table("b")})
    third = Parts(tmp_path, {"notes": "x"})
    third.resume()
    assert list(third.done("read")) == [0, 1]


def test_a_change_in_the_middle_of_a_large_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_bytes(b"a" * 3_000_000)
    before = fingerprint(path)
    path.write_bytes(b"a" * 1_500_000 + b"b" + b"a" * 1_499_999)
    assert fingerprint(path) != before


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        pytest.param("n.csv", 'note_id,note_text\n1,"two\nlines, ""quoted"""\n2,plain\n', 2, id="csv"),
        pytest.param("n.jsonl", '{"a": 1}\n{"a": 2}\n', 2, id="jsonl"),
        pytest.param("manifest.csv", "note_id\na\nb\nc\n", 3, id="texts"),
        pytest.param("n.csv", "", None, id="empty"),
    ],
)
def test_notes_are_counted_without_reading_them(tmp_path: Path, name: str, content: str, count: int | None) -> None:
    (tmp_path / name).write_text(content)
    assert count_notes(tmp_path) == count
    if name != "manifest.csv":
        assert count_notes(tmp_path / name) == count


@pytest.mark.parametrize("format", ["parquet", "jsonl", "csv"])
def test_a_table_is_written_without_being_held_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    monkeypatch.setattr("extractor.io.tables.ROWS_AT_A_TIME", 1000)
    rows = ({"note_id": f"n{number}", "patient_id": "p" * 1000, "text_sha256": "x"} for number in range(30_000))
    path = tmp_path / f"notes.{format}"
    tracemalloc.start()
    write_rows(path, rows, NOTES, format=format)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
    assert sum(1 for _ in read_rows(path, NOTES)) == 30_000
