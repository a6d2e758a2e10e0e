"""Expressions and a text in, their matches out, as looking everywhere finds them.

Each expression is looked for where one of the strings stands that every match of it holds (`needs.py`), and only so
far around it as a match can reach, so that most of a note is never looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from extractor.text.lookup import Checks, Index, lowered, see
from extractor.text.needs import LETTERS, MARKS, Pattern
from extractor.text.prefilter import best_view

Stretch = tuple[int, int]


class Stretches:
    """Built once from case-blind expressions, none of whose matches reaches further than `margin` from its needs."""

    def __init__(self, expressions: Sequence[re.Pattern[str]], margin: int) -> None:
        self._expressions = expressions
        self._margin = margin
        self._letters, self._marks = Index(LETTERS), Index(MARKS)
        self._everywhere: list[int] = []
        for number, expression in enumerate(expressions):
            index, needs = best_view(Pattern(expression.pattern), self._letters, self._marks)
            if needs:
                index.add(number, needs)
            else:
                self._everywhere.append(number)
        for index in (self._letters, self._marks):
            index.compile()

    def find(self, text: str) -> dict[int, list[Stretch]]:
        """By the number of the expression, where to look for it: in order, without overlap, cut at white space."""
        lower = lowered(text)
        if lower is None:
            return {number: [(0, len(text))] for number in range(len(self._expressions))}
        found = {number: [(0, len(text))] for number in self._everywhere}
        for index in (self._letters, self._marks):
            for number, places in self._places(index, lower).items():
                found[number] = [(start, _cut(text, end)) for start, end in _joined(places, self._margin)]
        return found

    def matches(self, text: str) -> list[Iterator[re.Match[str]]]:
        """The matches of every expression, in the order of the expressions."""
        stretches = self.find(text)
        return [_in(text, expression, stretches.get(number, [])) for number, expression in enumerate(self._expressions)]

    def _places(self, index: Index, lower: str) -> dict[int, list[Stretch]]:
        seen = see(lower, index.view)
        hits = index.find(seen)
        where: dict[int, list[int]] = {}
        places: dict[int, list[Stretch]] = {}
        for number, start, _ in hits:
            where.setdefault(number, []).append(seen.in_note(start + index.cores[number]))
        for number, starts in where.items():
            for rule, checks in index.sets_off[number]:
                kept = [start for start in starts if self._checked(checks, where, start)]
                if kept:
                    places.setdefault(rule, []).extend((start, start) for start in kept)
        return places

    def _checked(self, checks: Checks, where: dict[int, list[int]], start: int) -> bool:
        reach = 2 * self._margin
        return all(
            any(_has_between(where[number], start - reach, start + reach) for number in need if number in where)
            for need in checks
        )


def _in(text: str, expression: re.Pattern[str], stretches: list[Stretch]) -> Iterator[re.Match[str]]:
    for start, end in stretches:
        yield from expression.finditer(text, start, end)


def _has_between(places: list[int], low: int, high: int) -> bool:
    position = bisect_left(places, low)
    return position < len(places) and places[position] <= high


def _joined(places: list[Stretch], margin: int) -> list[Stretch]:
    joined: list[Stretch] = []
    for start, end in sorted(places):
        low, high = max(0, start - margin), end + margin
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _cut(text: str, end: int) -> int:
    while end < len(text) and not text[end].isspace():
        end += 1
    return min(end, len(text))
