"""A mention's sentence, short enough for a table cell: what a reviewer reads beside a verdict."""

from __future__ import annotations

LONGEST = 320  # characters


def snippet(text: str, start: int, end: int, mention_start: int, mention_end: int) -> str:
    """The sentence `start..end`, or as much of it around the mention as a cell holds, white space made single."""
    if end - start > LONGEST:
        start = max(start, mention_start - LONGEST // 2)
        end = min(end, max(mention_end, mention_start) + LONGEST // 2)
    return " ".join(text[start:end].split())[: LONGEST + 80]
