"""Cue rules and the tokens of a sentence in, the cues that stand there out.

Of two overlapping cues the longer phrase wins: "no change" hides "no", "cannot be excluded" hides "excluded".
A pseudo phrase hides the shorter cue from all that follows, but not from what begins inside it: in
"no changes in vision", the target "changes in vision" is denied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from extractor.spec.cues import ANY_NUMBER, ANY_YEAR, CueRule, CueRules
from extractor.text.literals import LiteralMatcher
from extractor.text.tokens import Tokens

WIDE_GAP = re.compile(r"\t|[^\S\r\n]{2}(?![\s\S]*[\r\n])")  # columns, not the indent of a wrapped line
CELL_GAP = re.compile(
    r"(?:\t|[^\S\r\n]{2}|\s\||\.{3}\s?|…\s?|\?\s?|_{2}\s?)[^\S\r\n]*$"
)  # what sets an answer off from its question
CAPITALS = re.compile(r"(?:NO|NIL|NONE|NEVER|NEG|NEGATIVE|DENIES|DENIED|ABSENT|FALSE)\b")
SMALL_WORD = re.compile(r"[a-z)] ?$")
CELL_START = re.compile(r"(?:\t|[^\S\r\n]{3}|\s\|)[^\S\r\n]*$")  # where the question begins
CELL_REACH = 12  # characters
NEIGHBOURS = 40  # phrases on either side that can overlap one: phrases are short, and few begin at one token
ALONE_BEFORE = frozenset({ANY_NUMBER, ".", ")", "-", "*", "•", "#"})  # an item's number or dash
ALONE_AFTER = frozenset({".", ",", ";"})


@dataclass(frozen=True, slots=True)
class FoundCue:
    """A cue at tokens [first, last) with the attributes left to it; `within` is where a pseudo phrase fences it in.

    `floor` is where the question begins that a `cell` answers.
    """

    first: int
    last: int
    rule: CueRule
    attributes: tuple[str, ...]
    within: int | None = None
    floor: int = 0


@dataclass(frozen=True)
class CompiledCues:
    """The matcher, the word sets, and the attributes that a section or note title sets by itself."""

    matcher: LiteralMatcher[CueRule]
    words: dict[str, frozenset[str]]
    by_section: dict[str, tuple[str, ...]]
    by_title: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=8)
def compile_cues(rules: CueRules) -> CompiledCues:
    """Everything that can be worked out once; kept for as long as the rules are in use."""
    return CompiledCues(
        matcher=LiteralMatcher((term, cue) for cue in rules.cues for term in cue.terms),
        words={name: frozenset(words) for name, words in rules.lists.items()},
        by_section={section: cue.attributes for cue in rules.cues for section in cue.sections},
        by_title=tuple((title.lower(), cue.attributes) for cue in rules.cues for title in cue.note_titles),
    )


def cue_norms(norms: tuple[str, ...]) -> tuple[str, ...]:
    """Every number as one word and every year as another, so that terms can name "any number" and "any year"."""
    return tuple(_number(norm) if norm.isdigit() else norm for norm in norms)


def _number(norm: str) -> str:
    return ANY_YEAR if len(norm) == 4 and norm[:2] in ("19", "20") else ANY_NUMBER


def find_cues(norms: tuple[str, ...], tokens: Tokens, text: str, compiled: CompiledCues) -> list[FoundCue]:
    """The cues, pseudo phrases spent, in the order of their first token."""
    here = frozenset(norms)
    found = [
        FoundCue(first, last, rule, rule.attributes, floor=_question_start(first, tokens, text) if rule.stands == "cell" else 0)
        for first, last, rule in compiled.matcher.find(norms)
        if (rule.stands == "anywhere" or stands(rule.stands, first, last, norms, tokens, text, compiled))
        and (not rule.needs or not here.isdisjoint(rule.needs))
        and here.isdisjoint(rule.unless)
    ]
    kept = (_what_is_left(cue, found, index) for index, cue in enumerate(found) if cue.rule.kind != "pseudo")
    return [cue for cue in kept if cue is not None]


def stands(where: str, first: int, last: int, norms: tuple[str, ...], tokens: Tokens, text: str, compiled: CompiledCues) -> bool:
    """Whether the phrase is the first (last) thing of its item: "TB: no" is an answer, "Abdomen: no masses" is not.

    `alone` asks that it is all of the item.
    """
    if where == "alone":
        return ALONE_BEFORE.issuperset(norms[:first]) and ALONE_AFTER.issuperset(norms[last:])
    ends = _ends_item(last, norms, tokens, text, compiled)
    if where == "last":
        return ends
    if where == "cell":
        start = tokens.starts[first]
        return ends and (CELL_GAP.search(text, max(0, start - CELL_REACH), start) is not None or _is_in_capitals(text, start))
    opens = first == 0 or not norms[first - 1][0].isalnum() or norms[first - 1] in compiled.words["determiners"]
    return opens and not ends


def _is_in_capitals(text: str, start: int) -> bool:
    """ "severe infection NO": an answer in capitals behind a question in small letters."""
    return CAPITALS.match(text, start) is not None and SMALL_WORD.search(text, max(0, start - CELL_REACH), start) is not None


def _question_start(answer: int, tokens: Tokens, text: str) -> int:
    """The first token of the cell before the answer's; lines may wrap in it."""
    for i in range(answer - 1, 0, -1):
        start = tokens.starts[i]
        if text[start].isalnum() and CELL_START.search(text, max(0, start - CELL_REACH), start):
            return i
    return 0


def _ends_item(last: int, norms: tuple[str, ...], tokens: Tokens, text: str, compiled: CompiledCues) -> bool:
    """Whether nothing of the same item follows: the end, a wide gap, a mark or a linking word; lines may wrap."""
    if last == len(norms):
        return True
    gap = text[tokens.ends[last - 1] : tokens.starts[last]]
    after = norms[last]
    return WIDE_GAP.search(gap) is not None or after in compiled.words["connectors"] or not (after[0].isalnum() or after in "/-")


def _what_is_left(cue: FoundCue, found: list[FoundCue], index: int) -> FoundCue | None:
    """The cue without the attributes that a longer phrase around it takes away; `None` when none is left."""
    around = [other for other in _neighbours(found, index) if other.first <= cue.first and cue.last <= other.last]
    hiders = [other for other in around if _hides(other, cue)]
    if not hiders:
        return cue
    hidden = {attribute for other in hiders for attribute in other.attributes}
    left = tuple(attribute for attribute in cue.attributes if attribute not in hidden)
    if left:
        return replace(cue, attributes=left)
    if cue.rule.kind == "cue" and all(other.rule.kind == "pseudo" for other in hiders):
        return replace(cue, within=max(other.last for other in hiders))
    return None


def _neighbours(found: list[FoundCue], index: int) -> Iterator[FoundCue]:
    """The other phrases near enough to overlap this one."""
    yield from found[max(0, index - NEIGHBOURS) : index]
    yield from found[index + 1 : index + NEIGHBOURS]


def _hides(other: FoundCue, cue: FoundCue) -> bool:
    if other.rule.kind == "terminate" and cue.rule.kind == "cue":
        return False
    longer = other.last - other.first > cue.last - cue.first
    return longer or (other.rule.kind == "pseudo" and cue.rule.kind == "cue")
