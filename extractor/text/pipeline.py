"""Notes in, mentions out: the fast pipeline, and the plain medspaCy one that it is held to.

`ReferencePipeline` runs medspaCy's target matcher and every regular expression over every sentence; it is kept
simple and never optimised. `FastPipeline` looks at the sentences only that can hold something, and tries there only
what they can hold. Both give the same mentions; tests and the benchmark compare them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from extractor.records import Mention, Note
from extractor.text.concepts import Expression, LiteralFinder
from extractor.text.gates import shown
from extractor.text.literals import LiteralMatcher
from extractor.text.lookup import lowered
from extractor.text.mentions import mentions_of, place_at
from extractor.text.places import Sentences, Span
from extractor.text.prefilter import NAMES, TERMS, Prefilter
from extractor.text.reports import reports_at
from extractor.text.rules import TextRules
from extractor.text.setting import QUOTED_SECTION, Setting
from extractor.text.tokens import Tokens

NO_EXPRESSIONS = frozenset((TERMS, NAMES))


class Pipeline(Protocol):
    """Anything that reads a note."""

    rules: TextRules

    def mentions(self, note: Note) -> list[Mention]:
        """Every mention of the note, by sentence, then start, end and concept."""
        ...


class ReferencePipeline:
    """The plain pipeline: medspaCy's matcher for terms, every expression on every sentence."""

    def __init__(self, rules: TextRules, *, day_first: bool | None = None) -> None:
        from extractor.text.medspacy_terms import medspacy_finder

        self.rules = rules
        self._day_first = day_first
        self._finder: LiteralFinder = medspacy_finder([phrase.text for phrase in rules.concepts.phrases])

    def mentions(self, note: Note) -> list[Mention]:
        """Every mention of the note, by sentence, then start, end and concept."""
        return everywhere(note, self.rules, self._finder, self._day_first)


def everywhere(note: Note, rules: TextRules, literals: LiteralFinder, day_first: bool | None) -> list[Mention]:
    """The mentions of a note, each sentence matched against every rule."""
    sentences = Sentences(note.note_text)
    setting = Setting(note, rules, day_first, lambda: rules.analytes.names_in(note.note_text, sentences.all()))
    found: list[Mention] = []
    for start, end in sentences.all():
        place = place_at(setting, start, end, sentences.lead((start, end)))
        found += mentions_of(setting, place, literals, rules.concepts.expressions)
    return found


def is_slow(note: Note) -> bool:
    """Whether the fast pipeline reads a note the long way, because its letters change in lower case."""
    return lowered(note.note_text) is None


class FastPipeline:
    """Built once a process; `mentions` is a pure function of the note."""

    def __init__(self, rules: TextRules, *, day_first: bool | None = None) -> None:
        concepts = rules.concepts
        self.rules = rules
        self._day_first = day_first
        self._absences: dict[frozenset[str], frozenset[int]] = {}
        self._trie: LiteralMatcher[int] = LiteralMatcher((phrase.text, index) for index, phrase in enumerate(concepts.phrases))
        self.prefilter = Prefilter(
            [phrase.text for phrase in concepts.phrases], rules.analytes.phrases, [e.pattern for e in concepts.expressions]
        )

    @classmethod
    def load(cls, patterns: Path | None = None, *, day_first: bool | None = None) -> FastPipeline:
        """The pipeline of a patterns folder, the bundled one by default."""
        return cls(TextRules.load(patterns), day_first=day_first)

    def mentions(self, note: Note) -> list[Mention]:
        """Every mention of the note, by sentence, then start, end and concept."""
        text = note.note_text
        lower = lowered(text)
        if lower is None:
            return everywhere(note, self.rules, self._literals, self._day_first)
        hits = self.prefilter.scan(lower)
        sentences = Sentences(text)
        named: list[Span] = []
        setting = Setting(note, self.rules, self._day_first, lambda: self.rules.analytes.names_in(text, named))
        hits.drop(self._absent(frozenset(section.name for section in setting.sections)))
        suspects = {span: hits.suspects(*span) for span in sentences.at(hits.triggers())}
        named += [span for span, rules in suspects.items() if NAMES in rules]
        for span in self._besides(setting, sentences):
            suspects.setdefault(span, set())
        found: list[Mention] = []
        for span in sorted(suspects):
            found += self._mentions_of(setting, sentences, span, suspects[span])
        return found

    def _besides(self, setting: Setting, sentences: Sentences) -> Iterator[Span]:
        """The sentences in which a measurement begins, and those where expressions that nothing sets off may stand."""
        yield from sentences.at([*(m.start for m in setting.measurements), *(b.start for b in setting.bodies)])
        for number in self.prefilter.unserved:
            for start, end in setting.stretches_of(self.rules.concepts.expressions[number].rule):
                yield from sentences.between(start, end)

    def _mentions_of(self, setting: Setting, sentences: Sentences, span: Span, suspects: set[int]) -> list[Mention]:
        start, end = span
        text = setting.note.note_text[start:end]
        matching = self._matching(setting, span, text, suspects)
        if not matching and TERMS not in suspects and not setting.measures(start, end):
            return []
        literals = self._literals if TERMS in suspects else _nothing
        return mentions_of(setting, place_at(setting, start, end, sentences.lead(span)), literals, matching)

    def _matching(self, setting: Setting, span: Span, text: str, suspects: set[int]) -> list[Expression]:
        """The expressions that are suspected, or cannot be, that match, and whose rule holds in this place, in their order."""
        concepts = self.rules.concepts
        tried = [concepts.expressions[number] for number in sorted({*self.prefilter.unserved, *suspects} - NO_EXPRESSIONS)]
        if not tried:
            return []
        seen = shown(text)
        found = [one for one in tried if one.gate.is_open(seen) and one.regex.search(text)]
        if not found:
            return []
        section, reports = setting.section_of(span[0]), reports_at(setting.reports, *span)
        return [one for one in found if concepts.allows(one.rule, section, setting.opening, reports)]

    def _absent(self, sections: frozenset[str]) -> frozenset[int]:
        """The expressions whose rule is limited to sections of which a note has none."""
        absent = self._absences.get(sections)
        if absent is None:
            absent = self._absences[sections] = frozenset(
                number
                for number, expression in enumerate(self.rules.concepts.expressions)
                if expression.rule.sections
                and QUOTED_SECTION not in expression.rule.sections
                and sections.isdisjoint(expression.rule.sections)
            )
        return absent

    def _literals(self, tokens: Tokens) -> Iterable[tuple[int, int, int]]:
        return self._trie.find(tokens.norms)


def _nothing(tokens: Tokens) -> Iterable[tuple[int, int, int]]:
    return ()
