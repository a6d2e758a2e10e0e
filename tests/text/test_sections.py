"""Sections: titles at line starts, short ones that end, and mentions of a title in prose that are none."""

from __future__ import annotations

import pytest

from extractor.spec.load import patterns_folder
from extractor.spec.sections import load_sections
from extractor.text.sections import SectionFinder, section_at


@pytest.fixture(scope="module")
def finder() -> SectionFinder:
    return SectionFinder.compile(load_sections(patterns_folder()))


def name_at(finder: SectionFinder, text: str, word: str) -> str:
    sections = finder.find(text)
    section = section_at(sections, [s.start for s in sections], text.index(word))
    return section.name if section else ""


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        pytest.param("FAMILY HISTORY\nFather lung cancer", "cancer", "family_history", id="capitals, no colon"),
        pytest.param("FHx: mother melanoma", "melanoma", "family_history", id="abbreviation"),
        pytest.param("FH: mother had lupus. SH: works nights", "nights", "social_history", id="title inside the line"),
        pytest.param("FH: nil of note\n\nThe patient has cancer", "cancer", "other", id="short section ends at a blank line"),
        pytest.param("We reviewed the family history: no cancer", "cancer", "", id="title in prose is none"),
        pytest.param("ASSESSMENT AND PLAN:\nRP, active", "active", "assessment_plan", id="two words"),
        pytest.param("Family history:\nCancer\nLIVING SITUATION\nalone", "alone", "other", id="unknown capitals end a section"),
        pytest.param("Text first\nAllergies: NKDA", "first", "", id="text before the first title"),
        pytest.param("IMMUNISATIONS (complete record)\nMMR 2019", "MMR", "immunizations", id="title with a bracket"),
    ],
)
def test_word_lies_in_the_section_that_a_reader_sees(finder: SectionFinder, text: str, word: str, expected: str) -> None:
    assert name_at(finder, text, word) == expected


def test_titles_slice_to_their_text(finder: SectionFinder) -> None:
    text = "HPI: ear pain\nPMH: TB\n"
    assert [text[s.title_start : s.title_end] for s in finder.find(text)] == ["HPI:", "PMH:"]
