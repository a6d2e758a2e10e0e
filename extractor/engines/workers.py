"""A worker process: takes tasks from a pipe, tells at which note it is, and puts the tables of each back into the pipe."""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any

from extractor.engines.tasks import Fault
from extractor.engines.wire import pack_fault, pack_tables, unpack_task
from extractor.engines.work import Setup, Started, Worker
from extractor.errors import ExtractorError

IDLE = -1
"""The place of a worker that is ready and has not begun with a note of its task."""
ROOM = 32 * 1024 * 1024
"""Bytes that must be left to a worker when all it needs is loaded; with less, every note would fail."""
LOADING = -2
"""The place of a worker that starts or builds its pipeline."""


def work(pipe: Connection, setup: Setup, place: Any, memory_mb: int) -> None:
    """The life of a worker: until its pipe closes. Ctrl-C is for the parent, which ends its workers itself.

    When the parent is killed, the worker ends before its next note, not after its batch, also when that was while it started.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory(memory_mb)
    worker, parent = Worker(setup), parent_process()

    def started(number: int) -> None:
        place.value = number
        if parent is not None and os.getppid() != parent.pid:
            os._exit(1)

    fault = _loaded(worker, setup)
    if fault is None:
        place.value = IDLE
    while True:
        try:
            message = pipe.recv_bytes()
        except EOFError:
            return
        answer = _answer(worker, message, started) if fault is None else pack_fault(fault)
        place.value = IDLE
        pipe.send_bytes(answer)


def _loaded(worker: Worker, setup: Setup) -> Fault | None:
    """Builds what the worker needs before it is given a note, so that no note is blamed for faulty patterns."""
    try:
        if setup.reads:
            _ = worker.pipeline
        bytearray(ROOM)
    except ExtractorError as error:
        return Fault(str(error), is_fatal=True)
    except MemoryError:
        return Fault("a worker cannot even load the patterns with so little memory; give more --worker-memory", is_fatal=True)
    except Exception as error:
        return Fault(f"the patterns cannot be loaded: {type(error).__name__}: {error}", is_fatal=True)
    return None


def _answer(worker: Worker, message: bytes, started: Started) -> bytes:
    """The packed tables of a task, or its fault: an exception that is no note's own ends neither worker nor run.

    No traceback may be printed, since the message of an exception may hold the text of a note.
    """
    try:
        kind, tables, skip = unpack_task(message)
        do = worker.read if kind == "read" else worker.judge
        return pack_tables(do(*tables, skip=skip, started=started))
    except Exception as error:
        return pack_fault(Fault(type(error).__name__, is_fatal=False))


def _limit_memory(memory_mb: int) -> None:
    """A note that asks for more gets a `MemoryError`, which is its failure, before the machine runs out."""
    if memory_mb and sys.platform == "linux":
        import resource

        size = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (size, resource.getrlimit(resource.RLIMIT_DATA)[1]))
