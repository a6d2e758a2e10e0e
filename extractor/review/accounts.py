"""Names and passwords in, accounts and signed-in sessions out: argon2 hashes, a rate limit, idle time-out, signatures.

A session's cookie is a random number of which only the hash is stored; so is the name in a failed attempt, since people
type passwords into name fields.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, delete, func, insert, select, update

from extractor.review import schema
from extractor.review.database import Database
from extractor.review.faults import BadInput, ReviewFault
from extractor.review.log import Actor, Event, append

ROLES = ("reviewer", "adjudicator", "admin")
LEAST_CHARACTERS = 12
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
WINDOW = timedelta(minutes=15)
MOST_FAILURES_OF_A_NAME = 5
MOST_FAILURES_OF_AN_ADDRESS = 20
HASHER = PasswordHasher()
DECOY = HASHER.hash(secrets.token_hex(16))
"""Checked for a name that does not exist, so that the time taken does not tell."""


class TooManyAttempts(ReviewFault):
    """The rate limit."""

    status = 429
    title = "Too many attempts"


class WrongPassword(ReviewFault):
    """Name or password; which of the two is not said."""

    status = 401
    title = "Sign in"


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser: who, the token that its forms carry, and its filters and searches."""

    actor: Actor
    token_sha256: str
    csrf: str
    view: Mapping[str, Any]


def add_account(database: Database, connection: Connection, actor: Actor, name: str, password: str, roles: list[str]) -> int:
    """A new account; raises `BadInput` on a bad name, a short password, no role, or a name that exists."""
    name = name.strip()
    if not name or len(name) > 60 or not name.isprintable():
        raise BadInput("a name has 1 to 60 printable characters")
    _check_password(password, name)
    _check_roles(roles)
    if connection.execute(select(schema.account.c.id).where(schema.account.c.name == name)).first():
        raise BadInput("there is an account of this name already")
    values = {
        "name": name, "roles": json.dumps(sorted(roles)), "password_hash": HASHER.hash(password), "is_active": True,
        "created_at": database.now(),
    }  # fmt: skip
    number = int(connection.execute(insert(schema.account).returning(schema.account.c.id), values).scalar_one())
    append(database, connection, actor, Event("add account", key=str(number), after={"name": name, "roles": sorted(roles)}))
    return number


def _check_password(password: str, name: str) -> None:
    if len(password) < LEAST_CHARACTERS:
        raise BadInput(f"a password has at least {LEAST_CHARACTERS} characters; a few words are easy to keep in mind")
    if name.lower() in password.lower():
        raise BadInput("the password must not hold the name")


def _check_roles(roles: list[str]) -> None:
    if not roles or set(roles) - set(ROLES):
        raise BadInput(f"give one or more of the roles {', '.join(ROLES)}")


def change_account(
    database: Database, connection: Connection, actor: Actor, account_id: int, *, roles: list[str], is_active: bool
) -> None:
    """New roles, or an account closed or opened; its sessions end. The last active admin stays one."""
    _check_roles(roles)
    row = connection.execute(select(schema.account).where(schema.account.c.id == account_id)).mappings().one_or_none()
    if row is None:
        raise BadInput("there is no such account")
    before = {"roles": json.loads(row["roles"]), "active": row["is_active"]}
    after = {"roles": sorted(roles), "active": is_active}
    if not ("admin" in roles and is_active) and not _other_admins(connection, account_id):
        raise BadInput("this is the last admin; make another one first")
    values = {"roles": json.dumps(sorted(roles)), "is_active": is_active}
    connection.execute(update(schema.account).where(schema.account.c.id == account_id).values(**values))
    if account_id != actor.id or not is_active:
        connection.execute(delete(schema.session).where(schema.session.c.account_id == account_id))
    append(database, connection, actor, Event("change account", key=str(account_id), before=before, after=after))


def _other_admins(connection: Connection, account_id: int) -> bool:
    query = select(schema.account.c.roles).where(schema.account.c.is_active, schema.account.c.id != account_id)
    return any("admin" in json.loads(roles) for roles in connection.execute(query).scalars())


def set_password(database: Database, connection: Connection, actor: Actor, account_id: int, password: str) -> None:
    """A new password; all other sessions of the account end."""
    name = connection.execute(select(schema.account.c.name).where(schema.account.c.id == account_id)).scalar_one()
    _check_password(password, name)
    hashed = HASHER.hash(password)
    connection.execute(update(schema.account).where(schema.account.c.id == account_id).values(password_hash=hashed))
    connection.execute(delete(schema.session).where(schema.session.c.account_id == account_id))
    append(database, connection, actor, Event("set password", key=str(account_id)))


def has_accounts(connection: Connection) -> bool:
    """Whether anybody can sign in."""
    return connection.execute(select(schema.account.c.id).limit(1)).first() is not None


def sign_in(database: Database, name: str, password: str, address: str) -> str:
    """The token of a new session; raises `TooManyAttempts` or `WrongPassword`, the latter after an entry in the log."""
    row = _checked(database, name, password, address, refusal="sign-in failed")
    if row is None:
        raise WrongPassword("name or password is wrong")
    with database.write() as connection:
        return _start(database, connection, row)


def confirm(database: Database, actor: Actor, password: str, address: str) -> None:
    """Checks who signs; raises as `sign_in` does, under the same rate limit, so that an open session guesses no faster."""
    if _checked(database, actor.name, password, address, refusal="signature refused") is None:
        raise WrongPassword("the password is wrong")


def _checked(database: Database, name: str, password: str, address: str, *, refusal: str) -> Mapping[Any, Any] | None:
    """The account of a right password, else `None` with `refusal` in the log.

    An attempt counts from its beginning, so that many at once are no more than many in turn.
    """
    with database.write() as connection:
        _check_rate(database, connection, name, address)
        values = {"name_sha256": _hash_of(name.strip()), "address": address, "at": database.now()}
        connection.execute(insert(schema.attempt).values(**values))
        row = connection.execute(select(schema.account).where(schema.account.c.name == name.strip())).mappings().one_or_none()
    is_right = _is_right(row["password_hash"] if row else DECOY, password) and row is not None and row["is_active"]
    with database.write() as connection:
        if is_right:
            connection.execute(delete(schema.attempt).where(schema.attempt.c.name_sha256 == _hash_of(name.strip())))
            return row
        known = Actor(row["id"], row["name"]) if row else Actor(None, "unknown")
        append(database, connection, known, Event(refusal))
        return None


def check_password(database: Database, account_id: int, password: str) -> bool:
    """Whether it is the account's password, for a change of it."""
    with database.read() as connection:
        hashed = connection.execute(select(schema.account.c.password_hash).where(schema.account.c.id == account_id)).scalar_one()
    return _is_right(hashed, password)


def _is_right(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except VerificationError:
        return False


def _check_rate(database: Database, connection: Connection, name: str, address: str) -> None:
    attempt = schema.attempt.c
    since = (database.clock() - WINDOW).isoformat(timespec="microseconds")
    connection.execute(delete(schema.attempt).where(attempt.at < since))
    of_name = select(func.count()).where(attempt.name_sha256 == _hash_of(name.strip()))
    of_address = select(func.count()).where(attempt.address == address)
    if (
        connection.execute(of_name).scalar_one() >= MOST_FAILURES_OF_A_NAME
        or connection.execute(of_address).scalar_one() >= MOST_FAILURES_OF_AN_ADDRESS
    ):
        raise TooManyAttempts(f"wait {WINDOW.seconds // 60} minutes, then try again")


def _start(database: Database, connection: Connection, row: Mapping[Any, Any]) -> str:
    token = secrets.token_urlsafe(32)
    now = database.now()
    connection.execute(
        insert(schema.session).values(
            token_sha256=_hash_of(token),
            account_id=row["id"],
            csrf=secrets.token_urlsafe(32),
            started_at=now,
            seen_at=now,
            view="{}",
        )
    )
    append(database, connection, Actor(row["id"], row["name"]), Event("sign in"))
    return token


def find_session(database: Database, token: str, *, idle: timedelta = IDLE) -> Session | None:
    """The session of a cookie, its idle clock set back; `None` when unknown, idle too long, too old, or closed."""
    hashed = _hash_of(token)
    with database.read() as connection:
        query = select(schema.session, schema.account.c.name, schema.account.c.roles, schema.account.c.is_active)
        query = query.join(schema.account, schema.account.c.id == schema.session.c.account_id)
        row = connection.execute(query.where(schema.session.c.token_sha256 == hashed)).mappings().one_or_none()
    if row is None or not row["is_active"] or not _is_fresh(database, row, idle):
        return None
    if row["seen_at"] < (database.clock() - idle / 20).isoformat(timespec="microseconds"):
        with database.write() as connection:
            seen = {"seen_at": database.now()}
            connection.execute(update(schema.session).where(schema.session.c.token_sha256 == hashed).values(**seen))
    actor = Actor(row["account_id"], row["name"], frozenset(json.loads(row["roles"])))
    return Session(actor, hashed, row["csrf"], json.loads(row["view"]))


def _is_fresh(database: Database, row: Mapping[Any, Any], idle: timedelta) -> bool:
    now = database.clock()
    is_seen = row["seen_at"] >= (now - idle).isoformat(timespec="microseconds")
    return is_seen and bool(row["started_at"] >= (now - LONGEST).isoformat(timespec="microseconds"))


def keep_view(database: Database, session: Session, **changes: Any) -> None:
    """Stores filters and searches with the session."""
    view = {**session.view, **changes}
    with database.write() as connection:
        where = schema.session.c.token_sha256 == session.token_sha256
        connection.execute(update(schema.session).where(where).values(view=json.dumps(view)))


def sign_out(database: Database, session: Session) -> None:
    """Ends the session."""
    with database.write() as connection:
        connection.execute(delete(schema.session).where(schema.session.c.token_sha256 == session.token_sha256))
        append(database, connection, session.actor, Event("sign out"))


def is_csrf(session: Session, token: str) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest(session.csrf.encode(), token.encode())


def _hash_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
