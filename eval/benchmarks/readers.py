"""Notes in, the pace of every way to read them out: interleaved rounds on the same notes, in one process each, on one core.

What is given is notes per second of the processor, and by the clock beside it. Each round reads notes that no round
before has read. The fast way is timed twice in it: cold, when it sees the notes of the round for the first time, and
warm, when it reads them again, as it does with copied-forward text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.benchmarks.edsnlp_system import EdsNlp
from eval.benchmarks.stopwatch import Seconds, stopwatch
from eval.benchmarks.systems import System, exact, fast, literal_terms, stock
from extractor.records import Note
from extractor.text.lookup import lowered
from extractor.text.pipeline import FastPipeline
from extractor.text.rules import TextRules

STOCK, EDS, EXACT, COLD, WARM, SCAN = "stock medspaCy", "EDS-NLP", "exact", "fast, cold", "fast, warm", "scan alone"

WARM_UP, WARM_UP_FAST = 3, 60
LEAST_SECONDS = 0.4
"""A system that is done with the notes of a round sooner reads them again, so that no figure rests on a blink."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Notes a second of one system, a figure a round: of the processor's time, and by the clock."""

    name: str
    processor: tuple[float, ...]
    clock: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The paces of the systems, and whether the fast way found what the exact one did."""

    paces: tuple[Pace, ...]
    notes: int
    characters: int
    terms: int
    expressions: int
    mentions: int
    differing: int
    edsnlp_version: str


def compare(sample: Sequence[Note], others: Sequence[Note], *, rounds: int, cache: Path) -> Compared:
    """Times all systems on `sample`, a part of it a round, and compares the mentions of exact and fast on all of it.

    Before, each reads some of the `others`, since expressions are compiled and tables filled with the first notes.
    """
    rules = TextRules.load()
    terms = literal_terms(rules)
    slow, exact_mentions = exact(rules)
    quick, fast_mentions = fast(rules)
    taken: dict[str, list[tuple[int, Seconds]]] = {name: [] for name in (STOCK, EDS, EXACT, COLD, WARM, SCAN)}
    with EdsNlp(terms, cache) as eds:
        systems = {STOCK: stock(terms), EDS: eds.system(), EXACT: slow, WARM: quick, SCAN: _scan(rules)}
        for name, system in systems.items():
            for note in others[: WARM_UP_FAST if name in (WARM, SCAN) else WARM_UP]:
                system.read(note)
        for number in range(rounds):
            part = sample[number::rounds]
            taken[COLD].append(_read(quick, part, least_seconds=0))
            for name, system in systems.items():
                used = eds.processor_seconds if name == EDS else time.process_time
                taken[name].append(_read(system, part, processor=used))
    mentions = differing = 0
    for note in sample:
        one, other = exact_mentions(note), fast_mentions(note)
        mentions += len(one)
        differing += 0 if one == other else max(1, len(set(one) ^ set(other)))
    return Compared(
        tuple(_pace(name, rounds_taken) for name, rounds_taken in taken.items()),
        len(sample), sum(len(note.note_text) for note in sample), len(terms), len(rules.concepts.expressions),
        mentions, differing, eds.version,
    )  # fmt: skip


def _scan(rules: TextRules) -> System:
    """The one pass over the note that says where anything may be."""
    prefilter = FastPipeline(rules).prefilter
    return System(SCAN, lambda note: prefilter.scan(lowered(note.note_text) or ""))


def _read(
    system: System,
    notes: Sequence[Note],
    *,
    processor: Callable[[], float] = time.process_time,
    least_seconds: float = LEAST_SECONDS,
) -> tuple[int, Seconds]:
    """How many notes were read, all of them at least once, and what it took."""
    count, total = 0, Seconds()
    while not count or total.processor < least_seconds:
        with stopwatch(processor) as taken:
            for note in notes:
                system.read(note)
        count, total = count + len(notes), total + taken
    return count, total


def _pace(name: str, rounds: Sequence[tuple[int, Seconds]]) -> Pace:
    return Pace(name, *(tuple(count / getattr(taken, which) for count, taken in rounds) for which in ("processor", "clock")))
