"""The commands as a person runs them: exit status, files, one-line errors, and no note text where it must not be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.io.tables import read_table

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "Zanzibarquux"
TEXT = f"HPI: 44 y.o. F {SECRET}. Recurrent bilateral auricular chondritis, nasal chondritis and scleritis.\nAllergies: NKDA\nHIV Ab negative. HCV Ab negative.\n"


def prescreen(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160"}
    return subprocess.run(
        [sys.executable, "-m", "extractor", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=False,
        timeout=300,
    )


def notes_file(folder: Path, *extra: bytes) -> Path:
    row = {"note_id": "n1", "patient_id": "p1", "note_date": "2025-06-12", "note_title": "Clinic", "note_text": TEXT}
    path = folder / "notes.jsonl"
    path.write_bytes(json.dumps(row).encode() + b"\n" + b"".join(extra))
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("run")
    bad = json.dumps({"note_id": "n2", "patient_id": "p1", "note_date": "soon", "note_text": SECRET}).encode() + b"\n"
    undecodable = b'{"note_id": "n3", "note_text": "' + SECRET.encode() + b'\xff"}\n'
    done = prescreen("run", notes_file(folder, bad, undecodable), "--trial", "rp-low-dose-il2", "--out", folder / "out")
    return folder / "out", done


def test_a_run_with_failures_ends_with_status_1_and_all_tables(finished) -> None:
    out, done = finished
    assert done.returncode == 1, done.stderr
    verdicts = {row["criterion_id"]: row["verdict"] for row in read_table(out, "verdicts")}
    assert len(verdicts) == 18
    assert verdicts["I2"] == "met"
    assert verdicts["E8"] == "not_met"
    assert [row["patient_id"] for row in read_table(out, "candidates")] == ["p1"]
    assert len(list(read_table(out, "failures"))) == 2


def test_no_note_text_on_stderr_in_run_json_or_failures(finished) -> None:
    out, done = finished
    assert SECRET not in done.stderr
    assert SECRET not in done.stdout
    assert SECRET not in (out / "run.json").read_text(encoding="utf-8")
    assert SECRET not in json.dumps(list(read_table(out, "failures")), default=str)


def test_a_fault_inside_a_note_names_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date

    from extractor.engines.reading import read_note
    from extractor.records import Note
    from extractor.text.pipeline import FastPipeline

    pipeline = FastPipeline.load()
    monkeypatch.setattr(pipeline, "mentions", lambda note: [][int(note.note_text[:0] or 1)])
    failure = read_note(pipeline, Note("n1", "p1", date(2025, 1, 1), SECRET)).failure
    assert failure is not None
    assert SECRET not in failure.error
    assert failure.error == "IndexError"


def test_explain_quotes_the_evidence(finished) -> None:
    out, _ = finished
    done = prescreen("explain", out, "p1", "I2")
    assert done.returncode == 0, done.stderr
    assert "nasal chondritis" in done.stdout
    assert "met" in done.stdout


def test_screen_judges_stored_mentions_as_run_does(finished, tmp_path: Path) -> None:
    out, _ = finished
    done = prescreen("screen", out, "--trial", "rp-low-dose-il2", "--out", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert list(read_table(tmp_path / "again", "verdicts")) == list(read_table(out, "verdicts"))


def test_the_report_escapes_note_text(tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    row = {
        "note_id": "n1",
        "patient_id": "p1",
        "note_date": "2025-06-12",
        "note_text": "<script>alert(1)</script> NKDA & scleritis",
    }
    notes.write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = prescreen("run", notes, "--trial", "rp-low-dose-il2", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_second_run_into_a_folder_is_refused(finished, tmp_path: Path) -> None:
    out, _ = finished
    done = prescreen("run", notes_file(tmp_path), "--trial", "rp-low-dose-il2", "--out", out)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["rnu"], "no command 'rnu'", id="unknown command"),
        pytest.param(["run", "nowhere.jsonl", "--trial", "rp-low-dose-il2", "--out", "{tmp}/o"], "no such file", id="no notes"),
        pytest.param(["run", "{notes}", "--trial", "moon-shot", "--out", "{tmp}/o"], "moon-shot", id="unknown trial"),
        pytest.param(
            ["run", "{notes}", "--trial", "rp-low-dose-il2", "--out", "{tmp}/o", "--column", "x=y"],
            "--column x=y",
            id="bad column",
        ),
        pytest.param(
            ["run", "{notes}", "--trial", "rp-low-dose-il2", "--out", "{tmp}/o", "--index-date", "1/2/25"],
            "YYYY-MM-DD",
            id="bad date",
        ),
        pytest.param(["explain", "{tmp}", "p1", "I2"], "no table 'verdicts'", id="not a run"),
    ],
)
def test_a_mistake_gets_a_clear_line_and_status_2(tmp_path: Path, words: list[str], says: str) -> None:
    notes = notes_file(tmp_path)
    done = prescreen(*(word.format(tmp=tmp_path, notes=notes) for word in words))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_formats_hold_the_same_verdicts(tmp_path: Path) -> None:
    notes = notes_file(tmp_path)
    tables = []
    for kind in ("parquet", "jsonl", "csv"):
        done = prescreen("run", notes, "--trial", "rp-low-dose-il2", "--out", tmp_path / kind, "--format", kind, "--no-report")
        assert done.returncode == 0, done.stderr
        tables.append(
            [(row["criterion_id"], row["verdict"], row["rationale"]) for row in read_table(tmp_path / kind, "verdicts")]
        )
    assert tables[0] == tables[1] == tables[2]
