"""The queue of an adjudicator: charts on which two reviewers disagree, without their names."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select

from extractor.review import schema
from extractor.review.charts import find_study
from extractor.review.sheets import disputes, may_adjudicate, sheets_of
from extractor.review.site import Here, Signed, require

router = APIRouter()
MOST_SHOWN = 200


@router.get("/studies/{token}/adjudication")
def queue(token: str, session: Signed, site: Here) -> Response:
    """The charts in dispute, with what they are in dispute about."""
    require(session, "adjudicator")
    with site.database.read() as connection:
        study = find_study(connection, token)
        query = select(schema.chart).where(schema.chart.c.study_id == study.id, schema.chart.c.state == "disputed")
        charts = connection.execute(query.order_by(schema.chart.c.rank).limit(MOST_SHOWN)).mappings().all()
        rows = [
            {
                "chart": chart,
                "disputes": disputes(connection, chart["id"]),
                "may": may_adjudicate(session.actor, chart, sheets_of(connection, chart["id"])),
            }
            for chart in charts
        ]
    return site.page("adjudication.html", session, study=study, rows=rows, most=MOST_SHOWN)
