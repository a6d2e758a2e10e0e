"""The chart page: notes with their evidence, one criterion at a time beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Connection

from extractor.review import accounts, marks, worklist
from extractor.review.accounts import Session
from extractor.review.charts import ChartNote, ChartView, CriterionView, Item, find_chart, view_chart
from extractor.review.decide import REASONS, ROLES
from extractor.review.faults import NotAllowed
from extractor.review.log import Event, append
from extractor.review.picture import picture, windows_of
from extractor.review.sheets import (
    Dispute,
    Sheet,
    disputes,
    may_adjudicate,
    open_sheet,
    own_sheet,
    sheets_of,
    spans_of_reviewers,
    versions_of,
)
from extractor.review.site import Form, Here, Signed, Site, see

router = APIRouter()


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note with its pieces and its outline."""

    note: ChartNote
    pieces: list[marks.Piece]
    outline: tuple[marks.Heading, ...]


@router.get("/charts/{token}")
def chart_page(token: str, session: Signed, site: Here, c: str = "", e: str = "") -> Response:
    """The chart on one criterion: `c`, else the first that is not decided. `e` is the piece of evidence looked at."""
    sheet = _seen(site, session, token)
    wanted = worklist.Filter.of(session.view.get("filter", {}))
    words = session.view.get("find", {}).get(token, "")
    with site.database.read() as connection:
        chart = find_chart(connection, token)
        view = view_chart(connection, chart, sheet)
        before, after = worklist.neighbours(connection, view.study, session.actor, wanted, chart)
        opposed = disputes(connection, chart["id"]) if sheet is None or sheet.kind == "adjudication" else []
        sheets = sheets_of(connection, chart["id"])
        disputed = {criterion_of(view, one.kind, one.key) for one in opposed if not _is_settled(view, one)}
        current = _current(view, c, disputed)
        is_settling = sheet is not None and sheet.kind == "adjudication"
        own_spans = spans_of_reviewers(connection, sheets, current.criterion.id) if is_settling else []
    notes, found = _notes(view, words)
    return site.page(
        "chart.html",
        session,
        view=view,
        current=current,
        place=_place(view, current),
        item=_item(current, e),
        notes=notes,
        hits=found,
        words=words,
        before=before,
        after=after,
        picture=picture(view),
        windows=windows_of(view.study.trial, current.criterion.id),
        disputes={(one.kind, one.key): one for one in opposed},
        disputed_items={one.key for one in opposed if one.kind == "finding"},
        disputed=disputed,
        settled=sum(_is_settled(view, one) for one in opposed),
        own_spans=own_spans,
        sheets=sheets,
        roles=ROLES,
        reasons=REASONS,
        is_reader=sheet is None or sheet.state == "done",
        is_veiled=worklist.is_veiled(view.study, session.actor),
    )


def _seen(site: Site, session: Session, token: str) -> Sheet | None:
    """The sheet on which this account decides, begun if need be, the visit logged; `None` for one who only reads."""
    with site.database.read() as connection:
        chart = find_chart(connection, token)
        found = own_sheet(connection, session.actor, chart)
        is_reader = found is None and not _may_begin(connection, session, chart)
    if found is not None and session.view.get("chart") == token:
        return found
    if is_reader and not (session.actor.has("admin") or session.actor.has("adjudicator")):
        raise NotAllowed("this chart is assigned to other reviewers")
    with site.database.write() as connection:
        sheet = None if is_reader else open_sheet(site.database, connection, session.actor, chart)
        if session.view.get("chart") != token:
            versions = versions_of(connection, chart)
            event = Event("view", study_id=chart["study_id"], chart_id=chart["id"], versions=versions)
            append(site.database, connection, session.actor, event)
    accounts.keep_view(site.database, session, chart=token)
    return sheet


def _may_begin(connection: Connection, session: Session, chart: Mapping[Any, Any]) -> bool:
    sheets = sheets_of(connection, chart["id"])
    is_free = not any(sheet.kind == "review" for sheet in sheets)
    return (is_free and session.actor.has("reviewer")) or may_adjudicate(session.actor, chart, sheets)


def _current(view: ChartView, wanted: str, disputed: set[str]) -> CriterionView:
    """The criterion that is asked for, else the first that is open: to an adjudicator, the first with something in dispute."""
    if wanted:
        return view.criterion(wanted)
    is_open = [one for one in view.criteria if (one.criterion.id in disputed if disputed else not one.is_decided)]
    return is_open[0] if is_open else view.criteria[0]


def criterion_of(view: ChartView, kind: str, key: str) -> str:
    """The criterion on whose panel a decision is made; a question that stands alone is asked on every panel."""
    if kind == "finding":
        return view.item(key).criterion_id
    if kind == "answer":
        asked = [one.criterion for one in view.study.questions if one.id == key]
        return asked[0] or view.criteria[0].criterion.id
    return key


def _is_settled(view: ChartView, dispute: Dispute) -> bool:
    found = view.entries.get((dispute.kind, dispute.key))
    return found is not None and found.value is not None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The criteria before and after the current one, in order and round the end."""

    previous: str
    following: str


def _place(view: ChartView, current: CriterionView) -> Neighbours:
    ids = [one.criterion.id for one in view.criteria]
    at = ids.index(current.criterion.id)
    return Neighbours(ids[at - 1], ids[(at + 1) % len(ids)])


@dataclass(frozen=True, slots=True)
class Looked:
    """Which piece of evidence is looked at: its place from 1 (0 for none), of how many, and its neighbours' keys."""

    key: str
    number: int
    of: int
    previous: str
    following: str


def _item(current: CriterionView, key: str) -> Looked:
    keys = [item.key for item in current.items]
    if not keys:
        return Looked("", 0, 0, "", "")
    if key not in keys:
        return Looked("", 0, len(keys), keys[-1], keys[0])
    at = keys.index(key)
    return Looked(key, at + 1, len(keys), keys[at - 1], keys[(at + 1) % len(keys)])


def _notes(view: ChartView, words: str) -> tuple[list[NoteView], int]:
    by_note: dict[int, list[marks.Mark]] = {}
    for one in view.criteria:
        for item in one.items:
            if item.note_id is not None:
                by_note.setdefault(item.note_id, []).append(_mark(item, one.number))
    shown, found = [], 0
    for note in view.notes:
        text = note.text or ""
        places = marks.hits(text, words) if words else []
        own = by_note.get(note.id, []) + [
            marks.Mark(start, end, anchor=f"hit-{found + number}") for number, (start, end) in enumerate(places, start=1)
        ]
        found += len(places)
        outline = marks.outline(text, f"s{note.position}")
        shown.append(NoteView(note, marks.pieces(text, own, {h.start: h.anchor for h in outline}) if text else [], outline))
    return shown, found


def _mark(item: Item, number: int) -> marks.Mark:
    return marks.Mark(item.start, item.end, item, number, item.key)


@router.post("/charts/{token}/find")
def find(token: str, posted: Form, site: Here) -> Response:
    """Keeps the words that are looked for in the chart with the session, so that they stand in no address."""
    words = "" if "clear" in posted.form else posted.form.get("words", "").strip()[:200]
    accounts.keep_view(site.database, posted.session, find={token: words} if words else {})
    criterion = posted.form.get("c", "")
    back = f"/charts/{token}" + (f"?c={criterion}" if criterion.isalnum() else "")
    return see(back + ("#hit-1" if words else ""))


@router.get("/help")
def help_page(session: Signed, site: Here) -> Response:
    """The keys; with JavaScript the same list lies over the page."""
    return site.page("help.html", session)
