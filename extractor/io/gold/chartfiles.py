"""Chart files in YAML, one patient each, to the rows of a corpus: quotes become offsets.

A chart names its evidence by quoting it (`quote`, and `nth` when the note has the words several times), since people do
not count characters. A second reader's file has verdicts and evidence only; its notes are those of the corpus.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.gold.read import corpus_of
from extractor.io.gold.records import Corpus
from extractor.io.gold.rows import FILES, CorpusRows, PlacedRow, notes_folder, read_corpus_rows
from extractor.io.gold.verify import corpus_faults

SUFFIXES = (".yaml", ".yml")
CHART_KEYS = {"patient_id", "sex", "birth_date", "index_date", "notes", "verdicts", "evidence", "doubts"}
SPAN_KEYS = {"criterion", "note_id", "quote", "nth", "role", "reason"}


@dataclass(frozen=True, slots=True)
class Built:
    """What a folder of charts became. `is_reading`: charts without notes, judged on the notes of another corpus."""

    corpus: Corpus
    is_reading: bool


def build_corpus(charts: Path, out: Path) -> Built:
    """The corpus of a folder of chart files; raises `InputError` with every fault of every file.

    Charts without notes are a reading: their notes are those of the corpus that `out` lies in, or is. The splits of a
    `splits.csv` that lies in `out` are kept.
    """
    documents = (
        [(path, _document(path)) for path in sorted(charts.iterdir()) if path.suffix in SUFFIXES] if charts.is_dir() else []
    )
    if not documents:
        raise InputError(f"{charts}: no chart files; expected a folder of .yaml files, one patient each")
    with_notes = {"notes" in document for _, document in documents}
    if len(with_notes) > 1:
        raise InputError(f"{charts}: some charts have notes and some have none; build them apart")
    is_reading = with_notes == {False}
    base = _base(out, is_reading=is_reading)
    if not is_reading:
        base = replace(base, notes=_note_rows(documents), patients=_patient_rows(documents))
    faults = [fault for path, document in documents for fault in _chart_faults(path, document)]
    texts = {row.values.get("note_id"): row.values.get("note_text") for row in base.notes}
    gold, quote_faults = _gold_rows(documents, texts)
    rows = replace(base, gold=gold, adjudications=(), is_reading=is_reading)
    faults += [*quote_faults, *corpus_faults(rows)]
    if faults:
        raise InputError(f"{charts}: {len(faults)} faults\n" + "\n".join(faults))
    return Built(corpus_of(rows), is_reading)


def _base(out: Path, *, is_reading: bool) -> CorpusRows:
    """The rows that the charts are set into: all of the corpus for a reading, else the splits that are there."""
    if is_reading:
        folder = notes_folder(out)
        if not (folder / FILES["notes"]).is_file():
            raise InputError(
                f"{out}: charts without notes need a folder inside of their corpus; there is no notes.jsonl in it or above it"
            )
        return read_corpus_rows(folder)
    has_splits = (out / FILES["splits"]).is_file()
    if has_splits and all((out / FILES[name]).is_file() for name in ("notes", "patients", "gold")):
        found = read_corpus_rows(out)
        return CorpusRows(splits=found.splits, has_splits=True)
    return CorpusRows()


def _document(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        # bytes, so that nothing but YAML itself decides what a line break is; pure, so that every machine reads the same
        document = YAML(typ="safe", pure=True).load(path.read_bytes())
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        raise InputError(f"{path}:{mark.line + 1 if mark else 1}: not valid YAML: {type(error).__name__}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except ValueError:
        raise InputError(f"{path}: holds a date that is no day of the calendar") from None
    if not isinstance(document, dict):
        raise InputError(f"{path}: expected the keys {', '.join(sorted(CHART_KEYS))}")
    return document


def _chart_faults(path: Path, document: Mapping[str, Any]) -> Iterable[str]:
    yield from (f"{path.name}: no chart has the key '{str(key)[:40]}'" for key in document if key not in CHART_KEYS)
    for number, span in enumerate(_spans(document), start=1):
        if not isinstance(span, dict):
            yield f"{path.name}: evidence {number}: expected keys {', '.join(sorted(SPAN_KEYS))}"
            continue
        yield from (
            f"{path.name}: evidence {number}: no span has the key '{str(key)[:40]}'" for key in span if key not in SPAN_KEYS
        )


def _note_rows(documents: Iterable[tuple[Path, Mapping[str, Any]]]) -> tuple[PlacedRow, ...]:
    rows = []
    for path, document in documents:
        for number, note in enumerate(document["notes"] or (), start=1):
            values = {**note, "note_date": _iso(note.get("note_date")), "patient_id": document.get("patient_id")}
            ordered = {key: values.get(key) for key in ("note_id", "patient_id", "note_date", "note_title", "note_text")}
            rows.append(PlacedRow(f"{path.name} note {number}", ordered))
    return tuple(rows)


def _patient_rows(documents: Iterable[tuple[Path, Mapping[str, Any]]]) -> tuple[PlacedRow, ...]:
    return tuple(
        PlacedRow(
            f"{path.name} patient",
            {
                "patient_id": document.get("patient_id"),
                "sex": document.get("sex"),
                "birth_date": _iso(document.get("birth_date")),
                "index_date": _iso(document.get("index_date")),
            },
        )
        for path, document in documents
    )


def _gold_rows(
    documents: Iterable[tuple[Path, Mapping[str, Any]]], texts: Mapping[Any, Any]
) -> tuple[tuple[PlacedRow, ...], list[str]]:
    rows, faults = [], []
    for path, document in documents:
        evidence = []
        for number, span in enumerate(_spans(document), start=1):
            row = _evidence_row(span, texts) if isinstance(span, dict) else None
            if row is None:
                faults.append(f"{path.name}: evidence {number}: {_lost_quote(span, texts)}")
            else:
                evidence.append(row)
        values = {"patient_id": document.get("patient_id"), "verdicts": document.get("verdicts"), "evidence": evidence}
        values |= {"doubts": document["doubts"]} if document.get("doubts") else {}
        rows.append(PlacedRow(f"{path.name} gold", values))
    return tuple(rows), faults


def _spans(document: Mapping[str, Any]) -> list[Any]:
    spans = document.get("evidence")
    return spans if isinstance(spans, list) else []


def _evidence_row(span: Mapping[str, Any], texts: Mapping[Any, Any]) -> dict[str, Any] | None:
    """The row of a span, or `None` where its quote does not stand in its note `nth` times."""
    text, quote, nth = texts.get(span.get("note_id")), span.get("quote"), span.get("nth", 1)
    if not isinstance(text, str) or not isinstance(quote, str) or not quote or not isinstance(nth, int) or nth < 1:
        return None
    start = -1
    for _ in range(nth):
        start = text.find(quote, start + 1)
        if start < 0:
            return None
    return {
        "criterion": span.get("criterion"),
        "note_id": span.get("note_id"),
        "start": start,
        "end": start + len(quote),
        "text": quote,
        "role": span.get("role"),
        "reason": span.get("reason"),
    }


def _lost_quote(span: Any, texts: Mapping[Any, Any]) -> str:
    if not isinstance(span, dict):
        return "is no mapping"
    place = f"{span.get('criterion')} {span.get('note_id')}"
    if span.get("note_id") not in texts:
        return f"{place}: there is no such note"
    return f"{place}: the quote does not stand in the note {span.get('nth', 1)} times"


def _iso(value: Any) -> Any:
    """A YAML date as ISO text; what else stands there is left for the schema to judge."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value
