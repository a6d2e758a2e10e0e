"""What an input is known by again: a hash of names and contents of its files. And how many notes it has, without reading them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from extractor.io.sources import MANIFEST

BLOCK_BYTES = 1 << 20


def fingerprint(path: Path) -> str:
    """A hash that another input has by chance only, and this one again after a copy. Some 1.4 GB a second are hashed,
    where a corpus of that size takes minutes to read at best.
    """
    digest = hashlib.sha256()
    for file in files_of(path):
        size = file.stat().st_size
        name = file.name if file == path else file.relative_to(path).as_posix()
        digest.update(f"{name}\0{size}\0".encode())
        for block in _blocks(file):
            digest.update(block)
    return digest.hexdigest()


def files_of(path: Path) -> list[Path]:
    """The files of an input in a fixed order; none when there is nothing."""
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "_")))
    return [path] if path.exists() else []


def count_notes(path: Path) -> int | None:
    """How many rows the input has, where that is told without parsing them; `None` elsewhere."""
    if path.is_dir() and (path / MANIFEST).is_file():
        return _rows_of_csv(path / MANIFEST)
    counts = [COUNTS[file.suffix.lower()](file) for file in files_of(path) if file.suffix.lower() in COUNTS]
    return None if None in counts else sum(filter(None, counts)) or None


def _rows_of_parquet(file: Path) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.ParquetFile(file).metadata.num_rows)
    except (pa.ArrowInvalid, OSError):
        return None


def _lines(file: Path) -> int:
    return sum(block.count(b"\n") for block in _blocks(file))


def _rows_of_csv(file: Path) -> int:
    """The line breaks that are not between quotes, without that of the header."""
    breaks, is_quoted = 0, False
    for block in _blocks(file):
        for number, piece in enumerate(block.split(b'"')):
            is_quoted ^= number > 0
            breaks += 0 if is_quoted else piece.count(b"\n")
    return max(0, breaks - 1)


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        yield from iter(lambda: content.read(BLOCK_BYTES), b"")


COUNTS: dict[str, Callable[[Path], int | None]] = {
    ".parquet": _rows_of_parquet, ".jsonl": _lines, ".ndjson": _lines, ".csv": _rows_of_csv,
}  # fmt: skip
