"""The sentences of places are those that splitting the note gives, each once, list headings included."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.benchmarks.mutations import STRANGE, sentences, text
from extractor.text.leads import leads
from extractor.text.places import Sentences
from extractor.text.sentences import split

SOURCE = sentences()
LINES = [
    "Denies:",
    "- fever",
    "  - chills",
    "1. gout",
    "PMH: none",
    "Pt is well.",
    "which was noted in the course of the last admission to this hospital and",
    "",
    "   ",
    "a:b",
    "Labs  3/4  3/5",
]
pieces = st.lists(st.one_of(st.sampled_from(LINES), st.sampled_from(STRANGE)), max_size=14).map("\n".join)
made = st.integers(0, 10_000).map(lambda seed: text(Random(seed), SOURCE))


@settings(max_examples=300, deadline=None)
@given(note=st.one_of(pieces, made))
def test_every_sentence_is_found_from_each_of_its_characters(note: str) -> None:
    whole = split(note)
    found = Sentences(note)
    assert list(found.at(range(len(note)))) == whole
    assert [Sentences(note).lead(span) for span in whole] == leads(note, whole)


@settings(max_examples=200, deadline=None)
@given(note=st.one_of(pieces, made), chosen=st.sets(st.integers(0, 60)))
def test_a_choice_of_places_gives_its_sentences_and_leads(note: str, chosen: set[int]) -> None:
    whole = split(note)
    wanted = dict(zip(whole, leads(note, whole), strict=True))
    some = [span for number, span in enumerate(whole) if number in chosen]
    found = Sentences(note)
    assert list(found.at([start for start, _ in some])) == some
    assert [found.lead(span) for span in some] == [wanted[span] for span in some]


@settings(max_examples=100, deadline=None)
@given(note=pieces, start=st.integers(0, 200), length=st.integers(0, 200))
def test_the_sentences_of_a_stretch_are_those_that_begin_in_it(note: str, start: int, length: int) -> None:
    wanted = [span for span in split(note) if start <= span[0] < start + length]
    assert list(Sentences(note).between(start, start + length)) == wanted


@pytest.mark.parametrize("line", ["- item\n", "word " * 400 + "\n", "x" * 3000, "Denies:\n- a\n"])
def test_cost_is_linear_in_the_length_of_the_note(line: str) -> None:
    import time

    def seconds(count: int) -> float:
        note = line * count
        sentences_of = Sentences(note)
        started = time.process_time()
        for span in sentences_of.at(range(0, len(note), 97)):
            sentences_of.lead(span)
        return time.process_time() - started

    seconds(20)
    assert seconds(1600) < 40 * max(seconds(100), 0.002)
