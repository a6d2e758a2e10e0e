"""`python -m eval.benchmarks.speed NOTES`: notes per second of stock medspaCy, of our exact and of our fast way, in one run.

Prints medians with their spread, how often stock speed each is, and how many mentions of the fast way differ from the
exact one. Exit status 1 when one does.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from eval.benchmarks.clock import Pace, interleaved
from eval.benchmarks.systems import exact, fast, literal_terms, stock_medspacy
from extractor.io.notes import read_notes
from extractor.records import Mention, Note
from extractor.text.rules import TextRules

ROUNDS = 5
SAMPLE = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark; returns the exit status."""
    options = _parser().parse_args(arguments)
    notes = [row for row in read_notes(options.notes) if isinstance(row, Note)]
    sample = evenly(notes, options.sample)
    started = time.perf_counter()
    rules = TextRules.load()
    slow, exact_mentions = exact(rules)
    quick, fast_mentions = fast(rules)
    stock = stock_medspacy(literal_terms(rules))
    print(f"{options.notes}: {len(notes):,} notes, {len(sample)} timed, {options.rounds} rounds, all systems on the same notes")
    print(f"{machine()}; {len(rules.concepts.phrases):,} terms, {len(rules.concepts.expressions):,} expressions")
    print(f"built in {time.perf_counter() - started:.1f} s\n")
    for system in (stock, slow, quick):
        system.read(sample[0])
    for line in table(interleaved((stock, slow, quick), sample, rounds=options.rounds), against=stock.name):
        print(line)
    mentions, differing = differences(exact_mentions, fast_mentions, evenly(notes, options.compared))
    print(f"\n{min(options.compared, len(notes)):,} notes compared: {mentions:,} mentions, {differing:,} of them differ")
    return 1 if differing else 0


def evenly(notes: Sequence[Note], count: int) -> list[Note]:
    """`count` notes spread over the whole corpus, all of them when there are no more."""
    step = max(1, len(notes) // count)
    return list(notes[::step][:count])


def table(paces: Sequence[Pace], *, against: str) -> list[str]:
    """The lines to print: name, median, slowest and fastest round, and how many times the speed of `against`."""
    base = next(pace.median for pace in paces if pace.name == against)
    return [
        f"{pace.name:<16}{pace.median:>10,.1f} notes/s   ({low:,.1f} to {high:,.1f})   x {pace.median / base:,.1f}"
        for pace in paces
        for low, high in [pace.spread]
    ]


def differences(
    exact_mentions: Callable[[Note], list[Mention]], fast_mentions: Callable[[Note], list[Mention]], notes: Sequence[Note]
) -> tuple[int, int]:
    """How many mentions the exact way finds, and how many are found by one of the two only."""
    total = differing = 0
    for note in notes:
        one, other = exact_mentions(note), fast_mentions(note)
        total += len(one)
        if one != other:
            differing += max(len(set(one) ^ set(other)), 1)
    return total, differing


def machine() -> str:
    """What the figures were measured on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Notes per second: stock medspaCy, exact, fast.")
    parser.add_argument("notes", type=Path, help="notes as prescreen run reads them")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="notes that are timed, spread over the corpus")
    parser.add_argument("--compared", type=int, default=400, help="notes whose mentions are compared")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
