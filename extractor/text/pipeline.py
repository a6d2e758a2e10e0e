"""Notes in, mentions out: the fast pipeline, and the plain medspaCy one that it is held to.

`ReferencePipeline` runs medspaCy's target matcher and every regular expression over every sentence; it is kept
simple and never optimised. `FastPipeline` finds the same literal terms with a trie and tries an expression only on
a sentence that holds one of its anchor strings. Both give the same mentions; tests and the benchmark compare them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.records import Mention, Note
from extractor.text.concepts import Expression, LiteralFinder
from extractor.text.literals import LiteralMatcher
from extractor.text.mentions import mentions_of, place_at, places_of, setting_of
from extractor.text.rules import TextRules
from extractor.text.tokens import Tokens


class FastPipeline:
    """Built once a process; `mentions` is a pure function of the note."""

    def __init__(self, rules: TextRules, *, day_first: bool | None = None) -> None:
        self.rules = rules
        self.day_first = day_first
        self._trie: LiteralMatcher[int] = LiteralMatcher(
            (phrase.text, index) for index, phrase in enumerate(rules.concepts.phrases)
        )
        self._expressions = rules.concepts.expressions

    @classmethod
    def load(cls, patterns: Path | None = None, *, day_first: bool | None = None) -> FastPipeline:
        """The pipeline of a patterns folder, the bundled one by default."""
        return cls(TextRules.load(patterns), day_first=day_first)

    def mentions(self, note: Note) -> list[Mention]:
        """Every mention of the note, by sentence, then start, end and concept."""
        setting = setting_of(note, self.rules, day_first=self.day_first)
        found: list[Mention] = []
        for start, end, section, lead in places_of(setting):
            place = place_at(start, end, note.note_text, section, lead)
            found += mentions_of(setting, place, self.rules, self._literals, self._gated(place.text))
        return found

    def _literals(self, tokens: Tokens) -> Iterable[tuple[int, int, int]]:
        return self._trie.find(tokens.norms)

    def _gated(self, text: str) -> Iterable[Expression]:
        lowered = text.lower()
        return [e for e in self._expressions if not e.anchors or any(anchor in lowered for anchor in e.anchors)]


class ReferencePipeline(FastPipeline):
    """The plain pipeline: medspaCy's matcher for terms, every expression on every sentence."""

    def __init__(self, rules: TextRules, *, day_first: bool | None = None) -> None:
        super().__init__(rules, day_first=day_first)
        from extractor.text.medspacy_terms import medspacy_finder

        self._finder: LiteralFinder = medspacy_finder([phrase.text for phrase in rules.concepts.phrases])

    def _literals(self, tokens: Tokens) -> Iterable[tuple[int, int, int]]:
        return self._finder(tokens)

    def _gated(self, text: str) -> Iterable[Expression]:
        return self._expressions
