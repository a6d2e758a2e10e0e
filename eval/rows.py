"""One table of a folder, whatever its format: Parquet file, folder of parts, JSON Lines or CSV.

Comes in: a folder and a table name. Goes out: a list of dicts with the types of the data contract (CSV knows
strings only, so the readers of `read` convert). Its own file because a run is written by several engines in
several formats.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.records import EvalError

Row = dict[str, Any]
SUFFIXES = (".parquet", ".jsonl", ".csv")


def read_table(folder: Path, name: str, *, required: bool = True) -> list[Row]:
    """Rows of `name.parquet`, `name.jsonl`, `name.csv` or the folder `name` of such parts, in file order.

    An absent table gives no rows where it is not `required`. Two forms of one table are refused: which of
    them is the newer cannot be told.
    """
    places = candidates_for(folder, name)
    found = [path for path in places if path.exists()]
    if len(found) > 1:
        raise EvalError(f"{folder}: table '{name}' is there twice: {', '.join(path.name for path in found)}; remove one")
    if not found:
        if required:
            looked_for = ", ".join(path.name for path in places)
            raise EvalError(f"{folder}: no table '{name}'; looked for {looked_for}")
        return []
    return [row for part in parts_of(found[0]) for row in read_file(part)]


def candidates_for(folder: Path, name: str) -> list[Path]:
    """Every place where a table of that name may lie."""
    return [folder / f"{name}{suffix}" for suffix in SUFFIXES] + [folder / name]


def parts_of(path: Path) -> list[Path]:
    """The files of a table: itself, or the parts of a folder by name (`_SUCCESS` and hidden files are no
    parts).

    An engine may write `verdicts.parquet` as a folder too. A folder without parts is an empty table.
    """
    if path.is_file():
        return [path]
    parts = sorted(part for part in path.rglob("*") if part.suffix in SUFFIXES and part.is_file())
    return [part for part in parts if not part.name.startswith(("_", "."))]


def read_file(path: Path) -> list[Row]:
    """Rows of one file, by its suffix."""
    if path.suffix not in READERS:
        raise EvalError(f"{path}: not a table; known are {', '.join(SUFFIXES)}")
    return READERS[path.suffix](path)


def read_jsonl(path: Path) -> list[Row]:
    """One object a line; blank lines are skipped. Names every line that is not an object."""
    rows, faults = [], []
    with path.open(encoding="utf-8", newline="") as handle:
        for number, line in enumerate(handle, start=1):
            if line.strip():
                try:
                    rows.append(_object(line))
                except ValueError:
                    faults.append(number)
    if faults:
        raise EvalError(f"{path}: not a JSON object in line {', '.join(map(str, faults[:10]))}")
    return rows


def _object(line: str) -> Row:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError
    return row


def read_csv(path: Path) -> list[Row]:
    """Strings as written, an empty cell as `None`."""
    with path.open(encoding="utf-8", newline="") as handle:
        return [{key: cell or None for key, cell in row.items()} for row in csv.DictReader(handle)]


def read_parquet(path: Path) -> list[Row]:
    """Rows of one Parquet file."""
    import pyarrow.parquet as pq

    rows: list[Row] = pq.ParquetFile(path).read().to_pylist()
    return rows


READERS: dict[str, Callable[[Path], list[Row]]] = {
    ".parquet": read_parquet,
    ".jsonl": read_jsonl,
    ".csv": read_csv,
}
