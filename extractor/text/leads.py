"""List headings: which line with a colon governs which items ("Denies:" above three dashes)."""

from __future__ import annotations

import re

from extractor.text.sentences import ITEM

LONGEST_LEAD = 80  # characters; a longer line with a colon at its end is prose that introduces something
_LINE_BREAK = re.compile(r"[\n\r\f\v\u2028\u2029\x85]")
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
    line_start = start
    while line_start > 0 and text[line_start - 1] not in "\n\r":
        if not text[line_start - 1].isspace():
            return 0
        line_start -= 1
    return start - line_start
