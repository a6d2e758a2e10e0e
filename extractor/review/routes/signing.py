"""Signing a chart off, with the password, after one look at all that is signed; and opening it again."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from extractor.review import accounts, sheets
from extractor.review.accounts import Session
from extractor.review.charts import ChartView, find_chart, view_chart
from extractor.review.faults import BadInput, NotAllowed, NotFound, ReviewFault
from extractor.review.routes.chart import criterion_of
from extractor.review.routes.decisions import back
from extractor.review.sheets import Sheet
from extractor.review.site import Form, Here, Signed, Site

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is still to be decided: on which criterion, in words."""

    criterion_id: str
    words: str


@router.get("/charts/{token}/sign")
def sign_page(token: str, session: Signed, site: Here) -> Response:
    """All decisions of the sheet, what is still open, and the field for the password."""
    return _page(site, session, token, None)


@router.post("/charts/{token}/finish")
def finish(token: str, request: Request, posted: Form, site: Here) -> Response:
    """Signs the chart off, as it was shown on the page; otherwise the page again, with what is wrong."""
    actor = posted.session.actor
    try:
        if not posted.form.get("password"):
            raise BadInput("your password is your signature; give it")
        accounts.confirm(site.database, actor, posted.form["password"], request.client.host if request.client else "unknown")
        with site.database.write() as connection:
            chart = find_chart(connection, token)
            sheet = sheets.open_sheet(site.database, connection, actor, chart)
            if posted.form.get("seen") != str(_latest(view_chart(connection, chart, sheet))):
                raise BadInput("a decision was recorded after this page was opened; read it again, then sign")
            sheets.finish(site.database, connection, actor, chart, sheet)
    except (BadInput, accounts.WrongPassword, accounts.TooManyAttempts) as fault:
        return _page(site, posted.session, token, fault)
    return back(token)


def _page(site: Site, session: Session, token: str, fault: ReviewFault | None) -> Response:
    with site.database.read() as connection:
        chart = find_chart(connection, token)
        sheet = sheets.own_sheet(connection, session.actor, chart)
        if sheet is None:
            raise NotAllowed("there is nothing of yours to sign on this chart; open it first")
        view = view_chart(connection, chart, sheet)
        left = [_left(view, kind, key) for kind, key in sheets.undecided(connection, chart, sheet)]
        opposed = _opposed(connection, chart["id"], sheet)
    return site.page(
        "sign.html", session, status=fault.status if fault else 200, fault=fault, view=view, left=left, opposed=opposed,
        seen=_latest(view), is_signed=sheet.state == "done",
    )  # fmt: skip


def _opposed(connection: Connection, chart_id: int, sheet: Sheet) -> set[tuple[str, str]]:
    """What an adjudicator settles."""
    return {(one.kind, one.key) for one in sheets.disputes(connection, chart_id)} if sheet.kind == "adjudication" else set()


def _latest(view: ChartView) -> int:
    """The newest event on the sheet: what the page that is signed was made from."""
    return max((entry.seq for entry in view.entries.values()), default=0)


def _left(view: ChartView, kind: str, key: str) -> Left:
    criterion_id = criterion_of(view, kind, key)
    if kind == "finding":
        return Left(criterion_id, f"evidence “{view.item(key).text}”")
    if kind == "answer":
        return Left(criterion_id, next(one.ask for one in view.study.questions if one.id == key))
    return Left(criterion_id, view.criterion(key).criterion.title)


@router.post("/charts/{token}/reopen/{letter}")
def reopen(token: str, letter: str, posted: Form, site: Here) -> Response:
    """Opens a signed-off sheet again; the letter says whose."""
    with site.database.write() as connection:
        chart = find_chart(connection, token)
        found = [sheet for sheet in sheets.sheets_of(connection, chart["id"]) if sheet.letter == letter]
        if not found:
            raise NotFound("there is no such sheet")
        sheets.reopen(site.database, connection, posted.session.actor, chart, found[0], why=posted.form.get("why", ""))
    return back(token)
