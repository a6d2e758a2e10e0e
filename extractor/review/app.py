"""The web application: routes, the pages of their faults, static files, and the guard around it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from extractor.review.faults import Conflict, Failed, NotFound, ReviewFault, WhyMissing
from extractor.review.routes import accounts, adjudication, chart, decisions, downloads, record, signing, studies
from extractor.review.security import LOOPBACK, Guard, failed, note_error
from extractor.review.site import FOLDER, SignInNeeded, Site, held_text, see, without_secrets

ROUTERS = (accounts, studies, chart, decisions, signing, adjudication, downloads, record)
REPEATABLE = "/charts/"
"""Forms under this path are offered again after a fault, with everything that was typed."""


def create_app(site: Site, *, hosts: Iterable[str] = LOOPBACK) -> ASGIApp:
    """The application for one database."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site
    for module in ROUTERS:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    app.add_exception_handler(SignInNeeded, _sign_in_page)
    app.add_exception_handler(ReviewFault, _fault_page)
    app.add_exception_handler(HTTPException, _missing_page)
    app.add_exception_handler(RequestValidationError, _missing_page)
    app.add_exception_handler(Exception, _failed_page)
    return Guard(app, tuple(hosts), site.is_tls)


async def _sign_in_page(request: Request, error: Exception) -> Response:
    """To the sign-in page; a form that was on its way comes along."""
    site: Site = request.app.state.site
    held = error.held if isinstance(error, SignInNeeded) else None
    if request.method == "GET" or held is None or not request.url.path.startswith(REPEATABLE):
        return see("/login")
    context = {"held": held_text(held), "held_path": request.url.path, "message": None}
    return site.page("login.html", None, status=401, **context)


async def _fault_page(request: Request, error: Exception) -> Response:
    """What went wrong, and the form again where there was one."""
    assert isinstance(error, ReviewFault)
    site: Site = request.app.state.site
    session, form = getattr(request.state, "session", None), getattr(request.state, "form", None)
    if form is not None and session is not None and request.url.path.startswith(REPEATABLE):
        return again(site, session, request.url.path, without_secrets(form), error)
    return site.page("fault.html", session, status=error.status, fault=error)


def again(site: Site, session: Any, path: str, form: Mapping[str, str], fault: ReviewFault | None) -> Response:
    """A page that offers a form once more: after a fault, or after signing in anew (`fault` is null)."""
    standing = fault.standing if isinstance(fault, Conflict) else None
    fields = dict(form)
    if standing is not None:
        fields["version"] = str(standing.version)
    if standing is not None or isinstance(fault, WhyMissing):
        fields.setdefault("why", "")
    return site.page(
        "again.html",
        session,
        status=fault.status if fault else 200,
        fault=fault,
        standing=standing,
        path=path,
        fields=fields,
        back="/".join(path.split("/")[:3]),
    )


async def _failed_page(request: Request, error: Exception) -> Response:
    """The page of an error that nobody foresaw; a form that was on its way is offered again, since its page is not stored."""
    session, form = getattr(request.state, "session", None), getattr(request.state, "form", None)
    if session is None or form is None or not request.url.path.startswith(REPEATABLE):
        return failed(error)
    fault = Failed(f"nothing of this form was recorded, all of it is below; tell your admin the reference {note_error(error)}")
    return again(request.app.state.site, session, request.url.path, without_secrets(form), fault)


async def _missing_page(request: Request, error: Exception) -> Response:
    return await _fault_page(request, NotFound("check the address"))
