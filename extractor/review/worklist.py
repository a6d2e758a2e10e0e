"""Filters in, one page of charts out, and the progress of a study: counts by state and by reviewer.

Order is by rank; in a blind-first study it is random for reviewers, since rank and status would tell the verdicts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import ARRAY, Connection, Integer, and_, any_, cast, func, select, text

from extractor.review import schema
from extractor.review.charts import StudyView
from extractor.review.log import Actor

PAGE = 50
MOST_PASSAGES = 5_000
"""A search that finds more passages than this stops there, and the page says so."""
STATUSES = ("eligible", "review", "ineligible")
STATES = ("new", "started", "done", "disputed", "settled")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is narrowed to; empty is everything. `reviewer` is an account's number; `criterion` is to be reviewed."""

    status: str = ""
    state: str = ""
    criterion: str = ""
    since: str = ""
    until: str = ""
    reviewer: str = ""
    words: str = ""

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> Filter:
        """The filter of a form or of a stored view; what is not a filter is left out, what cannot be is empty."""
        given = {field.name: str(form.get(field.name) or "").strip()[:200] for field in fields(cls)}
        for name, allowed in (("status", STATUSES), ("state", STATES)):
            given[name] = given[name] if given[name] in allowed else ""
        for name in ("since", "until"):
            given[name] = given[name] if re.fullmatch(r"\d{4}-\d\d-\d\d", given[name]) else ""
        given["reviewer"] = given["reviewer"] if re.fullmatch(r"\d{1,9}", given["reviewer"]) else ""
        return cls(**given)

    @property
    def is_set(self) -> bool:
        """Whether anything is narrowed."""
        return any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list. `total` counts all charts of the filter, `is_cut` says that the search stopped early."""

    rows: tuple[Mapping[str, Any], ...]
    number: int
    pages: int
    total: int
    is_cut: bool
    is_veiled: bool


def is_veiled(study: StudyView, actor: Actor) -> bool:
    """Whether rank and status are kept from this account."""
    return study.is_blind_first and not (actor.has("admin") or actor.has("adjudicator"))


def page_of(connection: Connection, study: StudyView, actor: Actor, wanted: Filter, number: int) -> Page:
    """The `number`-th page, from 1; one beyond the last is the last."""
    veiled = is_veiled(study, actor)
    where, is_cut = _conditions(connection, study, wanted, veiled=veiled)
    total = connection.execute(select(func.count()).select_from(schema.chart).where(where)).scalar_one()
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    order = schema.chart.c.token if veiled else schema.chart.c.rank
    query = select(schema.chart).where(where).order_by(order).limit(PAGE).offset((number - 1) * PAGE)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    sheets = _sheets(connection, [row["id"] for row in rows])
    for row in rows:
        row["sheets"] = sheets.get(row["id"], [])
        row["is_veiled"] = veiled or _is_plain(study, actor, row)
        row["failed"], row["to_review"] = json.loads(row["failed"]), json.loads(row["to_review"])
    return Page(tuple(rows), number, pages, total, is_cut, veiled)


def _is_plain(study: StudyView, actor: Actor, row: Mapping[str, Any]) -> bool:
    """Whether the chart is read without highlights, so that its status must not be told here either."""
    is_open = row["draw"] < study.plain_share and row["state"] in ("new", "started")
    return is_open and not (actor.has("admin") or actor.has("adjudicator"))


def neighbours(
    connection: Connection, study: StudyView, actor: Actor, wanted: Filter, chart: Mapping[Any, Any]
) -> tuple[str | None, str | None]:
    """The tokens of the charts before and after this one in the list."""
    veiled = is_veiled(study, actor)
    where, _ = _conditions(connection, study, wanted, veiled=veiled)
    name = "token" if veiled else "rank"
    column, here = schema.chart.c[name], chart[name]
    before = select(schema.chart.c.token).where(where, column < here).order_by(column.desc()).limit(1)
    after = select(schema.chart.c.token).where(where, column > here).order_by(column).limit(1)
    return connection.execute(before).scalar(), connection.execute(after).scalar()


def _conditions(connection: Connection, study: StudyView, wanted: Filter, *, veiled: bool) -> tuple[Any, bool]:
    chart = schema.chart.c
    parts: list[Any] = [chart.study_id == study.id]
    if wanted.status and not veiled:
        parts.append(chart.status == wanted.status)
    if wanted.state:
        parts.append(chart.state == wanted.state)
    if wanted.criterion and not veiled:
        parts.append(_with_open(study, wanted.criterion))
    if wanted.since or wanted.until:
        parts.append(_with_note(study, wanted))
    if wanted.reviewer:
        parts.append(_of_reviewer(int(wanted.reviewer)))
    if not wanted.words:
        return and_(*parts), False
    ids, is_cut = _charts_with(connection, study, wanted.words)
    return and_(*parts, _among(connection, schema.chart.c.id, ids)), is_cut


# Plain sets, not correlated ones: a set is read once from its index, where a planner may walk it once a chart.


def _with_open(study: StudyView, criterion_id: str) -> Any:
    verdict = schema.verdict.c
    where = (verdict.study_id == study.id, verdict.criterion_id == criterion_id, verdict.effect == "review")
    return schema.chart.c.id.in_(select(verdict.chart_id).where(*where))


def _of_reviewer(account_id: int) -> Any:
    """Charts given to the account, and those on whose shared sheet it decided something."""
    sheet, entry = schema.sheet.c, schema.entry.c
    owned = select(sheet.chart_id).where(sheet.owner_id == account_id)
    decided = select(sheet.chart_id).join(schema.entry, entry.sheet_id == sheet.id)
    return schema.chart.c.id.in_(owned.union(decided.where(entry.account_id == account_id, entry.kind != "sheet")))


def _with_note(study: StudyView, wanted: Filter) -> Any:
    note = schema.note.c
    parts = [note.study_id == study.id]
    if wanted.since:
        parts.append(note.note_date >= wanted.since)
    if wanted.until:
        parts.append(note.note_date <= wanted.until)
    return schema.chart.c.id.in_(select(note.chart_id).where(*parts))


def _charts_with(connection: Connection, study: StudyView, words: str) -> tuple[list[int], bool]:
    """The charts with a passage that holds every word, or one that begins so, and whether the search stopped early."""
    terms = re.findall(r"\w+", words)
    if not terms:
        return [], False
    if connection.engine.dialect.name == "postgresql":
        matching = "SELECT id FROM passage WHERE to_tsvector('simple', body) @@ to_tsquery('simple', :terms) LIMIT :most"
        query = " & ".join(f"'{term}':*" for term in terms)
    else:
        matching = "SELECT rowid AS id FROM passage_words WHERE passage_words MATCH :terms LIMIT :most"
        query = " ".join(f'"{term}"*' for term in terms)
    found = connection.execute(text(matching), {"terms": query, "most": MOST_PASSAGES}).scalars().all()
    note = schema.note.c
    charts = select(note.chart_id).distinct().join(schema.passage, schema.passage.c.note_id == note.id)
    charts = charts.where(note.study_id == study.id, _among(connection, schema.passage.c.id, found))
    return list(connection.execute(charts).scalars().all()), len(found) == MOST_PASSAGES


def _among(connection: Connection, column: Any, ids: Sequence[int]) -> Any:
    """Whether a number is one of many, given as one parameter: thousands of parameters take longer than the search."""
    if connection.engine.dialect.name == "postgresql":
        return column == any_(cast(list(ids), ARRAY(Integer)))
    numbers = func.json_each(json.dumps(list(ids))).table_valued("value")
    return column.in_(select(numbers.c.value))


def _sheets(connection: Connection, charts: list[int]) -> dict[int, list[Mapping[Any, Any]]]:
    query = select(
        schema.sheet.c.chart_id, schema.sheet.c.kind, schema.sheet.c.state, schema.sheet.c.letter, schema.account.c.name
    )
    query = query.outerjoin(schema.account, schema.account.c.id == schema.sheet.c.owner_id).where(
        schema.sheet.c.chart_id.in_(charts)
    )
    found: dict[int, list[Mapping[Any, Any]]] = {}
    for row in connection.execute(query.order_by(schema.sheet.c.letter)).mappings():
        found.setdefault(row["chart_id"], []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class ReviewerProgress:
    """One account: charts assigned to it, sheets and adjudications that it signed off, and verdicts that stand from it."""

    name: str
    assigned: int
    done: int
    verdicts: int


def states_of(connection: Connection, study: StudyView) -> dict[str, int]:
    """How many charts are in each state, those with none too."""
    query = select(schema.chart.c.state, func.count()).where(schema.chart.c.study_id == study.id).group_by(schema.chart.c.state)
    found: dict[str, int] = dict(connection.execute(query).tuples().all())
    return {state: found.get(state, 0) for state in STATES}


def reviewers_of(connection: Connection, study: StudyView) -> list[ReviewerProgress]:
    """The accounts with something to do or done in the study, by name."""
    account, sheet, entry = schema.account.c, schema.sheet.c, schema.entry.c
    chart = schema.chart.c  # joined, since a study has many charts and few of them have a sheet
    owned = select(sheet.owner_id, func.count()).join(schema.chart, chart.id == sheet.chart_id)
    owned = owned.where(chart.study_id == study.id, sheet.owner_id.is_not(None)).group_by(sheet.owner_id)
    assigned: dict[int, int] = dict(connection.execute(owned).tuples().all())
    by_account = select(entry.account_id, func.count()).join(schema.sheet, sheet.id == entry.sheet_id)
    by_account = by_account.join(schema.chart, chart.id == sheet.chart_id).where(chart.study_id == study.id)
    by_account = by_account.group_by(entry.account_id)
    is_verdict = (entry.kind == "verdict", entry.value.is_not(None))
    verdicts: dict[int, int] = dict(connection.execute(by_account.where(*is_verdict)).tuples().all())
    is_signed = (entry.kind == "sheet", sheet.state == "done")
    signed: dict[int, int] = dict(connection.execute(by_account.where(*is_signed)).tuples().all())
    names = connection.execute(select(account.id, account.name).order_by(account.name)).tuples().all()
    return [
        ReviewerProgress(name, assigned.get(number, 0), signed.get(number, 0), verdicts.get(number, 0))
        for number, name in names
        if number in assigned or number in verdicts or number in signed
    ]
