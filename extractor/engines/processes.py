"""Tasks done by processes of this machine, started fresh (`spawn`): Arrow goes in by a pipe and comes out by it.

A worker that dies, or hangs longer than a note may take, costs the note that it was at and nothing else: the batch is
given to a new worker, and a note at which a worker has died twice is passed over and becomes a failure. A batch that
cannot even be taken in or given back (a note larger than a worker's memory) is done note by note.
"""

from __future__ import annotations

import multiprocessing as mp
import signal
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import pyarrow as pa

from extractor.engines.tasks import Done, Fault, Task
from extractor.engines.wire import pack, unpack_answer
from extractor.engines.work import Setup, Worker
from extractor.engines.workers import LOADING, work
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
class _Split:
    """A batch that is done note by note: the results so far, by place."""

    size: int
    results: dict[int, Mapping[str, pa.Table]] = field(default_factory=dict)

    def whole(self) -> dict[str, pa.Table]:
        """The results in order, as if the batch had been done at once."""
        parts = [self.results[item] for item in range(self.size)]
        return {name: pa.concat_tables([part[name] for part in parts]).combine_chunks() for name in parts[0]}


@dataclass
class _Pending:
    """A task that is not done, with the notes to pass over and the deaths so far, by note; -1 counts those at none.

    `split` is the batch of which the task is the single note number `item`.
    """

    task: Task
    skip: dict[int, str] = field(default_factory=dict)
    deaths: dict[int, int] = field(default_factory=dict)
    split: _Split | None = None
    item: int = 0


@dataclass
class _Slot:
    """One worker process, what it does, and since when it has been at the same note."""

    process: BaseProcess
    pipe: Connection
    place: Any
    pending: _Pending | None = None
    seen: int = LOADING
    since: float = 0.0


class ProcessEngine:
    """`workers` processes; `memory_mb` is what each may use before it gets a `MemoryError`, 0 for no limit."""

    def __init__(self, setup: Setup, *, workers: int, memory_mb: int = 0) -> None:
        self._setup = setup
        self._memory_mb = memory_mb
        self._context = mp.get_context("spawn")
        self._failed_starts = 0
        self._ready: list[Done] = []
        self._slots = [self._start() for _ in range(workers)]

    def map(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """The results as they come. Raises `RunError` when no worker can work at all."""
        waiting: deque[_Pending] = deque()
        source = map(_Pending, tasks)
        while True:
            waiting.extend(islice(source, max(0, AHEAD * len(self._slots) - len(waiting))))
            for number, slot in enumerate(self._slots):
                if slot.pending is None and waiting:
                    self._give(number, waiting.popleft(), waiting)
            if all(slot.pending is None for slot in self._slots) and not waiting and not self._ready:
                return
            self._collect(waiting)
            yield from self._ready
            self._ready.clear()

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

    def _collect(self, waiting: deque[_Pending]) -> None:
        """Takes what has come in, or the loss of a worker, or the end of a worker's patience; waits a moment for one of them."""
        busy = {slot.pipe: number for number, slot in enumerate(self._slots) if slot.pending is not None}
        ready = wait([*busy, *(self._slots[number].process.sentinel for number in busy.values())], timeout=0.5) if busy else []
        for pipe in [one for one in ready if isinstance(one, Connection)]:
            slot = self._slots[busy[pipe]]
            try:
                message = pipe.recv_bytes()
            except (EOFError, OSError):
                self._lost(busy[pipe], _ended(slot), waiting)
                continue
            pending, slot.pending = slot.pending, None
            self._failed_starts = 0
            if pending is not None:
                self._take(pending, message, waiting)
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

    def _take(self, pending: _Pending, message: bytes, waiting: deque[_Pending]) -> None:
        """Makes the answer of a worker a result, or finds another way to one."""
        answer = unpack_answer(message)
        if not isinstance(answer, Fault):
            self._finish(pending, answer)
        elif answer.is_fatal:
            raise RunError(answer.why)
        else:
            self._divide(pending, answer.why, waiting)

    def _finish(self, pending: _Pending, tables: Mapping[str, pa.Table]) -> None:
        if pending.split is None:
            self._ready.append(Done(pending.task.number, tables))
            return
        pending.split.results[pending.item] = tables
        if len(pending.split.results) == pending.split.size:
            self._ready.append(Done(pending.task.number, pending.split.whole()))

    def _divide(self, pending: _Pending, why: str, waiting: deque[_Pending]) -> None:
        """Has a batch done note by note; a note for which there is no other way becomes a failure, made here without reading."""
        task = pending.task
        if task.items > 1:
            split = _Split(task.items)
            singles = [_Pending(one, split=split, item=item) for item, one in enumerate(task.singles())]
            for single in singles:
                single.skip = {0: pending.skip[single.item]} if single.item in pending.skip else {}
            waiting.extendleft(reversed(singles))
        else:
            passed_over = Worker(self._setup)
            do = passed_over.read if task.kind == "read" else passed_over.judge
            self._finish(pending, do(*task.tables, skip={0: why}))

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
            self._blame(pending, place, why, deaths, waiting)
        if self._failed_starts >= STARTS:
            raise RunError(f"workers end before they begin: {why}; run with a smaller --workers or more --worker-memory")
        self._slots[number] = self._start()

    def _blame(self, pending: _Pending, place: int, why: str, deaths: int, waiting: deque[_Pending]) -> None:
        """Counts a death at the note, at the batch as a whole, or at the start of a worker, and has the batch done again."""
        if place == LOADING:
            self._failed_starts += 1
            waiting.appendleft(pending)
            return
        pending.deaths[place] = pending.deaths.get(place, 0) + deaths
        if pending.deaths[place] < DEATHS:
            waiting.appendleft(pending)
        elif place < 0:
            self._divide(pending, why, waiting)
        else:
            pending.skip[place] = why
            waiting.appendleft(pending)

    def _give(self, number: int, pending: _Pending, waiting: deque[_Pending]) -> None:
        slot = self._slots[number]
        slot.seen, slot.since, slot.pending = int(slot.place.value), time.monotonic(), pending
        try:
            slot.pipe.send_bytes(pack(pending.task, pending.skip))
        except (BrokenPipeError, OSError):
            self._lost(number, _ended(slot), waiting)

    def _start(self) -> _Slot:
        ours, theirs = self._context.Pipe()
        place = self._context.RawValue("i", LOADING)
        process = self._context.Process(target=work, args=(theirs, self._setup, place, self._memory_mb), daemon=True)
        with _deaf_to_ctrl_c():
            process.start()
        theirs.close()
        return _Slot(process, ours, place)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """A process started inside never sees Ctrl-C, not even while it is loading; here it comes a moment later."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # starting it would let the signal through again
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _ended(slot: _Slot) -> str:
    slot.process.join(5)
    code = slot.process.exitcode
    how = f"signal {-code}" if code is not None and code < 0 else f"status {code}"
    return f"the worker process ended with {how}"
