"""Work in, seconds out: by the clock, and of the processor, which other programs on the machine hardly disturb."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Seconds:
    """How long something took: by the clock, and how much of the processor's time it used."""

    clock: float = 0.0
    processor: float = 0.0

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(self.clock + other.clock, self.processor + other.processor)

    def __sub__(self, other: Seconds) -> Seconds:
        return Seconds(self.clock - other.clock, self.processor - other.processor)


def of_children() -> float:
    """Processor seconds of the processes that this one has started and that have ended, with those they started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def stopwatch(processor: Callable[[], float] = time.process_time) -> Iterator[Seconds]:
    """Filled when the work inside is done; `processor` tells whose processor seconds are counted."""
    taken = Seconds()
    clock, used = time.perf_counter(), processor()
    yield taken
    taken.clock, taken.processor = time.perf_counter() - clock, processor() - used


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and extremes."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}
