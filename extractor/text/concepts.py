"""A sentence and its tokens in, concept matches out: literal terms by a matcher, the rest by regular expressions.

The literal matcher is an argument: the reference pipeline brings medspaCy's, the fast one a trie. Everything after
it (boundaries, longest match, traps, masks) is this file, so that both give the same matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from extractor.spec.rules import ConceptRule
from extractor.text.gates import Gate, shown
from extractor.text.needs import Pattern
from extractor.text.tokens import Tokens

LiteralFinder = Callable[[Tokens], Iterable[tuple[int, int, int]]]
"""Tokens to (first token, one past the last, index of the phrase)."""


@dataclass(frozen=True, slots=True)
class Match:
    """A concept found in a sentence: span in it, the rule, and attributes that the pattern's groups give."""

    start: int
    end: int
    rule: ConceptRule
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A literal term of a rule; `exact` ones match in the case given only."""

    text: str
    rule: ConceptRule
    exact: bool


@dataclass(frozen=True)
class Expression:
    """A pattern of a rule. It is compiled when a sentence first needs it: most never are in a short run."""

    rule: ConceptRule
    pattern: Pattern

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(bounded(self.pattern.text), re.IGNORECASE if self.pattern.ignore_case else 0)

    @cached_property
    def gate(self) -> Gate:
        return Gate(self.pattern)


class Trap:
    """A stretch of text that a mention must not overlap; compiled when a sentence first may hold it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._gate = Gate(Pattern(text))
        self._regex: re.Pattern[str] | None = None

    def spans(self, sentence: str, seen: str | None) -> list[tuple[int, int]]:
        """Where it stands in the sentence; `seen` is what gates see of it."""
        if not self._gate.is_open(seen):
            return []
        if self._regex is None:
            self._regex = re.compile(self._text, re.IGNORECASE)
        return [trap.span() for trap in self._regex.finditer(sentence)]


class ConceptMatcher:
    """All concept rules, compiled once; what is found depends on nothing but the text."""

    def __init__(self, rules: Sequence[ConceptRule]) -> None:
        self.rules = tuple(rules)
        self.phrases = tuple(_phrases(rules))
        self.expressions = tuple(_expressions(rules))
        self._traps = {id(rule): tuple(Trap(trap) for trap in rule.traps) for rule in rules if rule.traps}
        self._titles = {id(rule): re.compile(rule.note_titles, re.IGNORECASE) for rule in rules if rule.note_titles}
        self._limited = frozenset(
            id(rule) for rule in rules if rule.sections or rule.not_sections or rule.note_titles or rule.reports
        )

    def find(
        self,
        text: str,
        tokens: Tokens,
        literals: LiteralFinder,
        expressions: Iterable[Expression],
        *,
        section: str = "",
        title: str = "",
        reports: frozenset[str] = frozenset(),
    ) -> list[Match]:
        """Matches in `text`, one sentence, by start, then end, then rule order."""
        found = [*self._literal(text, tokens, literals), *_regular(text, expressions)]
        if not found:
            return []
        kept = [m for m in found if self.allows(m.rule, section, title, reports)]
        kept = [m for m in _longest(kept) if not self._trapped(text, m)]
        return sorted(_unmasked(kept), key=lambda m: (m.start, m.end, m.rule.concept))

    def _literal(self, text: str, tokens: Tokens, literals: LiteralFinder) -> Iterable[Match]:
        for first, after, index in literals(tokens):
            phrase = self.phrases[index]
            start, end = tokens.starts[first], tokens.ends[after - 1]
            if not phrase.exact or " ".join(text[start:end].split()) == phrase.text:
                yield Match(start, end, phrase.rule)

    def allows(self, rule: ConceptRule, section: str, title: str, reports: frozenset[str]) -> bool:
        """Whether the rule holds in such a section, in a note of such a title and in such reports."""
        if id(rule) not in self._limited:
            return True
        if rule.sections and section not in rule.sections:
            return False
        if section in rule.not_sections:
            return False
        if not reports.isdisjoint(rule.reports):
            return True
        if rule.note_titles is not None:
            return self._titles[id(rule)].search(title) is not None
        return not rule.reports

    def _trapped(self, text: str, match: Match) -> bool:
        if not match.rule.traps:
            return False
        seen = shown(text)
        return any(
            start < match.end and match.start < end
            for trap in self._traps[id(match.rule)]
            for start, end in trap.spans(text, seen)
        )


def _phrases(rules: Sequence[ConceptRule]) -> Iterable[Phrase]:
    for rule in rules:
        for term in rule.terms:
            yield Phrase(term, rule, exact=False)
        for term in rule.exact_terms:
            yield Phrase(term, rule, exact=True)


def _expressions(rules: Sequence[ConceptRule]) -> Iterable[Expression]:
    for rule in rules:
        for pattern in rule.patterns:
            yield Expression(rule, Pattern(pattern, True, True))
        for pattern in rule.exact_patterns:
            yield Expression(rule, Pattern(pattern, False, True))


def bounded(pattern: str) -> str:
    """The pattern, not beginning or ending inside a run of letters ("20mg" holds "mg", "smoking" no "king")."""
    return rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])"


def _regular(text: str, expressions: Iterable[Expression]) -> Iterable[Match]:
    for expression in expressions:
        for found in expression.regex.finditer(text):
            groups = found.groupdict()
            start, end = found.span("span") if groups.get("span") is not None else found.span()
            if start < end:
                pairs = ((name, " ".join(value.lower().split())) for name, value in groups.items() if name != "span" and value)
                yield Match(start, end, expression.rule, tuple(sorted(pairs)))


def _length_and_detail(match: Match) -> tuple[int, int, int, int]:
    own = len(match.rule.ignores) + len(match.rule.sets)
    return match.start - match.end, match.start, -len(match.attributes), -own


def _longest(matches: list[Match]) -> list[Match]:
    """Of overlapping matches of one concept the longest, then the leftmost, then the one that says most of itself."""
    kept: list[Match] = []
    taken: dict[str, list[tuple[int, int]]] = {}
    for match in sorted(matches, key=_length_and_detail):
        spans = taken.setdefault(match.rule.concept, [])
        if not any(start < match.end and match.start < end for start, end in spans):
            spans.append((match.start, match.end))
            kept.append(match)
    return kept


def _unmasked(matches: list[Match]) -> list[Match]:
    masking = [(m, frozenset(m.rule.masks)) for m in matches if m.rule.masks]
    return [
        match
        for match in matches
        if not any(
            match.rule.concept in masks and other.start <= match.start and match.end <= other.end for other, masks in masking
        )
    ]
