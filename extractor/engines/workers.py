"""A worker process: takes tasks from a pipe, tells at which note it is, and puts the tables of each back into the pipe."""

from __future__ import annotations

import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

from extractor.engines.wire import pack_tables, unpack_task
from extractor.engines.work import Setup, Worker

IDLE = -1
"""The place of a worker that has not begun with a note of its task."""


def work(pipe: Connection, setup: Setup, place: Any, memory_mb: int) -> None:
    """The life of a worker: until its pipe closes. Ctrl-C is for the parent, which ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(memory_mb)
    worker = Worker(setup)

    def started(number: int) -> None:
        place.value = number

    while True:
        try:
            message = pipe.recv_bytes()
        except EOFError:
            return
        kind, tables, skip = unpack_task(message)
        do = worker.read if kind == "read" else worker.judge
        pipe.send_bytes(pack_tables(do(*tables, skip=skip, started=started)))


def _limit_memory(memory_mb: int) -> None:
    """A note that asks for more gets a `MemoryError`, which is its failure, before the machine runs out."""
    if memory_mb and sys.platform == "linux":
        import resource

        size = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (size, resource.getrlimit(resource.RLIMIT_DATA)[1]))
