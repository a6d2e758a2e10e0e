"""A run folder and its notes in, a study of the review database out: charts, verdicts, evidence and note text.

The notes are copied, so that a chart opens fast, words can be searched, and what a reviewer saw stays what the record
speaks of. A note that is missing, or is not the text that the run has read, is kept without text and says so.
"""

from __future__ import annotations

import hashlib
import json
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, update

from extractor.errors import InputError, RunError
from extractor.io.notes import read_notes, read_patients
from extractor.io.schema import note_row
from extractor.io.tables import has_table, read_table
from extractor.records import Note, Patient
from extractor.review import schema
from extractor.review.database import Database
from extractor.review.log import PROGRAM, Event, append, as_json
from extractor.review.questions import Questions
from extractor.spec.trials import Trial

BATCH = 5_000
PASSAGE_CHARACTERS = 100_000
"""A PostgreSQL index takes no more than 1 MB of distinct words at a time; this is far below it."""
FLAGS = ("start", "end", "text", "snippet", "section", "concept", "role", "reason", "date_source", "value", "unit")


@dataclass(frozen=True, slots=True)
class Source:
    """What is loaded: the run folder, where its notes and patients lie, the trial, the questions that only people answer."""

    folder: Path
    notes: Path | None
    patients: Path | None
    trial: Trial
    questions: Questions
    run: Mapping[str, Any]
    run_sha256: str
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The study, whether it was there before, and how many of its notes have no text to show."""

    study_id: int
    is_new: bool
    charts: int
    notes_without_text: int


def read_run(folder: Path) -> tuple[dict[str, Any], str]:
    """`run.json` of a run folder and its hash; raises `RunError` when it is no run of a trial."""
    path = folder / "run.json"
    if not path.is_file():
        raise RunError(f"{folder}: no run.json here; give the folder that prescreen run has written")
    content = path.read_bytes()
    run = json.loads(content)
    if not run.get("trial_id"):
        raise RunError(f"{folder}: holds mentions only; run prescreen screen on it with a trial first")
    for name in ("candidates", "verdicts", "evidence"):
        if not has_table(folder, name):
            raise RunError(f"{folder}: the table '{name}' is missing; run it again with --overwrite")
    return run, hashlib.sha256(content).hexdigest()


def load(database: Database, source: Source, *, seed: int | None = None) -> Loaded:
    """Loads the run, or finds the study that was loaded from it and supplies the note texts it lacked."""
    with database.write() as connection:
        found = connection.execute(select(schema.study.c.id).where(schema.study.c.run_sha256 == source.run_sha256)).scalar()
        study_id = found if found is not None else _new_study(database, connection, source, seed)
        if source.notes is not None:
            _fill_texts(connection, study_id, source)
        connection.execute(text("ANALYZE"))
        charts = connection.execute(select(func.count()).where(schema.chart.c.study_id == study_id)).scalar_one()
        lacking = select(func.count()).where(schema.note.c.study_id == study_id, schema.note.c.problem.is_not(None))
        return Loaded(study_id, found is None, charts, connection.execute(lacking).scalar_one())


def _new_study(database: Database, connection: Connection, source: Source, seed: int | None) -> int:
    versions = versions_of(source)
    values = {
        "token": secrets.token_hex(6),
        "run_sha256": source.run_sha256,
        "trial_id": source.trial.id,
        "title": source.trial.title,
        "trial": source.trial.model_dump_json(by_alias=True, exclude_defaults=True),
        "questions": source.questions.model_dump_json(),
        "versions": versions,
        "loaded_at": database.now(),
        "is_blind_first": False,
        "plain_share": 0.0,
    }
    study_id = int(connection.execute(insert(schema.study).returning(schema.study.c.id), values).scalar_one())
    charts = _add_charts(connection, study_id, source, random.Random(seed))
    notes = _add_notes(connection, study_id, source, charts)
    order = {criterion.id: place for place, criterion in enumerate(source.trial.criteria)}
    _insert(connection, schema.verdict, _verdict_rows(source.folder, study_id, charts, order))
    _insert(connection, schema.evidence, _evidence_rows(source.folder, charts, notes))
    counts = {"charts": len(charts), "notes": len(notes), "run_sha256": source.run_sha256}
    append(database, connection, PROGRAM, Event("load", study_id=study_id, after=counts, versions=versions))
    return study_id


def versions_of(source: Source) -> str:
    """The versions of program, patterns, trial and questions that a decision rests on, as canonical JSON."""
    run = source.run
    questions = hashlib.sha256(source.questions.model_dump_json().encode("utf-8")).hexdigest()
    return as_json(
        {
            "program": run["program"]["version"],
            "trial": f"{source.trial.id} {source.trial.version}",
            "trial_sha256": run.get("trial_sha256"),
            "patterns_sha256": run.get("patterns_sha256"),
            "questions_sha256": questions,
        }
    ) or "{}"  # fmt: skip


def _add_charts(connection: Connection, study_id: int, source: Source, chance: random.Random) -> dict[str, int]:
    """The charts, and their ids by patient."""
    patients = read_patients(source.patients) if source.patients else {}
    days = _note_days(_known_notes(source))
    given = source.run.get("inputs", {}).get("index_date")
    rows = (
        _chart_row(row, study_id, patients.get(row["patient_id"]), days.get(row["patient_id"]), given, chance.random())
        for row in read_table(source.folder, "candidates")
    )
    _insert(connection, schema.chart, rows)
    ids = select(schema.chart.c.patient_id, schema.chart.c.id).where(schema.chart.c.study_id == study_id)
    return dict(connection.execute(ids).tuples().all())


def _known_notes(source: Source) -> Iterator[Mapping[str, Any]]:
    """The notes that the run has read; what `prescreen screen` writes does not list them, so there the file of notes does."""
    if has_table(source.folder, "notes"):
        yield from read_table(source.folder, "notes")
    elif source.notes is not None:
        yield from (note_row(row) for row in read_notes(source.notes, columns=source.columns) if isinstance(row, Note))
    else:
        raise RunError(
            f"{source.folder}: the run does not list its notes; give the file that its mentions were read from with --notes"
        )


def _note_days(notes: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """The first and the last note's day of each patient."""
    days: dict[str, tuple[str, str]] = {}
    for row in notes:
        day = str(row["note_date"])
        first, last = days.get(row["patient_id"], (day, day))
        days[row["patient_id"]] = (min(first, day), max(last, day))
    return days


def _chart_row(
    row: Mapping[str, Any], study_id: int, patient: Patient | None, days: tuple[str, str] | None, given: str | None, draw: float
) -> dict[str, Any]:
    first, last = days or (None, None)
    own_index = patient.index_date.isoformat() if patient and patient.index_date else None
    return {
        "study_id": study_id,
        "token": secrets.token_hex(8),
        "patient_id": row["patient_id"],
        "sex": patient.sex if patient else None,
        "birth_date": patient.birth_date.isoformat() if patient and patient.birth_date else None,
        "index_date": own_index or given or last,
        "rank": row["rank"],
        "status": row["status"],
        "score": row["score"],
        "failed": json.dumps(list(row["failed"] or ())),
        "to_review": json.dumps(list(row["to_review"] or ())),
        "first_note": first,
        "last_note": last,
        "draw": draw,
        "state": "new",
    }


def _add_notes(connection: Connection, study_id: int, source: Source, charts: Mapping[str, int]) -> dict[str, int]:
    """The notes in date order within each chart, without text as yet, and their ids by note."""
    known = [row for row in _known_notes(source) if row["patient_id"] in charts]
    known.sort(key=lambda row: (row["patient_id"], str(row["note_date"]), row["note_id"]))
    _insert(connection, schema.note, _note_rows(known, study_id, charts))
    ids = select(schema.note.c.note_id, schema.note.c.id).where(schema.note.c.study_id == study_id)
    return dict(connection.execute(ids).tuples().all())


def _note_rows(known: Iterable[Mapping[str, Any]], study_id: int, charts: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    position, patient = 0, None
    for row in known:
        position = position + 1 if row["patient_id"] == patient else 1
        patient = row["patient_id"]
        yield {
            "study_id": study_id,
            "chart_id": charts[patient],
            "position": position,
            "note_id": row["note_id"],
            "note_date": str(row["note_date"]),
            "note_title": row["note_title"] or None,
            "text_sha256": row["text_sha256"],
            "problem": "missing",
        }


def _verdict_rows(folder: Path, study_id: int, charts: Mapping[str, int], order: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for row in read_table(folder, "verdicts"):
        if row["criterion_id"] not in order:
            raise RunError(
                f"{folder}: criterion {row['criterion_id']} is not in the trial; give the trial of the run with --trial"
            )
        yield {
            "chart_id": charts[row["patient_id"]],
            "study_id": study_id,
            "position": order[row["criterion_id"]],
            "evidence_ids": json.dumps(list(row["evidence_ids"] or ())),
            **{name: _storable(row[name]) for name in ("criterion_id", "kind", "verdict", "effect", "rationale")},
        }


def _evidence_rows(folder: Path, charts: Mapping[str, int], notes: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for row in read_table(folder, "evidence"):
        yield {
            "chart_id": charts[row["patient_id"]],
            "note_id": notes.get(row["note_id"]),
            "evidence_id": row["evidence_id"],
            "criterion_id": row["criterion_id"],
            "earliest": str(row["earliest"]) if row["earliest"] else None,
            "latest": str(row["latest"]) if row["latest"] else None,
            **{name: _storable(row[name]) for name in FLAGS},
        }


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        connection.execute(insert(table), batch)


def _fill_texts(connection: Connection, study_id: int, source: Source) -> None:
    """Reads the notes and keeps the texts that the study lacks."""
    lacking = select(schema.note.c.note_id, schema.note.c.id, schema.note.c.text_sha256)
    lacking = lacking.where(schema.note.c.study_id == study_id, schema.note.c.problem.is_not(None))
    wanted = {note_id: (number, digest) for note_id, number, digest in connection.execute(lacking)}
    if not wanted or source.notes is None:
        return
    if not source.notes.exists():
        raise InputError(f"{source.notes}: no such notes")
    waiting = (row for row in read_notes(source.notes, columns=source.columns) if isinstance(row, Note) and row.note_id in wanted)
    while batch := list(islice(waiting, BATCH)):
        _keep(connection, [(*wanted[note.note_id], note.note_text) for note in batch])
    if connection.engine.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO passage_words(passage_words) VALUES('rebuild')"))


def _keep(connection: Connection, notes: Iterable[tuple[int, str, str]]) -> None:
    whole: list[int] = []
    changed: list[int] = []
    passages: list[dict[str, Any]] = []
    for number, expected, body in notes:
        if hashlib.sha256(body.encode("utf-8")).hexdigest() != expected:
            changed.append(number)
            continue
        whole.append(number)
        passages += [{"note_id": number, "part": part, "body": piece} for part, piece in enumerate(passages_of(body))]
    for numbers, problem in ((whole, None), (changed, "changed")):
        for first in range(0, len(numbers), 500):
            some = schema.note.c.id.in_(numbers[first : first + 500])
            connection.execute(update(schema.note).where(some).values(problem=problem))
    _insert(connection, schema.passage, passages)


def _storable(value: Any) -> Any:
    """PostgreSQL stores no U+0000; U+FFFD stands for it, so that offsets hold."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def passages_of(body: str) -> list[str]:
    """The text in parts, cut at white space where there is some; joined they are the text, as `_storable` keeps it."""
    body = str(_storable(body))
    parts = []
    start = 0
    while len(body) - start > PASSAGE_CHARACTERS:
        end = body.rfind(" ", start + 1, start + PASSAGE_CHARACTERS) + 1 or start + PASSAGE_CHARACTERS
        parts.append(body[start:end])
        start = end
    return [*parts, body[start:]]
