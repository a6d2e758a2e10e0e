"""A note and places in it in, the sentences that hold them out, without splitting the rest of the note.

Where a block of lines begins and ends is told from neighbouring lines (`sentences.py`), so a sentence and its list
heading are found from the inside; both are those that splitting the whole note gives.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from extractor.text.leads import governs, indent_of, is_lead, leads, line_end_colons
from extractor.text.sentences import HARD_BREAKS, continues, sentences_of, split

Span = tuple[int, int]


class Sentences:
    """The sentences of one note, found as they are asked for. Ask in the order of the note: what is near is remembered."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._block: Span = (0, 0)
        self._in_block: list[Span] = []
        self._colons: list[int] | None = None
        self._led: tuple[Span, Span | None, int] | None = None
        self._whole: list[Span] | None = None
        self._leads: dict[Span, Span | None] = {}
        if any(mark in text for mark in "\r" + HARD_BREAKS):
            self.all()

    def all(self) -> list[Span]:
        """Every sentence, in order."""
        if self._whole is None:
            self._whole = split(self._text)
            self._leads = dict(zip(self._whole, leads(self._text, self._whole), strict=True))
        return self._whole

    def at(self, offsets: Iterable[int]) -> Iterator[Span]:
        """The sentences that hold the characters at `offsets`, each once, in order; white space is in none."""
        last: Span = (0, 0)
        for offset in sorted(offsets):
            if last[0] <= offset < last[1]:
                continue
            span = self._holding(offset)
            if span is not None and span != last:
                last = span
                yield span

    def between(self, start: int, end: int) -> Iterator[Span]:
        """The sentences that begin in `start:end`, in order."""
        span = self._next(start)
        while span is not None and span[0] < end:
            if span[0] >= start:
                yield span
            span = self._next(span[1])

    def lead(self, span: Span) -> Span | None:
        """The list heading that governs a sentence of this note."""
        if self._whole is not None:
            return self._leads[span]
        heading = self._nearest_heading(span[0])
        if heading is None:
            return None
        current, lead, indent = heading, heading, indent_of(self._text, heading[0])
        governed: Span | None = heading
        if self._led is not None and heading[1] <= self._led[0][0] <= span[0] and self._led[0] != span:
            current, governed, indent = self._led
        while current != span:
            following = self._next(current[1])
            if governed is None or following is None or following[0] > span[0]:
                governed = None
                break
            gap = self._text[current[1] : following[0]]
            column = indent_of(self._text, following[0])
            if not governs(self._text, following[0], column, indent, gap, is_first=current == lead):
                governed = None
            current = following
        self._led = (span, governed, indent)
        return governed

    def _nearest_heading(self, start: int) -> Span | None:
        """The last sentence before `start` that can be the heading of a list."""
        if self._colons is None:
            self._colons = line_end_colons(self._text)
        position = bisect_right(self._colons, start)
        while position > 0:
            position -= 1
            span = self._holding(self._colons[position] - 1)
            if span is not None and span[1] <= start and is_lead(self._text, *span):
                return span
        return None

    def _next(self, offset: int) -> Span | None:
        """The first sentence that ends after `offset`."""
        text = self._text
        while offset < len(text) and text[offset].isspace():
            offset += 1
        return self._holding(offset) if offset < len(text) else None

    def _holding(self, offset: int) -> Span | None:
        spans = self.all() if self._whole is not None else self._block_at(offset)
        position = bisect_right(spans, (offset, len(self._text))) - 1
        return spans[position] if position >= 0 and offset < spans[position][1] else None

    def _block_at(self, offset: int) -> list[Span]:
        """The sentences of the block of lines that holds `offset`."""
        if not self._block[0] <= offset < self._block[1]:
            self._block = self._find_block(offset)
            self._in_block = sentences_of(self._text, *self._block)
        return self._in_block

    def _find_block(self, offset: int) -> Span:
        text = self._text
        start = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", offset) + 1 or len(text)
        first = last = text[start:end]
        while start > 0:
            before = text.rfind("\n", 0, start - 1) + 1
            line = text[before:start]
            if not continues(line, first):
                break
            start, first = before, line
        while end < len(text):
            after = text.find("\n", end) + 1 or len(text)
            line = text[end:after]
            if not continues(last, line):
                break
            end, last = after, line
        return start, end
