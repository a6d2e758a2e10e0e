"""The systems that are timed: each is built once and then called with a note; stock medspaCy, our exact and our fast way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from extractor.records import Mention, Note
from extractor.text.baselines import stock_medspacy
from extractor.text.pipeline import FastPipeline, ReferencePipeline
from extractor.text.rules import TextRules

Reader = Callable[[Note], Any]
"""Reads one note; what it returns is thrown away by the clock."""


@dataclass(frozen=True, slots=True)
class System:
    """A way to read notes, by the name it has in the report."""

    name: str
    read: Reader


def stock(terms: list[str]) -> System:
    """Stock medspaCy, with `terms` as its targets."""
    nlp = stock_medspacy(terms)
    return System("stock medspaCy", lambda note: nlp(note.note_text))


def exact(rules: TextRules) -> tuple[System, Callable[[Note], list[Mention]]]:
    """Our reference: medspaCy's matcher and every expression on every sentence, then assertions, dates and values."""
    pipeline = ReferencePipeline(rules)
    return System("exact", pipeline.mentions), pipeline.mentions


def fast(rules: TextRules) -> tuple[System, Callable[[Note], list[Mention]]]:
    """Our fast way, which has to give the same mentions."""
    pipeline = FastPipeline(rules)
    return System("fast", pipeline.mentions), pipeline.mentions


def literal_terms(rules: TextRules) -> list[str]:
    """Every literal term of our concepts, each once."""
    return list(dict.fromkeys(phrase.text for phrase in rules.concepts.phrases))
