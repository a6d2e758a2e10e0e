"""A review database in, every fault of its record out: what `prescreen audit verify` tells.

Three things are held against each other: each row against its own hash and the one before, the end of the log against
its seal, and what stands (entries, states of sheets) against the last word of the log on it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from extractor.review import schema
from extractor.review.database import Database
from extractor.review.log import START, End, digest, seal

Place = tuple[int, str, str]
"""Sheet, kind and key."""


@dataclass(frozen=True, slots=True)
class Report:
    """How many events were read, how the log ends, and what is wrong with it, in the order of the log."""

    events: int
    end: End
    faults: tuple[str, ...]


def verify(database: Database, *, known: End | None = None) -> Report:
    """Reads the whole record. `known` is an end noted earlier (a signed page names one): the log must still pass it."""
    with database.read() as connection:
        faults: list[str] = []
        standing: dict[Place, tuple[int, int, str | None]] = {}
        events, last = 0, End(0, START)
        for row in connection.execute(select(schema.event).order_by(schema.event.c.seq)).mappings():
            faults += _row_faults(database.key, row, last)
            if known is not None and row["seq"] == known.seq and row["hash"] != known.hash:
                faults.append(f"event {known.seq}: is not the one that was noted earlier")
            if row["sheet_id"] is not None and row["key"] is not None:
                standing[row["sheet_id"], row["kind"], row["key"]] = (row["seq"], row["version"], row["after"])
            events, last = events + 1, End(row["seq"], row["hash"])
        faults += _end_faults(database.key, connection, last)
        if known is not None and known.seq > last.seq:
            faults.append(f"the log ends at event {last.seq}; an end at event {known.seq} was noted earlier")
        faults += _standing_faults(connection, standing)
        return Report(events, last, tuple(faults))


def _row_faults(key: bytes, row: Any, last: End) -> Iterator[str]:
    seq = row["seq"]
    if seq != last.seq + 1:
        missing = f"{last.seq + 1}" if seq == last.seq + 2 else f"{last.seq + 1} to {seq - 1}"
        yield f"event {missing}: missing"
    elif row["previous"] != last.hash:
        yield f"event {seq}: does not follow the row before it"
    if not hmac.compare_digest(digest(key, row), row["hash"]):
        yield f"event {seq}: was edited"


def _end_faults(key: bytes, connection: Connection, last: End) -> Iterator[str]:
    row = connection.execute(select(schema.chain)).mappings().one_or_none()
    if row is None:
        if last.seq or connection.execute(select(schema.account.c.id).limit(1)).first() is not None:
            yield "the end of the log is missing"
        return
    end = End(row["seq"], row["hash"])
    if not hmac.compare_digest(seal(key, end), row["seal"]):
        yield "the end of the log is not sealed with this key"
    elif end.seq > last.seq:
        yield f"events {last.seq + 1} to {end.seq}: missing at the end"
    elif end != last:
        yield "the log does not end where it was sealed"


def _standing_faults(connection: Connection, standing: dict[Place, tuple[int, int, str | None]]) -> Iterator[str]:
    left = dict(standing)
    for row in connection.execute(select(schema.entry)).mappings():
        place = (row["sheet_id"], row["kind"], row["key"])
        if left.pop(place, None) != (row["seq"], row["version"], row["value"]):
            yield f"sheet {place[0]}, {place[1]} {place[2]}: what stands is not what the log says"
    for sheet_id, kind, key in left:
        yield f"sheet {sheet_id}, {kind} {key}: is in the log and no longer stands"
    for row in connection.execute(select(schema.sheet)).mappings():
        logged = standing.get((row["id"], "sheet", "state"))
        if logged is None or f'"state":"{row["state"]}"' not in (logged[2] or ""):
            yield f"sheet {row['id']}: its state is not what the log says"
