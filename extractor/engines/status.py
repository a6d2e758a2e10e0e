"""How far a run is: notes done, notes a second, time left; for the progress line and for `status.json`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

State = Literal["reading", "judging", "done", "stopped", "failed"]
EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Status:
    """A moment of a run.

    `total` and `patients_total` are `None` where they are not known, and near enough in a shard, which gets its share
    of them. `notes_per_second` is of reading alone; `seconds_left` is of the stage that the run is in.
    """

    state: State
    notes: int
    total: int | None
    failures: int
    patients: int
    patients_total: int | None
    notes_per_second: float
    seconds_left: int | None


Watcher = Callable[[Status], None]


def nobody(status: Status) -> None:
    """A watcher that does not look."""


class StatusBoard:
    """Counts, and tells: the watcher at every change, the file once a second and at the end."""

    def __init__(self, path: Path, watcher: Watcher, total: int | None) -> None:
        self._path = path
        self._watcher = watcher
        self._total = total
        self._told = 0.0
        self._pace = 0.0
        self.notes = self.failures = self.patients = 0
        self.patients_total: int | None = None
        self._begin()

    def skip(self, notes: int, failures: int) -> None:
        """Notes that an earlier attempt has done: they do not count for the speed."""
        self.notes += notes
        self.failures += failures
        self._begin()

    def judge(self, patients: int, total: int) -> None:
        """The second stage begins, with so many patients judged by an earlier attempt."""
        self.patients, self.patients_total = patients, total
        self._begin()
        self.tell("judging")

    def tell(self, state: State) -> None:
        """Shows where the run is."""
        status = self._status(state)
        self._watcher(status)
        now = time.monotonic()
        if now - self._told >= EVERY_SECONDS or state in ("done", "stopped", "failed"):
            self._told = now
            partial = self._path.with_name(self._path.name + ".partial")
            with suppress(OSError):  # a full disk has its own message
                partial.write_text(json.dumps(asdict(status)) + "\n", encoding="utf-8")
                partial.replace(self._path)

    def _begin(self) -> None:
        """From here on the stage is timed."""
        self._started = time.monotonic()
        self._begun_with = self.notes, self.patients

    def _status(self, state: State) -> Status:
        seconds = max(time.monotonic() - self._started, 1e-6)
        notes, patients = self.notes - self._begun_with[0], self.patients - self._begun_with[1]
        self._pace = notes / seconds if state == "reading" else self._pace
        missing, pace = _missing(self._total, self.notes), self._pace
        if state == "judging":
            missing, pace = _missing(self.patients_total, self.patients), patients / seconds
        left = round(missing / pace) if state in ("reading", "judging") and missing is not None and pace > 0 else None
        return Status(
            state, self.notes, self._total, self.failures, self.patients, self.patients_total, round(self._pace, 1), left
        )  # fmt: skip


def _missing(total: int | None, done: int) -> int | None:
    return None if total is None else max(0, total - done)
