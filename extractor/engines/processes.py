"""Tasks done by processes of this machine, started fresh (`spawn`): Arrow goes in by a pipe and comes out by it.

A worker that dies, or hangs longer than a note may take, costs the note that it was at and nothing else: the batch is
given to a new worker, and a note at which a worker has died twice is passed over and becomes a failure.
"""

from __future__ import annotations

import multiprocessing as mp
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from extractor.engines.tasks import Done, Task
from extractor.engines.wire import pack, unpack_tables
from extractor.engines.work import Setup
from extractor.engines.workers import IDLE, work
from extractor.errors import RunError

DEATHS = 2
"""A note at which so many workers have died is passed over."""
STARTS = 3
"""So many workers may die before they begin with anything; then the fault is not in the notes."""
GRACE_SECONDS = 30
"""A worker gets this much longer than a note may take before it is ended from outside: loading takes time."""
AHEAD = 2
"""Tasks made ready for each worker beside the one it does: what bounds the memory of the run."""


@dataclass
class _Pending:
    """A task that is not done, with the notes to pass over and the deaths so far, by note."""

    task: Task
    skip: dict[int, str] = field(default_factory=dict)
    deaths: dict[int, int] = field(default_factory=dict)


@dataclass
class _Slot:
    """One worker process, what it does, and since when it has been at the same note."""

    process: BaseProcess
    pipe: Connection
    place: Any
    pending: _Pending | None = None
    seen: int = IDLE
    since: float = 0.0


class ProcessEngine:
    """`workers` processes; `memory_mb` is what each may use before it gets a `MemoryError`, 0 for no limit."""

    def __init__(self, setup: Setup, *, workers: int, memory_mb: int = 0) -> None:
        self._setup = setup
        self._memory_mb = memory_mb
        self._context = mp.get_context("spawn")
        self._failed_starts = 0
        self._slots = [self._start() for _ in range(workers)]

    def map(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """The results as they come."""
        waiting: deque[_Pending] = deque()
        source = map(_Pending, tasks)
        while True:
            waiting.extend(islice(source, max(0, AHEAD * len(self._slots) - len(waiting))))
            for number, slot in enumerate(self._slots):
                if slot.pending is None and waiting:
                    self._give(number, waiting.popleft(), waiting)
            if all(slot.pending is None for slot in self._slots):
                if not waiting:
                    return
                continue
            yield from self._collect(waiting)

    def close(self) -> None:
        """Ends the processes at once."""
        for slot in self._slots:
            slot.process.terminate()
        for slot in self._slots:
            slot.process.join(5)
            if slot.process.is_alive():
                slot.process.kill()
                slot.process.join()
            slot.pipe.close()

    def _collect(self, waiting: deque[_Pending]) -> Iterator[Done]:
        """What has come in, or the loss of a worker, or the end of a worker's patience; waits a moment for one of them."""
        busy = {slot.pipe: number for number, slot in enumerate(self._slots) if slot.pending is not None}
        ready = wait([*busy, *(self._slots[number].process.sentinel for number in busy.values())], timeout=0.5)
        for pipe in [one for one in ready if isinstance(one, Connection)]:
            number = busy[pipe]
            slot = self._slots[number]
            pending = slot.pending
            try:
                message = pipe.recv_bytes()
            except (EOFError, OSError):
                self._lost(number, _ended(slot), waiting)
                continue
            slot.pending = None
            self._failed_starts = 0
            if pending is not None:
                yield Done(pending.task.number, unpack_tables(message))
        for number in busy.values():
            slot = self._slots[number]
            if slot.pending is None:
                continue
            if not slot.process.is_alive() and not slot.pipe.poll():
                self._lost(number, _ended(slot), waiting)
            elif self._is_stuck(slot):
                slot.process.kill()
                slot.process.join()
                self._lost(number, f"took longer than {self._setup.note_seconds:g} seconds", waiting, deaths=DEATHS)

    def _is_stuck(self, slot: _Slot) -> bool:
        now, place = time.monotonic(), int(slot.place.value)
        if place != slot.seen:
            slot.seen, slot.since = place, now
        limit = self._setup.note_seconds
        return bool(limit) and now - slot.since > limit + GRACE_SECONDS

    def _lost(self, number: int, why: str, waiting: deque[_Pending], *, deaths: int = 1) -> None:
        """Puts the task of a worker that is gone back, and another worker in its place."""
        slot = self._slots[number]
        pending, place = slot.pending, int(slot.place.value)
        slot.process.join(5)
        slot.pipe.close()
        if pending is not None:
            if place == IDLE:
                self._failed_starts += 1
            else:
                pending.deaths[place] = pending.deaths.get(place, 0) + deaths
                if pending.deaths[place] >= DEATHS:
                    pending.skip[place] = why
            waiting.appendleft(pending)
        if self._failed_starts >= STARTS:
            raise RunError(f"workers end before they begin: {why}; run with a smaller --workers or more --worker-memory")
        self._slots[number] = self._start()

    def _give(self, number: int, pending: _Pending, waiting: deque[_Pending]) -> None:
        slot = self._slots[number]
        slot.place.value, slot.seen, slot.since, slot.pending = IDLE, IDLE, time.monotonic(), pending
        try:
            slot.pipe.send_bytes(pack(pending.task, pending.skip))
        except (BrokenPipeError, OSError):
            self._lost(number, _ended(slot), waiting)

    def _start(self) -> _Slot:
        ours, theirs = self._context.Pipe()
        place = self._context.RawValue("i", IDLE)
        process = self._context.Process(target=work, args=(theirs, self._setup, place, self._memory_mb), daemon=True)
        process.start()
        theirs.close()
        return _Slot(process, ours, place)


def _ended(slot: _Slot) -> str:
    slot.process.join(5)
    code = slot.process.exitcode
    how = f"signal {-code}" if code is not None and code < 0 else f"status {code}"
    return f"the worker process ended with {how}"
