"""What was decided where two readers differ, held against the readings it speaks of.

A corpus that was read twice keeps both readings as they were made (`first/gold.jsonl`, `second/gold.jsonl`); its own
`gold.jsonl` is the adjudicated one. A verdict of it that is not the first reader's needs a line in `adjudications.jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from extractor.io.gold.rows import CorpusRows, PlacedRow, read_corpus_rows

FIRST, SECOND = "first", "second"
Key = tuple[str, str]


def adjudication_faults(folder: Path, rows: CorpusRows) -> list[str]:
    """Adjudications that name no verdict, stand twice, misquote a reading or a result; changes that none explains."""
    if any("verdicts" not in row.values for row in rows.gold):
        return []
    gold = _verdicts(rows.gold)
    first, second = (_reading(folder / name) for name in (FIRST, SECOND))
    faults = [fault for row in rows.adjudications for fault in _row_faults(row, gold, first, second)]
    keys = [_key(row) for row in rows.adjudications]
    faults += [
        f"{row.place}: {' '.join(key)} stands before"
        for n, (row, key) in enumerate(zip(rows.adjudications, keys, strict=True))
        if key in keys[:n]
    ]
    changed = sorted(key for key in first if key in gold and gold[key] != first[key] and key not in keys)
    return faults + [
        f"gold.jsonl: {' '.join(key)} is not what the first reader said, and no adjudication says why" for key in changed
    ]


def _row_faults(row: PlacedRow, gold: Mapping[Key, str], first: Mapping[Key, str], second: Mapping[Key, str]) -> Iterator[str]:
    key = _key(row)
    place = f"{row.place}: {' '.join(key)}"
    if key not in gold:
        yield f"{place}: gold.jsonl has no such verdict"
        return
    for column, reading in (("final", gold), (FIRST, first), (SECOND, second)):
        if reading and row.values.get(column) != reading.get(key):
            yield f"{place}: '{column}' is {row.values.get(column)}, the reading has {reading.get(key)}"


def _key(row: PlacedRow) -> Key:
    return (str(row.values.get("patient_id")), str(row.values.get("criterion")))


def _reading(folder: Path) -> dict[Key, str]:
    """The verdicts of a reading by patient and criterion; empty where there is none."""
    if not (folder / "gold.jsonl").is_file():
        return {}
    return _verdicts(row for row in read_corpus_rows(folder).gold if isinstance(row.values.get("verdicts"), dict))


def _verdicts(rows: Iterator[PlacedRow] | tuple[PlacedRow, ...]) -> dict[Key, str]:
    return {
        (str(row.values.get("patient_id")), criterion): verdict
        for row in rows
        for criterion, verdict in row.values["verdicts"].items()
    }
