"""Signing in and out, the first account, one's own password, and the accounts page of an admin."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from sqlalchemy import select

from extractor.review import accounts, schema
from extractor.review.faults import BadInput, NotFound
from extractor.review.log import PROGRAM
from extractor.review.site import Form, Here, Signed, Site, held_form, read_form, require, see

router = APIRouter()


@router.get("/alive")
def alive() -> Response:
    """Answers while the server runs: the page asks before it sends a form, so that nothing typed is lost."""
    return Response(status_code=204)


@router.get("/login")
def login_page(site: Here) -> Response:
    """The sign-in page; before there is an account, the page that makes the first."""
    with site.database.read() as connection:
        is_new = not accounts.has_accounts(connection)
    return see("/setup") if is_new else site.page("login.html", None, held="", held_path="", message=None)


@router.post("/login")
async def login(request: Request, site: Here) -> Response:
    """Signs in; a form that was held back is offered again."""
    form, _ = await read_form(request)
    address = request.client.host if request.client else "unknown"
    name, password = form.get("name", ""), form.get("password", "")
    held, path = form.get("held", ""), form.get("held_path", "")
    try:
        token = await run_in_threadpool(accounts.sign_in, site.database, name, password, address)
    except (accounts.WrongPassword, accounts.TooManyAttempts) as fault:
        return site.page("login.html", None, status=fault.status, held=held, held_path=path, message=str(fault))
    response = _onward(site, token, held, path)
    site.keep_cookie(response, token)
    return response


def _onward(site: Site, token: str, held: str, path: str) -> Response:
    from extractor.review.app import REPEATABLE, again

    if not held or not path.startswith(REPEATABLE):
        return see("/")
    session = accounts.find_session(site.database, token, idle=timedelta(minutes=1))
    return again(site, session, path, held_form(held), None)


@router.get("/setup")
def setup_page(site: Here) -> Response:
    """The page that makes the first account."""
    _check_new(site)
    return site.page("setup.html", None, message=None)


@router.post("/setup")
async def setup(request: Request, site: Here) -> Response:
    """Makes the first account, for whoever reads the code in the terminal."""
    form, _ = await read_form(request)
    try:
        await run_in_threadpool(_make_first, site, form.get("code", ""), form.get("name", ""), form.get("password", ""))
    except BadInput as fault:
        return site.page("setup.html", None, status=fault.status, message=str(fault))
    return see("/login")


def _make_first(site: Site, code: str, name: str, password: str) -> None:
    with site.database.write() as connection:
        if accounts.has_accounts(connection):
            raise NotFound("the first account exists")
        if not hmac.compare_digest(code.strip().encode(), site.setup_code.encode()):
            raise BadInput("this is not the code that the server printed")
        accounts.add_account(site.database, connection, PROGRAM, name, password, list(accounts.ROLES))


def _check_new(site: Site) -> None:
    with site.database.read() as connection:
        if accounts.has_accounts(connection):
            raise NotFound("the first account exists")


@router.post("/logout")
def logout(posted: Form, site: Here) -> Response:
    """Ends the session."""
    accounts.sign_out(site.database, posted.session)
    response = see("/login")
    response.delete_cookie(site.cookie, path="/", secure=site.is_tls, httponly=True, samesite="strict")
    return response


@router.get("/accounts")
def accounts_page(session: Signed, site: Here) -> Response:
    """All accounts for an admin, one's own password for everybody."""
    with site.database.read() as connection:
        rows = connection.execute(select(schema.account).order_by(schema.account.c.name)).mappings().all()
    shown = [{**row, "roles": json.loads(row["roles"])} for row in rows] if session.actor.has("admin") else []
    return site.page("accounts.html", session, accounts=shown, all_roles=accounts.ROLES)


@router.post("/accounts/password")
def change_password(posted: Form, site: Here) -> Response:
    """A new password for oneself; the old one is asked for, and all sessions end."""
    actor = posted.session.actor
    assert actor.id is not None
    if not accounts.check_password(site.database, actor.id, posted.form.get("password", "")):
        raise BadInput("the present password is wrong")
    with site.database.write() as connection:
        accounts.set_password(site.database, connection, actor, actor.id, posted.form.get("new_password", ""))
    return see("/login")


@router.post("/accounts/add")
def add(posted: Form, site: Here) -> Response:
    """A new account."""
    require(posted.session, "admin")
    form = posted.form
    with site.database.write() as connection:
        roles = posted.lists.get("roles", [])
        accounts.add_account(
            site.database, connection, posted.session.actor, form.get("name", ""), form.get("password", ""), roles
        )
    return see("/accounts")


@router.post("/accounts/{account_id}")
def change(account_id: int, posted: Form, site: Here) -> Response:
    """Roles of an account, and whether it may sign in; a new password where one is given."""
    require(posted.session, "admin")
    is_active = posted.form.get("active") == "yes"
    with site.database.write() as connection:
        roles = posted.lists.get("roles", [])
        accounts.change_account(site.database, connection, posted.session.actor, account_id, roles=roles, is_active=is_active)
        if posted.form.get("new_password"):
            accounts.set_password(site.database, connection, posted.session.actor, account_id, posted.form["new_password"])
    return see("/accounts")
