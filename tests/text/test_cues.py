"""Every example of `patterns/cues` is a case: `[words](label)` marks a target and what must be said of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extractor.records import Assertion
from extractor.spec.cues import CueFile, load_cues
from extractor.spec.load import load_yaml
from extractor.text.assertions import assess
from extractor.text.tokens import tokenize

FOLDER = Path(__file__).resolve().parents[2] / "patterns"
MARK = re.compile(r"\[([^\[\]]{2,})\]\((\w+)\)")
RULES = {scheme: load_cues(FOLDER, scheme=scheme) for scheme in ("clinical", "corpus")}


def marked_examples() -> list[tuple[str, str, str]]:
    return [
        (path.stem, "corpus" if cue.scheme == "corpus" else "clinical", example)
        for path in sorted((FOLDER / "cues").glob("*.yaml"))
        for cue in load_yaml(path, CueFile).cues
        for example in cue.examples
    ]


def unmark(example: str) -> tuple[str, list[tuple[int, int]], list[str]]:
    """The plain sentence, the spans that were marked in it, and their labels."""
    text, spans, labels, last = "", [], [], 0
    for mark in MARK.finditer(example):
        text += example[last : mark.start()]
        spans.append((len(text), len(text) + len(mark[1])))
        labels.append(mark[2])
        text, last = text + mark[1], mark.end()
    return text + example[last:], spans, labels


def label_of(assertion: Assertion) -> str:
    """The one label of an assertion: whose it is comes first, then whether it happened at all."""
    names = {
        "family": "family",
        "hypothetical": "hypothetical",
        "uncertain": "possible",
        "negated": "absent",
        "historical": "historical",
    }
    return next((label for attribute, label in names.items() if getattr(assertion, attribute)), "present")


@pytest.mark.parametrize(("file", "scheme", "example"), marked_examples())
def test_example_of_a_cue_file_comes_out_as_marked(file: str, scheme: str, example: str) -> None:
    text, spans, labels = unmark(example)
    assert labels, f"{file}: the example marks nothing: {example}"
    found = assess(text, tokenize(text), spans, RULES[scheme])
    said = [(text[a:b], label_of(assertion), assertion.cues) for (a, b), assertion in zip(spans, found, strict=True)]
    assert [label for _, label, _ in said] == labels, f"{file}: {example}: {said}"
