"""One value on one key of a sheet: written with a version check, logged with its reason, and taken back.

Everything a reviewer decides goes through `put`, so that nothing is ever overwritten unseen and the log and what stands
cannot part. Kinds: `verdict` (key: criterion), `finding` (key: evidence), `answer` (key: question), `sheet` (key: state).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from extractor.review import schema
from extractor.review.database import Database
from extractor.review.faults import BadInput, Conflict, Standing, WhyMissing
from extractor.review.log import Actor, Event, append, as_json

REST = "accept rest"
"""The action of decisions made together with one button; their common reason names what they were the rest of."""
MOST_CHARACTERS = 10_000
"""The longest comment or reason; a note pasted into a comment would carry its text into the record."""


@dataclass(frozen=True, slots=True)
class Place:
    """A sheet and where it belongs: what every event on it names."""

    study_id: int
    chart_id: int
    sheet_id: int
    versions: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is to stand. `seen_version` is the version on the page that it was decided on, 0 for none; null `value` withdraws."""

    kind: str
    key: str
    value: Mapping[str, Any] | None
    seen_version: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands on a key."""

    kind: str
    key: str
    value: Mapping[str, Any] | None
    version: int
    seq: int
    at: str
    account_id: int
    account: str


def entries_of(connection: Connection, sheet_id: int) -> dict[tuple[str, str], Entry]:
    """All that stands on a sheet, by kind and key, withdrawn values too."""
    query = select(schema.entry, schema.account.c.name).join(schema.account, schema.account.c.id == schema.entry.c.account_id)
    rows = connection.execute(query.where(schema.entry.c.sheet_id == sheet_id)).mappings()
    return {(row["kind"], row["key"]): _entry(row) for row in rows}


def _entry(row: Mapping[Any, Any]) -> Entry:
    value = json.loads(row["value"]) if row["value"] is not None else None
    return Entry(row["kind"], row["key"], value, row["version"], row["seq"], row["at"], row["account_id"], row["name"])


def put(
    database: Database, connection: Connection, actor: Actor, place: Place, change: Change, *, action: str = "write"
) -> int | None:
    """Records a change and returns its event; `None` when it says what stands already.

    Raises `Conflict` when the page was older than what stands, `WhyMissing` when a value is replaced without a reason.
    A form that a hurried reviewer sends twice is no conflict: the second says what the same account has just recorded.
    """
    if max(len(change.why), *(len(str(value)) for value in (change.value or {"": ""}).values())) > MOST_CHARACTERS:
        raise BadInput(f"a text is longer than {MOST_CHARACTERS:,} characters; shorten it")
    found = entries_of(connection, place.sheet_id).get((change.kind, change.key))
    before = found.value if found else None
    is_same = as_json(before) == as_json(change.value)
    if change.seen_version != (found.version if found else 0) and not (is_same and found and found.account_id == actor.id):
        raise Conflict(standing_of(found))
    if is_same:
        return None
    if before is not None and not change.why.strip():
        raise WhyMissing("this replaces a decision that is already recorded; say why it changes")
    return _store(database, connection, actor, place, change, found=found, action=action)


def standing_of(found: Entry | None) -> Standing:
    """What a later reviewer is shown of the earlier one's decision."""
    return Standing(found.value, found.version, found.account, found.at) if found else Standing(None, 0, "", "")


def _store(
    database: Database,
    connection: Connection,
    actor: Actor,
    place: Place,
    change: Change,
    *,
    found: Entry | None,
    action: str,
    undoes: int | None = None,
) -> int:
    version = (found.version if found else 0) + 1
    event = Event(
        action,
        study_id=place.study_id,
        chart_id=place.chart_id,
        sheet_id=place.sheet_id,
        kind=change.kind,
        key=change.key,
        version=version,
        before=found.value if found else None,
        after=change.value,
        why=change.why.strip(),
        undoes=undoes,
        versions=place.versions,
    )
    seq = append(database, connection, actor, event)
    values = {
        "value": as_json(change.value), "version": version, "seq": seq, "at": database.now(), "account_id": actor.id,
    }  # fmt: skip
    where = {"sheet_id": place.sheet_id, "kind": change.kind, "key": change.key}
    if found is None:
        connection.execute(insert(schema.entry).values(**where, **values))
    else:
        connection.execute(update(schema.entry).filter_by(**where).values(**values))
    return seq


def undo(database: Database, connection: Connection, actor: Actor, place: Place) -> Change | None:
    """Takes back the account's last change on the sheet that is not taken back yet; `None` when there is none.

    What one button recorded together is taken back together, and the first of it returned. Raises `Conflict` when
    somebody has since changed one of the values; then nothing is taken back.
    """
    last = _last_own(connection, actor, place.sheet_id)
    if last is None:
        return None
    changes = [_take_back(database, connection, actor, place, one) for one in _together(connection, last)]
    return changes[-1]


def _take_back(database: Database, connection: Connection, actor: Actor, place: Place, last: Mapping[Any, Any]) -> Change:
    found = entries_of(connection, place.sheet_id)[last["kind"], last["key"]]
    if _others_wrote_after(connection, actor, last):
        raise Conflict(standing_of(found))
    before = json.loads(last["before"]) if last["before"] is not None else None
    change = Change(last["kind"], last["key"], before, found.version, f"undo of event {last['seq']}")
    _store(database, connection, actor, place, change, found=found, action="undo", undoes=last["seq"])
    return change


def _last_own(connection: Connection, actor: Actor, sheet_id: int) -> Mapping[Any, Any] | None:
    """The newest write of the account that no undo names. States of a sheet are reopened, not undone."""
    event = schema.event.c
    undone = select(event.undoes).where(event.sheet_id == sheet_id, event.undoes.is_not(None))
    query = select(schema.event).where(
        event.sheet_id == sheet_id,
        event.account_id == actor.id,
        event.action.in_(("write", REST)),
        event.kind != "sheet",
        event.seq.not_in(undone),
    )
    return connection.execute(query.order_by(event.seq.desc()).limit(1)).mappings().one_or_none()


def _together(connection: Connection, last: Mapping[Any, Any]) -> list[Mapping[Any, Any]]:
    """The event and those recorded together with it, newest first: one transaction numbers its events without a gap."""
    if last["action"] != REST:
        return [last]
    event = schema.event.c
    same = [event[name] == last[name] for name in ("sheet_id", "account_id", "action", "why")]
    query = select(schema.event).where(*same, event.seq <= last["seq"]).order_by(event.seq.desc())
    rows = connection.execute(query).mappings().all()
    return [row for place, row in enumerate(rows) if row["seq"] == last["seq"] - place]


def _others_wrote_after(connection: Connection, actor: Actor, last: Mapping[Any, Any]) -> bool:
    event = schema.event.c
    query = select(event.seq).where(
        event.sheet_id == last["sheet_id"],
        event.kind == last["kind"],
        event.key == last["key"],
        event.seq > last["seq"],
        event.account_id != actor.id,
    )
    return connection.execute(query.limit(1)).first() is not None
