"""Mentions of any number in, the same in order of patient out: parted on the disk into ranges of patients, each sorted in memory.

A range is small enough to be sorted at once, so the memory needed does not grow with the table. (DuckDB's own sort of
the wide rows needs memory for each row even when it goes to the disk: 12 million mentions were sorted in 1 GB but not
in 256 MB.)
"""

from __future__ import annotations

import shutil
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractor.io.schema import MENTIONS

BYTES_IN_RANGE = 128_000_000
BYTES_IN_ROW = 200
"""What a mention takes beside its text and snippet."""
ROWS = 8192


def range_ends(sizes: Iterable[tuple[str, int]]) -> list[str]:
    """The last patient of each range, given the bytes of every patient's mentions in order of patient id.

    >>> range_ends([("a", 100_000_000), ("b", 60_000_000), ("c", 5)])
    ['b', 'c']
    """
    ends: list[str] = []
    size, last = 0, None
    for patient_id, own in sizes:
        size, last = size + own, patient_id
        if size >= BYTES_IN_RANGE:
            ends.append(patient_id)
            size, last = 0, None
    return ends if last is None else [*ends, last]


def by_patient(files: Sequence[Path], ends: Sequence[str], folder: Path) -> Iterator[pa.Table]:
    """The rows of the files, a sorted table a range; those of one patient stay in the order of the files.

    With more than one range they are first written into `folder`, which needs as much room as they do in memory.
    """
    if len(ends) < 2:
        yield from map(_sorted, [pq.read_table(files, schema=MENTIONS)] if files and ends else [])
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _part(files, ends, folder)
    for number in range(len(ends)):
        path = folder / f"{number}.arrow"
        with pa.OSFile(str(path)) as source:
            table = pa.ipc.open_stream(source).read_all()
        path.unlink()
        yield _sorted(table)


def _sorted(table: pa.Table) -> pa.Table:
    numbered = pa.table({"patient_id": table.column("patient_id"), "row": pa.array(range(table.num_rows), pa.int64())})
    return table.take(pc.sort_indices(numbered, sort_keys=[("patient_id", "ascending"), ("row", "ascending")]))


def _part(files: Sequence[Path], ends: Sequence[str], folder: Path) -> None:
    """Writes every row into the file of its range."""
    with ExitStack() as stack:
        sinks = [stack.enter_context(pa.OSFile(str(folder / f"{number}.arrow"), "wb")) for number in range(len(ends))]
        writers = [stack.enter_context(pa.ipc.new_stream(sink, MENTIONS)) for sink in sinks]
        for path in files:
            for batch in pq.ParquetFile(path).iter_batches(ROWS):
                table = pa.Table.from_batches([batch]).select(MENTIONS.names).cast(MENTIONS)
                ranges = _ranges_of(table.column("patient_id"), ends)
                for number in pc.unique(ranges).to_pylist():
                    writers[number].write_table(table.filter(pc.equal(ranges, number)))


def _ranges_of(patient_ids: pa.ChunkedArray, ends: Sequence[str]) -> pa.Array:
    """The number of the range of each patient."""
    coded = patient_ids.combine_chunks().dictionary_encode()
    numbers = pa.array([bisect_left(ends, patient_id) for patient_id in coded.dictionary.to_pylist()], pa.int32())
    return numbers.take(coded.indices)
