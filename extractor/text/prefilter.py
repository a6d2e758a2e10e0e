"""Rules in, a scanner out that says which sentences of a note can hold a mention, and by which rules.

The strings of all needs are looked up in one pass through each view of the note. Terms are looked for together: a
sentence that may hold one is matched against all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractor.text.kept_needs import needs_of
from extractor.text.lookup import Index, Sightings
from extractor.text.needs import MARKS, Pattern, needs_of_term
from extractor.text.tokens import tokenize

TERMS, NAMES = -1, -2
"""What is set off that is no expression: the matching of all terms, of all names of analytes."""


class Prefilter:
    """Built once. `unserved` are the indices of expressions that nothing can set off: they have to be tried everywhere."""

    def __init__(self, terms: Iterable[str], names: Iterable[str], expressions: Sequence[Pattern]) -> None:
        self._index = Index()
        for kind, phrases in ((TERMS, terms), (NAMES, names)):
            for phrase in dict.fromkeys(phrases):
                self._add_phrase(kind, phrase)
        served = [self._index.add(number, *found) for number, found in enumerate(needs_of(expressions))]
        self.unserved = tuple(number for number, is_served in enumerate(served) if not is_served)
        self._index.compile()

    def __len__(self) -> int:
        """How many strings are looked for."""
        return len(self._index)

    def scan(self, lower: str) -> Sightings:
        """What the lower-cased note may hold: indices of expressions, `TERMS`, `NAMES`."""
        return self._index.find(lower)

    def _add_phrase(self, kind: int, phrase: str) -> None:
        """A term, by its letters; one without letters by its first sign."""
        letters = needs_of_term(phrase)
        marks = [] if letters else [frozenset((MARKS.characters(tokenize(phrase).norms[0].lower()),))]
        self._index.add(kind, letters, marks)
