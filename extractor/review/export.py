"""Decisions in, gold out: the final word on each chart, as `annotations/` holds it, with who decided and on what.

The final word: of one reviewer, theirs; of two who agree, both; of two who disagree, the adjudicator's on what was in
dispute. Only signed-off charts are gold. Spans are those that a reviewer accepted, corrected, added, or set aside.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from extractor.errors import RunError
from extractor.io.gold.records import text_sha256
from extractor.review import schema
from extractor.review.charts import ChartView, StudyView, answers_of, study_view, view_chart
from extractor.review.database import Database
from extractor.review.entries import Entry
from extractor.review.log import PROGRAM, End, Event, append, read_end
from extractor.review.questions import asked_of, combined, status_of
from extractor.review.sheets import STATE, Sheet, disputes, sheets_of

FINAL_STATES = ("done", "settled")
PLACE = ("criterion", "note_id", "start", "end")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Final:
    """The final word on one chart: `views` are the sheets it rests on, the adjudicator's last."""

    chart: Mapping[Any, Any]
    views: tuple[ChartView, ...]
    verdicts: Mapping[str, Entry]
    evidence: tuple[Mapping[str, Any], ...]

    @property
    def answers(self) -> dict[str, str]:
        """What people answered: the later view has the last word, and who cannot say leaves the word to who can."""
        given = [answers_of(view.entries) for view in self.views]
        known = {key: answer for some in given for key, answer in some.items() if answer != "cannot_say"}
        return {**{key: answer for some in given for key, answer in some.items()}, **known}

    @property
    def status(self) -> str:
        """Where the patient stands by the final verdicts and the answers: eligible, ineligible, or review while that is open."""
        study, sex, answers = self.views[0].study, self.chart["sex"], self.answers
        decided = [
            (study.trial.criterion(name).kind, (entry.value or {})["verdict"], asked_of(study.questions, name, sex))
            for name, entry in self.verdicts.items()
        ]
        alone = [(one.kind or "exclusion", "unknown", (one,)) for one in asked_of(study.questions, None, sex)]
        return status_of((kind, combined(verdict, questions, answers)) for kind, verdict, questions in [*decided, *alone])


def final_of(connection: Connection, chart: Mapping[Any, Any]) -> Final | None:
    """The final word; `None` while the chart is not signed off or in dispute."""
    if chart["state"] not in FINAL_STATES:
        return None
    sheets = [sheet for sheet in sheets_of(connection, chart["id"]) if sheet.state == "done"]
    views = tuple(view_chart(connection, chart, sheet) for sheet in _that_count(connection, chart, sheets))
    return Final(chart, views, _verdicts(views), tuple(_evidence(views)))


def _verdicts(views: tuple[ChartView, ...]) -> dict[str, Entry]:
    """What stands on each criterion in the order of the trial; a later view has the last word."""
    verdicts: dict[str, Entry] = {}
    for view in views:
        verdicts.update({one.criterion.id: one.decision for one in view.criteria if one.decision and one.decision.value})
    return {one.id: verdicts[one.id] for one in views[0].study.trial.criteria if one.id in verdicts}


def _that_count(connection: Connection, chart: Mapping[Any, Any], sheets: list[Sheet]) -> list[Sheet]:
    """An adjudication from an earlier dispute that has since gone says nothing."""
    return sheets if disputes(connection, chart["id"]) else [sheet for sheet in sheets if sheet.kind == "review"]


def _evidence(views: tuple[ChartView, ...]) -> Iterator[Mapping[str, Any]]:
    """One row a span that somebody judged; the later view, the adjudicator's, stands in place of the earlier ones'."""
    spans: dict[tuple[str, str, int, int], dict[str, Any]] = {}
    settled = {one.key for view in views if view.sheet and view.sheet.kind == "adjudication" for one in _judged(view)}
    for view in views:
        notes = {note.id: note.note_id for note in view.notes}
        is_last = view.sheet is not None and view.sheet.kind == "adjudication"
        for item in _judged(view):
            if item.note_id is None or (item.key in settled and not is_last):
                continue
            place = (item.criterion_id, notes[item.note_id], item.start, item.end)
            reason = item.reason if item.role == "rejected" else None
            spans[place] = {**dict(zip(PLACE, place, strict=True)), "text": item.text, "role": item.role, "reason": reason}
    yield from (spans[place] for place in sorted(spans))


def _judged(view: ChartView) -> list[Any]:
    return [item for one in view.criteria for item in one.items if item.action is not None]


def gold_row(final: Final, end: End) -> dict[str, Any]:
    """One line of `gold.jsonl`; `provenance` says who decided what, when, on which versions, and where the log stood."""
    view = final.views[-1]
    provenance = {
        "verdicts": {
            name: {"by": entry.account, "at": entry.at, "event": entry.seq, "comment": (entry.value or {})["comment"]}
            for name, entry in final.verdicts.items()
        },
        "reviewers": len([one for one in final.views if one.sheet and one.sheet.kind == "review"]),
        "adjudicated": any(one.sheet and one.sheet.kind == "adjudication" for one in final.views),
        "blind": any(one.sheet and one.sheet.is_blind for one in final.views),
        "without_highlights": any(one.sheet and one.sheet.is_plain for one in final.views),
        "answers": final.answers,
        "status": final.status,
        "versions": json.loads(view.study.versions),
        "signed": [_signature(one) for one in final.views if one.sheet],
        "log": {"events": end.seq, "hash": end.hash},
    }
    return {**_reading(view, final.verdicts, final.evidence), "provenance": provenance}


def _signature(view: ChartView) -> dict[str, Any]:
    """Who signed a sheet off, when, as what."""
    assert view.sheet is not None
    entry = view.entries[STATE]
    return {"as": view.sheet.kind, "by": entry.account, "at": entry.at, "event": entry.seq}


def _reading(view: ChartView, verdicts: Mapping[str, Entry], evidence: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A line of `gold.jsonl` without its provenance; the hashes are of the notes as they stand in `notes.jsonl`."""
    return {
        "patient_id": view.chart["patient_id"],
        "verdicts": {name: (entry.value or {})["verdict"] for name, entry in verdicts.items()},
        "evidence": list(evidence),
        "text_sha256": {note.note_id: text_sha256(note.text) for note in view.notes if note.text is not None},
    }


def _readings(final: Final) -> tuple[dict[str, Any], ...]:
    """Both reviewers' own lines, in the order of their letters, where two have read the chart."""
    reviews = [view for view in final.views if view.sheet and view.sheet.kind == "review"]
    return tuple(_reading(view, _verdicts((view,)), _evidence((view,))) for view in reviews) if len(reviews) == 2 else ()


def _adjudications(final: Final, readings: tuple[dict[str, Any], ...]) -> Iterator[dict[str, Any]]:
    """A line of `adjudications.jsonl` a verdict that two reviewers gave differently, with the adjudicator's comment."""
    first, second = (reading["verdicts"] for reading in readings)
    for name, entry in final.verdicts.items():
        value = entry.value or {}
        if first[name] != second[name] or first[name] != value["verdict"]:
            yield {
                "patient_id": final.chart["patient_id"], "criterion": name, "first": first[name], "second": second[name],
                "final": value["verdict"], "why": f"Adjudicator: {value['comment'] or 'no comment was written'}",
            }  # fmt: skip


def final_charts(connection: Connection, study: StudyView) -> Iterator[Final]:
    """The signed-off charts of a study by patient id."""
    query = select(schema.chart).where(schema.chart.c.study_id == study.id, schema.chart.c.state.in_(FINAL_STATES))
    for chart in connection.execute(query.order_by(schema.chart.c.patient_id)).mappings().all():
        final = final_of(connection, chart)
        if final is not None:
            yield final


def gold_folder(connection: Connection, study: StudyView, end: End) -> dict[str, str]:
    """The files of a folder of `annotations/`, by name: gold, its notes and patients, one split, both readings, what it is."""
    gold, notes, patients, splits = [], [], [], ["patient_id,split"]
    first: list[dict[str, Any]] = []
    second: list[dict[str, Any]] = []
    settled: list[dict[str, Any]] = []
    for final in final_charts(connection, study):
        chart = final.chart
        gold.append(gold_row(final, end))
        patients.append({name: chart[name] for name in ("patient_id", "sex", "birth_date", "index_date")})
        splits.append(_csv([chart["patient_id"], "review"]))  # a name must stay what it is in the other files
        if readings := _readings(final):
            first.append(readings[0])
            second.append(readings[1])
            settled += _adjudications(final, readings)
        notes += [
            {
                "note_id": note.note_id, "patient_id": chart["patient_id"], "note_date": note.note_date,
                "note_title": note.note_title, "note_text": note.text,
            }
            for note in final.views[-1].notes
            if note.text is not None
        ]  # fmt: skip
    twice = {"first/gold.jsonl": first, "second/gold.jsonl": second, "adjudications.jsonl": settled} if first else {}
    return {
        "gold.jsonl": _jsonl(gold),
        "notes.jsonl": _jsonl(notes),
        "patients.jsonl": _jsonl(patients),
        "splits.csv": "\n".join(splits) + "\n",
        "README.md": _readme(study, len(gold), end),
        **{name: _jsonl(rows) for name, rows in twice.items()},
    }


def _readme(study: StudyView, charts: int, end: End) -> str:
    versions = "\n".join(f"- {name}: {value}" for name, value in json.loads(study.versions).items())
    return (
        f"# Reviewed charts of {study.trial_id}\n\n{charts} charts, signed off by chart review with `prescreen review`.\n"
        "`gold.jsonl` has under `provenance` who decided each verdict, when, and on which event of the log.\n"
        f"\nThe log had {end.seq} events and ended with `{end.hash}`; `prescreen audit verify --known {end.seq}:{end.hash}`\n"
        f"tells whether it still holds them unchanged.\n\n{versions}\n"
    )


def _jsonl(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def zipped(files: Mapping[str, str]) -> bytes:
    """The files as one archive, the same bytes for the same content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content.encode("utf-8"), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def worklist_csv(connection: Connection, study: StudyView) -> Iterator[str]:
    """The worklist, a chart a line: the program's status beside the state of its review."""
    columns = ("rank", "patient_id", "status", "score", "state", "failed", "to_review", "index_date", "first_note", "last_note")
    yield _line(columns) + "\r\n"
    rows = connection.execution_options(yield_per=1000).execute(
        select(*(schema.chart.c[name] for name in columns))
        .where(schema.chart.c.study_id == study.id)
        .order_by(schema.chart.c.rank)
    )
    for row in rows.mappings():
        lists = {name: " ".join(json.loads(row[name])) for name in ("failed", "to_review")}
        yield _line([{**row, **lists}[name] for name in columns]) + "\r\n"


def _line(cells: Any) -> str:
    """A line of CSV. A cell that a spreadsheet would take for a formula gets an apostrophe, which shows it as text."""
    return _csv(_cell(cell) for cell in cells)


def _csv(cells: Iterable[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def _cell(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def write_folder(database: Database, run_sha256: str, out: Path) -> int:
    """Writes the annotations and the worklist of one run's study into `out`; returns how many charts are gold."""
    with database.write() as connection:
        row = connection.execute(select(schema.study).where(schema.study.c.run_sha256 == run_sha256)).mappings().one_or_none()
        if row is None:
            raise RunError("this run was never opened for review; start prescreen review on it first")
        study = study_view(row)
        event = Event("export", study_id=study.id, after={"what": "folder"}, versions=study.versions)
        append(database, connection, PROGRAM, event)
        files = gold_folder(connection, study, read_end(database, connection))
        files["worklist.csv"] = "".join(worklist_csv(connection, study))
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(content, encoding="utf-8", newline="")
    return files["gold.jsonl"].count("\n")
