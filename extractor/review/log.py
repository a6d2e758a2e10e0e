"""Events in, a sealed chain of rows out: who did what, when, what stood before and after, and why.

Each row's hash is a keyed digest (HMAC-SHA-256) of the row and of the hash before it. So without the key no row can be
edited, removed, inserted or reordered unseen; the sealed end of the chain shows rows cut off behind it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from extractor.review import schema
from extractor.review.database import Database

START = "0" * 64
HASHED = (
    "seq", "at", "account_id", "account", "action", "study_id", "chart_id", "sheet_id", "kind", "key", "version",
    "before", "after", "why", "undoes", "versions", "previous",
)  # fmt: skip
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, or the program itself (`id` is null)."""

    id: int | None
    name: str
    roles: frozenset[str] = frozenset()

    def has(self, role: str) -> bool:
        """Whether the account holds the role."""
        return role in self.roles


PROGRAM = Actor(None, "prescreen")


@dataclass(frozen=True, slots=True)
class Event:
    """One row to be. `before` and `after` are what stood and what stands; `undoes` is the row that it takes back."""

    action: str
    study_id: int | None = None
    chart_id: int | None = None
    sheet_id: int | None = None
    kind: str | None = None
    key: str | None = None
    version: int | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    why: str | None = None
    undoes: int | None = None
    versions: str = "{}"


@dataclass(frozen=True, slots=True)
class End:
    """How the log ends: what a printed record names, so that a later log can be held against it."""

    seq: int
    hash: str


def append(database: Database, connection: Connection, actor: Actor, event: Event) -> int:
    """Adds one event and returns its number."""
    return append_all(database, connection, actor, [event])


def append_all(database: Database, connection: Connection, actor: Actor, events: Iterable[Event]) -> int:
    """Adds events in order and returns the number of the last."""
    end = read_end(database, connection)
    seq, previous, at = end.seq, end.hash, database.now()
    rows = []
    for one in events:
        seq += 1
        row = _row(one, actor, seq=seq, at=at, previous=previous)
        previous = row["hash"] = digest(database.key, row)
        rows.append(row)
    for first in range(0, len(rows), BATCH):
        connection.execute(insert(schema.event), rows[first : first + BATCH])
    sealed = {"seq": seq, "hash": previous, "seal": seal(database.key, End(seq, previous))}
    connection.execute(update(schema.chain).where(schema.chain.c.id == 1).values(**sealed))
    return seq


def read_end(database: Database, connection: Connection) -> End:
    """The end of the chain; a new log begins with one."""
    row = connection.execute(select(schema.chain.c.seq, schema.chain.c.hash)).one_or_none()
    if row is not None:
        return End(row.seq, row.hash)
    end = End(0, START)
    connection.execute(insert(schema.chain).values(id=1, seq=0, hash=START, seal=seal(database.key, end)))
    return end


def _row(event: Event, actor: Actor, *, seq: int, at: str, previous: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": at,
        "account_id": actor.id,
        "account": actor.name,
        "action": event.action,
        "study_id": event.study_id,
        "chart_id": event.chart_id,
        "sheet_id": event.sheet_id,
        "kind": event.kind,
        "key": event.key,
        "version": event.version,
        "before": as_json(event.before),
        "after": as_json(event.after),
        "why": event.why or None,
        "undoes": event.undoes,
        "versions": event.versions,
        "previous": previous,
    }


def as_json(value: Mapping[str, Any] | None) -> str | None:
    """Canonical JSON: sorted keys, no spaces, so that equal values are equal texts."""
    return None if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(key: bytes, row: Mapping[str, Any]) -> str:
    """The keyed hash of a row, its `previous` included."""
    text = json.dumps([row[name] for name in HASHED], separators=(",", ":"), ensure_ascii=False)
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).hexdigest()


def seal(key: bytes, end: End) -> str:
    """The keyed hash of the chain's end."""
    return hmac.new(key, f"end {end.seq} {end.hash}".encode(), hashlib.sha256).hexdigest()
