"""A note and what is marked in it in, pieces of text out that tile it exactly: what the page colours and labels.

Evidence of several criteria may overlap in any way; each piece carries every mark that covers it. One sweep over the
sorted ends, so that a note of a megabyte with thousands of marks takes no longer than it must.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from extractor.review.charts import Item
from extractor.spec.load import patterns_folder
from extractor.spec.sections import load_sections
from extractor.text.sections import SectionFinder

MOST_HITS = 1_000


@dataclass(frozen=True, slots=True)
class Mark:
    """What covers a span: a piece of evidence (`item`), or a hit of the search where it is null."""

    start: int
    end: int
    item: Item | None = None
    number: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that the same marks cover; `begins` are those that start here, `anchors` the places named here."""

    text: str
    marks: tuple[Mark, ...]
    begins: tuple[Mark, ...]
    anchors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of a note in the outline."""

    title: str
    start: int
    anchor: str


def pieces(text: str, marks: Iterable[Mark], anchors: Mapping[int, str] | None = None) -> list[Piece]:
    """The pieces in order; joined they are `text`. Marks beyond the text are cut to it, empty ones left out.

    >>> [(p.text, len(p.marks)) for p in pieces("no TB seen", [Mark(3, 5), Mark(0, 5)])]
    [('no ', 1), ('TB', 2), (' seen', 0)]
    """
    named = {place: name for place, name in (anchors or {}).items() if place < len(text)}
    opening: dict[int, list[Mark]] = defaultdict(list)
    closing: dict[int, list[Mark]] = defaultdict(list)
    for mark in marks:
        start, end = max(0, mark.start), min(mark.end, len(text))
        if start < end:
            opening[start].append(mark)
            closing[end].append(mark)
    cuts = sorted({0, len(text), *opening, *closing, *named})
    covering: dict[int, Mark] = {}  # by identity: a mark's hash would be that of all its evidence says
    made = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        for mark in closing[start]:
            covering.pop(id(mark), None)
        begins = sorted(opening[start], key=lambda mark: -mark.end)
        covering.update((id(mark), mark) for mark in begins)
        anchor = (named[start],) if start in named else ()
        made.append(Piece(text[start:end], tuple(covering.values()), tuple(begins), anchor))
    return made


def hits(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand, in any case, the first `MOST_HITS` of them."""
    wanted, low = words.lower(), text.lower()
    if not wanted.strip() or len(low) != len(text):  # a letter whose small form is longer would shift every offset
        return _hits_case_bound(text, words)
    return _find_all(low, wanted)


def _hits_case_bound(text: str, words: str) -> list[tuple[int, int]]:
    return _find_all(text, words) if words.strip() else []


def _find_all(text: str, words: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    place = text.find(words)
    while place >= 0 and len(found) < MOST_HITS:
        found.append((place, place + len(words)))
        place = text.find(words, place + len(words))
    return found


@lru_cache(maxsize=1)
def _finder() -> SectionFinder:
    return SectionFinder.compile(load_sections(patterns_folder()))


@lru_cache(maxsize=64)
def outline(text: str, prefix: str) -> tuple[Heading, ...]:
    """The titled sections of a note in order; `prefix` begins the name of each place."""
    found = [section for section in _finder().find(text) if section.title_end > section.title_start]
    return tuple(
        Heading(" ".join(text[s.title_start : s.title_end].split()).rstrip(" :-"), s.title_start, f"{prefix}-{number}")
        for number, s in enumerate(found, start=1)
    )
