"""Rules in, a scanner out that says which sentences of a note can hold a mention, and by which rules.

The strings of all needs are looked up in the note's letters, and for the few expressions whose letters stand in every
sentence in its signs. Terms are looked for together: a sentence that may hold one is matched against all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from extractor.text.lookup import Index, see
from extractor.text.needs import LETTERS, MARKS, Need, Pattern, need_rate, needs_of_pattern, needs_of_term, rarest
from extractor.text.tokens import tokenize

WELL_SERVED = 0.002
"""An expression whose rarest letters are found more often, a word, is looked for by its signs if these are rarer."""
TERMS, NAMES = -1, -2
"""What is set off that is no expression: the matching of all terms, of all names of analytes."""


class Prefilter:
    """Built once. `unserved` are the indices of expressions that nothing can set off: they have to be tried everywhere."""

    def __init__(self, terms: Iterable[str], names: Iterable[str], expressions: Sequence[Pattern]) -> None:
        self._letters, self._marks = Index(LETTERS), Index(MARKS)
        for kind, phrases in ((TERMS, terms), (NAMES, names)):
            for phrase in dict.fromkeys(phrases):
                self._add_phrase(kind, phrase)
        self.unserved = tuple(number for number, one in enumerate(expressions) if not self._add_expression(number, one))
        self._letters.compile()
        self._marks.compile()

    def __len__(self) -> int:
        """How many strings are looked for."""
        return len(self._letters) + len(self._marks)

    def scan(self, lower: str) -> Hits:
        """Every string found in the lower-cased note."""
        return Hits([_Sightings(index, lower) for index in (self._letters, self._marks) if len(index)])

    def _add_phrase(self, kind: int, phrase: str) -> None:
        needs = needs_of_term(phrase)
        first = MARKS.characters(tokenize(phrase).norms[0])
        (self._letters if needs else self._marks).add(kind, needs or [frozenset((first,))])

    def _add_expression(self, number: int, expression: Pattern) -> bool:
        index, needs = best_view(expression, self._letters, self._marks)
        if needs:
            index.add(number, needs)
        return bool(needs)


def best_view(pattern: Pattern, letters: Index, marks: Index) -> tuple[Index, list[Need]]:
    """The index in which an expression is found least often by chance, and its needs there; none where none are."""
    needs = needs_of_pattern(pattern, LETTERS)
    rare = rarest(needs)
    if rare is not None and need_rate(rare) <= WELL_SERVED:
        return letters, needs
    in_marks = needs_of_pattern(pattern, MARKS)
    rare_mark = rarest(in_marks)
    if rare_mark is not None and (rare is None or need_rate(rare_mark) < need_rate(rare)):
        return marks, in_marks
    return letters, needs


class Hits:
    """What a scan has found in one note."""

    def __init__(self, sightings: Sequence[_Sightings]) -> None:
        self._sightings = sightings

    def places(self) -> list[int]:
        """Where in the note the strings begin that set a rule off, in order."""
        return sorted({place for one in self._sightings for place in one.places()})

    def suspects(self, start: int, end: int) -> set[int]:
        """The rules that the sentence `start:end` of the note may hold: indices of expressions, `TERMS`, `NAMES`."""
        return set().union(*(one.suspects(start, end) for one in self._sightings))


class _Sightings:
    """The strings of one index found in one note, in order of their ends."""

    def __init__(self, index: Index, lower: str) -> None:
        self._index = index
        self._seen = see(lower, index.view)
        self._found = index.find(self._seen)
        self._ends = [end for _, _, end in self._found]

    def places(self) -> list[int]:
        sets_off, cores, in_note = self._index.sets_off, self._index.cores, self._seen.in_note
        return [in_note(start + cores[number]) for number, start, _ in self._found if sets_off[number]]

    def suspects(self, start: int, end: int) -> set[int]:
        from_note = self._seen.from_note
        first, last = bisect_right(self._ends, from_note(start)), bisect_right(self._ends, from_note(end) + 1)
        here = {number for number, _, _ in self._found[first:last]}
        suspects: set[int] = set()
        for number in here:
            for rule, checks in self._index.sets_off[number]:
                if rule not in suspects and not any(need.isdisjoint(here) for need in checks):
                    suspects.add(rule)
        return suspects
