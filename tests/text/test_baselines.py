"""The baselines look terms up and nothing more: the keyword one believes all it finds, stock medspaCy has its own ConText."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.records import Assertion, Mention, Note
from extractor.text.baselines import KeywordPipeline, StockPipeline
from extractor.text.rules import TextRules

DAY = date(2025, 6, 12)


@pytest.fixture(scope="module")
def rules() -> TextRules:
    return TextRules.load()


@pytest.fixture(scope="module")
def keyword(rules: TextRules) -> KeywordPipeline:
    return KeywordPipeline(rules)


@pytest.fixture(scope="module")
def stock(rules: TextRules) -> StockPipeline:
    return StockPipeline(rules)


def read(pipeline: KeywordPipeline | StockPipeline, text: str, concept: str) -> list[Mention]:
    return [one for one in pipeline.mentions(Note("N", "P", DAY, text)) if one.concept == concept]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Recurrent AURICULAR Chondritis.", ["AURICULAR Chondritis"]),
        ("No auricular chondritis. Mother had auricular chondritis.", ["auricular chondritis"] * 2),
        ("xauricular chondritis", []),
        ("auricular chondritis2", []),
        ("(auricular chondritis)", ["auricular chondritis"]),
        ("🙂İ auricular chondritis\r\nnext", ["auricular chondritis"]),
        ("auricular\nchondritis", []),
        ("", []),
    ],
)
def test_keyword_finds_terms_as_whole_words_in_any_case(keyword: KeywordPipeline, text: str, found: list[str]) -> None:
    mentions = read(keyword, text, "auricular_chondritis")
    assert [m.text for m in mentions] == found
    assert all(m.text == text[m.start : m.end] for m in mentions)


def test_keyword_believes_what_it_finds_on_the_day_of_the_note(keyword: KeywordPipeline) -> None:
    (mention,) = read(keyword, "Denies any auricular chondritis in 2011.", "auricular_chondritis")
    assert mention.assertion == Assertion()
    assert (mention.when.earliest, mention.when.latest, mention.date_source) == (DAY, DAY, "note")
    assert (mention.value, mention.section) == (None, "")


def test_abbreviation_that_counts_in_its_own_case_keeps_it(keyword: KeywordPipeline, rules: TextRules) -> None:
    phrase = next(p for p in rules.concepts.phrases if p.exact and p.text.isupper() and p.text.isalpha() and not p.rule.sets)
    assert read(keyword, f"x {phrase.text} y", phrase.rule.concept)
    assert not [m for m in read(keyword, f"x {phrase.text.lower()} y", phrase.rule.concept) if m.text == phrase.text.lower()]


def test_terms_that_are_no_plain_statement_are_no_keywords(
    keyword: KeywordPipeline, stock: StockPipeline, rules: TextRules
) -> None:
    phrase = next(p for p in rules.concepts.phrases if p.rule.sets)
    text = f"Seen today. {phrase.text}. Home."
    assert phrase.text not in [m.text for m in read(keyword, text, phrase.rule.concept)]
    assert [
        getattr(m.assertion, phrase.rule.sets[0]) for m in read(stock, text, phrase.rule.concept) if m.text == phrase.text
    ] == [True]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Recurrent auricular chondritis.", set()),
        ("There is no evidence of auricular chondritis.", {"negated"}),
        ("History of auricular chondritis.", {"historical"}),
        ("Mother had auricular chondritis.", {"family"}),
        ("Possible auricular chondritis.", {"uncertain"}),
    ],
)
def test_stock_medspacy_has_its_own_context(stock: StockPipeline, text: str, flags: set[str]) -> None:
    (mention,) = read(stock, text, "auricular_chondritis")
    names = ("negated", "uncertain", "hypothetical", "historical", "family")
    assert {name for name in names if getattr(mention.assertion, name)} == flags
    assert mention.when.earliest == (None if "historical" in flags else DAY)


def test_class_of_a_drug_stays_with_its_term(keyword: KeywordPipeline, stock: StockPipeline) -> None:
    for pipeline in (keyword, stock):
        (mention,) = read(pipeline, "Given rituximab.", "rituximab")
        assert "monoclonal_antibody" in (mention.attribute("class") or "")


@settings(max_examples=40, deadline=None)
@given(
    parts=st.lists(st.sampled_from(["auricular chondritis", "TB", "İ", "🙂", "\r\n", "\x0c", " ", ".", "ß", "rituximab", "x"]))
)
def test_offsets_of_a_keyword_slice_to_its_text(keyword: KeywordPipeline, parts: list[str]) -> None:
    text = "".join(parts)
    mentions = keyword.mentions(Note("N", "P", DAY, text))
    assert all(m.text == text[m.start : m.end] != "" for m in mentions)
    assert mentions == sorted(mentions, key=lambda m: (m.start, m.end, m.concept))
