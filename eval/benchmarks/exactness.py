"""`python -m eval.benchmarks.exactness --count 100000`: made and mutated notes through the exact and the fast pipeline.

Prints how many mentions were compared and, for each note on which the two differ, its number and what differs: the same
seed makes it again. Exit status 1 when one does. Too long for every test run; `tests/text` does some hundreds.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import time
from collections.abc import Sequence

from eval.benchmarks.mutations import notes, sentences
from extractor.text.pipeline import FastPipeline, ReferencePipeline
from extractor.text.rules import TextRules

CHUNK = 250
Found = tuple[int, int, list[str]]
"""Notes, mentions, and a line for each note on which the two differ."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the comparison; returns the exit status."""
    options = _parser().parse_args(arguments)
    chunks = [(options.seed, start, min(CHUNK, options.count - start)) for start in range(0, options.count, CHUNK)]
    started, done, mentions, differing = time.perf_counter(), 0, 0, 0
    with mp.get_context("spawn").Pool(options.workers) as pool:
        for count, found, lines in pool.imap_unordered(compare, chunks):
            done, mentions, differing = done + count, mentions + found, differing + len(lines)
            for line in lines:
                print(line, flush=True)
    seconds = time.perf_counter() - started
    print(f"{done:,} made notes, {mentions:,} mentions, {differing:,} notes differ ({seconds:,.0f} s, seed {options.seed})")
    return 1 if differing else 0


_built: list[tuple[ReferencePipeline, FastPipeline, list[str]]] = []


def compare(chunk: tuple[int, int, int]) -> Found:
    """Compares the two pipelines on a chunk of (seed, first note, number of notes)."""
    if not _built:
        rules = TextRules.load()
        _built.append((ReferencePipeline(rules), FastPipeline(rules), sentences()))
    exact, fast, source = _built[0]
    seed, start, count = chunk
    mentions, lines = 0, []
    for note in notes(seed * 1_000_003 + start, count, source):
        wanted, found = exact.mentions(note), fast.mentions(note)
        mentions += len(wanted)
        if wanted != found:
            only = {repr((m.concept, m.start, m.end)) for m in set(wanted) ^ set(found)}
            lines.append(f"seed {seed * 1_000_003 + start} {note.note_id}: {len(only)} differ: {', '.join(sorted(only)[:5])}")
    return count, mentions, lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Exact and fast pipeline on made and mutated notes.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
