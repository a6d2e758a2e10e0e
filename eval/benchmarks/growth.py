"""How the cost of the fast way grows: with the length of a note, and with the number of terms that are looked for."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from eval.benchmarks.corpus import joined
from eval.benchmarks.stopwatch import spread, stopwatch
from eval.benchmarks.systems import literal_terms
from extractor.records import Note
from extractor.spec.load import patterns_folder
from extractor.text.pipeline import FastPipeline
from extractor.text.rules import TextRules

LENGTHS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
TERMS = (500, 5_000, 50_000)
TRIES = 3
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "or", "pu", "ra", "se", "ti", "vo", "xy", "zan")


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds that something took, the median and the extremes of some tries; `size` is characters or terms."""

    size: int
    median: float
    least: float
    most: float


def by_length(notes: Sequence[Note], lengths: Sequence[int] = LENGTHS, *, tries: int = TRIES) -> list[Cost]:
    """Seconds to read one note of each length, made of real notes."""
    pipeline = FastPipeline.load()
    pipeline.mentions(notes[0])
    return [_cost(length, pipeline, [joined(notes, length)], tries if length <= 1_000_000 else 1) for length in lengths]


def by_terms(notes: Sequence[Note], counts: Sequence[int] = TERMS, *, tries: int = TRIES) -> list[Cost]:
    """Seconds to read all of `notes` with so many terms and nothing else: 500 of ours, the rest made up."""
    ours = literal_terms(TextRules.load())
    return [_cost(count, _pipeline_of(_terms(ours, count)), notes, tries) for count in counts]


def _terms(ours: Sequence[str], count: int) -> list[str]:
    chance = Random(count)
    kept = [term for term in ours if term.isascii() and term.replace(" ", "").isalpha()][: min(count, TERMS[0])]
    made: dict[str, None] = dict.fromkeys(kept)
    while len(made) < count:
        made["".join(chance.choices(SYLLABLES, k=chance.randint(3, 5))) + chance.choice(("", " " + chance.choice(kept)))] = None
    return list(made)


def _pipeline_of(terms: Sequence[str]) -> FastPipeline:
    """A pipeline whose one concept has these terms; cues, sections and measurements are ours."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(patterns_folder(None), Path(scratch) / "patterns"))
        shutil.rmtree(folder / "concepts")
        (folder / "concepts").mkdir()
        listed = "\n".join(f"    - {json.dumps(term)}" for term in terms)
        (folder / "concepts" / "made.yaml").write_text(
            f"concepts:\n  - concept: made\n    kind: finding\n    terms:\n{listed}\n", encoding="utf-8"
        )
        return FastPipeline.load(folder)


def _cost(size: int, pipeline: FastPipeline, notes: Sequence[Note], tries: int) -> Cost:
    taken = []
    for _ in range(tries):
        with stopwatch() as seconds:
            for note in notes:
                pipeline.mentions(note)
        taken.append(seconds.processor)
    return Cost(size, **spread(taken))
