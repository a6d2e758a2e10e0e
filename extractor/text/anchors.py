"""A regular expression in, literal strings out of which any match must hold one: what a prefilter can look for.

An expression without such strings (only classes and repeats) has no anchors and must be tried on every sentence;
`prescreen patterns check` names those. The strings are lower case, as the prefilter scans lower-cased text.
"""

from __future__ import annotations

import re
import sys
from typing import Any

if sys.version_info >= (3, 11):
    import re._constants as constants
    import re._parser as parser
else:  # Python 3.10 keeps them at the top level
    import sre_constants as constants
    import sre_parse as parser

SHORTEST = 2  # a single letter is in nearly every sentence
MOST = 400  # alternatives; more would crowd the scan
_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT)
_POSSESSIVE = getattr(constants, "POSSESSIVE_REPEAT", None)


def anchors(pattern: str) -> frozenset[str]:
    r"""Lower-case strings of which every match of `pattern` holds at least one; empty when none can be named.

    >>> sorted(anchors(r"(?:red|swollen)\s+ears?"))
    ['ear']
    """
    found = _of_sequence(parser.parse(pattern, re.IGNORECASE))
    return frozenset(found) if found and all(len(text) >= SHORTEST for text in found) else frozenset()


def _of_sequence(sequence: Any) -> set[str] | None:
    best: set[str] | None = None
    run: list[str] = []
    for operation, argument in [*sequence, (None, None)]:
        if operation is constants.LITERAL and _is_plain(chr(argument)):
            run.append(chr(argument).lower())
            continue
        best = _better(best, {"".join(run)} if run else None)
        run = []
        best = _better(best, _of_operation(operation, argument))
    return best


def _of_operation(operation: Any, argument: Any) -> set[str] | None:
    if operation is constants.SUBPATTERN:
        return _of_sequence(argument[-1])
    if operation is constants.BRANCH:
        parts = [_of_sequence(branch) for branch in argument[1]]
        return set().union(*parts) if all(parts) else None  # type: ignore[arg-type]
    if (operation in _REPEATS or operation is _POSSESSIVE) and operation is not None and argument[0] >= 1:
        return _of_sequence(argument[2])
    if operation is getattr(constants, "ATOMIC_GROUP", object()):
        return _of_sequence(argument)
    return None


def _better(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    if not other or len(other) > MOST:
        return one
    return other if not one or _rank(other) > _rank(one) else one


def _rank(texts: set[str]) -> tuple[int, int]:
    return min(min(len(text) for text in texts), 5), -len(texts)


def _is_plain(char: str) -> bool:
    """Characters that the prefilter can look for; text with letters that case-folding changes goes the slow way."""
    return char.isascii() and not char.isspace()
