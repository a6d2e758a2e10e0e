"""List headings: which line with a colon governs which items ("Denies:" above three dashes)."""

from __future__ import annotations

import re

from extractor.text.sentences import ITEM

LONGEST_LEAD = 80  # characters; a longer line with a colon at its end is prose that introduces something
_LINE_BREAK = re.compile(r"[\n\r\f\v\u2028\u2029\x85]")
_LINE_END_COLON = re.compile(r":[ \t]*(?=\n|\Z)")
_BLANK = re.compile(r"\n[ \t\r]*\n")


def leads(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int] | None]:
    """For each sentence of `text` the span of the heading that governs it, or `None`.

    A heading is a sentence that ends with a colon at the end of its line; it governs the list items, and the lines
    indented more than itself, that follow it without a blank line between items and other text.
    """
    governing: list[tuple[int, int] | None] = []
    lead: tuple[int, int] | None = None
    indent = 0
    for index, (start, end) in enumerate(spans):
        column = indent_of(text, start)
        gap = text[spans[index - 1][1] : start] if index else ""
        if lead is not None and not governs(text, start, column, indent, gap, is_first=spans[index - 1] == lead):
            lead = None
        governing.append(lead)
        if is_lead(text, start, end):
            lead, indent = (start, end), column
    return governing


def line_end_colons(text: str) -> list[int]:
    """Where, one past it, the colons stand with which lines end, in a text whose only line break is the newline."""
    return [match.start() + 1 for match in _LINE_END_COLON.finditer(text)]


def is_lead(text: str, start: int, end: int) -> bool:
    """Whether a sentence can be a heading of a list."""
    return (
        text[end - 1] == ":"
        and end - start <= LONGEST_LEAD
        and (end == len(text) or _LINE_BREAK.match(text, end) is not None or text[end : end + 1] in " \t\r")
    )


def governs(text: str, start: int, column: int, lead_indent: int, gap: str, *, is_first: bool) -> bool:
    """Whether a heading that governs up to the sentence before governs the one at `start`, indented by `column`, too."""
    if not _LINE_BREAK.search(gap):
        return not is_first  # the next sentence of an item that is governed
    is_item = ITEM.match(text, start) is not None or column > lead_indent
    return is_item and (is_first or _BLANK.search(gap) is None)


def indent_of(text: str, start: int) -> int:
    """How far a sentence is indented, when it begins its line; else 0."""
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    prefix = text[line_start:start]
    return len(prefix) if not prefix.strip() else 0
