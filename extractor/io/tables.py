"""Rows to Parquet, JSON Lines or CSV and back: one table of a run is one file, or a folder of parts.

Every file appears whole or not at all: it is written under another name and then renamed.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from extractor.errors import RunError
from extractor.io.schema import TABLES

Format = Literal["parquet", "jsonl", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "jsonl", "csv")
ROWS_AT_A_TIME = 50_000


def write_table(folder: Path, name: str, rows: Iterable[Mapping[str, Any]], *, format: Format = "parquet") -> Path:
    """Writes the rows of table `name` into `folder` and returns the file; an empty table has its columns too."""
    path = folder / f"{name}.{format}"
    write_rows(path, rows, TABLES[name], format=format)
    return path


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema, *, format: Format) -> None:
    """Writes rows of `schema` to `path` in one step: a reader never sees half a file. Only some rows are held at a time."""
    partial = path.with_name(path.name + ".partial")
    writer = {"parquet": _write_parquet, "jsonl": _write_jsonl, "csv": _write_csv}[format]
    writer(partial, rows, schema)
    appear(partial, path)


def appear(partial: Path, path: Path) -> None:
    """Gives a written file its name, so that after a power cut it is there whole or not at all."""
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(partial, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Puts the names in a folder on the disk; until then a power cut may take back a renaming."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_parquet(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    source = iter(rows)
    with pq.ParquetWriter(path, schema) as writer:
        while some := [dict(row) for row in islice(source, ROWS_AT_A_TIME)]:
            writer.write_table(pa.Table.from_pylist(some, schema=schema))


def _write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        for row in rows:
            out.write(
                json.dumps({name: _plain(row.get(name), schema.field(name).type) for name in schema.names}, ensure_ascii=False)
                + "\n"
            )


def _write_csv(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(schema.names)
        for row in rows:
            writer.writerow([_cell(_plain(row.get(name), schema.field(name).type)) for name in schema.names])


def _plain(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_map(kind):
        return dict(value or ())
    return value.isoformat() if hasattr(value, "isoformat") else value


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def has_table(folder: Path, name: str) -> bool:
    """Whether a run folder holds the table in any format."""
    return bool(table_files(folder, name))


def table_files(folder: Path, name: str) -> list[Path]:
    """The files of a table, in order: `name.parquet|jsonl|csv`, or the parts of the folder `name`."""
    single = [folder / f"{name}.{suffix}" for suffix in FORMATS if (folder / f"{name}.{suffix}").is_file()]
    if single:
        return single[:1]
    parts = folder / name
    return sorted(p for p in parts.iterdir() if p.suffix[1:] in FORMATS) if parts.is_dir() else []


def read_table(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """The rows of a table of a run folder; raises `RunError` when the folder does not hold it."""
    files = table_files(folder, name)
    if not files:
        raise RunError(
            f"{folder}: no table '{name}' here; expected {name}.parquet, .jsonl, .csv or a folder {name}/ as a run writes them"
        )
    for path in files:
        yield from read_rows(path, TABLES[name])


def read_rows(path: Path, schema: pa.Schema) -> Iterator[dict[str, Any]]:
    """The rows of one file, its lists and maps as Python lists and dicts."""
    if path.suffix == ".parquet":
        for batch in pq.ParquetFile(path).iter_batches(batch_size=4096):
            yield from batch.to_pylist()
    elif path.suffix == ".jsonl":
        with path.open(encoding="utf-8", newline="") as lines:
            yield from (json.loads(line) for line in lines if line.strip())
    else:
        with path.open(encoding="utf-8", newline="") as lines:
            yield from (
                {name: _uncell(row.get(name), schema.field(name).type) for name in schema.names} for row in csv.DictReader(lines)
            )


def _uncell(text: str | None, kind: pa.DataType) -> Any:
    if pa.types.is_list(kind) or pa.types.is_map(kind):
        return json.loads(text) if text else []
    if text is None or text == "":
        return None if not pa.types.is_string(kind) else text
    if pa.types.is_boolean(kind):
        return text == "True"
    if pa.types.is_integer(kind):
        return int(text)
    return float(text) if pa.types.is_floating(kind) else text
