"""Runs as the command line starts them: two at once, gone on with when whole, ended by a scheduler."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from extractor.cli.options import output_folder
from extractor.engines.since import Earlier
from extractor.engines.start import Machinery, Request, start
from extractor.errors import RunError
from extractor.io.locks import LOCK, holding
from extractor.io.parts import is_cut_off

NotesFile = Callable[..., Path]
ROOT = Path(__file__).resolve().parent.parent.parent


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds a folder until its standard input is closed."""
    code = "import sys, pathlib; from extractor.io.locks import holding\nwith holding(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def patterns(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "patterns", tmp_path / "patterns"))


@pytest.mark.parametrize("resume", [False, True])
def test_a_second_run_into_the_same_folder_is_refused_while_the_first_is_at_it(
    notes_file: NotesFile, tmp_path: Path, resume: bool
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    process = holder(out)
    with pytest.raises(RunError, match="another run is writing here"):
        start(Request(notes_file(("p1", "text")), out), Machinery(), resume=resume)
    with pytest.raises(RunError, match="another run is writing here"):
        output_folder(out, overwrite=True)
    process.kill()
    process.communicate()
    assert output_folder(out, overwrite=True) == out


def test_a_folder_is_free_again_after_its_run(tmp_path: Path) -> None:
    with holding(tmp_path):
        assert (tmp_path / LOCK).exists()
    with holding(tmp_path):
        pass
    assert not (tmp_path / LOCK).exists()


def test_a_whole_run_is_told_again_and_only_of_the_same(notes_file: NotesFile, tmp_path: Path, patterns: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    notes = notes_file(("p1", "Denies rituximab."), ("p2", "Takes methotrexate."))
    first = start(Request(notes, out, patterns=patterns), Machinery())
    again = start(Request(notes, out, patterns=patterns), Machinery(), resume=True)
    assert (again.notes, again.mentions) == (first.notes, first.mentions) == (2, 2)
    with pytest.raises(RunError, match="holds a run that is whole, of another way of reading"):
        start(Request(notes, out, patterns=patterns, reading="exact"), Machinery(), resume=True)
    text = notes.read_bytes()
    notes.write_bytes(text.replace(b"Denies", b"Denied"))
    with pytest.raises(RunError, match="holds a run that is whole, of another notes"):
        start(Request(notes, out, patterns=patterns), Machinery(), resume=True)


def test_what_another_program_has_read_is_not_taken_over(notes_file: NotesFile, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    start(Request(notes_file(("p1", "No chondritis.")), out), Machinery())
    run = json.loads((out / "run.json").read_text())
    run["program"]["code_sha256"] = "older"
    (out / "run.json").write_text(json.dumps(run))
    with pytest.raises(RunError, match="another version of prescreen"):
        Earlier(out, patterns_sha256=run["patterns_sha256"], date_order="auto", scratch=tmp_path / "s")


@pytest.mark.parametrize("out", ["data", "data/out", "."])
def test_a_run_never_writes_where_it_reads(tmp_path: Path, out: str) -> None:
    """Its tables are called notes and mentions: --out in the folder of the notes used to remove notes.jsonl."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "out").mkdir()
    (data / "notes.jsonl").write_text("{}\n")
    with pytest.raises(RunError, match="give --out a folder of its own"):
        start(Request(data, tmp_path / out), Machinery())
    if out != "data/out":
        with pytest.raises(RunError, match="give --out a folder of its own"):
            start(Request(data / "notes.jsonl", tmp_path / out), Machinery())
    assert (data / "notes.jsonl").read_text() == "{}\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_run_is_stopped_cleanly_by_a_person_or_a_scheduler(notes_file: NotesFile, tmp_path: Path, ending: int) -> None:
    """The signal goes to the whole process group, as a terminal sends it, and comes while the workers are loading."""
    out = tmp_path / "out"
    notes = notes_file(*[(f"p{number}", "No chondritis. " * 50) for number in range(3000)])
    process = subprocess.Popen(
        [sys.executable, "-m", "extractor", "annotate", str(notes), "--out", str(out), "--workers", "2"],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    started = time.monotonic()
    while not is_cut_off(out) and time.monotonic() - started < 60:
        time.sleep(0.02)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT) if ending == signal.SIGINT else process.terminate()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--resume goes on" in errors
    assert "Traceback" not in errors
    assert json.loads((out / "status.json").read_text())["state"] == "stopped"
