"""An expression in, its matches in a note out, looked for in those lines only that hold what it needs.

For expressions that cannot match a line break, so that a line is all that decides about their matches in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from extractor.text.lookup import Index, lowered
from extractor.text.needs import Pattern
from extractor.text.snippets import line_at
from extractor.text.syntax import constants, parser

_WITH_BREAK = frozenset((constants.CATEGORY_SPACE, constants.CATEGORY_NOT_DIGIT, constants.CATEGORY_NOT_WORD))
_BREAK = ord("\n")


class LineSearch:
    """Built once from a case-blind, multi-line expression; one that may match a line break is looked for everywhere."""

    def __init__(self, expression: re.Pattern[str]) -> None:
        self._expression = expression
        self._index = Index()
        is_served = self._index.add_pattern(0, Pattern(expression.pattern))
        self._index.compile()
        parsed = parser.parse(expression.pattern, expression.flags & ~re.UNICODE)
        self._is_by_line = is_served and not takes_break(parsed, dotall=bool(expression.flags & re.DOTALL))

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """What `finditer` of the expression finds."""
        lower = lowered(text) if self._is_by_line else None
        if lower is None:
            yield from self._expression.finditer(text)
            return
        end = -1
        for place in self._index.find(lower).triggers():
            if place >= end:
                start, end = line_at(text, place, place)
                yield from self._expression.finditer(text, start, end)


def takes_break(parts: Any, *, dotall: bool) -> bool:
    r"""Whether some part of an expression, lookarounds and all, can match a line break.

    >>> takes_break(parser.parse(r"ct[^\n:]{0,9}:(?=[^\s-])"), dotall=False), takes_break(parser.parse(r"ct\s"), dotall=False)
    (False, True)
    """
    return any(_takes_break(operation, argument, dotall) for operation, argument in parts)


def _takes_break(operation: Any, argument: Any, dotall: bool) -> bool:
    if operation is constants.LITERAL:
        return bool(argument == _BREAK)
    if operation is constants.NOT_LITERAL:
        return bool(argument != _BREAK)
    if operation is constants.ANY:
        return dotall
    if operation is constants.AT:
        return False
    if operation is constants.IN:
        return _class_takes_break(argument)
    if operation is constants.BRANCH:
        return any(takes_break(branch, dotall=dotall) for branch in argument[1])
    if operation is constants.SUBPATTERN:
        return bool(argument[1]) or takes_break(argument[-1], dotall=dotall)  # flags of its own may let a dot match anything
    if operation in (constants.ASSERT, constants.ASSERT_NOT):
        return takes_break(argument[1], dotall=dotall)
    if isinstance(argument, tuple) and len(argument) == 3 and isinstance(argument[2], parser.SubPattern):
        return takes_break(argument[2], dotall=dotall)
    return True  # what is not known here may


def _class_takes_break(items: Any) -> bool:
    is_negated = items[0][0] is constants.NEGATE
    holds = any(
        value == _BREAK
        if kind is constants.LITERAL
        else value[0] <= _BREAK <= value[1]
        if kind is constants.RANGE
        else value in _WITH_BREAK
        for kind, value in items[is_negated:]
    )
    return holds != is_negated
