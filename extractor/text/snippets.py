"""The text around a place: its line, and a mention's sentence short enough for a table cell, for a reviewer to read."""

from __future__ import annotations

LONGEST = 320  # characters


def snippet(text: str, start: int, end: int, mention_start: int, mention_end: int) -> str:
    """The sentence `start..end`, or as much of it around the mention as a cell holds, white space made single."""
    if end - start > LONGEST:
        start = max(start, mention_start - LONGEST // 2)
        end = min(end, max(mention_end, mention_start) + LONGEST // 2)
    return " ".join(text[start:end].split())[: LONGEST + 80]


def line_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The line, or the lines, that hold `start:end`, without the line break."""
    after = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if after < 0 else after
