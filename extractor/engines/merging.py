"""The tables of a batch put together: what a worker has read, what an earlier run had, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from extractor.engines.batches import Batch
from extractor.io.schema import FAILURES, MENTIONS, NOTES, failure_row, note_row
from extractor.io.tables import read_table
from extractor.records import Failure

FAILURES_SHOWN = 20


def merged(batch: Batch, kept: pa.Table | None, read: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Notes and mentions in the order of the input, whoever has read them; failures of the input before those of reading."""
    failures = pa.Table.from_pylist([failure_row(failure) for failure in batch.failures], schema=FAILURES)
    tables = {
        "notes": read.get("notes", NOTES.empty_table()),
        "mentions": read.get("mentions", MENTIONS.empty_table()),
        "failures": pa.concat_tables([failures, read.get("failures", FAILURES.empty_table())]),
    }
    if kept is not None and batch.reused:
        reused = pa.Table.from_pylist([note_row(note) for note in batch.reused], schema=NOTES)
        tables["notes"] = _in_order(batch, pa.concat_tables([tables["notes"], reused]))
        tables["mentions"] = _in_order(batch, pa.concat_tables([tables["mentions"], kept]))
    return tables


def _in_order(batch: Batch, table: pa.Table) -> pa.Table:
    """The rows by the place of their note in the input, those of one note as they were."""
    places = pc.index_in(table.column("note_id"), value_set=pa.array(batch.order, pa.string()))
    numbered = pa.table({"place": places, "row": pa.array(range(table.num_rows), pa.int64())})
    return table.take(pc.sort_indices(numbered, sort_keys=[("place", "ascending"), ("row", "ascending")]))


def read_failures(out: Path) -> list[Failure]:
    """The first failures of a run folder, for showing."""
    return [Failure(**row) for row in islice(read_table(out, "failures"), FAILURES_SHOWN)]
