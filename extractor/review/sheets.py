"""Whose decisions on a chart are whose: sheets opened, finished, reopened, and the state of the chart that follows.

A chart with no assignment has one sheet that all reviewers share. An assigned one has a sheet a reviewer, and they do
not see each other's. Where two finished sheets disagree, an adjudicator who was neither settles it on a third.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from extractor.review import schema
from extractor.review.database import Database
from extractor.review.entries import Change, Entry, Place, entries_of, put
from extractor.review.faults import BadInput, NotAllowed
from extractor.review.log import Actor

STATE = ("sheet", "state")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it is stored."""

    id: int
    chart_id: int
    kind: str
    owner_id: int | None
    is_blind: bool
    is_plain: bool
    state: str
    letter: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """One thing two reviewers decided differently: a verdict (key: criterion), a finding (evidence) or an answer (question)."""

    kind: str
    key: str
    by_letter: Mapping[str, Entry]


def sheets_of(connection: Connection, chart_id: int) -> list[Sheet]:
    """The sheets of a chart in the order of their letters, the adjudicator's last."""
    rows = connection.execute(select(schema.sheet).where(schema.sheet.c.chart_id == chart_id)).mappings()
    return sorted((Sheet(**row) for row in rows), key=lambda sheet: (sheet.kind == "adjudication", sheet.letter))


def place_of(connection: Connection, chart: Mapping[Any, Any], sheet: Sheet) -> Place:
    """Where events on the sheet belong."""
    return Place(chart["study_id"], chart["id"], sheet.id, versions_of(connection, chart))


def versions_of(connection: Connection, chart: Mapping[Any, Any]) -> str:
    """The versions of program, trial, patterns and questions that the chart rests on, as events name them."""
    query = select(schema.study.c.versions).where(schema.study.c.id == chart["study_id"])
    return str(connection.execute(query).scalar_one())


def own_sheet(connection: Connection, actor: Actor, chart: Mapping[Any, Any]) -> Sheet | None:
    """The sheet on which the account decides this chart, if there is one already."""
    sheets = sheets_of(connection, chart["id"])
    assigned = [sheet for sheet in sheets if sheet.kind == "review" and sheet.owner_id is not None]
    own = [sheet for sheet in assigned if sheet.owner_id == actor.id]
    if own:
        return own[0]
    if may_adjudicate(actor, chart, sheets):
        return next((sheet for sheet in sheets if sheet.kind == "adjudication"), None)
    if not assigned and actor.has("reviewer"):
        return next((sheet for sheet in sheets if sheet.kind == "review"), None)
    return None


def may_adjudicate(actor: Actor, chart: Mapping[Any, Any], sheets: Sequence[Sheet]) -> bool:
    """An adjudicator settles what is in dispute, but never a chart that they reviewed."""
    is_party = any(sheet.owner_id == actor.id for sheet in sheets if sheet.kind == "review")
    return chart["state"] in ("disputed", "settled") and actor.has("adjudicator") and not is_party


def open_sheet(database: Database, connection: Connection, actor: Actor, chart: Mapping[Any, Any]) -> Sheet:
    """The sheet on which the account decides this chart, begun if need be; raises `NotAllowed` when it may not."""
    found = own_sheet(connection, actor, chart)
    if found is not None:
        return found
    sheets = sheets_of(connection, chart["id"])
    if may_adjudicate(actor, chart, sheets):
        return begin(database, connection, actor, chart, kind="adjudication", owner_id=None)
    if any(sheet.kind == "review" for sheet in sheets) or not actor.has("reviewer"):
        raise NotAllowed("this chart is assigned to other reviewers, or your account does not review")
    return begin(database, connection, actor, chart, kind="review", owner_id=None)


def begin(
    database: Database, connection: Connection, actor: Actor, chart: Mapping[Any, Any], *, kind: str, owner_id: int | None
) -> Sheet:
    """A new sheet, blind and plain as the study's settings say at this moment."""
    query = select(schema.study.c.is_blind_first, schema.study.c.plain_share)
    settings = connection.execute(query.where(schema.study.c.id == chart["study_id"])).one()
    values: dict[str, Any] = {
        "chart_id": chart["id"],
        "kind": kind,
        "owner_id": owner_id,
        "is_blind": settings.is_blind_first,
        "is_plain": kind == "review" and chart["draw"] < settings.plain_share,
        "state": "open",
        "letter": _letter(sheets_of(connection, chart["id"])),
    }
    sheet_id = connection.execute(insert(schema.sheet).returning(schema.sheet.c.id), values).scalar_one()
    sheet = Sheet(id=sheet_id, **values)
    _put_state(database, connection, actor, chart, sheet, "open", seen_version=0, why="")
    return sheet


def _letter(sheets: Sequence[Sheet]) -> str:
    """A letter at random, so that A is not always the reviewer who came first."""
    taken = {sheet.letter for sheet in sheets}
    free = [letter for letter in LETTERS if letter not in taken]
    return free[secrets.randbelow(2)] if not taken else free[0]


def finish(database: Database, connection: Connection, actor: Actor, chart: Mapping[Any, Any], sheet: Sheet) -> None:
    """Signs the sheet off; raises `BadInput` naming the criteria that have no verdict yet."""
    left = undecided(connection, chart, sheet)
    if left:
        raise BadInput(f"not decided yet: {', '.join(key for _, key in left)}")
    _set_state(database, connection, actor, chart, sheet, "done", why="signed off")


def undecided(connection: Connection, chart: Mapping[Any, Any], sheet: Sheet) -> list[tuple[str, str]]:
    """Kind and key of what has no verdict yet, or is in dispute and not settled: what keeps a sheet from being signed off."""
    entries = entries_of(connection, sheet.id)
    wanted = _criteria(connection, chart["id"]) if sheet.kind == "review" else _in_dispute(connection, chart["id"])
    return [(kind, key) for kind, key in wanted if not _stands(entries, kind, key)]


def _criteria(connection: Connection, chart_id: int) -> list[tuple[str, str]]:
    query = select(schema.verdict.c.criterion_id).where(schema.verdict.c.chart_id == chart_id)
    return [("verdict", name) for name in connection.execute(query.order_by(schema.verdict.c.position)).scalars()]


def _in_dispute(connection: Connection, chart_id: int) -> list[tuple[str, str]]:
    return [(dispute.kind, dispute.key) for dispute in disputes(connection, chart_id)]


def _stands(entries: Mapping[tuple[str, str], Entry], kind: str, key: str) -> bool:
    found = entries.get((kind, key))
    return found is not None and found.value is not None


def reopen(database: Database, connection: Connection, actor: Actor, chart: Mapping[Any, Any], sheet: Sheet, *, why: str) -> None:
    """Opens a finished sheet again, for its reviewer or by an adjudicator or admin; raises `BadInput` without a reason."""
    is_own = own_sheet(connection, actor, chart) == sheet
    if not (is_own or actor.has("admin") or actor.has("adjudicator")):
        raise NotAllowed("only its reviewer, an adjudicator or an admin reopens a chart")
    if not why.strip():
        raise BadInput("say why the chart is reopened")
    _set_state(database, connection, actor, chart, sheet, "open", why=why)


def _set_state(
    database: Database, connection: Connection, actor: Actor, chart: Mapping[Any, Any], sheet: Sheet, state: str, *, why: str
) -> None:
    found = entries_of(connection, sheet.id).get(STATE)
    _put_state(database, connection, actor, chart, sheet, state, seen_version=found.version if found else 0, why=why)
    connection.execute(update(schema.sheet).where(schema.sheet.c.id == sheet.id).values(state=state))
    refresh(connection, chart["id"])


def _put_state(
    database: Database,
    connection: Connection,
    actor: Actor,
    chart: Mapping[Any, Any],
    sheet: Sheet,
    state: str,
    *,
    seen_version: int,
    why: str,
) -> None:
    value = {"state": state, "kind": sheet.kind, "owner": sheet.owner_id, "blind": sheet.is_blind, "plain": sheet.is_plain}
    put(database, connection, actor, place_of(connection, chart, sheet), Change(*STATE, value, seen_version, why))


def disputes(connection: Connection, chart_id: int) -> list[Dispute]:
    """What the finished reviewers of a chart decided differently, verdicts first."""
    sheets = [sheet for sheet in sheets_of(connection, chart_id) if sheet.kind == "review" and sheet.state == "done"]
    if len(sheets) < 2:
        return []
    by_letter = {sheet.letter: entries_of(connection, sheet.id) for sheet in sheets}
    roles = _roles(connection, chart_id)
    keys = sorted({key for entries in by_letter.values() for key in entries}, key=lambda key: (key[0] != "verdict", key))
    found = []
    for kind, key in keys:
        values = {letter: entries[kind, key] for letter, entries in by_letter.items() if _stands(entries, kind, key)}
        if len({_decided(entry, roles) for entry in values.values()} - {None}) > 1:
            found.append(Dispute(kind, key, values))
    return found


def spans_of_reviewers(connection: Connection, sheets: Sequence[Sheet], criterion_id: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The spans that reviewers added or corrected themselves, by letter: what an adjudicator sees beside the program's."""
    return [
        (sheet.letter, entry.value)
        for sheet in sheets
        if sheet.kind == "review"
        for entry in entries_of(connection, sheet.id).values()
        if entry.kind == "finding" and entry.value is not None and entry.value.get("criterion") == criterion_id
    ]


def _roles(connection: Connection, chart_id: int) -> dict[str, str]:
    """What the program takes each piece of evidence for, by key."""
    query = select(schema.evidence.c.id, schema.evidence.c.role).where(schema.evidence.c.chart_id == chart_id)
    return {f"e{number}": role for number, role in connection.execute(query)}


def _decided(entry: Entry, roles: Mapping[str, str]) -> str | None:
    """What two reviewers must agree on: the verdict, and what a piece of evidence is for it (supports, refutes, set aside).

    And the answer to a question, unless one of them could not say. Where exactly a span begins and ends is not compared.
    """
    value = entry.value or {}
    if entry.kind == "verdict":
        return str(value["verdict"])
    if entry.kind == "answer":
        return None if value["answer"] == "cannot_say" else str(value["answer"])
    if entry.kind != "finding":
        return None
    return "rejected" if value["action"] == "rejected" else str(value.get("role") or roles.get(entry.key))


def refresh(connection: Connection, chart_id: int) -> str:
    """The state that the sheets give a chart: new, started, done, disputed or settled; stored and returned."""
    sheets = sheets_of(connection, chart_id)
    reviews = [sheet for sheet in sheets if sheet.kind == "review"]
    if not reviews or not (any(sheet.state == "done" for sheet in reviews) or _has_entries(connection, reviews)):
        state = "new"
    elif any(sheet.state != "done" for sheet in reviews):
        state = "started"
    elif opposed := disputes(connection, chart_id):
        state = "settled" if _are_settled(connection, sheets, opposed) else "disputed"
    else:
        state = "done"
    connection.execute(update(schema.chart).where(schema.chart.c.id == chart_id).values(state=state))
    return state


def _are_settled(connection: Connection, sheets: Sequence[Sheet], opposed: Sequence[Dispute]) -> bool:
    signed = [sheet for sheet in sheets if sheet.kind == "adjudication" and sheet.state == "done"]
    return any(_settles(entries_of(connection, sheet.id), opposed) for sheet in signed)


def _settles(entries: Mapping[tuple[str, str], Entry], opposed: Sequence[Dispute]) -> bool:
    """Whether an adjudication decides all that is opposed, and was signed after the reviewers had last decided it."""
    signed_at = entries[STATE].seq
    is_later = all(entry.seq < signed_at for one in opposed for entry in one.by_letter.values())
    return is_later and all(_stands(entries, one.kind, one.key) for one in opposed)


def _has_entries(connection: Connection, sheets: Sequence[Sheet]) -> bool:
    ids = [sheet.id for sheet in sheets]
    query = select(schema.entry.c.sheet_id).where(schema.entry.c.sheet_id.in_(ids), schema.entry.c.kind != "sheet")
    return connection.execute(query.limit(1)).first() is not None
