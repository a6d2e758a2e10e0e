"""Strings in, where they stand in a note out: one Aho-Corasick pass through each view of the note (`needs.py`).

Every string belongs to a rule. A rule is set off by the strings of its rarest need; what is left of its needs is
checked in the whole note first, and then near the place or in the sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation

from extractor.text.frequent import rate
from extractor.text.needs import LETTERS, MARKS, SURPRISING, Need, Pattern, View, need_rate, needs_of_pattern, rarest

WELL_SERVED = 0.002
"""An expression whose rarest letters are found more often, a word, is looked for by its signs too."""
POOR, TOO_COMMON, TOO_COMMON_FOR_POOR = 0.002, 0.001, 0.003
"""A need with a string that is found more often, a word, is not looked up beside a rarer need; if that one is poor, it is."""
KEPT_NOTES = 8  # views of the notes that are being read: the same text is looked through for concepts and for dates

Checks = tuple[frozenset[int], ...]
"""Further needs of a rule, each by the numbers of its strings."""
_RUN = re.compile("  +")
_SURPRISE = re.compile(f"[{SURPRISING}]")
_OTHER_DIGIT = re.compile(r"[^\D\x00-\x7f]")
_OTHER_BLANK = re.compile(r"[^\S\x00-\x7f]")


def lowered(text: str) -> str | None:
    """The text in lower case, as long as it was; `None` where case is not plain, so that no view can be trusted."""
    lower = text.lower()
    if text.isascii():
        return lower
    if len(lower) != len(text) or _SURPRISE.search(text):
        return None
    return _OTHER_BLANK.sub(" ", _OTHER_DIGIT.sub("0", lower))


class Seen:
    """A note as one view shows it, a blank put before and after, and the way back to the places of the note."""

    def __init__(self, lower: str, view: View) -> None:
        self.text = f" {view.characters(lower)} "
        self._starts, self._ends, self._lost = [0], [0], [-1]
        if view.is_packed:
            self._find_runs()
            self.text = " ".join(("", *self.text.split(), ""))

    def in_note(self, place: int) -> int:
        """The offset in the note of what stands at `place` here."""
        return place + self._lost[bisect_right(self._starts, place) - 1]

    def from_note(self, offset: int) -> int:
        """Where the character `offset` of the note stands here; for one in a run of blanks, the blank that is left."""
        run = bisect_right(self._ends, offset + 1)
        place = offset - self._lost[run - 1]
        return min(place, self._starts[run] - 1) if run < len(self._starts) else place

    def _find_runs(self) -> None:
        """Where what follows each run of blanks stands here and in the view before, and how much is lost up to there."""
        lost = -1
        for run in _RUN.finditer(self.text):
            start, end = run.span()
            self._starts.append(start - lost)
            self._ends.append(end)
            lost += end - start - 1
            self._lost.append(lost)


@lru_cache(maxsize=KEPT_NOTES)
def see(lower: str, view: View) -> Seen:
    """The lower-cased note through a view; kept for a while, because several readers look at one note."""
    return Seen(lower, view)


class Index:
    """The strings that rules need, in either view, and which rules each sets off. Filled, compiled, then only read.

    A rule is set off by the strings of its rarest need; of its other needs those are checked that are rare enough.
    """

    def __init__(self) -> None:
        self.sets_off: dict[int, list[tuple[int, Checks]]] = {}
        self._numbers: dict[tuple[View, str], int] = {}
        self._free: frozenset[int] = frozenset()
        self._tables: list[tuple[View, list[int], list[int], AhoCorasick]] = []

    def __len__(self) -> int:
        return len(self._numbers)

    def add_pattern(self, rule: int, pattern: Pattern) -> bool:
        """Adds what an expression needs; `False` when nothing can set it off."""
        return self.add(rule, *needs_by_view(pattern))

    def add(self, rule: int, letters: Sequence[Need], marks: Sequence[Need] = ()) -> bool:
        """Adds a rule by its needs in each view; `False` when it has none."""
        needs = [(need_rate(need), sorted(need), view) for view, found in ((LETTERS, letters), (MARKS, marks)) for need in found]
        if not needs:
            return False
        needs.sort(key=lambda need: need[:2])
        often, texts, view = needs[0]
        limit = TOO_COMMON if often <= POOR else TOO_COMMON_FOR_POOR
        checks = tuple(
            frozenset(self._number(other, text) for text in found)
            for _, found, other in needs[1:]
            if all(rate(text) <= limit for text in found)
        )
        for text in texts:
            self.sets_off.setdefault(self._number(view, text), []).append((rule, checks))
        return True

    def compile(self) -> None:
        """Closes the index."""
        self.sets_off = {number: _weakest(rules) for number, rules in self.sets_off.items()}
        self._free = frozenset(number for number, rules in self.sets_off.items() if not any(checks for _, checks in rules))
        for view in (LETTERS, MARKS):
            own = [(text, number) for (one, text), number in self._numbers.items() if one is view]
            if own:
                cores = [len(text) - len(text.lstrip()) for text, _ in own]
                automaton = AhoCorasick([text for text, _ in own], implementation=Implementation.ContiguousNFA)
                self._tables.append((view, [number for _, number in own], cores, automaton))

    def find(self, lower: str) -> Sightings:
        """What of the index stands in a lower-cased note."""
        hits: list[tuple[Seen, list[int], list[int], list[tuple[int, int, int]]]] = []
        here: set[int] = set()
        for view, numbers, cores, automaton in self._tables:
            seen = see(lower, view)
            found = automaton.find_matches_as_indexes(seen.text, overlapping=True)
            hits.append((seen, numbers, cores, found))
            here.update([numbers[local] for local in {hit[0] for hit in found}])
        live, wanted = self._live(here)
        placed: list[tuple[int, int]] = []
        for seen, numbers, cores, found in hits:
            in_note = seen.in_note
            for local, start, _ in found:
                number = numbers[local]
                if number in wanted:
                    placed.append((in_note(start + cores[local]), number))
        placed.sort()
        return Sightings(live, placed)

    def _live(self, here: set[int]) -> tuple[dict[int, list[tuple[int, Checks]]], set[int]]:
        """The strings that set a rule off in a note that has those `here`, and with them those that are still to be checked."""
        live: dict[int, list[tuple[int, Checks]]] = {}
        wanted: set[int] = set()
        for number in here:
            rules = self.sets_off.get(number)
            if rules is None:
                continue
            if number not in self._free:
                rules = _met(rules, here)
                for _, checks in rules:
                    for need in checks:
                        wanted |= need & here
            if rules:
                live[number] = rules
        wanted.update(live)
        return live, wanted

    def _number(self, view: View, text: str) -> int:
        return self._numbers.setdefault((view, text), len(self._numbers))


class Sightings:
    """The strings of an index that matter in one note, by place: `live` ones set rules off there, others are checked."""

    def __init__(self, live: dict[int, list[tuple[int, Checks]]], placed: list[tuple[int, int]]) -> None:
        self.live = live
        self.placed = placed
        self._places = [place for place, _ in placed]

    def drop(self, rules: frozenset[int]) -> None:
        """Forgets rules that cannot hold in this note for other reasons."""
        kept = {number: [one for one in listed if one[0] not in rules] for number, listed in self.live.items()}
        self.live = {number: listed for number, listed in kept.items() if listed}

    def triggers(self) -> list[int]:
        """Where in the note the strings begin that set a rule off, in order."""
        live = self.live
        return [place for place, number in self.placed if number in live]

    def suspects(self, start: int, end: int) -> set[int]:
        """The rules that the stretch `start:end` of the note may hold."""
        here = {number for _, number in self.placed[bisect_left(self._places, start) : bisect_left(self._places, end)]}
        live = self.live
        return {rule[0] for number in here if number in live for rule in _met(live[number], here)}


def needs_by_view(pattern: Pattern) -> tuple[list[Need], list[Need]]:
    """The needs of an expression in its letters and, where these stand in every sentence, those in its signs."""
    letters = needs_of_pattern(pattern, LETTERS)
    rare = rarest(letters)
    if rare is not None and need_rate(rare) <= WELL_SERVED:
        return letters, []
    marks = [need for need in needs_of_pattern(pattern, MARKS) if not all(_is_words(text) for text in need)]
    return letters, marks


def _is_words(text: str) -> bool:
    return text.replace(" ", "").isalpha()


def _met(rules: Sequence[tuple[int, Checks]], here: set[int]) -> list[tuple[int, Checks]]:
    """The rules of whose every further need a string is here: where one is lacking, no sentence can hold them."""
    met = []
    for rule in rules:
        for need in rule[1]:
            if need.isdisjoint(here):
                break
        else:
            met.append(rule)
    return met


def _weakest(listed: list[tuple[int, Checks]]) -> list[tuple[int, Checks]]:
    """Each once, and of a rule nothing else where it needs nothing more."""
    free = {rule for rule, checks in listed if not checks}
    return [(rule, ()) for rule in sorted(free)] + [one for one in dict.fromkeys(listed) if one[0] not in free]
