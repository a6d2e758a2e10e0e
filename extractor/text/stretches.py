"""Expressions and a text in, their matches out, as looking everywhere finds them.

Each expression is looked for where one of the strings stands that every match of it holds (`needs.py`), and only so
far around it as a match can reach, so that most of a note is never looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from extractor.text.lookup import Checks, Index, lowered
from extractor.text.needs import Pattern
from extractor.text.syntax import constants, parser

Stretch = tuple[int, int]
BESIDE = 2
"""Characters past a match that decide about its end, beside those that its lookaheads read."""


class Pool:
    """Lists of expressions that are looked for in one pass through a text; the text seen last is remembered.

    A list may be added at any time; the index is made when a text is next looked at.
    """

    def __init__(self) -> None:
        self._reaches: list[int] = []
        self._patterns: list[Pattern] = []
        self._everywhere: frozenset[int] = frozenset()
        self._index: Index | None = None
        self._last: tuple[str, dict[int, list[int]] | None] = ("", {})

    def add(self, expressions: Sequence[re.Pattern[str]], reaches: Sequence[int]) -> int:
        """The number of the first of the list; `reaches` tell how far a match can go from its needs, in characters."""
        first = len(self._patterns)
        self._patterns += [Pattern(one.pattern) for one in expressions]
        self._reaches += reaches
        self._index = None
        return first

    def places(self, text: str) -> dict[int, list[int]] | None:
        """Where each expression is set off, its other needs near by; `None` where it may be anywhere."""
        if self._index is None:
            self._compile()
        elif self._last[0] == text:
            return self._last[1]
        lower = lowered(text)
        found = None if lower is None else self._placed(lower)
        self._last = (text, found)
        return found

    def is_unserved(self, number: int) -> bool:
        """Whether nothing sets the expression off, so that it has to be looked for everywhere."""
        return number in self._everywhere

    def _compile(self) -> None:
        index = Index()
        served = [index.add_pattern(number, pattern) for number, pattern in enumerate(self._patterns)]
        self._everywhere = frozenset(number for number, is_served in enumerate(served) if not is_served)
        index.compile()
        self._index = index

    def _placed(self, lower: str) -> dict[int, list[int]]:
        assert self._index is not None
        sightings = self._index.find(lower)
        where: dict[int, list[int]] = {}
        for place, number in sightings.placed:
            where.setdefault(number, []).append(place)
        places: dict[int, list[int]] = {}
        for number, rules in sightings.live.items():
            for rule, checks in rules:
                starts, reach = where[number], 2 * self._reaches[rule]
                kept = [start for start in starts if _checked(checks, where, start, reach)] if checks else starts
                if kept:
                    places.setdefault(rule, []).extend(kept)
        return places


class Stretches:
    """Built once from case-blind expressions, none of whose matches reaches further than `margin` from its needs.

    Those of one `pool` are looked for together.
    """

    def __init__(self, expressions: Sequence[re.Pattern[str]], margin: int, pool: Pool | None = None) -> None:
        self._expressions = expressions
        self._margins = [min(margin, reach_of(one)) for one in expressions]
        self._pool = pool or Pool()
        self._first = self._pool.add(expressions, self._margins)

    def find(self, text: str) -> dict[int, list[Stretch]]:
        """By the number of the expression, where to look for it: in order, without overlap, cut at white space."""
        places = self._pool.places(text)
        if places is None:
            return {number: [(0, len(text))] for number in range(len(self._expressions))}
        found: dict[int, list[Stretch]] = {}
        for number, margin in enumerate(self._margins):
            own = places.get(self._first + number)
            if own is not None:
                found[number] = _cut(text, _joined(own, margin))
            elif self._pool.is_unserved(self._first + number):
                found[number] = [(0, len(text))]
        return found

    def matches(self, text: str) -> list[Iterator[re.Match[str]]]:
        """The matches of every expression, in the order of the expressions."""
        stretches = self.find(text)
        return [
            _in(text, expression, stretches[number]) if number in stretches else iter(())
            for number, expression in enumerate(self._expressions)
        ]


def reach_of(expression: re.Pattern[str]) -> int:
    """How many characters may decide about a match: its own and those that its lookaheads read after it."""
    parsed = parser.parse(expression.pattern, expression.flags & ~re.UNICODE)
    return int(parsed.getwidth()[1]) + _read_ahead(parsed) + BESIDE


def _read_ahead(parts: Any) -> int:
    """The characters that all lookaheads of parts can read, one after the other."""
    total = 0
    for operation, argument in parts:
        if operation in (constants.ASSERT, constants.ASSERT_NOT):
            total += int(argument[1].getwidth()[1]) if argument[0] > 0 else 0
            total += _read_ahead(argument[1])
        elif operation is constants.BRANCH:
            total += sum(map(_read_ahead, argument[1]))
        elif operation is constants.SUBPATTERN:
            total += _read_ahead(argument[-1])
        elif isinstance(argument, tuple) and len(argument) == 3 and isinstance(argument[2], parser.SubPattern):
            total += _read_ahead(argument[2])
        elif isinstance(argument, parser.SubPattern):
            total += _read_ahead(argument)
    return total


def _checked(checks: Checks, where: dict[int, list[int]], start: int, reach: int) -> bool:
    return all(
        any(_has_between(where[number], start - reach, start + reach) for number in need if number in where) for need in checks
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


def _cut(text: str, stretches: list[Stretch]) -> list[Stretch]:
    """The stretches with each end moved on to white space, and those joined that one then reaches into."""
    cut: list[Stretch] = []
    for start, end in stretches:
        if cut and end <= cut[-1][1]:
            continue
        while end < len(text) and not text[end].isspace():
            end += 1
        end = min(end, len(text))
        if cut and start < cut[-1][1]:
            start = cut.pop()[0]
        cut.append((start, end))
    return cut
