"""A corpus made by hand, as records and as files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from extractor.io.gold.read import write_corpus
from extractor.io.gold.records import Corpus, GoldChart, GoldSpan, in_order
from extractor.records import Note, Patient

TEXT = "Ears 🙂 red.\r\nLeft\near sore,\x0cno\u2028vertigo; café\u0301 diet.\n"
"""An emoji of two UTF-16 units, CRLF, form feed, line separator, an accent of its own."""


@pytest.fixture
def corpus() -> Corpus:
    """Two charts, three notes, spans that overlap, nest, cross line breaks and follow an emoji."""
    notes = (
        Note("n1", "p1", date(2025, 1, 31), TEXT, "Clinic"),
        Note("n2", "p1", date(2025, 2, 1), "No fever. Sister has lupus.\n"),
        Note("n/3", "p2", date(2025, 3, 1), "", "Empty"),
    )
    evidence = (
        _span("C1", "Ears 🙂 red", "supports"),
        _span("C1", "🙂", "refutes"),
        _span("C1", "Left\near sore", "supports"),
        _span("C1", "sore,\x0cno\u2028vertigo", "supports"),
        _span("C2", "café\u0301 diet", "rejected", "uncertain"),
        GoldSpan("C2", "n2", 3, 8, "refutes"),
        GoldSpan("C2", "n2", 10, 26, "rejected", "family"),
    )
    patient = Patient("p1", "female", date(1980, 2, 29), date(2025, 4, 1))
    first = GoldChart(patient, {"C1": "met", "C2": "not_met"}, evidence, "dev")
    second = GoldChart(Patient("p2"), {"C1": "unknown", "C2": "not_applicable"}, (), "test")
    return in_order(Corpus((first, second), notes))


def _span(criterion: str, words: str, role: str, reason: str | None = None) -> GoldSpan:
    start = TEXT.index(words)
    return GoldSpan(criterion, "n1", start, start + len(words), role, reason)  # type: ignore[arg-type]


@pytest.fixture
def folder(corpus: Corpus, tmp_path: Path) -> Path:
    """The corpus as files."""
    write_corpus(corpus, tmp_path / "corpus")
    return tmp_path / "corpus"
