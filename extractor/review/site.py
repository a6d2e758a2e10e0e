"""What every route needs: the database, the templates, who is signed in, and the form that was sent.

A form that arrives after its session ended is not lost: the sign-in page carries it, and offers it again afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from markupsafe import Markup, escape
from starlette.datastructures import UploadFile

from extractor.review.accounts import IDLE, LONGEST, Session, find_session, is_csrf
from extractor.review.database import Database
from extractor.review.faults import NotAllowed, ReviewFault

FOLDER = Path(__file__).parent
SECRET_FIELDS = frozenset({"csrf", "password", "new_password", "code", "held"})
VERDICT_WORDS = {"met": "Met", "not_met": "Not met", "unknown": "Unknown", "not_applicable": "Not applicable"}
STATE_WORDS = {
    "new": "To do",
    "started": "In progress",
    "done": "Signed off",
    "disputed": "In dispute",
    "settled": "Adjudicated",
}
REASON_WORDS = {
    "negated": "negated",
    "family": "somebody else",
    "hypothetical": "hypothetical",
    "uncertain": "uncertain or vague",
    "historical": "outside the window or overtaken",
    "exempt": "exempt",
    "not_the_concept": "not this concept",
}
COLOURS = 20


class SignInNeeded(Exception):
    """There is no session, or no longer one; `held` is the form that came with the request."""

    def __init__(self, held: Mapping[str, str] | None = None) -> None:
        super().__init__("sign-in needed")
        self.held = held


@dataclass(frozen=True)
class Site:
    """One running review server. `setup_code` opens the page that makes the first account."""

    database: Database
    setup_code: str
    is_tls: bool = False
    idle: timedelta = IDLE
    templates: Environment = field(default_factory=lambda: _environment())

    @property
    def cookie(self) -> str:
        """The session cookie's name; the prefix makes a browser hold it to this very host."""
        return "__Host-session" if self.is_tls else "session"

    def page(self, name: str, session: Session | None, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A page of the templates."""
        common = {
            "session": session, "me": session.actor if session else None, "idle_minutes": int(self.idle.total_seconds() // 60),
        }  # fmt: skip
        return HTMLResponse(self.templates.get_template(name).render({**common, **context}), status_code=status)

    def keep_cookie(self, response: Response, token: str) -> None:
        """Hands the session to the browser: not to scripts, not to other sites."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(LONGEST.total_seconds()),
            httponly=True,
            secure=self.is_tls,
            samesite="strict",
            path="/",
        )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["note_text"] = note_text
    environment.filters["colour"] = lambda number: f"k{number % COLOURS}"
    environment.filters["when"] = lambda at: at[:16].replace("T", " ") + " UTC"
    environment.filters["sentence"] = sentence
    environment.filters["stored"] = stored
    environment.globals.update(VERDICTS=VERDICT_WORDS, STATES=STATE_WORDS, REASONS=REASON_WORDS)
    environment.globals["csrf"] = _csrf_field
    return environment


@pass_context
def _csrf_field(context: Any) -> Markup:
    session = context["session"]
    return Markup('<input type="hidden" name="csrf" value="{}">').format(session.csrf if session else "")


def note_text(text: str) -> Markup:
    """A note's text as HTML that holds the same characters: a parser would turn a bare carriage return into a line feed."""
    return Markup(str(escape(text)).replace("\r", "&#13;").replace("\x00", "\ufffd"))


def sentence(message: object) -> str:
    """A message as a sentence of a page.

    >>> sentence("choose a verdict")
    'Choose a verdict.'
    """
    text = str(message)
    return text[:1].upper() + text[1:].rstrip(".") + "."


def stored(text: str | None) -> str:
    """A stored value as words, whole: the record hides nothing that an auditor may look for.

    >>> stored('{"comment":"","verdict":"not_met"}')
    'verdict not_met'
    """
    values = json.loads(text) if text else {}
    return "; ".join(f"{name.replace('_', ' ')} {_word(value)}" for name, value in values.items() if value not in ("", None))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def site_of(request: Request) -> Site:
    """The server that answers."""
    site: Site = request.app.state.site
    return site


def visitor(request: Request, site: Annotated[Site, Depends(site_of)]) -> Session:
    """Who is signed in; raises `SignInNeeded`."""
    session = find_session(site.database, request.cookies.get(site.cookie, ""), idle=site.idle)
    if session is None:
        raise SignInNeeded
    return session


@dataclass(frozen=True, slots=True)
class Posted:
    """A form and who sent it."""

    session: Session
    form: Mapping[str, str]
    lists: Mapping[str, list[str]]


async def posted(request: Request, site: Annotated[Site, Depends(site_of)]) -> Posted:
    """The form of a signed-in page; raises `SignInNeeded` with the form, or `NotAllowed` on a foreign token."""
    form, lists = await read_form(request)
    session = await run_in_threadpool(find_session, site.database, request.cookies.get(site.cookie, ""), idle=site.idle)
    if session is None:
        raise SignInNeeded(without_secrets(form))
    request.state.session, request.state.form = session, form
    if not is_csrf(session, form.get("csrf", "")):
        raise NotAllowed("the form is of an older sign-in; check it and send it again")
    return Posted(session, form, lists)


async def read_form(request: Request) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The fields of a form, the last value of each and all of them; files are not taken. Line ends are line feeds."""
    given = await request.form()
    lists: dict[str, list[str]] = {}
    for name, value in given.multi_items():
        if not isinstance(value, UploadFile):
            lists.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
    return {name: values[-1] for name, values in lists.items()}, lists


def without_secrets(form: Mapping[str, str]) -> dict[str, str]:
    """What may be shown again."""
    return {name: value for name, value in form.items() if name not in SECRET_FIELDS}


def require(session: Session, *roles: str) -> None:
    """Raises `NotAllowed` unless the account has one of the roles."""
    if not any(session.actor.has(role) for role in roles):
        raise NotAllowed(f"this needs the role {' or '.join(roles)}")


def see(address: str) -> RedirectResponse:
    """Sends the browser on after a form, so that reloading does not send it twice."""
    return RedirectResponse(address, status_code=303)


def held_text(held: Mapping[str, str]) -> str:
    """A form as one hidden field."""
    return json.dumps(dict(held))


def held_form(text: str) -> dict[str, str]:
    """The form of that field; raises `ReviewFault` when it is none."""
    try:
        found = json.loads(text)
        return {str(name): str(value) for name, value in found.items()}
    except (ValueError, AttributeError):
        raise ReviewFault("the form that was kept is damaged") from None


Signed = Annotated[Session, Depends(visitor)]
Form = Annotated[Posted, Depends(posted)]
Here = Annotated[Site, Depends(site_of)]
