"""Worker processes: what becomes of a note that crashes, hangs or eats memory, and of the notes around it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from extractor.engines import processes
from extractor.engines.processes import ProcessEngine
from extractor.engines.tasks import Task
from extractor.engines.wire import pack, pack_tables, unpack_answer, unpack_task
from extractor.engines.work import Setup, note_table, notes_of
from extractor.errors import RunError
from extractor.records import Note

MakeNote = Callable[[str, str], Note]


def results(setup: Setup, batches: list[list[Note]], *, workers: int = 2, memory_mb: int = 0) -> dict[int, dict[str, list[dict]]]:
    engine = ProcessEngine(setup, workers=workers, memory_mb=memory_mb)
    try:
        tasks = (Task(number, "read", (note_table(notes),), len(notes)) for number, notes in enumerate(batches))
        return {done.number: {name: table.to_pylist() for name, table in done.tables.items()} for done in engine.map(tasks)}
    finally:
        engine.close()


def test_every_batch_comes_back_once_whatever_the_order(poisonous: Setup, note: MakeNote) -> None:
    batches = [[note(f"n{b}-{i}", f"word{b} more") for i in range(b % 3)] for b in range(20)]
    found = results(poisonous, batches)
    assert sorted(found) == list(range(20))
    assert all([m["note_id"] for m in found[b]["mentions"]] == [n.note_id for n in batches[b]] for b in found)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("CRASH", "the worker process ended with signal 11", id="crash"),
        pytest.param("EXIT", "the worker process ended with status 3", id="exit"),
        pytest.param("HANG", "took longer than 1 seconds", id="hang"),
        pytest.param("MEMORY", "MemoryError", id="memory"),
        pytest.param("RAISE secret words", "ValueError", id="exception"),
    ],
)
def test_a_poisonous_note_fails_alone(poisonous: Setup, note: MakeNote, text: str, error: str) -> None:
    batches = [[note("a", "first"), note("b", text), note("c", "third")], [note("d", "fourth")]]
    setup = poisonous if text == "HANG" else replace(poisonous, note_seconds=60)  # a busy machine takes its time to fill memory
    found = results(setup, batches, memory_mb=2000)
    assert [(f["note_id"], f["error"]) for f in found[0]["failures"]] == [("b", error)]
    assert [m["note_id"] for m in found[0]["mentions"]] == ["a", "c"]
    assert [n["note_id"] for n in found[0]["notes"]] == ["a", "b", "c"]
    assert [m["note_id"] for m in found[1]["mentions"]] == ["d"]


def test_a_note_that_is_deaf_to_its_alarm_is_ended_from_outside(
    poisonous: Setup, note: MakeNote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE_SECONDS", 2)
    found = results(poisonous, [[note("a", "DEAF"), note("b", "second")]], workers=1)
    assert [(f["note_id"], f["error"]) for f in found[0]["failures"]] == [("a", "took longer than 1 seconds")]
    assert [m["note_id"] for m in found[0]["mentions"]] == ["b"]


def test_a_worker_that_dies_once_costs_no_note(poisonous: Setup, note: MakeNote, tmp_path: Path) -> None:
    found = results(poisonous, [[note("a", "first"), note("b", f"CRASH-ONCE {tmp_path / 'mark'}")]])
    assert found[0]["failures"] == []
    assert [m["note_id"] for m in found[0]["mentions"]] == ["a", "b"]


def test_workers_that_cannot_start_end_the_run(poisonous: Setup, note: MakeNote) -> None:
    with pytest.raises(RunError, match="give more --worker-memory"):
        results(poisonous, [[note("a", "first")]], workers=1, memory_mb=1)


@pytest.mark.parametrize(
    ("make", "said"), [("make_broken", "x.yaml:3: unknown key"), ("make_hungry", "give more --worker-memory")]
)
def test_what_cannot_be_loaded_ends_the_run_and_blames_no_note(poisonous: Setup, note: MakeNote, make: str, said: str) -> None:
    """It used to be tried again for each note, seconds a time, until all had failed."""
    module = sys.modules[poisonous.make_pipeline.__module__]
    with pytest.raises(RunError, match=said):
        results(replace(poisonous, make_pipeline=getattr(module, make)), [[note("a", "first"), note("b", "second")]], workers=1)


def test_a_note_larger_than_the_memory_of_a_worker_fails_alone(poisonous: Setup, note: MakeNote) -> None:
    """Here the worker cannot even take in the batch, or dies while it does."""
    batches = [[note("a", "first"), note("b", "x" * 150_000_000), note("c", "RAISE secret"), note("d", "fourth")]]
    found = results(poisonous, batches, workers=1, memory_mb=400)
    assert [f["note_id"] for f in found[0]["failures"]] == ["b", "c"]
    assert [m["note_id"] for m in found[0]["mentions"]] == ["a", "d"]
    assert [n["note_id"] for n in found[0]["notes"]] == ["a", "b", "c", "d"]


def test_no_traceback_of_a_worker_shows_text(poisonous: Setup, note: MakeNote, capfd: pytest.CaptureFixture[str]) -> None:
    """The mention of this note cannot be written as a row; the error would quote it."""
    found = results(poisonous, [[note("a", "first"), note("b", "UNWRITABLE secret")]], workers=1)
    assert [(f["note_id"], f["error"]) for f in found[0]["failures"]] == [("b", "UnicodeEncodeError")]
    assert [m["note_id"] for m in found[0]["mentions"]] == ["a"]
    assert "secret" not in "".join(capfd.readouterr())


def test_tasks_and_tables_survive_the_wire(note: MakeNote) -> None:
    notes = [note("a", "x\x00y\u2028 🙂"), Note("b", "p", note("b", "").note_date, "", "title")]
    kind, tables, skip = unpack_task(pack(Task(1, "read", (note_table(notes),), 2), {1: "why"}))
    assert (kind, notes_of(tables[0]), skip) == ("read", notes, {1: "why"})
    assert unpack_answer(pack_tables({"t": tables[0]}))["t"].equals(tables[0])
