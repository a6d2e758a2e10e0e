"""The record on the page: the last events for an admin, and whether the whole log holds."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select

from extractor.review import schema
from extractor.review.accounts import Session
from extractor.review.site import Form, Here, Signed, Site, require
from extractor.review.verify import Report, verify

router = APIRouter()
PAGE = 100


@router.get("/record")
def record_page(session: Signed, site: Here, before: int = 0) -> Response:
    """The newest events, or those before one."""
    require(session, "admin")
    return _page(site, session, before, None)


@router.post("/record/verify")
def check(posted: Form, site: Here) -> Response:
    """Verifies the log."""
    require(posted.session, "admin")
    return _page(site, posted.session, 0, verify(site.database))


def _page(site: Site, session: Session, before: int, report: Report | None) -> Response:
    event = schema.event.c
    query = select(schema.event, schema.chart.c.token).outerjoin(schema.chart, schema.chart.c.id == event.chart_id)
    if before:
        query = query.where(event.seq < before)
    with site.database.read() as connection:
        rows = connection.execute(query.order_by(event.seq.desc()).limit(PAGE)).mappings().all()
    return site.page("record.html", session, rows=rows, report=report, more=rows[-1]["seq"] if len(rows) == PAGE else None)
