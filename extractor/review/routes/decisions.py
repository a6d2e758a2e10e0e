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
from extractor.review.faults import BadInput
from extractor.review.site import Form, Here, Posted, Site, see

router = APIRouter()


@contextmanager
def desk(site: Site, posted: Posted, token: str) -> Iterator[Desk]:
    """The reviewer's place at a chart, inside one transaction."""
    with site.database.write() as connection:
        chart = find_chart(connection, token)
        sheet = sheets.open_sheet(site.database, connection, posted.session.actor, chart)
        yield Desk(site.database, connection, posted.session.actor, chart, sheet)


def back(token: str, criterion: str = "", item: str = "") -> Response:
    """To the chart, on a criterion and a piece of evidence."""
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
        return back(token, criterion)
    ids = [one.criterion.id for one in view.criteria]
    place = ids.index(criterion)
    following = [*view.criteria[place + 1 :], *view.criteria[:place]]
    return back(token, next((one.criterion.id for one in following if not one.is_decided), criterion))


@router.post("/charts/{token}/evidence/{key}")
def evidence(token: str, key: str, posted: Form, site: Here) -> Response:
    """A word on one piece of evidence."""
    with desk(site, posted, token) as at:
        criterion = at.view().item(key).criterion_id
        decide.judge_item(at, key, posted.form)
    return back(token, criterion, "" if posted.form.get("action") == "withdraw" else key)


@router.post("/charts/{token}/accept/{criterion}")
def accept_rest(token: str, criterion: str, posted: Form, site: Here) -> Response:
    """Accepts what is left of a criterion's evidence."""
    with desk(site, posted, token) as at:
        decide.accept_rest(at, criterion)
    return back(token, criterion)


@router.post("/charts/{token}/add/{criterion}")
def add(token: str, criterion: str, posted: Form, site: Here) -> Response:
    """A span of one's own."""
    with desk(site, posted, token) as at:
        decide.add_item(at, criterion, posted.form)
    return back(token, criterion)


@router.post("/charts/{token}/answer/{question}")
def answer(token: str, question: str, posted: Form, site: Here) -> Response:
    """An answer to what only people know."""
    with desk(site, posted, token) as at:
        decide.answer(at, question, posted.form)
    return back(token, posted.form.get("c", ""))


@router.post("/charts/{token}/undo")
def undo(token: str, posted: Form, site: Here) -> Response:
    """Takes back one's last decision on this chart."""
    with desk(site, posted, token) as at:
        change = decide.take_back(at)
    if change is None:
        raise BadInput("there is nothing of yours to undo on this chart")
    return back(token, change.key if change.kind == "verdict" else posted.form.get("c", ""))
