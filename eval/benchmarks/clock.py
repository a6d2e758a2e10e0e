"""Systems and notes in, notes per second out: interleaved rounds, so that a slow minute of the machine hits all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.benchmarks.systems import System
from extractor.records import Note

LEAST_SECONDS = 0.4
"""A system that is done with the notes of a round sooner reads them again, so that no figure rests on a blink."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Notes per second of one system, a figure a round, in order of rounds."""

    name: str
    rates: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rates)

    @property
    def spread(self) -> tuple[float, float]:
        """The slowest and the fastest round."""
        return min(self.rates), max(self.rates)


def interleaved(systems: Sequence[System], notes: Sequence[Note], *, rounds: int) -> list[Pace]:
    """Every system on the same notes, round by round; round `i` reads every `rounds`-th note from the `i`-th on."""
    rates: dict[str, list[float]] = {system.name: [] for system in systems}
    for number in range(rounds):
        part = notes[number::rounds]
        for system in systems:
            rates[system.name].append(rate(lambda part=part, system=system: [system.read(note) for note in part], len(part)))  # type: ignore[misc]
    return [Pace(name, tuple(values)) for name, values in rates.items()]


def rate(work: Callable[[], object], amount: int, *, least_seconds: float = LEAST_SECONDS) -> float:
    """How much of `amount` a second `work` does, repeated until `least_seconds` have gone by."""
    done, start = 0, time.perf_counter()
    while True:
        work()
        done += amount
        seconds = time.perf_counter() - start
        if seconds >= least_seconds:
            return done / seconds
