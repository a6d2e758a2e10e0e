"""The prefilter never loses a match: whatever an expression matches holds its needs, and is suspected where it stands."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.benchmarks.mutations import sentences, text
from extractor.spec.load import patterns_folder
from extractor.spec.rules import load_concepts
from extractor.text import bodies, dating, time_calendar, time_relative
from extractor.text.lookup import lowered, see
from extractor.text.needs import LETTERS, MARKS, Pattern, needs_of_pattern
from extractor.text.pipeline import FastPipeline
from extractor.text.prefilter import TERMS
from extractor.text.stretches import BESIDE, Pool, Stretches, reach_of

SOURCE = sentences()
made = st.integers(0, 100_000).map(lambda seed: text(Random(seed), SOURCE))


@pytest.fixture(scope="module")
def fast() -> FastPipeline:
    return FastPipeline.load()


def lacking(pattern: Pattern, span: str, before: str, after: str) -> list[frozenset[str]]:
    """The needs of `pattern`, in either view, that the text around a match lacks."""
    lower = lowered(before + span + after)
    if lower is None:
        return []
    return [
        n for view in (LETTERS, MARKS) for n in needs_of_pattern(pattern, view) if not any(s in see(lower, view).text for s in n)
    ]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=made)
def test_every_match_of_every_expression_is_suspected(fast: FastPipeline, note: str) -> None:
    lower = lowered(note)
    if lower is None:
        return
    suspects = fast.prefilter.scan(lower).suspects(0, len(note))
    for number, expression in enumerate(fast.rules.concepts.expressions[::7]):
        if expression.regex.search(note) is not None and 7 * number not in fast.prefilter.unserved:
            assert 7 * number in suspects, expression.pattern


def test_every_marked_example_of_a_concept_is_suspected(fast: FastPipeline) -> None:
    for rule in load_concepts(patterns_folder()):
        for example in rule.examples:
            plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", example)
            lower = lowered(plain)
            if lower is None:
                continue
            suspects = fast.prefilter.scan(lower).suspects(0, len(plain))
            matching = {
                n
                for n, e in enumerate(fast.rules.concepts.expressions)
                if e.rule.concept == rule.concept and e.regex.search(plain)
            }
            assert matching <= suspects | set(fast.prefilter.unserved)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_a_pattern_matches_holds_its_needs(data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(PATTERNS))
    regex = re.compile(rf"(?<![^\W\d_])(?:{written})(?![^\W\d_])", re.IGNORECASE)
    span = data.draw(st.from_regex(re.compile(written, re.IGNORECASE), fullmatch=True))
    before, after = (
        data.draw(st.sampled_from(["", " ", "x ", "9", "(", "\n", "é"])),
        data.draw(st.sampled_from(["", " ", ".", "9x", "\n", "é "])),
    )
    whole = before + span + after
    match = regex.search(whole)
    if match is not None:
        assert lacking(Pattern(written, True, True), match[0], whole[: match.start()], whole[match.end() :]) == []


PATTERNS = [
    r"(?:red|swollen)\s+ears?",
    r"\bpod\b\s?#?\d{1,2}",
    r"(?:he|she)(?:\s+is|'s)?\s+(?:a\s+)?(?:\d\d)[- ]?(?:yo|year[- ]old)",
    r"(?<![\w/])q\s?\d{1,2}\s?h(?![a-z])",
    r"[^.;]{0,9}allerg(?:y|ic|ies)\b(?:\s+to)?",
    r"(?:a|b)+c(?:d{2,5}|[ef])?",
    r"(?i:tb|t\.b\.?)(?=\s|$)",
    r"no\W{0,3}known(?:\s+drug)?\s*allergies",
    r"\(\s?[-+]\s?\)|neg(?:ative)?\b",
    r"5150|section\s+(?:2|3)\b",
    r"(?P<span>k[cg])\s?[x×]\s?10",
    r"(?:\w+\s)?pain\b.{0,5}\bleft\b",
]


LISTS: dict[str, list[re.Pattern[str]]] = {
    "calendar": [one.pattern for one in time_calendar._FORMS],
    "relative": [one.pattern for one in time_relative._FORMS],
    "numeric": [dating._NUMERIC_DATE, dating._SHORT_DATE],
    "bodies": [bodies._WEIGHT, bodies._HEIGHT, bodies._TALL, bodies._FREE_STONES, bodies._FREE_WEIGHT, bodies._FREE_HEIGHT],
}
POOL = Pool()
POOLED = {name: Stretches(expressions, 160, POOL) for name, expressions in LISTS.items()}


@settings(max_examples=200, deadline=None)
@given(note=made)
def test_looking_near_needs_finds_what_looking_everywhere_does(note: str) -> None:
    for name, expressions in LISTS.items():
        near = [[match.span() for match in found] for found in POOLED[name].matches(note)]
        assert near == [[match.span() for match in one.finditer(note)] for one in expressions], name


def test_a_list_added_late_is_looked_for_with_the_others() -> None:
    pool = Pool()
    fever = Stretches([re.compile(r"fever \d", re.I)], 20, pool)
    assert [m.group() for m in fever.matches("Fever 3, cough 4")[0]] == ["Fever 3"]
    cough = Stretches([re.compile(r"cough \d", re.I)], 20, pool)
    assert [m.group() for m in cough.matches("Fever 3, cough 4")[0]] == ["cough 4"]
    assert [m.group() for m in fever.matches("Fever 3, cough 4")[0]] == ["Fever 3"]


@pytest.mark.parametrize(
    ("pattern", "reach"),
    [(r"ab{2,3}", 4 + BESIDE), (r"a(?=b(?!cd))", 1 + 3 + BESIDE), (r"(?<=xyz)a(?:b|c(?=d))?", 2 + 1 + BESIDE)],
)
def test_the_reach_of_an_expression_is_its_length_and_what_it_reads_ahead(pattern: str, reach: int) -> None:
    assert reach_of(re.compile(pattern, re.I)) == reach


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("Hx of hepatitis\n  B.", "wrapped"),
        ("anti - TNF", "spaced"),
        ("20mg prednisone", "glued"),
        ("HEPATITIS B", "capitals"),
        ("hepatitis B", "Kelvin and no-break space"),
    ],
    ids=lambda value: value if " " not in value else None,
)
def test_terms_are_suspected_however_they_are_written(fast: FastPipeline, note: str, why: str) -> None:
    lower = lowered(note)
    assert lower is not None
    suspects = fast.prefilter.scan(lower).suspects(0, len(note))
    assert TERMS in suspects or any(e.regex.search(note) for n, e in enumerate(fast.rules.concepts.expressions) if n in suspects)


@pytest.mark.parametrize("note", ["\u0130", "\u0131", "\u017f", "\u03a3"])
def test_letters_whose_case_surprises_are_not_looked_at_through_a_view(note: str) -> None:
    assert lowered("no fever " + note) is None
