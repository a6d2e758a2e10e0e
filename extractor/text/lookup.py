"""Strings in, where they stand in a note out: one Aho-Corasick pass through one view of the note (`needs.py`).

Every string belongs to a rule. A rule is set off by the strings of its rarest need; what is left of its needs is
checked by who asks, near the place or in the sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation

from extractor.text.frequent import rate
from extractor.text.needs import SURPRISING, Need, View, need_rate

TOO_COMMON = 0.003
"""A need with a string that is found more often, a word, is not looked up beside a rarer need."""
KEPT_NOTES = 8  # views of the notes that are being read: the same text is looked through for concepts and for dates

Checks = tuple[frozenset[int], ...]
"""Further needs of a rule, each by the numbers of its strings."""
Found = tuple[int, int, int]
"""A string by its number, and its start and end in the view."""
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
    """All strings to look for in one view, and which rules each sets off. Filled, then compiled, then only read."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.sets_off: list[list[tuple[int, Checks]]] = []
        self.cores: list[int] = []
        self._numbers: dict[str, int] = {}
        self._listed: dict[int, list[tuple[int, Checks]]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, rule: int, needs: Sequence[Need]) -> None:
        """The strings of the rarest need set the rule off, the rarer ones of its other needs are its checks."""
        ordered = sorted(needs, key=lambda need: (need_rate(need), sorted(need)))
        checks = tuple(
            frozenset(self._number(text) for text in need)
            for need in ordered[1:]
            if all(rate(text) <= TOO_COMMON for text in need)
        )
        for text in ordered[0]:
            self._listed.setdefault(self._number(text), []).append((rule, checks))

    def compile(self) -> None:
        """Closes the index."""
        self.sets_off = [_weakest(self._listed.get(number, [])) for number in range(len(self._numbers))]
        self.cores = [len(text) - len(text.lstrip()) for text in self._numbers]
        self._automaton = AhoCorasick(list(self._numbers), implementation=Implementation.ContiguousNFA)

    def find(self, seen: Seen) -> list[Found]:
        """Every string in the note, overlapping ones too, in order of their ends."""
        return self._automaton.find_matches_as_indexes(seen.text, overlapping=True)  # type: ignore[no-any-return]

    def _number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))


def _weakest(listed: list[tuple[int, Checks]]) -> list[tuple[int, Checks]]:
    """Each once, and of a rule nothing else where it needs nothing more."""
    free = {rule for rule, checks in listed if not checks}
    return [(rule, ()) for rule in sorted(free)] + [one for one in dict.fromkeys(listed) if one[0] not in free]
