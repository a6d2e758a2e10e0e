"""What `prescreen patterns check` refuses: expressions that a text can make take for ever."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from extractor.spec.load import patterns_folder
from extractor.text.backtracking import explosive
from extractor.text.checks import dangerous, unserved
from extractor.text.rules import TextRules


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(?:a+)+b", "a" * 26),
        (r"(?:\w+\s?)*x\b", "ab" * 13),
        (r"(?:[a-z]+|\s?)*9", "a" * 24),
        (r"(?:\d+,?)+z", "1" * 26),
        (r"((?:no\s*)*\s*)*x", "no " * 10),
    ],
)
def test_an_explosive_expression_is_told_and_does_explode(pattern: str, text: str) -> None:
    assert explosive(pattern)
    started = time.perf_counter()
    short = re.compile(pattern).search(text[: len(text) * 2 // 3])
    middle = time.perf_counter()
    assert short is None
    assert re.compile(pattern).search(text) is None
    assert time.perf_counter() - middle > 3 * (middle - started)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:\w+\s)*x",
        r"(?:\s+(?:a|an|the|has\s+been))*\s+ear",
        r"(?:red|swollen)\s+[a-z]+\s+ears?",
        r"(?:,\s*\w+)*",
        r"(?:a{1,3}b?){0,4}c",
        r"no[^.;\n]{0,60}fever",
    ],
)
def test_a_tame_expression_is_let_through(pattern: str) -> None:
    assert not explosive(pattern)


def test_no_bundled_expression_is_dangerous_and_few_are_unserved() -> None:
    rules = TextRules.load(patterns_folder())
    assert list(dangerous(rules)) == []
    assert len(unserved(rules)) <= 3


def test_a_dangerous_pattern_is_named(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "patterns"
    shutil.copytree(patterns_folder(), folder)
    (folder / "concepts" / "bad.yaml").write_text("concept: bad_idea\npatterns:\n  - '(?:[a-z]+ ?)+fever'\n", encoding="utf-8")
    assert [line.split(":")[0] for line in dangerous(TextRules.load(folder))] == ["bad_idea"]
