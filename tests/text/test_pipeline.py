"""The pipeline as a whole: exact offsets on any text, and the fast way equal to the plain medspaCy one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.benchmarks import mutations
from extractor.io.notes import read_notes
from extractor.records import Note
from extractor.text.pipeline import FastPipeline, ReferencePipeline
from extractor.text.rules import TextRules

DAY = date(2025, 6, 16)
ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = mutations.sentences()
SENTENCES = [
    "Denies fever; no history of TB or hepatitis C.",
    "Prednisone 20 mg daily since 10/2024, bilateral auricular chondritis.",
    "HIV Ag/Ab   nonreactive\nHCV Ab      (-)",
    "FH: mother breast cancer.",
    "AST  84 H  0-32",
    "No live vaccines in past year, none planned.",
    "?RP, nasal bridge TTP",
]
STRANGE = ["\x00", "\r\n", "\u2028", "🙂", "e\u0301", "İ", "ſ", "K", "\f", "\t", " ", "\n\n", "x" * 40]


def note(text: str) -> Note:
    return Note("n1", "p1", DAY, text)


@pytest.fixture(scope="module")
def rules() -> TextRules:
    return TextRules.load()


@pytest.fixture(scope="module")
def fast(rules: TextRules) -> FastPipeline:
    return FastPipeline(rules)


@pytest.fixture(scope="module")
def reference(rules: TextRules) -> ReferencePipeline:
    return ReferencePipeline(rules)


texts = st.lists(st.sampled_from([*SENTENCES, *STRANGE]), max_size=12).map("".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_every_mention_slices_to_its_text(fast: FastPipeline, text: str) -> None:
    for mention in fast.mentions(note(text)):
        assert text[mention.start : mention.end] == mention.text
        assert mention.text.strip()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
def test_fast_and_reference_give_the_same_mentions(fast: FastPipeline, reference: ReferencePipeline, text: str) -> None:
    assert fast.mentions(note(text)) == reference.mentions(note(text))


MADE = st.integers(0, 10**9).map(lambda seed: mutations.text(Random(seed), EXAMPLES))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=MADE, title=st.sampled_from([None, "CXR", "Clinic letter"]))
def test_fast_and_reference_agree_on_mutated_examples(
    fast: FastPipeline, reference: ReferencePipeline, text: str, title: str | None
) -> None:
    one = Note("n1", "p1", DAY, text, title)
    assert fast.mentions(one) == reference.mentions(one)


@pytest.mark.parametrize("corpus", ["rp-charts", "rp-dev"])
def test_fast_and_reference_agree_on_charts(fast: FastPipeline, reference: ReferencePipeline, corpus: str) -> None:
    """Every ninth note here; `make benchmark` compares all of them."""
    for row in [*read_notes(ROOT / "annotations" / corpus / "notes.jsonl")][::9]:
        assert isinstance(row, Note)
        assert fast.mentions(row) == reference.mentions(row), row.note_id


@pytest.mark.parametrize("text", ["", "\x00" * 50, "ok", "TB", "🙂" * 20], ids=["empty", "NULs", "one word", "one term", "emoji"])
def test_a_degenerate_note_is_read(fast: FastPipeline, text: str) -> None:
    assert all(text[m.start : m.end] == m.text for m in fast.mentions(note(text)))


def test_a_note_of_a_megabyte_keeps_its_offsets(fast: FastPipeline) -> None:
    block = "\r\n".join(SENTENCES) + " 🙂 e\u0301 \u2028"
    text = block * (1_000_000 // len(block))
    mentions = fast.mentions(note(text))
    assert len(mentions) > 1_000
    assert all(text[m.start : m.end] == m.text for m in mentions)


def test_reading_twice_gives_the_same(fast: FastPipeline) -> None:
    text = " ".join(SENTENCES)
    assert fast.mentions(note(text)) == fast.mentions(note(text))
