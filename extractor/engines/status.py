"""How far a run is: notes done, notes a second, time left; for the progress line and for `status.json`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

State = Literal["reading", "judging", "done", "stopped", "failed"]
EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Status:
    """A moment of a run. `total` and `seconds_left` are `None` where the input does not tell how many notes it has."""

    state: State
    notes: int
    total: int | None
    failures: int
    patients: int
    notes_per_second: float
    seconds_left: float | None


Watcher = Callable[[Status], None]


def nobody(status: Status) -> None:
    """A watcher that does not look."""


class StatusBoard:
    """Counts, and tells: the watcher at every change, the file once a second and at the end."""

    def __init__(self, path: Path, watcher: Watcher, total: int | None) -> None:
        self._path = path
        self._watcher = watcher
        self._total = total
        self._started = time.monotonic()
        self._told = 0.0
        self._begun_with = 0
        self.notes = self.failures = self.patients = 0

    def skip(self, notes: int, failures: int) -> None:
        """Notes that an earlier attempt has done: they do not count for the speed."""
        self.notes += notes
        self.failures += failures
        self._begun_with += notes

    def tell(self, state: State) -> None:
        """Shows where the run is."""
        seconds = max(time.monotonic() - self._started, 1e-6)
        pace = (self.notes - self._begun_with) / seconds
        left = (self._total - self.notes) / pace if self._total is not None and pace > 0 else None
        status = Status(state, self.notes, self._total, self.failures, self.patients, round(pace, 1), left and round(left))
        self._watcher(status)
        now = time.monotonic()
        if now - self._told >= EVERY_SECONDS or state in ("done", "stopped", "failed"):
            self._told = now
            partial = self._path.with_name(self._path.name + ".partial")
            partial.write_text(json.dumps(asdict(status)) + "\n", encoding="utf-8")
            partial.replace(self._path)
