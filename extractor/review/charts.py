"""A chart and the sheet of one reviewer in, everything its page shows out: notes, criteria, evidence, decisions.

What a bias guard hides is left out here, so that no template can show it by mistake: in blind-first mode the program's
verdict, and what it takes a span for, until the criterion is decided; on a plain chart all of its evidence until sign-off.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from extractor.review import schema
from extractor.review.entries import Entry, entries_of
from extractor.review.faults import NotFound
from extractor.review.questions import Question, Questions, asked_of, combined, status_of
from extractor.review.sheets import Sheet
from extractor.spec.trials import Criterion, Trial


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study with its trial and questions."""

    id: int
    token: str
    trial_id: str
    title: str
    trial: Trial
    questions: tuple[Question, ...]
    versions: str
    loaded_at: str
    is_blind_first: bool
    plain_share: float


@dataclass(frozen=True, slots=True)
class ChartNote:
    """A note to show; `text` is null where `problem` says why."""

    id: int
    position: int
    note_id: str
    note_date: str
    note_title: str | None
    text: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence as it stands on a sheet: the program's, a reviewer's word on it, or a reviewer's own.

    `note_id` is the note's number in the database, null when the run does not know the note. `role` is empty while hidden.
    `action` is what the reviewer did: accepted, rejected, corrected, added, or nothing yet.
    """

    key: str
    criterion_id: str
    note_id: int | None
    start: int
    end: int
    text: str
    role: str
    reason: str | None
    action: str | None = None
    version: int = 0
    comment: str = ""
    is_deciding: bool = False
    snippet: str = ""
    section: str = ""
    concept: str = ""
    earliest: str | None = None
    latest: str | None = None
    has_date: bool = False


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion on the page. `machine` is the program's verdict row, null while it is hidden."""

    criterion: Criterion
    number: int
    machine: Mapping[Any, Any] | None
    decision: Entry | None
    items: tuple[Item, ...]
    questions: tuple[Question, ...]
    combined: str | None

    @property
    def is_decided(self) -> bool:
        """Whether the reviewer's verdict stands."""
        return self.decision is not None and self.decision.value is not None


@dataclass(frozen=True, slots=True)
class ChartView:
    """All that one page shows."""

    study: StudyView
    chart: Mapping[Any, Any]
    sheet: Sheet | None
    notes: tuple[ChartNote, ...]
    criteria: tuple[CriterionView, ...]
    entries: Mapping[tuple[str, str], Entry]
    own_questions: tuple[Question, ...]
    status: str | None
    is_evidence_hidden: bool

    def criterion(self, criterion_id: str) -> CriterionView:
        """The view of one criterion; raises `NotFound`."""
        for one in self.criteria:
            if one.criterion.id == criterion_id:
                return one
        raise NotFound("the trial has no such criterion")

    def item(self, key: str) -> Item:
        """One piece of evidence; raises `NotFound`."""
        for one in self.criteria:
            for item in one.items:
                if item.key == key:
                    return item
        raise NotFound("there is no such evidence on this chart")

    def note(self, number: int) -> ChartNote:
        """One note; raises `NotFound`."""
        for note in self.notes:
            if note.id == number:
                return note
        raise NotFound("there is no such note on this chart")

    def is_after_index(self, note: ChartNote) -> bool:
        """Whether a note was written after the day criteria are judged at; the guideline does not use it."""
        return self.chart["index_date"] is not None and note.note_date > self.chart["index_date"]

    @property
    def decided(self) -> int:
        """How many criteria have a verdict."""
        return sum(one.is_decided for one in self.criteria)


@lru_cache(maxsize=16)
def _trial(text: str) -> Trial:
    return Trial.model_validate_json(text)


def find_study(connection: Connection, token: str) -> StudyView:
    """The study of that token; raises `NotFound`."""
    row = connection.execute(select(schema.study).where(schema.study.c.token == token)).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such study")
    return study_view(row)


def study_view(row: Mapping[Any, Any]) -> StudyView:
    """A row of `study` with its specifications read."""
    questions = Questions.model_validate_json(row["questions"]).questions
    fields = ("id", "token", "trial_id", "title", "versions", "loaded_at", "is_blind_first", "plain_share")
    return StudyView(trial=_trial(row["trial"]), questions=questions, **{name: row[name] for name in fields})


def find_chart(connection: Connection, token: str) -> Mapping[Any, Any]:
    """The row of a chart; raises `NotFound`."""
    row = connection.execute(select(schema.chart).where(schema.chart.c.token == token)).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such chart")
    return row


def view_chart(connection: Connection, chart: Mapping[Any, Any], sheet: Sheet | None) -> ChartView:
    """The chart as the holder of `sheet` may see it; without a sheet, as the program left it."""
    row = connection.execute(select(schema.study).where(schema.study.c.id == chart["study_id"])).mappings().one()
    study = study_view(row)
    entries = entries_of(connection, sheet.id) if sheet else {}
    is_open = sheet is not None and sheet.state != "done"
    is_hidden = bool(sheet and sheet.is_plain and is_open)
    is_blind = bool(sheet and (sheet.is_blind or sheet.is_plain) and is_open)
    verdicts = connection.execute(
        select(schema.verdict).where(schema.verdict.c.chart_id == chart["id"]).order_by(schema.verdict.c.position)
    ).mappings()
    machine = {one["criterion_id"]: one for one in verdicts}
    items = _items(connection, chart["id"], machine, entries, is_hidden=is_hidden)
    criteria = tuple(
        _criterion(study, chart, criterion, number, machine.get(criterion.id), entries, items[criterion.id], is_blind)
        for number, criterion in enumerate(study.trial.criteria)
    )
    own = asked_of(study.questions, None, chart["sex"])
    return ChartView(
        study, chart, sheet, _notes(connection, chart["id"]), criteria, entries, own, _status(criteria, own, entries), is_hidden
    )


def _criterion(
    study: StudyView,
    chart: Mapping[Any, Any],
    criterion: Criterion,
    number: int,
    machine: Mapping[Any, Any] | None,
    entries: Mapping[tuple[str, str], Entry],
    items: Sequence[Item],
    is_blind: bool,
) -> CriterionView:
    decision = entries.get(("verdict", criterion.id))
    is_decided = decision is not None and decision.value is not None
    is_veiled = is_blind and not is_decided
    asked = asked_of(study.questions, criterion.id, chart["sex"])
    shown = None if is_veiled else machine
    verdict = decision.value["verdict"] if decision and decision.value else shown["verdict"] if shown else None
    return CriterionView(
        criterion,
        number,
        shown,
        decision,
        _veiled_items(items) if is_veiled else tuple(items),
        asked,
        combined(verdict, asked, answers_of(entries)) if verdict else None,
    )


def _veiled_items(items: Sequence[Item]) -> tuple[Item, ...]:
    """In the order of the notes, since the pieces that decided stand first otherwise."""
    ordered = sorted(items, key=lambda item: (item.action == "added", item.note_id is None, item.note_id or 0, item.start))
    return tuple(_veiled(item) for item in ordered)


def _veiled(item: Item) -> Item:
    """A machine's piece of evidence without what it is taken for; the reviewer's own word stays."""
    if item.action is not None:
        return item
    fields = {name: getattr(item, name) for name in Item.__slots__}
    return Item(**{**fields, "role": "", "reason": None, "is_deciding": False})


def answers_of(entries: Mapping[tuple[str, str], Entry]) -> dict[str, str]:
    """The answers that stand, by question."""
    return {key: entry.value["answer"] for (kind, key), entry in entries.items() if kind == "answer" and entry.value}


def _status(criteria: Iterable[CriterionView], own: Iterable[Question], entries: Mapping[tuple[str, str], Entry]) -> str | None:
    """Where the patient stands by all verdicts and answers; `None` while any of them is hidden."""
    known = [(one.criterion.kind, one.combined) for one in criteria]
    if any(verdict is None for _, verdict in known):
        return None
    pairs = [(kind, verdict) for kind, verdict in known if verdict is not None]
    answers = answers_of(entries)
    return status_of([*pairs, *((q.kind or "exclusion", combined("unknown", [q], answers)) for q in own)])


def _items(
    connection: Connection,
    chart_id: int,
    machine: Mapping[str, Mapping[Any, Any]],
    entries: Mapping[tuple[str, str], Entry],
    *,
    is_hidden: bool,
) -> dict[str, list[Item]]:
    """The evidence of each criterion, deciding pieces first, then by note date and place."""
    deciding = {one for row in machine.values() for one in json.loads(row["evidence_ids"])}
    query = select(schema.evidence, schema.note.c.note_date).outerjoin(schema.note, schema.note.c.id == schema.evidence.c.note_id)
    rows = [] if is_hidden else connection.execute(query.where(schema.evidence.c.chart_id == chart_id)).mappings().all()
    items: dict[str, list[Item]] = defaultdict(list)
    order: dict[str, tuple[bool, str, int]] = {}
    for row in rows:
        item = _machine_item(row, entries.get(("finding", f"e{row['id']}")), deciding)
        items[item.criterion_id].append(item)
        order[item.key] = (not item.is_deciding, row["note_date"] or "", item.start)
    for (kind, key), entry in entries.items():
        if kind == "finding" and key.startswith("a") and entry.value is not None:
            items[entry.value["criterion"]].append(_own_item(key, entry))
            order[key] = (True, "9999", entry.value["start"])
    for found in items.values():
        found.sort(key=lambda item: order[item.key])
    return items


def _machine_item(row: Mapping[Any, Any], entry: Entry | None, deciding: set[str]) -> Item:
    value = entry.value if entry and entry.value else {}
    is_rejected = value.get("action") == "rejected"
    return Item(
        key=f"e{row['id']}",
        criterion_id=row["criterion_id"],
        note_id=row["note_id"],
        start=value.get("start", row["start"]),
        end=value.get("end", row["end"]),
        text=value.get("text", row["text"]),
        role="rejected" if is_rejected else value.get("role", row["role"]),
        reason=value.get("reason") if is_rejected or value.get("action") == "corrected" else row["reason"],
        action=value.get("action"),
        version=entry.version if entry else 0,
        comment=value.get("comment", ""),
        is_deciding=row["evidence_id"] in deciding,
        snippet=row["snippet"],
        section=row["section"] or "",
        concept=row["concept"],
        earliest=row["earliest"],
        latest=row["latest"],
        has_date=row["date_source"] != "none" and bool(row["earliest"] or row["latest"]),
    )


def _own_item(key: str, entry: Entry) -> Item:
    value = entry.value or {}
    return Item(
        key, value["criterion"], value["note"], value["start"], value["end"], value["text"], value["role"], value["reason"],
        "added", entry.version, value.get("comment", ""),
    )  # fmt: skip


def _notes(connection: Connection, chart_id: int) -> tuple[ChartNote, ...]:
    rows = connection.execute(
        select(schema.note).where(schema.note.c.chart_id == chart_id).order_by(schema.note.c.position)
    ).mappings()
    texts: dict[int, list[str]] = defaultdict(list)
    query = select(schema.passage.c.note_id, schema.passage.c.body).join(
        schema.note, schema.note.c.id == schema.passage.c.note_id
    )
    query = query.where(schema.note.c.chart_id == chart_id).order_by(schema.passage.c.note_id, schema.passage.c.part)
    for number, body in connection.execute(query):
        texts[number].append(body)
    return tuple(
        ChartNote(
            row["id"], row["position"], row["note_id"], row["note_date"], row["note_title"],
            "".join(texts[row["id"]]) if row["problem"] is None else None, row["problem"],
        )
        for row in rows
    )  # fmt: skip
