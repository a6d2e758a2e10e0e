"""A gate never shuts an expression out that its sentence holds."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from eval.benchmarks.mutations import sentences, text
from extractor.spec.load import patterns_folder
from extractor.spec.rules import load_concepts
from extractor.text.concepts import ConceptMatcher
from extractor.text.gates import Gate, shown
from extractor.text.needs import Pattern

SOURCE = sentences()
RULES = load_concepts(patterns_folder())
EXPRESSIONS = ConceptMatcher(RULES).expressions[::5]
TRAPS = [(re.compile(trap, re.IGNORECASE), Gate(Pattern(trap))) for rule in RULES for trap in rule.traps][::5]


@settings(max_examples=200, deadline=None)
@given(sentence=st.integers(0, 100_000).map(lambda seed: text(Random(seed), SOURCE)))
def test_the_gate_of_what_a_sentence_holds_is_open(sentence: str) -> None:
    seen = shown(sentence)
    pairs = [*((one.regex, one.gate) for one in EXPRESSIONS), *TRAPS]
    assert not [regex.pattern for regex, gate in pairs if regex.search(sentence) and not gate.is_open(seen)]


def test_a_gate_shuts_out_a_sentence_without_its_strings() -> None:
    gate = Gate(Pattern(r"smell(?:s|ed)?\s+of\s+(?:alcohol|etoh)"))
    assert gate.is_open(shown("Smelled of EtOH."))
    assert not gate.is_open(shown("Smelled of roses."))
    assert gate.is_open(shown("\u0130 smelled of roses."))  # letters that surprise are looked at the long way
