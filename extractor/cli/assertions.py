"""`prescreen assert`: rows of text with a marked span in, what the text says about each span out.

A row is `{id, text, start, end}`; `text` is a sentence or a few. Rows that cannot be read are told and left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.errors import InputError
from extractor.io.sources import BadRow, RawRow, read_raw
from extractor.records import Assertion
from extractor.spec.cues import ATTRIBUTES, CueRules, Scheme, load_cues
from extractor.spec.load import patterns_folder
from extractor.text.assertions import assess
from extractor.text.leads import leads
from extractor.text.sentences import split
from extractor.text.tokens import tokenize


@dataclass(frozen=True, slots=True)
class AssertedRows:
    """How many rows were written, and one line for each that was not: its place and its fault, never its text."""

    written: int
    faults: tuple[str, ...]


def assert_rows(rows: Path, out: Path, *, patterns: Path | None = None, scheme: Scheme = "corpus") -> AssertedRows:
    """Judge every row of `rows` into `out`, as JSON Lines in the same order.

    `scheme` says whose conventions hold: `corpus`, those of the annotated corpora ("or" and "consistent with" are
    hedges, what stands under a history title is historical), or `clinical`, those that charts are judged by.
    Raises `InputError` when there is no row to read at all.
    """
    rules = load_cues(patterns_folder(patterns), scheme=scheme)
    faults: list[str] = []
    written = 0
    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        for answer in _answers(rows, rules, faults):
            file.write(json.dumps(answer, ensure_ascii=False) + "\n")
            written += 1
    if not written and not faults:
        part.unlink()
        raise InputError(f"{rows}: holds no rows; one is an object with id, text, start and end")
    part.replace(out)
    return AssertedRows(written, tuple(faults))


def _answers(rows: Path, rules: CueRules, faults: list[str]) -> Iterator[dict[str, Any]]:
    for row in read_raw(rows):
        fault = f"{row.place}: {row.error}" if isinstance(row, BadRow) else _fault(row)
        if fault or isinstance(row, BadRow):
            faults.append(fault or "")
            continue
        values = row.values
        assertion = judge(values["text"], values["start"], values["end"], rules)
        yield {"id": values["id"], **{name: getattr(assertion, name) for name in ATTRIBUTES}, "cue": dict(assertion.cues)}


def _fault(row: RawRow) -> str | None:
    """What is wrong with a row, or `None`."""
    missing = [name for name in ("id", "text", "start", "end") if row.values.get(name) is None]
    if missing:
        return f"{row.place}: lacks {', '.join(missing)}"
    text, start, end = (row.values[name] for name in ("text", "start", "end"))
    if not (isinstance(text, str) and type(start) is int and type(end) is int):
        return f"{row.place}: text must be a string, start and end whole numbers"
    if not 0 <= start < end <= len(text):
        return f"{row.place}: the span {start}..{end} is not inside its text of {len(text)} characters"
    return None


def judge(text: str, start: int, end: int, rules: CueRules) -> Assertion:
    """What `text` says about its characters [start, end), read in the sentence where they begin."""
    spans = split(text)
    for (first, last), lead in zip(spans, leads(text, spans), strict=True):
        if first <= start < last:
            sentence = text[first:last]
            target = (start - first, min(end, last) - first)
            heading = text[lead[0] : lead[1]] if lead else ""
            return assess(sentence, tokenize(sentence), [target], rules, lead=heading)[0]
    return Assertion()  # nothing but white space is outside every sentence
