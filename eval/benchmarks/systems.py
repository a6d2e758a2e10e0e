"""The systems that are timed: each is built once and then called with a note; stock medspaCy, our exact and our fast way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from extractor.records import Mention, Note
from extractor.text.pipeline import FastPipeline, ReferencePipeline
from extractor.text.quiet import silence_note_loggers
from extractor.text.rules import TextRules

Reader = Callable[[Note], Any]
"""Reads one note; what it returns is thrown away by the clock."""


@dataclass(frozen=True, slots=True)
class System:
    """A way to read notes, by the name it has in the report."""

    name: str
    read: Reader


def stock_medspacy(terms: list[str]) -> System:
    """medspaCy as `medspacy.load()` makes it (tokenizer, PyRuSH, target matcher, ConText), with `terms` as its targets."""
    import medspacy
    from medspacy.target_matcher import TargetRule

    silence_note_loggers()
    nlp = medspacy.load()
    nlp.get_pipe("medspacy_target_matcher").add([TargetRule(term, "TERM") for term in terms])
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
