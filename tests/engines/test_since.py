"""Incremental runs: only what is new or changed is read, and the result is that of reading everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from extractor.engines import batches
from extractor.engines.inline import InlineEngine
from extractor.engines.manifest import Counts, now, write_run_json
from extractor.engines.runs import Plan, Tally, input_key, run
from extractor.engines.since import Earlier
from extractor.engines.work import Setup
from extractor.errors import RunError
from extractor.io.schema import TABLES
from extractor.io.tables import read_table
from extractor.spec.trials import load_trial

NotesFile = Callable[..., Path]
BEFORE = [(f"p{number % 7}", f"word{number} and more of it") for number in range(40)]
AFTER = [
    ("p1", "changed text"),
    ("p6", BEFORE[1][1]),
    *BEFORE[2:38],
    ("p5", "RAISE secret"),
    ("p8", "new one"),
    ("p8", "newer one"),
]
"""Note 0 has another text, note 1 another patient, note 39 is new text, 40 new; note 38 fails."""


def do(notes: Path, out: Path, setup: Setup, since: Path | None = None, format: str = "parquet") -> Tally:
    trial = load_trial("rp-low-dose-il2")
    out.mkdir()

    def earlier(scratch: Path) -> Earlier:
        assert since is not None
        return Earlier(since, patterns_sha256="same", date_order="auto", scratch=scratch)

    plan = Plan(out, input_key(notes, None), notes=notes, trial=trial, format=format, since=earlier if since else None)  # type: ignore[arg-type]
    tally = run(plan, lambda: InlineEngine(replace(setup, trial=trial)))
    counts = Counts(tally.notes, tally.patients, tally.mentions, tally.failures, 0, tally.reused_notes)
    write_run_json(out, started=now(), counts=counts, trial=trial, rules_sha256="same", inputs={"date_order": "auto"}, key={})
    return tally


@pytest.mark.parametrize("format", ["parquet", "jsonl", "csv"])
def test_an_incremental_run_is_equal_to_a_full_one(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.setattr(batches, "NOTES_IN_BATCH", 7)
    do(notes_file(*BEFORE, name="before.jsonl"), tmp_path / "before", poisonous, format=format)
    after = notes_file(*AFTER, name="after.jsonl")
    tally = do(after, tmp_path / "incremental", poisonous, since=tmp_path / "before")
    full = do(after, tmp_path / "full", poisonous)
    assert tally.reused_notes == 36
    assert full.reused_notes == 0
    for name in TABLES:
        assert list(read_table(tmp_path / "incremental", name)) == list(read_table(tmp_path / "full", name)), name


def test_a_note_that_failed_before_is_read_again(notes_file: NotesFile, tmp_path: Path, poisonous: Setup) -> None:
    notes = notes_file(("p1", "word"), ("p1", "RAISE secret"))
    do(notes, tmp_path / "before", poisonous)
    tally = do(notes, tmp_path / "again", poisonous, since=tmp_path / "before")
    assert (tally.reused_notes, tally.failures) == (1, 1)


def test_other_patterns_or_no_run_are_refused(notes_file: NotesFile, tmp_path: Path, poisonous: Setup) -> None:
    do(notes_file(("p1", "word")), tmp_path / "before", poisonous)
    with pytest.raises(RunError, match="other patterns"):
        Earlier(tmp_path / "before", patterns_sha256="other", date_order="auto", scratch=tmp_path / "s")
    with pytest.raises(RunError, match="--date-order"):
        Earlier(tmp_path / "before", patterns_sha256="same", date_order="us", scratch=tmp_path / "s")
    with pytest.raises(RunError, match="no finished run"):
        Earlier(tmp_path, patterns_sha256="same", date_order="auto", scratch=tmp_path / "s")
