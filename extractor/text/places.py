"""A note and places in it in, the sentences that hold them out, with their list headings.

The note is split when it is first asked about, all of it: that takes a tenth of a millisecond, less than finding the
sentences of some places from the inside did. A note of which nothing is asked is not split.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

from extractor.text.leads import leads
from extractor.text.sentences import split

Span = tuple[int, int]


class Sentences:
    """The sentences of one note."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _spans(self) -> list[Span]:
        return split(self._text)

    @cached_property
    def _leads(self) -> dict[Span, Span | None]:
        return dict(zip(self._spans, leads(self._text, self._spans), strict=True))

    def all(self) -> list[Span]:
        """Every sentence, in order."""
        return self._spans

    def at(self, offsets: Iterable[int]) -> Iterator[Span]:
        """The sentences that hold the characters at `offsets`, each once, in order; white space is in none."""
        end = 0
        for offset in sorted(offsets):
            if offset < end:
                continue
            position = bisect_right(self._spans, (offset, len(self._text))) - 1
            if position >= 0 and offset < self._spans[position][1]:
                end = self._spans[position][1]
                yield self._spans[position]

    def between(self, start: int, end: int) -> Iterator[Span]:
        """The sentences that begin in `start:end`, in order."""
        yield from self._spans[bisect_left(self._spans, (start, 0)) : bisect_left(self._spans, (end, 0))]

    def lead(self, span: Span) -> Span | None:
        """The list heading that governs a sentence of this note."""
        return self._leads[span]
