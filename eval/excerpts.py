"""The parts of a note around some spans, cut where marks begin and end, for two columns that show the same text.

Comes in: a note's text and spans. Goes out: excerpts of segments; each segment has the spans that cover it. Nothing here is
HTML and nothing is escaped: the template does that, in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.records import Span

CONTEXT_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that no mark begins or ends in; `spans` cover all of it."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Half-open [start, end) of a note, its segments joined being exactly that text."""

    start: int
    end: int
    segments: tuple[Segment, ...]


def windows(length: int, spans: Iterable[Span], *, context: int = CONTEXT_CHARACTERS) -> tuple[tuple[int, int], ...]:
    """The half-open stretches of a note within `context` characters of a span, those that touch joined, in order.

    >>> windows(1000, [Span("E1", "N", 300, 310, "supports"), Span("E1", "N", 330, 335, "supports")], context=20)
    ((280, 355),)
    """
    joined: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start, end = max(0, span.start - context), min(length, span.end + context)
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)


def excerpt(text: str, start: int, end: int, spans: Sequence[Span]) -> Excerpt:
    """The text of [start, end) with the spans that lie in it."""
    inside = [span for span in spans if span.start < end and start < span.end]
    cuts = {start, end, *(span.start for span in inside), *(span.end for span in inside)}
    kept = sorted(cut for cut in cuts if start <= cut <= end)
    segments = [
        Segment(text[a:b], tuple(span for span in inside if span.start <= a and b <= span.end))
        for a, b in zip(kept, kept[1:], strict=False)
    ]
    return Excerpt(start, end, tuple(segments))
