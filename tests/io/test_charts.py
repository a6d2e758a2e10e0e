"""Mentions grouped by patient on the disk, when they do not fit into memory."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractor.io import charts as module
from extractor.io import ranges
from extractor.io.charts import charts, count_patients
from extractor.io.schema import MENTIONS, NOTES
from extractor.records import Patient

PATIENTS, EACH = 2_000, 20
DAY = date(2025, 6, 12)


def write(folder: Path) -> tuple[list[Path], list[Path]]:
    """Notes and mentions (some 60 MB) in random order, in ten parts."""
    chance = random.Random(7)
    rows = [(f"p{patient:05}", f"n{patient}-{number}") for patient in range(PATIENTS) for number in range(EACH)]
    chance.shuffle(rows)
    notes, mentions = [], []
    for part in range(10):
        notes.append(folder / f"notes{part}.parquet")
        mentions.append(folder / f"mentions{part}.parquet")
        found = [{"note_id": note_id, "patient_id": patient_id, "note_date": DAY} for patient_id, note_id in rows[part::10]]
        pq.write_table(pa.Table.from_pylist(found, schema=NOTES), notes[-1])
        made = [
            {**row, "concept": "c", "start": 1, "end": 2, "text": "t", "snippet": chance.randbytes(700).hex(), "cues": []}
            for row in found
        ]
        pq.write_table(pa.Table.from_pylist(made, schema=MENTIONS), mentions[-1])
    return notes, mentions


def test_mentions_that_do_not_fit_into_memory_are_parted_on_the_disk_and_come_back_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrow holds the mentions; DuckDB, which counts and orders patients, is held to 48 MB."""
    notes, mentions = write(tmp_path)
    known = {"p00003": Patient("p00003", "female"), "z": Patient("z")}

    def read(name: str) -> tuple[list[tuple[str, int, str]], int, int]:
        found, spilled, held = [], 0, 0
        for number, chart in enumerate(charts(notes, mentions, patients=known, index_date=None, spill=tmp_path / name)):
            if number % 100 == 0:
                spilled = max(spilled, sum(file.stat().st_size for file in (tmp_path / name).rglob("*.arrow")))
                held = max(held, pa.total_allocated_bytes())
            found.append((chart.patient.patient_id, chart.mentions.num_rows, str(chart.mentions.column("snippet").to_pylist())))
        return found, spilled, held

    whole, nothing, much = read("much")
    monkeypatch.setattr(ranges, "BYTES_IN_RANGE", 4_000_000)
    monkeypatch.setattr(module, "MEMORY", "48MB")
    parts, spilled, little = read("little")
    assert nothing == 0
    assert spilled > 40_000_000
    assert little < 20_000_000 < 55_000_000 < much
    assert parts == whole
    assert [count for _, count, _ in whole] == [EACH] * PATIENTS + [0]
    assert count_patients(notes, known, tmp_path / "count") == PATIENTS + 1
