"""Tables written in parts, with a journal: what a run has done is on the disk, whole, before it counts as done.

In come Arrow tables by part number, in any order; out come files `parts/TABLE/00012.parquet` and one line a part in
`parts/journal.jsonl`. A run that was killed at any moment is gone on with from the journal: a part that is not in it is
made again and gives the same bytes. At the end the parts become the tables of the run folder.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from extractor.errors import RunError
from extractor.io.schema import TABLES
from extractor.io.tables import Format, appear, sync_folder, table_files, write_rows

FOLDER = "parts"
JOURNAL = "journal.jsonl"


class Parts:
    """The parts of one run folder. `key` says what the run is of: a journal with another key is not gone on with."""

    def __init__(self, out: Path, key: Mapping[str, Any]) -> None:
        self.out = out
        self.folder = out / FOLDER
        self._key = dict(key)
        self._done: dict[str, dict[int, dict[str, int]]] = {}

    def start(self) -> None:
        """A journal without parts; whatever an earlier run has left is removed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        remove_tables(self.out)
        self.folder.mkdir(parents=True)
        self._append({"run": self._key})

    def resume(self) -> bool:
        """Reads the journal; `False` when there is none. Raises `RunError` when it is of another run."""
        path = self.folder / JOURNAL
        if not path.exists():
            return False
        lines = list(_whole_lines(path))
        if not lines or "run" not in lines[0]:
            return False
        check_key(self.out, "that was cut off", self._key, lines[0]["run"])
        for line in lines[1:]:
            self._done.setdefault(line["stage"], {})[line["part"]] = line["rows"]
        self._tear_off(path)
        return True

    def _tear_off(self, path: Path) -> None:
        """Removes a line that a crash has torn, so that the next one does not continue it."""
        content = path.read_bytes()
        if not content.endswith(b"\n"):
            with path.open("r+b") as journal:
                journal.truncate(content.rfind(b"\n") + 1)

    def done(self, stage: str) -> Mapping[int, Mapping[str, int]]:
        """The parts of a stage that are done, with their rows by table."""
        return self._done.get(stage, {})

    def write(self, stage: str, part: int, tables: Mapping[str, pa.Table], counts: Mapping[str, int] | None = None) -> None:
        """Puts the tables of a part on the disk, then the part, with its rows and `counts`, into the journal."""
        for name, table in tables.items():
            write_part(self.path(name, part), table)
        rows = {**{name: table.num_rows for name, table in tables.items()}, **(counts or {})}
        self._append({"stage": stage, "part": part, "rows": rows})
        self._done.setdefault(stage, {})[part] = rows

    def path(self, name: str, part: int) -> Path:
        """Where a part of a table lies."""
        return self.folder / name / f"{part:05}.parquet"

    def files(self, name: str) -> list[Path]:
        """The parts of a table, in order."""
        return sorted((self.folder / name).glob("*.parquet"))

    def _final(self, name: str) -> Path:
        """The folder of the parts that are published: what `replace` has made, else those written."""
        whole = self.folder / f"{name}-whole"
        return whole if whole.is_dir() else self.folder / name

    def publish(self, name: str, format: Format) -> None:
        """Makes the parts of a table the table of the run folder: one file of one part, a folder of several."""
        source = self._final(name)
        parts = sorted(source.glob("*.parquet"))
        if not parts and table_files(self.out, name):
            return  # done before the run was cut off
        if format != "parquet":
            write_rows(self.out / f"{name}.{format}", _rows(parts), TABLES[name], format=format)
        elif len(parts) == 1:
            os.replace(parts[0], self.out / f"{name}.parquet")
            sync_folder(self.out)
        elif parts:
            os.replace(source, self.out / name)
            sync_folder(self.out)
        else:
            write_part(self.out / f"{name}.parquet", TABLES[name].empty_table())

    def move(self, name: str, to: str, *, after: int) -> None:
        """Makes the parts of one table further parts of another, behind its first `after`; empty ones go."""
        for number, path in enumerate(self.files(name)):
            if pq.ParquetFile(path).metadata.num_rows:
                os.replace(path, self.path(to, after + number))
            else:
                path.unlink()

    def replace(self, name: str, batches: Iterator[pa.RecordBatch]) -> None:
        """Writes a table anew as one part, in one step."""
        partial = self.folder / f"{name}.partial"
        with pq.ParquetWriter(partial, TABLES[name]) as writer:
            for batch in batches:
                writer.write_batch(batch.select(TABLES[name].names).cast(TABLES[name]))
        whole = self.folder / f"{name}-whole"
        whole.mkdir(exist_ok=True)
        appear(partial, whole / "00000.parquet")

    def _append(self, line: Mapping[str, Any]) -> None:
        with (self.folder / JOURNAL).open("a", encoding="utf-8", newline="") as journal:
            journal.write(json.dumps(line) + "\n")
            journal.flush()
            os.fsync(journal.fileno())


def is_cut_off(out: Path) -> bool:
    """Whether a run folder holds the journal of a run that did not come to its end."""
    return (out / FOLDER / JOURNAL).exists()


def check_key(out: Path, which: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Raises `RunError` when the run in a folder is not of what is wanted."""
    differing = [name for name in wanted if wanted[name] != found.get(name)]
    if differing:
        raise RunError(
            f"{out}: holds a run {which}, of another {' and '.join(differing)}; "
            "give the same again to go on with it, choose another folder, or --overwrite to start anew"
        )


def remove_parts(out: Path) -> None:
    """Removes journal and left-overs of a run that is whole."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)


def write_part(path: Path, table: pa.Table) -> None:
    """Writes a Parquet file that appears whole or not at all, and stays after a power cut."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        sync_folder(path.parent.parent)
    partial = path.with_name(path.name + ".partial")
    pq.write_table(table, partial)
    appear(partial, path)


def remove_tables(out: Path) -> None:
    """Removes the tables and reports of an earlier run from a run folder, nothing else."""
    for name in TABLES:
        for path in table_files(out, name):
            path.unlink()
        shutil.rmtree(out / name, ignore_errors=True)
    for name in ("run.json", "status.json", "report.html"):
        (out / name).unlink(missing_ok=True)


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal up to one that a crash has torn."""
    with path.open(encoding="utf-8", newline="") as lines:
        for line in lines:
            if not line.endswith("\n"):
                return
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return


def _rows(parts: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in parts:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=4096):
            yield from batch.to_pylist()
