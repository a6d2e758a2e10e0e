"""Tokens in, how far a cue may reach out: the clauses and lists of one sentence.

A cue's scope runs along a list ("no fever, chills or cough") and ends where a new clause begins ("no fever, has
chills"). Whether a comma or "and" opens a clause is told from the words after it up to the next one: a finite verb,
a subject, an affirming word. Every token is looked at a fixed number of times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from extractor.spec.cues import ANY_YEAR
from extractor.text.tokens import Tokens

QUALIFYING = frozenset(("new", "recent", "increased", "worsening", "worse", "active", "acute", "ongoing", "recurrent"))
ALTERNATIVES = frozenset(("or", "nor", "/"))
JOINERS = frozenset((",", "and", "&", ";", "+", "plus", "-"))
BEFORE_SCOPE = frozenset(":-\u2010")
AFTER_SCOPE = frozenset(",:-\u2010(.=>")
TITLE_WORDS = 3  # at most so many capitalised words before a colon are a title
SHORT_ITEM = 3  # tokens of one name in a list of tests


@dataclass(frozen=True, slots=True)
class Clauses:
    """Where things begin and end, as token indices in order; `depth` counts the parentheses open at each token.

    `unclosed` are commas that no "or" follows; `asides` tells for each token which parenthesis that makes a statement
    of its own holds it, -1 for none.
    """

    norms: tuple[str, ...]
    words: Mapping[str, frozenset[str]]
    items: list[int]
    phrases: list[int]
    clauses: list[int]
    lists: list[int]
    affirming: list[int]
    unclosed: list[int]
    titles: list[int]
    depth: list[int]
    asides: list[int]
    originals: list[str]

    def forward_end(self, start: int, reach: str, *, negating: bool) -> int:
        """One past the last token that a cue reaches which ends before `start`."""
        ends = [self._close_of(start)]
        while start < len(self.norms) and self.norms[start] in BEFORE_SCOPE:
            start += 1
        if reach != "sentence":
            breaks = self._breaks(reach)
            ends.append(following(breaks, start, len(self.norms)))
        if reach == "joined":
            ends.append(following(self.unclosed, start, len(self.norms)))
        if reach in ("item", "phrase", "joined", "clause"):
            ends.append(following(self.titles, start, len(self.norms)))
        if negating and reach in ("joined", "clause", "list"):
            affirming = [i for i in self.affirming if not self._qualifies(i)] if reach == "list" else self.affirming
            ends.append(following(affirming, start, len(self.norms)))
        return min(ends)

    def same_aside(self, cue: int, target: int) -> bool:
        """Whether nothing but open text lies between the two: a parenthesis that states something is closed to cues."""
        return target >= len(self.asides) or self.asides[target] in (-1, self.asides[cue])

    def _qualifies(self, joiner: int) -> bool:
        """Whether a complaint that a list denies only goes on with its kind: "denies fever, cough, new rash"."""
        return self.norms[min(joiner + 1, len(self.norms) - 1)] in QUALIFYING

    def _breaks(self, reach: str) -> list[int]:
        return {"item": self.items, "phrase": self.phrases, "list": self.lists}.get(reach, self.clauses)

    def _close_of(self, start: int) -> int:
        """Where the parenthesis closes that a cue ending before `start` stands in."""
        level = self.depth[start - 1]
        if level == 0:
            return len(self.norms)
        return next((i for i in range(start, len(self.norms)) if self.depth[i] < level), len(self.norms))

    def backward_start(self, first: int, reach: str, floor: int) -> int:
        """The first token that a cue at `first` reaches, looking back to `floor` at most."""
        end = first
        while end > floor and self.norms[end - 1] in AFTER_SCOPE:
            end -= 1
        if end == floor or reach == "sentence":
            return floor
        level = min(self.depth[end - 1], self.depth[first])
        joined = reach == "list"
        for i in range(end - 1, floor - 1, -1):
            norm = self.norms[i]
            if self.depth[i] < level or self._ends_backward(i, reach, joined):
                return i + 1
            joined = joined or norm in ("and", "or", "nor", "&")
        return floor

    def _ends_backward(self, i: int, reach: str, joined: bool) -> bool:
        norm = self.norms[i]
        if norm in (";", ":", "-") or self._is_predicate(i):
            return True
        if reach in ("item", "phrase"):
            return norm in self.words["connectors"] or norm == ","
        return norm == "," and not (joined or self._names_tests(i)) or self._opens_after(i)

    def _opens_after(self, i: int) -> bool:
        """Whether a joiner leads over to another subject or aside; a verb after it was met on the way back."""
        after = self.norms[i + 1] if i + 1 < len(self.norms) else ""
        return self.norms[i] in JOINERS and (after in self.words["openers"] or after in self.words["subjects"])

    def _is_predicate(self, i: int) -> bool:
        """A finite verb; not the participle of "hyperinflation suggested on one view"."""
        norm, after = self.norms[i], self.norms[i + 1] if i + 1 < len(self.norms) else ""
        return norm in self.words["verbs"] and not (norm.endswith("ed") and after in self.words["prepositions"])

    def _names_tests(self, comma: int) -> bool:
        """Whether a short name in capitals ends at this comma ("HIV, HBV, HCV negative"): then the list goes on."""
        for i in range(comma - 1, max(comma - 1 - SHORT_ITEM, -1), -1):
            if self.norms[i] in (",", ":", ";", ANY_YEAR) or self.norms[i] in self.words["list_predicates"]:
                return False
            if self.originals[i][1:] != self.originals[i][1:].lower():
                return True
        return False


def following(places: list[int], start: int, default: int) -> int:
    """The first of the ordered `places` at or after `start`."""
    index = bisect_left(places, start)
    return places[index] if index < len(places) else default


def preceding(places: list[int], end: int, default: int) -> int:
    """The last of the ordered `places` at or before `end`."""
    index = bisect_left(places, end + 1)
    return places[index - 1] if index else default


def find_clauses(norms: tuple[str, ...], tokens: Tokens, text: str, words: Mapping[str, frozenset[str]]) -> Clauses:
    """The clauses of a sentence, whose tokens have these `norms` for cues."""
    originals = [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]
    norms = _with_glued_dashes(norms, tokens)
    items: list[int] = []
    phrases: list[int] = []
    clauses: list[int] = []
    lists: list[int] = []
    affirming: list[int] = []
    unclosed: list[int] = []
    titles: list[int] = []
    alternatives = [i for i, norm in enumerate(norms) if norm in ALTERNATIVES]
    semicolons = [i for i, norm in enumerate(norms) if norm == ";"]
    for i, norm in enumerate(norms):
        if norm == ":":
            titles.append(_title_start(i, originals))
        elif norm in JOINERS or norm in ALTERNATIVES:
            items.append(i)
            if norm in JOINERS:
                phrases.append(i)
                opens, affirms = _what_opens(i, norms, words, alternatives, semicolons)
                if opens or norm == ";":
                    clauses.append(i)
                if opens:
                    lists.append(i)
                if affirms:
                    affirming.append(i)
                if norm == "," and following(alternatives, i, len(norms)) >= following(semicolons, i, len(norms)):
                    unclosed.append(i)
    asides = _asides(norms, words)
    return Clauses(norms, words, items, phrases, clauses, lists, affirming, unclosed, titles, _depths(norms), asides, originals)


def _with_glued_dashes(norms: tuple[str, ...], tokens: Tokens) -> tuple[str, ...]:
    """A dash joins items only between spaces; one inside "follow-up" is made another token."""
    if "-" not in norms:
        return norms
    return tuple("\u2010" if norm == "-" and not _spaced(i, tokens) else norm for i, norm in enumerate(norms))


def _spaced(i: int, tokens: Tokens) -> bool:
    before = i == 0 or tokens.ends[i - 1] < tokens.starts[i]
    return before and (i + 1 == len(tokens) or tokens.ends[i] < tokens.starts[i + 1])


def _title_start(colon: int, originals: list[str]) -> int:
    """The first word of the title before a colon, so that "no edema Neuro: alert" ends at "Neuro"."""
    start = colon
    while start > 0 and colon - start < TITLE_WORDS and originals[start - 1][0].isupper():
        start -= 1
    return start


def _what_opens(
    i: int,
    norms: tuple[str, ...],
    words: Mapping[str, frozenset[str]],
    alternatives: list[int],
    semicolons: list[int],
) -> tuple[bool, bool]:
    """Whether a new clause begins after the joiner at `i`, and whether a finding is affirmed there."""
    start = i + 1
    while start < len(norms) and norms[start] in JOINERS:
        start += 1
    if start == len(norms) or norms[start] in ALTERNATIVES:
        return False, False
    if norms[start].isdigit() and norms[start + 1 : start + 2] == (")",):
        return True, False  # the next of "1) asthma, 2) gout"
    if norms[start] in words["openers"] or norms[start] in words["verbs"] or norms[start] in words["subjects"]:
        return True, False
    for k in range(start, len(norms)):
        if norms[k] in JOINERS or norms[k] in ALTERNATIVES or norms[k] == ":":
            break
        if norms[k] in words["stating"]:
            return True, False
        if norms[k] in words["verbs"]:
            return not words["list_predicates"].intersection(norms[k + 1 : k + 4]), False
    closing = following(alternatives, start, len(norms))
    in_list = closing < following(semicolons, start, len(norms))
    return False, norms[start] in words["affirming"] and not in_list


def _asides(norms: tuple[str, ...], words: Mapping[str, frozenset[str]]) -> list[int]:
    """The parenthesis of its own that each token stands in: "no live vaccine (influenza vaccine in 2022)"."""
    asides = [-1] * len(norms)
    start = -1
    for i, norm in enumerate(norms):
        if norm == "(":
            start = i
        elif norm == ")" and start >= 0:
            inside = frozenset(norms[start + 1 : i])
            if ANY_YEAR in inside or not inside.isdisjoint(words["verbs"] | words["stating"]):
                asides[start:i] = [start] * (i - start)
            start = -1
    return asides


def _depths(norms: tuple[str, ...]) -> list[int]:
    depths, depth = [], 0
    for norm in norms:
        if norm == "(":
            depth += 1
        elif norm == ")" and depth:
            depth -= 1
        depths.append(depth)
    return depths
