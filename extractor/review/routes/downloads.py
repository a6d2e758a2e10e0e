"""Files that leave the review: gold, the worklist, one patient's signed-off page. Each is an event of the log."""

from __future__ import annotations

import json

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import func, select

from extractor.review import export, schema
from extractor.review.charts import find_chart, find_study
from extractor.review.faults import NotFound
from extractor.review.log import End, Event, append
from extractor.review.sheets import own_sheet
from extractor.review.site import Form, Here, Posted, Signed, Site, require

router = APIRouter()


@router.get("/studies/{token}/export")
def export_page(token: str, session: Signed, site: Here) -> Response:
    """What can be taken away."""
    require(session, "admin", "adjudicator")
    with site.database.read() as connection:
        study = find_study(connection, token)
        query = select(func.count()).where(schema.chart.c.study_id == study.id, schema.chart.c.state.in_(export.FINAL_STATES))
        count = connection.execute(query).scalar_one()
    return site.page("export.html", session, study=study, count=count, versions=json.loads(study.versions))


@router.post("/studies/{token}/export/annotations")
def gold(token: str, posted: Form, site: Here) -> Response:
    """The signed-off charts as a folder of `annotations/`."""
    require(posted.session, "admin", "adjudicator")
    end = _logged(site, posted, token, "annotations")
    with site.database.read() as connection:
        content = export.zipped(export.gold_folder(connection, find_study(connection, token), end))
    return _file(content, "annotations.zip", "application/zip")


@router.post("/studies/{token}/export/worklist")
def worklist(token: str, posted: Form, site: Here) -> Response:
    """The worklist as CSV."""
    require(posted.session, "admin", "adjudicator")
    _logged(site, posted, token, "worklist")
    with site.database.read() as connection:
        content = "".join(export.worklist_csv(connection, find_study(connection, token)))
    return _file(content.encode("utf-8"), "worklist.csv", "text/csv; charset=utf-8")


def _logged(site: Site, posted: Posted, token: str, what: str) -> End:
    with site.database.write() as connection:
        study = find_study(connection, token)
        event = Event("export", study_id=study.id, after={"what": what}, versions=study.versions)
        seq = append(site.database, connection, posted.session.actor, event)
        return End(seq, connection.execute(select(schema.event.c.hash).where(schema.event.c.seq == seq)).scalar_one())


@router.post("/charts/{token}/signed")
def signed(token: str, posted: Form, site: Here) -> Response:
    """One patient's final verdicts with their evidence, as a page that stands alone."""
    with site.database.write() as connection:
        chart = find_chart(connection, token)
        if own_sheet(connection, posted.session.actor, chart) is None:
            require(posted.session, "admin", "adjudicator")
        final = export.final_of(connection, chart)
        if final is None:
            raise NotFound("this chart is not signed off yet, or its reviewers disagree")
        versions = final.views[0].study.versions
        after = {"what": "signed page"}
        event = Event("export", study_id=chart["study_id"], chart_id=chart["id"], after=after, versions=versions)
        seq = append(site.database, connection, posted.session.actor, event)
        digest = connection.execute(select(schema.event.c.hash).where(schema.event.c.seq == seq)).scalar_one()
        page = site.templates.get_template("signed.html").render(
            final=final,
            view=final.views[-1],
            end=End(seq, digest),
            row=export.gold_row(final, End(seq, digest)),
            at=site.database.now(),
        )
    return _file(page.encode("utf-8"), f"signed-{token}.html", "text/html; charset=utf-8")


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
