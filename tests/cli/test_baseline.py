"""A baseline is a run like any other: the same tables, patients and criteria, and nobody takes it for the program's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from extractor.cli.app import COMMANDS
from extractor.cli.baseline import baseline
from extractor.engines.start import Machinery, Request, start
from extractor.errors import RunError
from extractor.io.tables import read_table
from extractor.spec.load import patterns_folder
from extractor.spec.trials import load_trial

TEXT = "Recurrent bilateral auricular chondritis, nasal chondritis and scleritis. No HIV. No pregnancy."


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    import typer

    folder = tmp_path_factory.mktemp("baseline")
    row = {"note_id": "n1", "patient_id": "p1", "note_date": "2025-06-12", "note_title": "Clinic", "note_text": TEXT}
    notes = folder / "notes.jsonl"
    notes.write_text(json.dumps(row) + "\n", encoding="utf-8")
    patterns = Path(shutil.copytree(patterns_folder(None), folder / "patterns"))
    app = typer.Typer()
    app.command()(baseline)
    for kind in ("keyword", "medspacy"):
        words = [
            kind,
            str(notes),
            "--trial",
            "rp-low-dose-il2",
            "--out",
            str(folder / kind),
            "--note-seconds",
            "0",
            "--patterns",
            str(patterns),
        ]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
    (folder / "own").mkdir()
    start(Request(notes, folder / "own", load_trial("rp-low-dose-il2"), patterns=patterns), Machinery())
    return {"notes": notes, "patterns": patterns, **{name: folder / name for name in ("keyword", "medspacy", "own")}}


@pytest.mark.parametrize("kind", ["keyword", "medspacy"])
def test_baseline_writes_what_a_run_writes(folders: dict[str, Path], kind: str) -> None:
    for name in ("verdicts", "candidates"):
        own, other = (list(read_table(folders[one], name)) for one in ("own", kind))
        key = "criterion_id" if name == "verdicts" else "patient_id"
        assert [row[key] for row in own] == [row[key] for row in other]
    assert all(TEXT[row["start"] : row["end"]] == row["text"] for row in read_table(folders[kind], "evidence"))


def test_baselines_differ_by_what_they_know(folders: dict[str, Path]) -> None:
    roles = {
        kind: {(row["text"], row["role"], row["negated"]) for row in read_table(folders[kind], "evidence")}
        for kind in ("keyword", "medspacy")
    }
    assert ("pregnancy", "supports", False) in roles["keyword"]
    assert ("pregnancy", "refutes", True) in roles["medspacy"]


def test_mentions_of_a_baseline_are_not_reused_as_the_programs_own(folders: dict[str, Path], tmp_path: Path) -> None:
    own, keyword = (json.loads((folders[name] / "run.json").read_text())["patterns_sha256"] for name in ("own", "keyword"))
    assert keyword == f"keyword:{own}"
    patterns, earlier = folders["patterns"], folders["keyword"]
    request = Request(folders["notes"], tmp_path, load_trial("rp-low-dose-il2"), patterns=patterns, since=earlier)
    with pytest.raises(RunError, match="pattern"):
        start(request, Machinery())


def test_command_is_registered() -> None:
    assert COMMANDS["baseline"][0] == "baseline:baseline"
