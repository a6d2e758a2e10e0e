"""Looking line by line finds what looking everywhere does."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.benchmarks.mutations import sentences, text
from extractor.spec.load import patterns_folder
from extractor.spec.sections import load_sections
from extractor.text.line_search import LineSearch, takes_break
from extractor.text.syntax import parser

SOURCE = sentences()
OPENINGS = [re.compile(report.opens, re.I | re.M) for report in load_sections(patterns_folder()).reports]
SEARCHES = [LineSearch(opening) for opening in OPENINGS]


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    heading=st.sampled_from(["CXR 6/10: clear.", "\nCT chest\n", "\r\nlungs", "Recheck CT 3: RUL", ""]),
)
def test_the_openings_of_reports_are_found_line_by_line(seed: int, heading: str) -> None:
    note = text(Random(seed), SOURCE) + "\n" + heading + text(Random(seed + 1), SOURCE)
    for opening, search in zip(OPENINGS, SEARCHES, strict=True):
        assert [m.span() for m in search.finditer(note)] == [m.span() for m in opening.finditer(note)]


@pytest.mark.parametrize(
    "pattern", [r"chest\s+ct", r"chest[^:]{0,9}:", r"(?s:chest.ct)", r"chest\W", r"chest(?=\n)", "chest\nct"]
)
def test_what_may_match_a_line_break_is_looked_for_everywhere(pattern: str) -> None:
    assert takes_break(parser.parse(pattern), dotall=False)
    note = "No fever.\nChest\nct: clear."
    assert [m.span() for m in LineSearch(re.compile(pattern, re.I | re.M)).finditer(note)] == [
        m.span() for m in re.finditer(pattern, note, re.I | re.M)
    ]
