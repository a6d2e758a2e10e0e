"""Spark gives the rows of the local engine: on one machine, and on a cluster of a master and two workers.

They need Java 17 or later; without it they are skipped, and say so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractor.engines.batches import Shard
from extractor.engines.processes import ProcessEngine
from extractor.engines.runs import Plan, input_key, run
from extractor.engines.work import Setup
from extractor.errors import RunError
from extractor.io.notes import read_patients
from extractor.io.schema import TABLES
from extractor.io.tables import read_table
from extractor.records import Patient
from extractor.spec.trials import load_trial

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'prescreen[spark]'")
ROOT = Path(__file__).resolve().parent.parent.parent
POISON = Path(__file__).resolve().parent / "poison"
DEV = ROOT / "annotations" / "rp-dev"


def java_version() -> int:
    if shutil.which("java") is None:
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


pytestmark = pytest.mark.skipif(java_version() < 17, reason="Java 17 or later is missing, which Spark 4 needs: install a JRE")


@pytest.fixture(autouse=True)
def _workers_find_us(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{POISON}")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)


def rows(out: Path, name: str) -> bytes:
    """All rows of a table, sorted, as the bytes of one Arrow stream."""
    found = sorted(read_table(out, name), key=lambda row: json.dumps(row, default=str, sort_keys=True))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, TABLES[name]) as stream:
        stream.write_table(pa.Table.from_pylist(found, schema=TABLES[name]).combine_chunks())
    return sink.getvalue().to_pybytes()


def both(tmp_path: Path, plan: Plan, setup: Setup, master: str) -> tuple[Path, Path]:
    from extractor.engines.spark import run_spark

    local, spark = tmp_path / "local", tmp_path / "spark"
    for out in (local, spark):
        out.mkdir()
    one = run(replace(plan, out=local), lambda: ProcessEngine(setup, workers=1, memory_mb=2000))
    other = run_spark(replace(plan, out=spark), setup, master=master, memory_mb=2000)
    assert json.loads((spark / "status.json").read_text())["state"] == "done"
    same = ("notes", "mentions", "failures", "patients", "by_status", "first_candidates", "slow_notes")
    assert {name: getattr(one, name) for name in same} == {name: getattr(other, name) for name in same}
    return local, spark


@pytest.mark.slow
def test_local_spark_gives_the_rows_of_the_local_engine(tmp_path: Path) -> None:
    trial = load_trial("rp-low-dose-il2")
    notes = tmp_path / "notes.jsonl"
    kept = ("D1-001", "D1-004", "D1-009")
    lines = [line for line in (DEV / "notes.jsonl").read_text("utf-8").splitlines() if json.loads(line)["patient_id"] in kept]
    notes.write_text("\n".join([*lines, lines[0], "not json"]) + "\n", "utf-8")
    patients = {name: patient for name, patient in read_patients(DEV / "patients.jsonl").items() if name in kept}
    setup = Setup(patterns=Path(shutil.copytree(ROOT / "patterns", tmp_path / "patterns")), trial=trial, note_seconds=0)
    plan = Plan(tmp_path, input_key(notes, None), notes=notes, patients=patients, trial=trial)
    local, spark = both(tmp_path, plan, setup, "local[2]")
    for name in TABLES:
        assert rows(local, name) == rows(spark, name), name


def made_rows() -> list[dict[str, Any]]:
    day = date(2025, 6, 12)
    texts = [f"word{number} and more" for number in range(700)]
    texts[5], texts[6], texts[300], texts[301] = "RAISE secret", "\u0130stanbul", "CRASH", "MEMORY"
    found: list[dict[str, Any]] = [
        {"ID": f"n{number}", "person_id": f"p{number % 9}", "note_date": day, "TEXT": text, "note_title": None}
        for number, text in enumerate(texts)
    ]
    found[7]["TEXT"] = None
    found[8]["person_id"] = "stranger"
    found[9]["ID"] = "n1"
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A standalone master and two workers, each a process of its own."""
    home = Path(pyspark.__file__).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{POISON}",
        "PYSPARK_PYTHON": sys.executable,
    }
    command = [str(home / "bin" / "spark-class")]
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen([*command, *words], env=environment, start_new_session=True, **quiet))  # type: ignore[call-overload]

    start("org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
    for _ in range(240):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.5)
    for _ in range(2):
        worker = ("org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0")
        start(*worker, "--cores", "1", "--memory", "1g", f"spark://127.0.0.1:{port}")
    yield f"spark://127.0.0.1:{port}"
    for process in started:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def test_a_cluster_reads_parquet_in_place_and_gives_the_same_rows(tmp_path: Path, poisonous: Setup, cluster: str) -> None:
    """The rows that cannot be read are the same; only their source differs, for want of row numbers."""
    notes = tmp_path / "notes"
    notes.mkdir()
    table = made_rows()
    schema = pa.schema(
        [
            ("ID", pa.string()),
            ("person_id", pa.string()),
            ("note_date", pa.date32()),
            ("TEXT", pa.string()),
            ("note_title", pa.string()),
        ]
    )
    for number in range(3):
        pq.write_table(pa.Table.from_pylist(table[number::3][:], schema=schema), notes / f"{number}.parquet")
    trial = load_trial("rp-low-dose-il2")
    patients = {f"p{number}": Patient(f"p{number}", "female") for number in range(9)} | {"lonely": Patient("lonely")}
    plan = Plan(
        tmp_path,
        input_key(notes, None),
        notes=notes,
        columns={"note_id": "ID", "note_text": "TEXT"},
        patients=patients,
        trial=trial,
    )
    local, spark = both(tmp_path, plan, replace(poisonous, trial=trial, note_seconds=60), cluster)
    for name in ("notes", "mentions", "verdicts", "evidence", "candidates"):
        assert rows(local, name) == rows(spark, name), name
    faults = [sorted((f["note_id"] or "", f["stage"], f["error"]) for f in read_table(out, "failures")) for out in (local, spark)]
    assert faults[0] == faults[1]
    assert [error for _, stage, error in faults[0] if stage == "extract"] == [
        "the worker process ended with signal 11",
        "MemoryError",
        "ValueError",
    ]
    assert len(faults[0]) == 7


def test_shards_and_mentions_alone(tmp_path: Path, poisonous: Setup) -> None:
    notes = tmp_path / "notes.jsonl"
    lines = [
        {
            "note_id": row["ID"],
            "patient_id": row["person_id"],
            "note_date": str(row["note_date"]),
            "note_text": row["TEXT"] or "x",
        }
        for row in made_rows()[:40]
    ]
    notes.write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    plan = Plan(tmp_path, input_key(notes, None), notes=notes, shard=Shard(2, 3))
    local, spark = both(tmp_path, plan, poisonous, "local[1]")
    assert rows(local, "mentions") == rows(spark, "mentions")
    assert not (spark / "verdicts").exists()


def test_a_table_of_the_catalog_is_read_in_place(tmp_path: Path, poisonous: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """The catalog lies in the working folder, as it does for Spark without a metastore; one partition a row would be many."""
    from extractor.engines.spark import run_spark, session

    monkeypatch.chdir(tmp_path)
    spark = session("local[1]")
    rows = [(row["ID"], row["person_id"], row["note_date"], row["TEXT"]) for row in made_rows()[10:40]]
    spark.createDataFrame(rows, "id string, person_id string, note_date date, note_text string").createOrReplaceGlobalTempView(
        "notes"
    )
    plan = Plan(tmp_path, {}, notes=Path("table:global_temp.notes"), columns={"note_id": "id"})
    tally = run_spark(plan, poisonous, master="local[1]")
    assert (tally.notes, tally.mentions, tally.failures) == (30, 30, 0)


def test_faulty_patterns_end_the_run_with_their_own_message(tmp_path: Path, poisonous: Setup, notes_file: Any) -> None:
    from extractor.engines.spark import run_spark

    module = sys.modules[poisonous.make_pipeline.__module__]
    out = tmp_path / "out"
    out.mkdir()
    plan = Plan(out, {}, notes=notes_file(("p1", "secret words")))
    with pytest.raises(RunError, match="^Spark has ended the run: concepts/x.yaml:3: unknown key$"):
        run_spark(plan, replace(poisonous, make_pipeline=module.make_broken), master="local[1]")


def test_what_only_the_local_engine_does_is_refused(tmp_path: Path, poisonous: Setup) -> None:
    from extractor.engines.spark import run_spark

    with pytest.raises(RunError, match="leave --since and --format"):
        run_spark(Plan(tmp_path, {}, notes=tmp_path, format="csv"), poisonous)
