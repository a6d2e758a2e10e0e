"""Studies, their worklist with its filters, and their progress."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select

from extractor.review import accounts, agree, schema, worklist
from extractor.review.charts import find_study, study_view
from extractor.review.site import Form, Here, Signed, require, see

router = APIRouter()


@router.get("/")
def home(session: Signed, site: Here) -> Response:
    """The worklist where there is one study; otherwise the studies to choose from."""
    with site.database.read() as connection:
        rows = connection.execute(select(schema.study).order_by(schema.study.c.id.desc())).mappings().all()
        if len(rows) == 1:
            return see(f"/studies/{rows[0]['token']}")
        found = [(study_view(row), worklist.states_of(connection, study_view(row))) for row in rows]
    return site.page("studies.html", session, studies=found)


@router.get("/studies/{token}")
def list_page(token: str, session: Signed, site: Here, page: int = 1) -> Response:
    """One page of the worklist, narrowed by the filter that the session holds."""
    wanted = worklist.Filter.of(session.view.get("filter", {}))
    with site.database.read() as connection:
        study = find_study(connection, token)
        found = worklist.page_of(connection, study, session.actor, wanted, page)
        states = worklist.states_of(connection, study)
        reviewers = connection.execute(select(schema.account.c.id, schema.account.c.name).order_by(schema.account.c.name)).all()
    return site.page(
        "worklist.html", session, study=study, page=found, wanted=wanted, states=states, reviewers=reviewers,
        most_passages=worklist.MOST_PASSAGES,
    )  # fmt: skip


@router.post("/studies/{token}/filter")
def narrow(token: str, posted: Form, site: Here) -> Response:
    """Keeps the filter with the session, since a date or a name in an address would stay in the browser's history."""
    wanted = worklist.Filter() if "clear" in posted.form else worklist.Filter.of(posted.form)
    accounts.keep_view(site.database, posted.session, filter=asdict(wanted))
    return see(f"/studies/{token}")


@router.get("/studies/{token}/progress")
def progress(token: str, session: Signed, site: Here) -> Response:
    """How far the study is, by state and by reviewer, and how well reviewers agree."""
    with site.database.read() as connection:
        study = find_study(connection, token)
        states = worklist.states_of(connection, study)
        reviewers = worklist.reviewers_of(connection, study)
        may_see = session.actor.has("admin") or session.actor.has("adjudicator")
        agreement = agree.agreement_of(connection, study) if may_see else None
    return site.page(
        "progress.html", session, study=study, states=states, reviewers=reviewers, agreement=agreement, may_see_agreement=may_see
    )


@router.get("/studies/{token}/settings")
def settings_page(token: str, session: Signed, site: Here) -> Response:
    """Bias guards and assignment."""
    require(session, "admin")
    with site.database.read() as connection:
        study = find_study(connection, token)
        rows = connection.execute(select(schema.account).where(schema.account.c.is_active).order_by(schema.account.c.name))
        reviewers = [row for row in rows.mappings() if "reviewer" in row["roles"]]
        unassigned = agree.unassigned(connection, study)
    return site.page("settings.html", session, study=study, reviewers=reviewers, unassigned=unassigned)


@router.post("/studies/{token}/settings")
def change_settings(token: str, posted: Form, site: Here) -> Response:
    """Blind-first and the share of plain charts, for charts opened from now on."""
    require(posted.session, "admin")
    with site.database.write() as connection:
        study = find_study(connection, token)
        agree.change_settings(site.database, connection, posted.session.actor, study, posted.form)
    return see(f"/studies/{token}/settings")


@router.post("/studies/{token}/assign")
def assign(token: str, posted: Form, site: Here) -> Response:
    """Gives the next charts by rank to reviewers, a share of them to two."""
    require(posted.session, "admin")
    with site.database.write() as connection:
        study = find_study(connection, token)
        reviewers = posted.lists.get("reviewers", [])
        agree.assign(site.database, connection, posted.session.actor, study, reviewers, posted.form)
    return see(f"/studies/{token}/progress")
