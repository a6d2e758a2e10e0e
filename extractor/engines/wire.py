"""Tasks and tables as bytes: Arrow streams behind a line of JSON that says what they are. No object is pickled."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from extractor.engines.tasks import Fault, Kind, Task

_LENGTH = struct.Struct("<q")


def pack(task: Task, skip: Mapping[int, str]) -> bytes:
    """A task and the items of it that are to be passed over."""
    head = {"kind": task.kind, "skip": [[number, why] for number, why in skip.items()]}
    return _packed(head, task.tables)


def unpack_task(message: bytes) -> tuple[Kind, list[pa.Table], dict[int, str]]:
    """The kind, the tables and the items to pass over of a packed task."""
    head, tables = _unpacked(message)
    return head["kind"], tables, {int(number): str(why) for number, why in head["skip"]}


def pack_tables(tables: Mapping[str, pa.Table]) -> bytes:
    """Named tables."""
    return _packed({"names": list(tables)}, list(tables.values()))


def pack_fault(fault: Fault) -> bytes:
    """An answer without tables."""
    return _packed({"why": fault.why, "is_fatal": fault.is_fatal}, [])


def unpack_answer(message: bytes) -> dict[str, pa.Table] | Fault:
    """The named tables, or the fault, of a message."""
    head, tables = _unpacked(message)
    if "why" in head:
        return Fault(head["why"], head["is_fatal"])
    return dict(zip(head["names"], tables, strict=True))


def _packed(head: Mapping[str, Any], tables: Sequence[pa.Table]) -> bytes:
    pieces = [json.dumps(head).encode("utf-8"), *map(_stream, tables)]
    return b"".join(_LENGTH.pack(len(piece)) + piece for piece in pieces)


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _unpacked(message: bytes) -> tuple[dict[str, Any], list[pa.Table]]:
    pieces, position = [], 0
    view = memoryview(message)
    while position < len(message):
        (length,) = _LENGTH.unpack_from(view, position)
        position += _LENGTH.size
        pieces.append(view[position : position + length])
        position += length
    return json.loads(bytes(pieces[0])), [pa.ipc.open_stream(piece).read_all() for piece in pieces[1:]]
