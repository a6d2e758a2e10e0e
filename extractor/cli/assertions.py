"""`prescreen assert`: rows of text with a marked span in, what the text says about each span out.

A row is `{id, text, start, end}`; `text` is a sentence or a few. Rows that cannot be read are told and left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from extractor.cli.options import Patterns
from extractor.errors import InputError
from extractor.io.sources import BadRow, RawRow, read_raw
from extractor.records import Assertion
from extractor.spec.cues import ATTRIBUTES, CueRules, Scheme, load_cues
from extractor.spec.load import patterns_folder
from extractor.text.assertions import assess
from extractor.text.leads import leads
from extractor.text.sentences import split
from extractor.text.tokens import tokenize

SCHEMES: dict[str, Scheme] = {"corpus": "corpus", "clinical": "clinical"}


@dataclass(frozen=True, slots=True)
class AssertedRows:
    """How many rows were written, and one line for each that was not: its place and its fault, never its text."""

    written: int
    faults: tuple[str, ...]


def assert_rows(
    rows: Annotated[Path, typer.Argument(metavar="ROWS", help="Rows of id, text, start and end: .jsonl or .parquet.")],
    out: Annotated[Path, typer.Option("--out", help="JSON Lines file for the answers.")],
    scheme: Annotated[
        str,
        typer.Option(
            "--scheme",
            help="Whose conventions hold: corpus, those of annotated corpora ('or' and 'consistent with' are hedges),"
            " or clinical, those that charts are judged by.",
        ),
    ] = "corpus",
    patterns: Patterns = None,
) -> None:
    """Say of each row's span whether its text negates, doubts, plans or dates it back, or gives it to a relative."""
    done = judge_rows(rows, out, patterns=patterns, scheme=scheme_of(scheme))
    for fault in done.faults:
        print(f"prescreen: {fault}", file=sys.stderr)
    print(f"{done.written:,} rows judged, {len(done.faults):,} left out: {out}")
    if done.faults:
        raise typer.Exit(1 if done.written else 2)


def scheme_of(name: str) -> Scheme:
    """The --scheme option; raises `InputError` on another word."""
    if name not in SCHEMES:
        raise InputError(f"--scheme {name}: use {', '.join(SCHEMES)}")
    return SCHEMES[name]


def judge_rows(rows: Path, out: Path, *, patterns: Path | None = None, scheme: Scheme = "corpus") -> AssertedRows:
    """Judge every row of `rows` into `out`, as JSON Lines in the same order; bad rows are told and left out.

    Raises `InputError` when there is no row to read at all.
    """
    rules = load_cues(patterns_folder(patterns), scheme=scheme)
    faults: list[str] = []
    part = out.with_name(out.name + ".part")
    try:
        written = _write(part, _answers(rows, rules, faults))
        if not written and not faults:
            raise InputError(f"{rows}: holds no rows; one is an object with id, text, start and end")
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return AssertedRows(written, tuple(faults))


def _write(path: Path, answers: Iterator[dict[str, Any]]) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for answer in answers:
            file.write(json.dumps(answer, ensure_ascii=False) + "\n")
            written += 1
    return written


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
