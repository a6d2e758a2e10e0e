"""What an input is known by again: names, sizes, and a hash of the ends of its files. And how many notes it has, cheaply."""

from __future__ import annotations

import hashlib
from pathlib import Path

from extractor.io.sources import READERS

END_BYTES = 65_536


def fingerprint(path: Path) -> str:
    """A hash that another input has by chance only, and this one again after a copy; a change in the middle of a
    file that keeps its size is not seen, because the whole of a corpus would take minutes to read.
    """
    digest = hashlib.sha256()
    for file in files_of(path):
        size = file.stat().st_size
        name = file.name if file == path else file.relative_to(path).as_posix()
        digest.update(f"{name}\0{size}\0".encode())
        with file.open("rb") as content:
            digest.update(content.read(END_BYTES))
            content.seek(max(0, size - END_BYTES))
            digest.update(content.read(END_BYTES))
    return digest.hexdigest()


def files_of(path: Path) -> list[Path]:
    """The files of an input in a fixed order; none when there is nothing."""
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "_")))
    return [path] if path.exists() else []


def count_notes(path: Path) -> int | None:
    """How many rows the input has, where that is told without reading them; `None` elsewhere (CSV, texts)."""
    total = 0
    for file in files_of(path):
        suffix = file.suffix.lower()
        if suffix == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            try:
                total += pq.ParquetFile(file).metadata.num_rows
            except (pa.ArrowInvalid, OSError):
                return None
        elif suffix in (".jsonl", ".ndjson"):
            with file.open("rb") as content:
                total += sum(block.count(b"\n") for block in iter(lambda: content.read(1 << 20), b""))
        elif suffix in READERS or suffix == ".txt":
            return None
    return total or None
