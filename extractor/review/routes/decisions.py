"""Forms of the chart page in, recorded decisions out, and the chart again, on the next thing to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from extractor.review import decide, sheets
from extractor.review.charts import find_chart
from extractor.review.decide import Desk
from extractor.review.faults import BadInput, NotFound
from extractor.review.site import Form, Here, Posted, Site, see

router = APIRouter()


@contextmanager
def desk(site: Site, posted: Posted, token: str) -> Iterator[Desk]:
    """The reviewer's place at a chart, inside one transaction."""
    with site.database.write() as connection:
        chart = find_chart(connection, token)
        sheet = sheets.open_sheet(site.database, connection, posted.session.actor, chart)
        yield Desk(site.database, connection, posted.session.actor, chart, sheet)


def _back(token: str, criterion: str = "", item: str = "") -> Response:
    query = f"?c={quote(criterion)}" if criterion else ""
    query += f"&e={quote(item)}" if item and criterion else ""
    return see(f"/charts/{token}{query}" + (f"#{quote(item)}" if item else ""))


@router.post("/charts/{token}/verdict/{criterion}")
def verdict(token: str, criterion: str, posted: Form, site: Here) -> Response:
    """A verdict; then the next criterion without one, if the form asks for it."""
    with desk(site, posted, token) as at:
        decide.decide_verdict(at, criterion, posted.form)
        view = at.view()
    if posted.form.get("then") != "next":
        return _back(token, criterion)
    ids = [one.criterion.id for one in view.criteria]
    place = ids.index(criterion)
    following = [*view.criteria[place + 1 :], *view.criteria[:place]]
    return _back(token, next((one.criterion.id for one in following if not one.is_decided), criterion))


@router.post("/charts/{token}/evidence/{key}")
def evidence(token: str, key: str, posted: Form, site: Here) -> Response:
    """A word on one piece of evidence."""
    with desk(site, posted, token) as at:
        criterion = at.view().item(key).criterion_id
        decide.judge_item(at, key, posted.form)
    return _back(token, criterion, "" if posted.form.get("action") == "withdraw" else key)


@router.post("/charts/{token}/accept/{criterion}")
def accept_rest(token: str, criterion: str, posted: Form, site: Here) -> Response:
    """Accepts what is left of a criterion's evidence."""
    with desk(site, posted, token) as at:
        decide.accept_rest(at, criterion)
    return _back(token, criterion)


@router.post("/charts/{token}/add/{criterion}")
def add(token: str, criterion: str, posted: Form, site: Here) -> Response:
    """A span of one's own."""
    with desk(site, posted, token) as at:
        decide.add_item(at, criterion, posted.form)
    return _back(token, criterion)


@router.post("/charts/{token}/answer/{question}")
def answer(token: str, question: str, posted: Form, site: Here) -> Response:
    """An answer to what only people know."""
    with desk(site, posted, token) as at:
        decide.answer(at, question, posted.form)
    return _back(token, posted.form.get("c", ""))


@router.post("/charts/{token}/undo")
def undo(token: str, posted: Form, site: Here) -> Response:
    """Takes back one's last decision on this chart."""
    with desk(site, posted, token) as at:
        change = decide.take_back(at)
    if change is None:
        raise BadInput("there is nothing of yours to undo on this chart")
    return _back(token, change.key if change.kind == "verdict" else posted.form.get("c", ""))


@router.post("/charts/{token}/finish")
def finish(token: str, posted: Form, site: Here) -> Response:
    """Signs the chart off."""
    with desk(site, posted, token) as at:
        sheets.finish(at.database, at.connection, at.actor, at.chart, at.sheet)
    return _back(token, posted.form.get("c", ""))


@router.post("/charts/{token}/reopen/{letter}")
def reopen(token: str, letter: str, posted: Form, site: Here) -> Response:
    """Opens a signed-off sheet again; the letter says whose."""
    with site.database.write() as connection:
        chart = find_chart(connection, token)
        found = [sheet for sheet in sheets.sheets_of(connection, chart["id"]) if sheet.letter == letter]
        if not found:
            raise NotFound("there is no such sheet")
        sheets.reopen(site.database, connection, posted.session.actor, chart, found[0], why=posted.form.get("why", ""))
    return _back(token)
