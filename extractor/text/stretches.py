"""Expressions and a text in, their matches out, as looking everywhere finds them.

Each expression is looked for where one of the strings stands that every match of it holds (`needs.py`), and only so
far around it as a match can reach, so that most of a note is never looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from extractor.text.lookup import Checks, Index, lowered
from extractor.text.needs import Pattern

Stretch = tuple[int, int]


class Stretches:
    """Built once from case-blind expressions, none of whose matches reaches further than `margin` from its needs."""

    def __init__(self, expressions: Sequence[re.Pattern[str]], margin: int) -> None:
        self._expressions = expressions
        self._margin = margin
        self._index = Index()
        served = [self._index.add_pattern(number, Pattern(one.pattern)) for number, one in enumerate(expressions)]
        self._everywhere = [number for number, is_served in enumerate(served) if not is_served]
        self._index.compile()

    def find(self, text: str) -> dict[int, list[Stretch]]:
        """By the number of the expression, where to look for it: in order, without overlap, cut at white space."""
        lower = lowered(text)
        if lower is None:
            return {number: [(0, len(text))] for number in range(len(self._expressions))}
        found = {number: [(0, len(text))] for number in self._everywhere}
        for number, places in self._places(lower).items():
            found[number] = [(start, _cut(text, end)) for start, end in _joined(places, self._margin)]
        return found

    def matches(self, text: str) -> list[Iterator[re.Match[str]]]:
        """The matches of every expression, in the order of the expressions."""
        stretches = self.find(text)
        return [_in(text, expression, stretches.get(number, [])) for number, expression in enumerate(self._expressions)]

    def _places(self, lower: str) -> dict[int, list[int]]:
        """Where each expression is set off, its other needs near by."""
        sightings = self._index.find(lower)
        where: dict[int, list[int]] = {}
        for place, number in sightings.placed:
            where.setdefault(number, []).append(place)
        places: dict[int, list[int]] = {}
        for number, rules in sightings.live.items():
            for rule, checks in rules:
                starts = where[number]
                kept = [start for start in starts if self._checked(checks, where, start)] if checks else starts
                if kept:
                    places.setdefault(rule, []).extend(kept)
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


def _joined(places: list[int], margin: int) -> list[Stretch]:
    joined: list[Stretch] = []
    for place in sorted(places):
        low, high = max(0, place - margin), place + margin
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _cut(text: str, end: int) -> int:
    while end < len(text) and not text[end].isspace():
        end += 1
    return min(end, len(text))
