"""Every example of every concept file is a case here: the whole text pipeline must read it as its marks say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from extractor.records import Note
from extractor.spec.examples import faults, parse_example
from extractor.spec.load import patterns_folder
from extractor.spec.rules import ConceptRule, load_concepts
from extractor.text.pipeline import FastPipeline

NOTE_DATE = date(2025, 6, 16)
CASES = [
    pytest.param(rule, example, id=f"{rule.concept}: {example[:60]}")
    for rule in load_concepts(patterns_folder())
    for example in rule.examples
]


@pytest.fixture(scope="module")
def pipeline() -> FastPipeline:
    return FastPipeline.load()


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example_is_read_as_it_is_marked(pipeline: FastPipeline, rule: ConceptRule, example: str) -> None:
    text, expected = parse_example(example)
    section = f"{rule.sections[0].replace('_', ' ').title()}:\n" if rule.sections else ""
    found = pipeline.mentions(
        Note("example", "nobody", NOTE_DATE, section + text, "Clinic note" if rule.note_titles is None else "CT chest")
    )
    moved = [replace(m, start=m.start - len(section), end=m.end - len(section)) for m in found if m.concept == rule.concept]
    assert faults(expected, moved) == []
