"""Arrow in, Arrow out: what a worker does with a batch of notes or of charts, whichever engine has brought it.

A `Worker` is made once a process from a `Setup`, which is plain and can be sent anywhere; pipeline and trial are built
when a batch first needs them. Notes come in a table, results go out in tables: nothing of spaCy ever does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from extractor.criteria.evaluate import Judgement, judge
from extractor.engines.reading import failed, read_note
from extractor.io.schema import (
    FAILURES,
    MENTIONS,
    NOTES,
    TABLES,
    candidate_row,
    evidence_row,
    failure_row,
    mention_of,
    mention_row,
    note_row,
    verdict_row,
)
from extractor.ranking import Calibration, rank
from extractor.records import Failure, Note, Patient
from extractor.spec.trials import Trial
from extractor.text.pipeline import FastPipeline, Pipeline, ReferencePipeline, is_slow
from extractor.text.rules import TextRules

Tables = dict[str, pa.Table]
Started = Callable[[int], None]
"""Told the number of the note or chart of the batch that is begun now."""

NOTE_TEXTS = pa.schema(
    [
        ("note_id", pa.string()),
        ("patient_id", pa.string()),
        ("note_date", pa.date32()),
        ("note_title", pa.string()),
        ("note_text", pa.large_string()),
    ]
)
CHARTS = pa.schema(
    [
        ("patient_id", pa.string()),
        ("sex", pa.string()),
        ("birth_date", pa.date32()),
        ("index_date", pa.date32()),
        ("mentions", pa.int64()),
    ]
)
"""The patients of a batch in order, and how many of the rows of the mentions beside them are each one's."""
JUDGE_STAGE = "judge"


def fast_pipeline(patterns: Path | None, day_first: bool | None) -> Pipeline:
    """The pipeline of a run."""
    return FastPipeline.load(patterns, day_first=day_first)


def exact_pipeline(patterns: Path | None, day_first: bool | None) -> Pipeline:
    """The plain pipeline that the fast one is held to."""
    return ReferencePipeline(TextRules.load(patterns), day_first=day_first)


@dataclass(frozen=True)
class Setup:
    """All that a worker has to know. `note_seconds` is the time that one note may take, 0 for as long as it likes.

    Without a `calibration` the score of a candidate is the rule's. Without `reads` a worker only judges, and is ready sooner.
    """

    patterns: Path | None = None
    day_first: bool | None = None
    trial: Trial | None = None
    calibration: Calibration | None = None
    note_seconds: float = 60
    reads: bool = True
    make_pipeline: Callable[[Path | None, bool | None], Pipeline] = fast_pipeline


class Worker:
    """Does the batches of one process."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    @cached_property
    def pipeline(self) -> Pipeline:
        return self._setup.make_pipeline(self._setup.patterns, self._setup.day_first)

    @property
    def trial(self) -> Trial:
        if self._setup.trial is None:
            raise ValueError("this worker was given no trial to judge by")
        return self._setup.trial

    def read(self, notes: pa.Table, *, skip: Mapping[int, str] | None = None, started: Started = lambda number: None) -> Tables:
        """The tables `notes`, `mentions`, `failures` and `slow_notes` (read the long way) of a batch of `NOTE_TEXTS`.

        `skip` gives the notes that may not be tried, by number, with the reason; they are failures.
        """
        read: list[dict[str, Any]] = []
        slow: list[dict[str, Any]] = []
        mentions: list[dict[str, Any]] = []
        failures: list[dict[str, Any]] = []
        for number, note in enumerate(notes_of(notes)):
            started(number)
            reason = (skip or {}).get(number)
            seconds = self._setup.note_seconds
            result = read_note(self.pipeline, note, seconds=seconds) if reason is None else failed(note, reason)
            read.append(note_row(note))
            slow += [{"note_id": note.note_id}] if is_slow(note) else []
            mentions += map(mention_row, result.mentions)
            failures += [] if result.failure is None else [failure_row(result.failure)]
        return {
            "notes": pa.Table.from_pylist(read, schema=NOTES),
            "mentions": pa.Table.from_pylist(mentions, schema=MENTIONS),
            "failures": pa.Table.from_pylist(failures, schema=FAILURES),
            "slow_notes": pa.Table.from_pylist(slow, schema=pa.schema([("note_id", pa.string())])),
        }

    def judge(
        self,
        charts: pa.Table,
        mentions: pa.Table,
        *,
        skip: Mapping[int, str] | None = None,
        started: Started = lambda number: None,
    ) -> Tables:
        """The tables `verdicts`, `evidence`, `candidates` (not ranked yet) and `failures` of a batch of `CHARTS`."""
        judgements: list[Judgement] = []
        failures: list[dict[str, Any]] = []
        offset = 0
        for number, row in enumerate(charts.to_pylist()):
            started(number)
            own = mentions.slice(offset, row["mentions"])
            offset += row["mentions"]
            try:
                if reason := (skip or {}).get(number):
                    raise _Skipped(reason)
                judgements.append(self._judged(row, own))
            except Exception as error:  # one patient must not end a run; the message may hold text, so only the class is kept
                said = str(error) if isinstance(error, _Skipped) else type(error).__name__
                patient_id = row["patient_id"]
                failures.append(failure_row(Failure(None, patient_id, f"patient {patient_id}", JUDGE_STAGE, said)))
        tables = _tables(self.trial, judgements, self._setup.calibration)
        return {**tables, "failures": pa.Table.from_pylist(failures, schema=FAILURES)}

    def _judged(self, row: Mapping[str, Any], mentions: pa.Table) -> Judgement:
        patient = Patient(row["patient_id"], row["sex"], row["birth_date"], row["index_date"])
        day: date | None = row["index_date"]
        if day is None:
            raise _Skipped("has no note and no index date; give one with --index-date or in the patients table")
        return judge(self.trial, patient, [mention_of(mention) for mention in mentions.to_pylist()], index_date=day)


class _Skipped(Exception):
    """A chart that may not be tried."""


def notes_of(table: pa.Table) -> list[Note]:
    """The notes of a table of `NOTE_TEXTS`."""
    return [
        Note(row["note_id"], row["patient_id"], row["note_date"], row["note_text"], row["note_title"])
        for row in table.to_pylist()
    ]


def note_table(notes: Sequence[Note]) -> pa.Table:
    """Notes as a table of `NOTE_TEXTS`."""
    columns = ("note_id", "patient_id", "note_date", "note_title", "note_text")
    return pa.table([[getattr(note, name) for note in notes] for name in columns], schema=NOTE_TEXTS)


def _tables(trial: Trial, judgements: Sequence[Judgement], calibration: Calibration | None) -> Tables:
    rows: dict[str, list[dict[str, Any]]] = {
        "verdicts": [verdict_row(verdict) for one in judgements for verdict in one.verdicts],
        "evidence": [evidence_row(evidence, trial.id) for one in judgements for evidence in one.evidence],
        "candidates": [{**candidate_row(rank(trial, [one], calibration=calibration)[0]), "rank": None} for one in judgements],
    }
    return {name: pa.Table.from_pylist(rows[name], schema=TABLES[name]) for name in rows}
