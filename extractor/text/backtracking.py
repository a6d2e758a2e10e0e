r"""A regular expression in, the places out at which a match can be tried in exponentially many ways.

Such a place is a repeat inside a repeat, where the text of the inner one can be dealt out over rounds of the outer one:
`(?:\w+\s?)*` is one, `(?:\w+\s)*` is none, because each round needs a blank that no word holds. Repeats of few rounds
are bounded. What is found may be harmless (the test looks at characters, not at words); what is not found is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

if sys.version_info >= (3, 11):
    import re._constants as constants
    import re._parser as parser
else:  # Python 3.10 keeps them at the top level
    import sre_constants as constants
    import sre_parse as parser

FEW = 12  # rounds; so many ways to deal out a text are tried in no time
_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT)
_ALL = frozenset(chr(code) for code in range(128)) | {"\u00e9"}
"""ASCII and one letter for all others."""
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    constants.CATEGORY_SPACE: str.isspace,
    constants.CATEGORY_DIGIT: str.isdigit,
    constants.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
}
_OPPOSITES = {
    constants.CATEGORY_NOT_SPACE: constants.CATEGORY_SPACE,
    constants.CATEGORY_NOT_DIGIT: constants.CATEGORY_DIGIT,
    constants.CATEGORY_NOT_WORD: constants.CATEGORY_WORD,
}


def explosive(pattern: str) -> bool:
    r"""Whether some text makes a match of `pattern` take exponentially long.

    >>> explosive(r"(?:\w+\s?)*x"), explosive(r"(?:\w+\s)*x")
    (True, False)
    """
    return any(_is_ambiguous(body) for body in _repeated(parser.parse(pattern, re.IGNORECASE)))


def _repeated(sequence: Any) -> Iterator[Any]:
    """The bodies of all repeats of many rounds, outer ones first."""
    for operation, argument in sequence:
        if operation in _REPEATS and argument[1] > FEW:
            yield argument[2]
        for inner in _inside(operation, argument):
            yield from _repeated(inner)


def _inside(operation: Any, argument: Any) -> list[Any]:
    """The sequences that a part is made of; atomic groups and possessive repeats give nothing back, so they are left out."""
    if operation is constants.SUBPATTERN:
        return [argument[-1]]
    if operation is constants.BRANCH:
        return list(argument[1])
    if operation in _REPEATS:
        return [argument[2]]
    if operation in (constants.ASSERT, constants.ASSERT_NOT):
        return [argument[1]]
    return []


def _is_ambiguous(body: Any) -> bool:
    """Whether a repeat inside the body can take over what the rest of a round would match."""
    return any(_can_be(rest, own) for own, rest in _inner_repeats(body, []))


def _inner_repeats(sequence: Any, around: Sequence[Any]) -> Iterator[tuple[frozenset[str], list[Any]]]:
    """(characters, the other parts of a round) of every repeat of many rounds in a sequence."""
    parts = list(sequence)
    for position, (operation, argument) in enumerate(parts):
        rest = [*around, *parts[:position], *parts[position + 1 :]]
        if operation in _REPEATS and argument[1] > FEW:
            yield _characters(argument[2]), rest
        elif operation is constants.SUBPATTERN:
            yield from _inner_repeats(argument[-1], rest)
        elif operation is constants.BRANCH:
            for branch in argument[1]:
                yield from _inner_repeats(branch, rest)
        elif operation in _REPEATS:
            yield from _inner_repeats(argument[2], rest)


def _can_be(sequence: Iterable[tuple[Any, Any]], characters: frozenset[str]) -> bool:
    """Whether a sequence can match a text, or nothing, made of these characters alone."""
    return all(_part_can_be(operation, argument, characters) for operation, argument in sequence)


def _part_can_be(operation: Any, argument: Any, characters: frozenset[str]) -> bool:
    if operation in (constants.AT, constants.ASSERT, constants.ASSERT_NOT, constants.GROUPREF, constants.GROUPREF_EXISTS):
        return True
    if operation is constants.BRANCH:
        return any(_can_be(branch, characters) for branch in argument[1])
    if operation is constants.SUBPATTERN:
        return _can_be(argument[-1], characters)
    if operation in _REPEATS or operation is getattr(constants, "POSSESSIVE_REPEAT", None):
        return argument[0] == 0 or _can_be(argument[2], characters)
    if operation is getattr(constants, "ATOMIC_GROUP", object()):
        return _can_be(argument, characters)
    return bool(_characters([(operation, argument)]) & characters)


def _characters(sequence: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """Every character that a sequence can hold somewhere."""
    found: frozenset[str] = frozenset()
    for operation, argument in sequence:
        if operation is constants.LITERAL:
            found |= _both_cases({chr(argument)})
        elif operation is constants.NOT_LITERAL:
            found |= _ALL - {chr(argument)}
        elif operation is constants.ANY:
            found |= _ALL - {"\n"}
        elif operation is constants.IN:
            found |= _of_class(argument)
        elif operation not in (constants.ASSERT, constants.ASSERT_NOT):
            for inner in _inside(operation, argument):
                found |= _characters(inner)
    return found


def _of_class(items: Sequence[tuple[Any, Any]]) -> frozenset[str]:
    found: set[str] = set()
    for kind, value in items:
        if kind is constants.LITERAL:
            found |= _both_cases({chr(value)})
        elif kind is constants.RANGE:
            found |= _both_cases({char for char in _ALL if value[0] <= ord(char) <= value[1]})
        elif kind is constants.CATEGORY:
            test = _CATEGORIES[_OPPOSITES.get(value, value)]
            found |= {char for char in _ALL if test(char) is (value not in _OPPOSITES)}
    return _ALL - found if items[0][0] is constants.NEGATE else frozenset(found)


def _both_cases(characters: set[str]) -> frozenset[str]:
    known = {char if char in _ALL else "\u00e9" for char in characters}
    return frozenset(known | {char.lower() for char in known} | {char.upper() for char in known})
