"""Marked-up example sentences in, text and expected mentions out: `Denies [auricular chondritis](absent).`

A mark holds what the sentence says of the span: present, absent, possible, hypothetical, historical, family, or any;
after a semicolon attributes and quantities that must come out (`side=left value=20 unit=mg/d`). A sentence without
a mark must yield no mention of the concept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.records import Mention

MARK = re.compile(
    r"\[(?P<span>[^\[\]]+)\]\((?P<state>present|absent|possible|hypothetical|historical|family|any)(?:;(?P<rest>[^()]*))?\)"
)
FLAG_OF = {
    "absent": "negated",
    "possible": "uncertain",
    "hypothetical": "hypothetical",
    "historical": "historical",
    "family": "family",
}
PAIR = re.compile(r"(\w+)=(\"[^\"]*\"|\S+)")


@dataclass(frozen=True, slots=True)
class ExpectedMention:
    """A span of the example and what must be said of it; `pairs` are attributes or quantities."""

    start: int
    end: int
    state: str
    pairs: tuple[tuple[str, str], ...]


def parse_example(marked: str) -> tuple[str, tuple[ExpectedMention, ...]]:
    """The plain sentence and the mentions expected in it.

    >>> parse_example("Denies [TB](absent).")
    ('Denies TB.', (ExpectedMention(start=7, end=9, state='absent', pairs=()),))
    """
    text, expected, last = "", [], 0
    for match in MARK.finditer(marked):
        text += marked[last : match.start()]
        pairs = tuple((name, value.strip('"')) for name, value in PAIR.findall(match["rest"] or ""))
        expected.append(ExpectedMention(len(text), len(text) + len(match["span"]), match["state"], pairs))
        text += match["span"]
        last = match.end()
    return text + marked[last:], tuple(expected)


def faults(expected: tuple[ExpectedMention, ...], found: list[Mention]) -> list[str]:
    """What differs between the mentions expected in an example and those found, one line each.

    A mention answers the mark that it overlaps; where it begins and ends is the scorer's business, not the example's.
    """
    lines, unclaimed = [], list(found)
    for item in expected:
        mention = next((m for m in unclaimed if m.start < item.end and item.start < m.end), None)
        if mention is None:
            lines.append(f"not found at {item.start}-{item.end}; found {sorted((m.start, m.end, m.text) for m in found)}")
        else:
            unclaimed.remove(mention)
            lines += _differences(item, mention)
    return lines + [f"found besides: {mention.text!r} at {mention.start}" for mention in unclaimed]


def _differences(item: ExpectedMention, mention: Mention) -> list[str]:
    lines = []
    flag = FLAG_OF.get(item.state)
    if flag is not None and not getattr(mention.assertion, flag):
        lines.append(f"{mention.text!r} should be {item.state}")
    if item.state == "present":
        wrong = [name for name in ("negated", "uncertain", "hypothetical", "family") if getattr(mention.assertion, name)]
        lines += [
            f"{mention.text!r} should be present, is {name} by {dict(mention.assertion.cues).get(name)!r}" for name in wrong
        ]
    for name, value in item.pairs:
        has = (
            getattr(mention, name, None)
            if name in ("value", "unit", "comparator", "range_low", "range_high")
            else mention.attribute(name)
        )
        if name in ("earliest", "latest"):
            has = getattr(mention.when, name)
        same = abs(float(has) - float(value)) < 0.01 if isinstance(has, float) else str(has) == value
        if not same:
            lines.append(f"{mention.text!r}: {name} should be {value}, is {has}")
    return lines
