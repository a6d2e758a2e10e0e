"""Runs that are cut off, gone on with, sharded, repeated: in the end always the same tables."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractor.engines import batches
from extractor.engines.batches import Shard
from extractor.engines.inline import InlineEngine
from extractor.engines.runs import Plan, Tally, input_key, run, screen
from extractor.engines.status import Status
from extractor.engines.work import Setup
from extractor.errors import RunError
from extractor.io.parts import Parts, is_cut_off, remove_parts
from extractor.io.schema import TABLES
from extractor.io.tables import read_table
from extractor.spec.trials import Trial, load_trial

POISON = Path(__file__).resolve().parent / "poison"
ROOT = Path(__file__).resolve().parent.parent.parent
NotesFile = Callable[..., Path]
ROWS = [(f"p{number % 7}", f"word{number} and more of it") for number in range(60)]


@pytest.fixture(scope="module")
def trial() -> Trial:
    return load_trial("rp-low-dose-il2")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "NOTES_IN_BATCH", 5)
    monkeypatch.setattr(batches, "CHARTS_IN_BATCH", 3)


def tables(out: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: list(read_table(out, name)) for name in TABLES}


def do(notes: Path, out: Path, setup: Setup, trial: Trial | None, **changes: Any) -> Tally:
    out.mkdir(exist_ok=True)
    resume = changes.pop("resume", False)
    plan = replace(Plan(out, input_key(notes, None), notes=notes, trial=trial), **changes)
    return run(plan, lambda: InlineEngine(replace(setup, trial=trial)), resume=resume)


def long_run(notes: Path, out: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{POISON}"}
    command = [sys.executable, str(POISON / "long_run.py"), str(notes), str(out), *words]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def contents(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*.parquet")) if "parts" not in p.parts[:-2]}


def test_a_table_of_one_part_is_a_file_and_of_several_a_folder(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial
) -> None:
    do(notes_file(*ROWS), tmp_path / "many", poisonous, trial)
    do(notes_file(*ROWS[:4]), tmp_path / "few", poisonous, trial)
    assert len(list((tmp_path / "many" / "mentions").iterdir())) == 12
    assert (tmp_path / "few" / "mentions.parquet").is_file()
    assert [row["note_id"] for row in read_table(tmp_path / "many", "mentions")] == [f"n{number}" for number in range(60)]


def test_candidates_are_ranked_over_all_parts(notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial) -> None:
    tally = do(notes_file(*ROWS), tmp_path / "out", poisonous, trial)
    rows = list(read_table(tmp_path / "out", "candidates"))
    assert [row["rank"] for row in rows] == list(range(1, 8))
    assert [candidate.patient_id for candidate in tally.first_candidates] == [row["patient_id"] for row in rows]
    assert tally.patients == sum(tally.by_status.values()) == 7


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_other_formats_hold_the_same_rows(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial, format: str
) -> None:
    notes = notes_file(*ROWS)
    do(notes, tmp_path / "parquet", poisonous, trial)
    do(notes, tmp_path / format, poisonous, trial, format=format)
    for name in ("notes", "mentions", "verdicts", "candidates"):
        keys = [(row["patient_id"], row.get("note_id"), row.get("rationale")) for row in read_table(tmp_path / format, name)]
        assert keys == [
            (row["patient_id"], row.get("note_id"), row.get("rationale")) for row in read_table(tmp_path / "parquet", name)
        ]
    screened = tmp_path / "screened"
    screened.mkdir()
    setup = replace(poisonous, trial=trial)
    screen(Plan(screened, {}, trial=trial), [tmp_path / format], lambda: InlineEngine(setup))
    assert list(read_table(screened, "verdicts")) == list(read_table(tmp_path / "parquet", "verdicts"))


def killed_until_done(notes: Path, out: Path, kills: int, seed: int) -> int:
    """Starts the run again and again, killing it with all its workers at a random moment; how often it was killed."""
    chance = random.Random(seed)
    out.mkdir()
    for attempt in range(kills):
        process = long_run(notes, out, "resume")
        try:
            process.communicate(timeout=chance.uniform(0.3, 4.0))
            assert process.returncode == 0
            return attempt
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    process = long_run(notes, out, "resume")
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
    return kills


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_a_run_killed_at_random_moments_gives_the_same_bytes(notes_file: NotesFile, tmp_path: Path, kills: int) -> None:
    notes = notes_file(*[(f"p{number % 40}", f"word{number} " * 20) for number in range(1_500 if kills > 10 else 200)])
    whole = tmp_path / "whole"
    whole.mkdir()
    process = long_run(notes, whole)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
    done, seed = 0, 1
    while done < kills:
        cut = tmp_path / f"cut{seed}"
        done += max(1, killed_until_done(notes, cut, kills - done, seed))
        assert contents(cut) == contents(whole)
        seed += 1


@pytest.mark.parametrize("moment", ["it reads", "it starts"])
def test_workers_of_a_killed_run_end_before_their_next_note(notes_file: NotesFile, tmp_path: Path, moment: str) -> None:
    """They used to read their batch to its end, some 256 notes, or all of it when the run was killed while they started.

    Here a batch has five notes, a second each, and each leaves a mark.
    """
    notes, out = notes_file(*[("p1", f"SLOW {tmp_path}/mark{number}") for number in range(10)]), tmp_path / "out"
    out.mkdir()
    process = long_run(notes, out)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("the children of a process are listed in /proc on Linux only")

    def workers() -> list[int]:
        return [int(pid) for pid in children.read_text().split() if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]

    def marks() -> int:
        return len(list(tmp_path.glob("mark*")))

    started = time.monotonic()
    while (len(workers()) < 2 if moment == "it starts" else not marks()) and time.monotonic() - started < 60:
        time.sleep(0.05)
    left = workers()
    held = left if moment == "it starts" else []
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(len(held) / 2)  # the run gives them their batches
    process.kill()
    begun = marks()
    for pid in held:
        os.kill(pid, signal.SIGCONT)
    while any(map(is_running, left)) and time.monotonic() - started < 60:
        time.sleep(0.2)
    process.communicate()
    assert [pid for pid in left if is_running(pid)] == []
    assert marks() <= (0 if held else begun + 1)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_ctrl_c_keeps_what_is_done(notes_file: NotesFile, tmp_path: Path) -> None:
    notes, out = notes_file(*[(f"p{number % 40}", f"word{number} " * 20) for number in range(4_000)]), tmp_path / "out"
    out.mkdir()
    process = long_run(notes, out)
    started = time.monotonic()
    while not list(out.glob("parts/mentions/*.parquet")) and time.monotonic() - started < 60:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 2, output + errors
    assert "--resume goes on" in output
    assert "Traceback" not in errors
    assert json.loads((out / "status.json").read_text())["state"] == "stopped"
    assert is_cut_off(out)


@pytest.mark.parametrize("stop_at", ["reading", "judging"])
def test_a_run_stopped_anywhere_goes_on(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial, stop_at: str
) -> None:
    notes, out, setup = notes_file(*ROWS), tmp_path / "out", replace(poisonous, trial=trial)
    out.mkdir()
    plan = Plan(out, input_key(notes, None), notes=notes, trial=trial)
    seen: list[Status] = []

    def stop(status: Status) -> None:
        seen.append(status)
        if status.state == stop_at and sum(one.state == stop_at for one in seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(RunError, match="--resume goes on"):
        run(plan, lambda: InlineEngine(setup), watcher=stop)
    run(plan, lambda: InlineEngine(setup), resume=True)
    do(notes, tmp_path / "whole", poisonous, trial)
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.parametrize("moved", range(7))
def test_a_run_cut_off_while_its_tables_are_moved_goes_on(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    notes, out = notes_file(*ROWS), tmp_path / "out"
    publish, calls = Parts.publish, []

    def cut(self: Parts, name: str, format: Any) -> None:
        if len(calls) == moved:
            raise KeyboardInterrupt
        calls.append(name)
        publish(self, name, format)

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "publish", cut)
        if moved < 6:
            with pytest.raises(RunError):
                do(notes, out, poisonous, trial)
        else:
            do(notes, out, poisonous, trial)
    do(notes, out, poisonous, trial, resume=True)
    do(notes, tmp_path / "whole", poisonous, trial)
    assert contents(out) == contents(tmp_path / "whole")


def test_another_input_is_not_gone_on_with(notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial) -> None:
    out = tmp_path / "out"
    do(notes_file(*ROWS), out, poisonous, trial)
    with pytest.raises(RunError, match="of another notes"):
        do(notes_file(*ROWS[:9]), out, poisonous, trial, resume=True)


def test_a_full_disk_is_one_clear_line(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("extractor.io.parts.write_part", full)
    with pytest.raises(RunError, match="the disk is full"):
        do(notes_file(*ROWS), tmp_path / "out", poisonous, None)


def test_shards_screened_together_are_the_whole_run(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial
) -> None:
    notes = notes_file(*ROWS, ("p9", "RAISE secret"))
    do(notes, tmp_path / "whole", poisonous, trial)
    shards = [tmp_path / f"shard{index}" for index in (1, 2, 3)]
    for index, out in enumerate(shards, start=1):
        do(notes, out, poisonous, trial, shard=Shard(index, 3))
        remove_parts(out)
    together = tmp_path / "together"
    together.mkdir()
    screen(Plan(together, {}, trial=trial), shards, lambda: InlineEngine(replace(poisonous, trial=trial)))
    for name in ("verdicts", "candidates"):
        assert list(read_table(together, name)) == list(read_table(tmp_path / "whole", name))
    counted = [row["note_id"] for out in shards for row in read_table(out, "notes")]
    assert sorted(counted) == sorted(row["note_id"] for row in read_table(tmp_path / "whole", "notes"))


def test_a_patient_without_note_or_index_date_is_a_failure(
    notes_file: NotesFile, tmp_path: Path, poisonous: Setup, trial: Trial
) -> None:
    from extractor.records import Patient

    patients = {"p0": Patient("p0"), "lonely": Patient("lonely")}
    tally = do(notes_file(("p0", "word")), tmp_path / "out", poisonous, trial, patients=patients)
    failures = list(read_table(tmp_path / "out", "failures"))
    assert [(row["patient_id"], row["stage"]) for row in failures] == [("lonely", "judge")]
    assert "--index-date" in failures[0]["error"]
    assert tally.failures == 1
