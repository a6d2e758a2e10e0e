"""A regular expression or a term in, what every match of it must hold out: what a prefilter can look for.

Text is looked at in a `View`: its letters alone, or every sign with its digits made alike. A need is a set of strings
in that view of which any match holds at least one; an expression has several needs, and a sentence that lacks one of them
cannot match. Lookarounds are left out and classes widened, so that needs may be too few and are never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

from extractor.text.frequent import rate
from extractor.text.syntax import constants, parser
from extractor.text.tokens import tokenize

Need = frozenset[str]
Found = tuple[set[str] | None, list[Need], str]
"""All strings that a part can be, or `None` with the part's needs and what it begins and ends with."""
SURPRISING = "\u0130\u0131\u017f\u03a3"
"""İ and ı, ſ and Σ: lower-casing or case-blind matching gives them another length or an ASCII double."""
LONGEST_PRODUCT = 48  # strings made by joining alternatives; more are cut into two needs
MOST = 800  # alternatives in one need; a list of all drugs has some 600
MOST_CLASS = 8  # characters of a class that are told apart
_TABLE = bytes(c if 97 <= c <= 122 else 32 for c in range(256))
_REPEATS = tuple(
    getattr(constants, name) for name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") if hasattr(constants, name)
)
_ATOMIC = getattr(constants, "ATOMIC_GROUP", object())
_ZERO_WIDTH = (constants.AT, constants.ASSERT, constants.ASSERT_NOT)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A way to look at lower-cased text: character by character, and then with runs of blanks made one if `is_packed`.

    `blanks` are the classes of characters that it shows as a space.
    """

    table: bytes
    is_packed: bool
    blanks: tuple[Any, ...]

    def characters(self, lowered: str) -> str:
        """The text, as long as before, each character as this view shows it."""
        return lowered.encode("ascii", "replace").translate(self.table).decode("ascii")

    def packed(self, text: str) -> str:
        """Single blanks for runs of them, where this view does not tell these apart."""
        return _BLANKS.sub(" ", text) if self.is_packed else text

    def join(self, one: str, other: str) -> str:
        """Two strings of this view one after the other."""
        return one + other[1:] if self.is_packed and one[-1:] == " " == other[:1] else one + other


_BLANKS = re.compile("  +")
LETTERS = View(
    bytes(code if 97 <= code <= 122 else 32 for code in range(128)) + b" " * 128, True,
    (constants.CATEGORY_SPACE, constants.CATEGORY_DIGIT, constants.CATEGORY_NOT_WORD),
)  # fmt: skip
"""Letters a to z; all else is blank."""
MARKS = View(
    bytes(32 if chr(code).isspace() else 48 if 48 <= code <= 57 else code for code in range(128)) + b" " * 128, False,
    (constants.CATEGORY_SPACE,),
)  # fmt: skip
"""Every sign, digits as "0" and white space as a blank: for expressions whose letters stand in every sentence."""
DIGIT = "0"


def needs_of_term(term: str) -> list[Need]:
    """What stands where a literal term does, in its letters; none when it has no letter.

    >>> needs_of_term("Hep-B (DNA)")
    [frozenset({' hep b dna '})]
    """
    spaced = LETTERS.packed(" " + " ".join(LETTERS.characters(norm) for norm in tokenize(term).norms) + " ")
    return [frozenset((spaced,))] if spaced.strip() else []


@dataclass(frozen=True, slots=True)
class Pattern:
    """An expression as written. `is_bounded`: its matches neither begin nor end inside a run of letters."""

    text: str
    ignore_case: bool = True
    is_bounded: bool = False


def needs_of_pattern(pattern: Pattern, view: View) -> list[Need]:
    r"""The needs of an expression in a view; none when nothing can be named.

    >>> [sorted(need) for need in needs_of_pattern(Pattern(r"(?:red|sore)\s+[a-z]+\s+ears?", is_bounded=True), LETTERS)]
    [[' red ', ' sore '], [' ear ', ' ears ']]
    >>> [sorted(need) for need in needs_of_pattern(Pattern(r"\d\d\s?[MF]"), MARKS)]
    [['00 f', '00 m', '00f', '00m']]
    """
    reader = _Reader(view, pattern.ignore_case)
    return reader.needs(pattern.text, " " if pattern.is_bounded and view.is_packed else "")


class _Reader:
    """Reads a pattern through one view of text."""

    def __init__(self, view: View, ignore_case: bool) -> None:
        self.view = view
        self.ignore_case = ignore_case

    def needs(self, pattern: str, edge: str) -> list[Need]:
        run = _Run(self, edge)
        run.add(parser.parse(pattern, re.IGNORECASE if self.ignore_case else 0), edge)
        run.join({edge})
        run.close()
        return run.needs

    def begins_blank(self, parts: Sequence[tuple[Any, Any]]) -> tuple[bool, bool]:
        """Whether what parts match begins with a space in the view, if it is anything, and whether it can be nothing."""
        return self._edge(parts, 1)

    def ends_blank(self, parts: Sequence[tuple[Any, Any]]) -> tuple[bool, bool]:
        """The same of the end."""
        return self._edge(parts, -1)

    def _edge(self, parts: Sequence[tuple[Any, Any]], step: int) -> tuple[bool, bool]:
        for operation, argument in list(parts)[::step]:
            is_blank, may_be_empty = self._edge_of(operation, argument, step)
            if not is_blank or not may_be_empty:
                return is_blank, False
        return True, True

    def _edge_of(self, operation: Any, argument: Any, step: int) -> tuple[bool, bool]:
        if operation is constants.LITERAL:
            return self.character(argument) == {" "}, False
        if operation is constants.IN:
            return self.characters(argument) == {" "}, False
        if operation in _ZERO_WIDTH:
            return True, True
        if operation is constants.SUBPATTERN:
            return self._edge(argument[-1], step)
        if operation is constants.BRANCH:
            found = [self._edge(branch, step) for branch in argument[1]]
            return all(blank for blank, _ in found), any(empty for _, empty in found)
        if operation in _REPEATS:
            is_blank, may_be_empty = self._edge(argument[2], step)
            return is_blank, may_be_empty or argument[0] == 0
        return False, False

    def node(self, operation: Any, argument: Any, before: str, after: str) -> Found:
        """What a part of a pattern can be. `before` and `after` are a space where one is known to stand beside it.

        Its needs begin and end with them, so that "he" is a word and not the beginning of another.
        """
        if operation is constants.LITERAL:
            return self.character(argument), [], ""
        if operation is constants.IN:
            return self.characters(argument), [], ""
        if operation in _ZERO_WIDTH:
            return self.zero_width(operation, argument), [], ""
        if operation is constants.SUBPATTERN:
            return self.group(argument, before, after)
        if operation is _ATOMIC:
            return self.sequence(argument, before, after)
        if operation is constants.BRANCH:
            return self.branches(argument[1], before, after)
        if operation in _REPEATS:
            least, most, parts = argument
            return self.repeat(least, most, parts, before, after)
        return None, [], ""

    def group(self, argument: tuple[Any, int, int, Any], before: str, after: str) -> Found:
        _, added, removed, parts = argument
        outside = self.ignore_case
        self.ignore_case = (outside or bool(added & re.IGNORECASE)) and not removed & re.IGNORECASE
        found = self.sequence(parts, before, after)
        self.ignore_case = outside
        return found

    def zero_width(self, operation: Any, argument: Any) -> set[str]:
        """Nothing, or in the letters a blank where no letter may stand: `(?![a-z])`, `(?<!\\w)`, `(?=[,;])`."""
        if operation is constants.AT or not self.view.is_packed or len(argument[1]) != 1:
            return {""}
        inside = argument[1][0]
        is_blank = (
            _holds_letters(inside[0], inside[1], self.ignore_case)
            if operation is constants.ASSERT_NOT
            else self.begins_blank([inside]) == (True, False)
        )
        return {" "} if is_blank else {""}

    def character(self, code: int) -> set[str] | None:
        return None if chr(code) in SURPRISING else {self.view.characters(chr(code).lower())}

    def characters(self, items: Sequence[tuple[Any, Any]]) -> set[str] | None:
        found: set[str] = set()
        for kind, value in items:
            codes = [value] if kind is constants.LITERAL else range(value[0], value[1] + 1) if kind is constants.RANGE else None
            if kind is constants.CATEGORY and value in self.view.blanks:
                found.add(" ")
            elif kind is constants.CATEGORY and value is constants.CATEGORY_DIGIT:
                found.add(DIGIT)
            elif codes is None or len(codes) > 128 or any(chr(code) in SURPRISING for code in codes):
                return None
            else:
                found |= {self.view.characters(chr(code).lower()) for code in codes}
        return found if len(found) <= MOST_CLASS else None

    def sequence(self, parts: Iterable[tuple[Any, Any]], before: str, after: str) -> Found:
        run = _Run(self, before)
        run.add(parts, after)
        if run.is_exact:
            return {text[len(before) :] for text in run.strings}, [], ""
        run.join({after})
        run.close()
        return None, run.needs, ""

    def branches(self, branches: Sequence[Any], before: str, after: str) -> Found:
        found = [self.sequence(branch, before, after) for branch in branches]
        if all(exact is not None for exact, _, _ in found):
            union: set[str] = set().union(*(exact or () for exact, _, _ in found))
            if len(union) <= MOST:
                return union, [], ""
        chosen = [rarest(needs) if exact is None else self._beside(exact, before, after) for exact, needs, _ in found]
        if any(need is None or not _says_something(need) for need in chosen):
            return None, [], ""
        return None, [frozenset().union(*(need or () for need in chosen))], ""

    def _beside(self, exact: set[str], before: str, after: str) -> Need:
        join = self.view.join
        return frozenset(join(join(before, text), after) for text in exact)

    def repeat(self, least: int, most: Any, parts: Any, before: str, after: str) -> Found:
        once = least == most == 1
        exact, needs, _ = self.sequence(parts, before, after if once else "")
        if exact is None:
            return None, needs if least else [], ""
        if self.view.is_packed and exact <= {" ", ""}:
            return {" "} | (exact if least else {""}), [], ""
        counts = range(least, int(most) + 1) if most is not constants.MAXREPEAT and int(most) <= least + 2 else range(0)
        if counts and sum(len(exact) ** count for count in counts) <= LONGEST_PRODUCT:
            repeats = (strings for count in counts for strings in product(exact, repeat=count))
            return {reduce(self.view.join, strings, "") for strings in repeats}, [], ""
        if least == 0:
            return None, [], ""
        need = self._beside(exact, before, "")
        return None, [need] if _says_something(need) else [], " " if exact == {" "} else ""


class _Run:
    """A sequence while it is read: `strings` are all that the part since the last gap can be."""

    def __init__(self, reader: _Reader, before: str) -> None:
        self.reader = reader
        self.needs: list[Need] = []
        self.strings = {before}
        self.is_exact = True
        self.opens_word = False

    def add(self, parts: Iterable[tuple[Any, Any]], after: str) -> None:
        nodes = list(parts)
        position = 0
        while position < len(nodes):
            operation, argument = nodes[position]
            if operation is constants.LITERAL:
                position = self._add_word(nodes, position)
                continue
            position += 1
            if operation is constants.AT and argument is constants.AT_BOUNDARY:
                self._bound()
                continue
            before, behind = self._before(), self._after(nodes[position:], after)
            exact, needs, edge = self.reader.node(operation, argument, before, behind)
            if exact is not None:
                self.join(self._bounded(exact))
                continue
            self._gap(needs, edge or self._after(nodes[position - 1 :], after))
            is_blank, may_be_empty = self.reader.ends_blank([(operation, argument)])
            self.strings = {" " if is_blank and (before or not may_be_empty) else edge}

    def _add_word(self, nodes: Sequence[tuple[Any, Any]], position: int) -> int:
        """Joins the run of literal characters at `position`; returns where it ends."""
        start = position
        while position < len(nodes) and nodes[position][0] is constants.LITERAL:
            position += 1
        word = "".join(chr(code) for _, code in nodes[start:position])
        if any(char in SURPRISING for char in word):
            self._gap([], "")
        else:
            view = self.reader.view
            self.join(self._bounded({view.packed(view.characters(word.lower()))}))
        return position

    def join(self, exact: set[str]) -> None:
        if len(self.strings) * len(exact) > max(LONGEST_PRODUCT, len(self.strings), len(exact)):
            before = self._before()
            after = " " if all(text[:1] == " " for text in exact) else ""
            self.strings = {text + after for text in self.strings}
            self.close()
            self.strings = {before}
        join = self.reader.view.join
        self.strings = {join(one, other) for one, other in product(self.strings, exact)}

    def close(self) -> None:
        self.is_exact = False
        if len(self.strings) <= MOST and _says_something(self.strings):
            self.needs.append(frozenset(_shortest(self.strings)))

    def _bound(self) -> None:
        """A word boundary: a blank after letters; before the next part, where nothing is known of what stands there."""
        if not self.reader.view.is_packed:
            return
        if all(text[-1:].isalpha() for text in self.strings):
            self.join({" "})
        self.opens_word = self.strings == {""}

    def _bounded(self, exact: set[str]) -> set[str]:
        opens, self.opens_word = self.opens_word, False
        return {" " + text if text[:1].isalpha() else text for text in exact} if opens and "" not in exact else exact

    def _gap(self, needs: Sequence[Need], edge: str) -> None:
        """Something that cannot be listed follows; `edge` is what it begins and ends with, if that is known."""
        self.opens_word = False
        self.join({edge})
        self.close()
        self.needs += needs
        self.strings = {edge}

    def _after(self, nodes: Sequence[tuple[Any, Any]], after: str) -> str:
        """A space where what follows surely begins with one."""
        is_blank, may_be_empty = self.reader.begins_blank(nodes)
        return " " if is_blank and (after or not may_be_empty) else ""

    def _before(self) -> str:
        return " " if all(text[-1:] == " " for text in self.strings) else ""


def _holds_letters(operation: Any, argument: Any, ignore_case: bool) -> bool:
    """Whether a class holds all letters a to z, in both cases where these are told apart."""
    if operation is not constants.IN or argument[0][0] is constants.NEGATE:
        return False
    if (constants.CATEGORY, constants.CATEGORY_WORD) in argument:
        return True
    ranges = [(constants.RANGE, (97, 122)) in argument, (constants.RANGE, (65, 90)) in argument]
    return any(ranges) if ignore_case else all(ranges)


def _says_something(texts: Iterable[str]) -> bool:
    return all(text.strip() for text in texts)


def _shortest(texts: set[str]) -> list[str]:
    """Without those that hold another of them: "ears" where "ear" is looked for."""
    kept: list[str] = []
    for text in sorted(texts, key=lambda text: (len(text), text)):
        if not any(other in text for other in kept):
            kept.append(text)
    return kept


def need_rate(need: Need) -> float:
    """About how often, a word of clinical text, one of the strings is found."""
    return sum(rate(text) for text in need)


def rarest(needs: Sequence[Need]) -> Need | None:
    """The need that is met least often; `None` when there is none."""
    return min(needs, key=lambda need: (need_rate(need), sorted(need)), default=None)
