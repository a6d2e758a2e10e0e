"""A note in, its sentences out: prose sentences, list items and table rows, as half-open spans.

Clinical notes are hard-wrapped, listed and tabulated at once, so a line break is either a soft wrap inside a
sentence or the end of one. Every boundary is decided from the line before it and the line after it only.
"""

from __future__ import annotations

import re

WRAP_WIDTH = 60  # a line at least this long may have been broken by a text editor rather than by its author
LOWER_WRAP_WIDTH = 48  # the same, where the next line begins in lower case
LONGEST = 2000  # characters; text without any boundary is cut here at a space, so cost stays linear
HARD_BREAKS = "\f\v\x1c\x1d\x1e\x85\u2028\u2029"

LINE = re.compile(rf"[^\n\r{HARD_BREAKS}]*(?:\r\n|[\n\r{HARD_BREAKS}]|\Z)")
ITEM = re.compile(
    r"[ \t]*(?:[-*•·▪◦‣>#+=~]|\d{1,2}[.)](?=\s)|\(?[a-zA-Z\d]{1,2}\)(?=\s)|\[[ xX✓]?\]|☐|☑|☒"
    r"|[A-Z]\.(?=\s)|\d[\d/.-]{5,9}(?=\s{2}))"
)
HEADING = re.compile(r"[ \t]*[A-Z][\w()&/'\u2019. -]{0,48}:")
COLUMN_GAP = re.compile(r"(?<![.:;,!?\s])(?: {3,}|\t+ *|\s*\|\s*| ?\.{4,} ?)(?=\S)")
LOWER_START = re.compile(r"[ \t]*[a-z(]")
OPEN_END = re.compile(
    r"(?:[,(/&+-]|\b(?:a|an|the|of|in|on|at|by|for|to|from|with|w/|and|or|nor|but|no|not|without|w/o|is|are|was|were|has|had|have|"
    r"his|her|their|my|due|than|as|that|which|who|per|via|s/p|hx|h/o|until|left|right|both|mild|severe|if|when|"
    r"possible|probable|denies|any|very|be|been|will|would|can|may|should|old|new|into|over|under|between|including))\s*$",
    re.IGNORECASE,
)
WORD_ENDS = "ing ed er ss on ly es ts al ll th ck in nt sh sm rs ks ns rt ht gh nd us is os"
"""Ends of words, beside vowels, that are no abbreviations: a full stop after one ends a sentence before a small letter too."""
_WORD_END = "|".join(rf"[a-z]{{{4 - len(end)}}}{end}\." for end in WORD_ENDS.split())
SENTENCE_END = re.compile(
    r"[.!?\u3002\uff01\uff1f](?:"  # the sign comes first, so that a search skips from one to the next: thirty times as fast
    r"(?<=[.!?])(?<!\A\?)(?<![\n:;,(-]\?)(?<![\n:;,.-] \?)"
    r"[.!?]*[\"'\u201d\u2019)\]]*(?=\s+[\"'\u201c\u2018(\[]*[A-Z0-9\u00c0-\u00de?+<>/-])"
    rf"|(?<=[a-z]{{3}}[aeiouy]\.|{_WORD_END})(?=\s+(?:[a-z]{{2}}|[a-z]/[a-z]))"
    r"|(?<=[a-z)\]]{2}\.)(?=[A-Z][a-z])"
    r"|(?<=[\u3002\uff01\uff1f]))"
)
ABBREVIATION = re.compile(
    r"(?:^|[\s(/])(?:Dr|Drs|Mr|Mrs|Ms|Mx|Prof|St|Ste|vs|e\.g|i\.e|approx|ca|cf|resp|incl|esp|Fig|No|no|Nr|nr|Tab|Inj|Cap|Syr"
    r"|Z\.n|St\.p|s\.p|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|(?![ap]\.m)[A-Za-z](?:\.[A-Za-z]){1,3}|max|min|pos|neg|temp|wt|Wt|ht|Ht|q\.d|b\.i\.d|t\.i\.d|p\.o|s\.c|i\.v|i\.m"
    r"|dept|Dept|tel|Tel|ext|pt|pts|Pt|y\.o|y/o|yr|yrs|mo|mos|wk|wks|hr|hrs|[A-Z]|d|x)\.$"
)
ANSWER = re.compile(
    r"\s{1,6}(?:\[[ xX✓]?\]|☐|☑|☒|□|■)\s?(?:yes|y|no|n)\b|"
    r"\s{1,6}(?:no|none|nil|never|nope|yes|denies|denied|negative|neg|n|y|unknown|unsure)(?: ?/ ?(?:no|none|nil|n|y|yes))?"
    r"(?=[.,;]|\s*\Z|[ \t]*[\r\n]|\s{3,}|[ \t]+(?:\(|apart\b|except\b|other than\b|besides\b|aside\b))",
    re.IGNORECASE,
)
ABBREVIATION_REACH = 8  # characters before a full stop that decide whether it ends an abbreviation
BEFORE_NUMBER_ONLY = frozenset(
    [
        "no",
        "nr",
        "max",
        "min",
        "pos",
        "neg",
        "temp",
        "wt",
        "ht",
        "pt",
        "pts",
        "yr",
        "yrs",
        "mo",
        "mos",
        "wk",
        "wks",
        "hr",
        "hrs",
        "d",
        "x",
        "ca",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)


def split(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of `text` in order, without surrounding white space.

    >>> [("No fever.\\nHx of\\nTB. Well.")[a:b] for a, b in split("No fever.\\nHx of\\nTB. Well.")]
    ['No fever.', 'Hx of', 'TB.', 'Well.']
    """
    spans: list[tuple[int, int]] = []
    for start, end in blocks(text):
        spans += sentences_of(text, start, end)
    return spans


def blocks(text: str) -> list[tuple[int, int]]:
    """Runs of lines that soft wraps join: a paragraph, a list item with its continuation, or one table row."""
    joined: list[tuple[int, int]] = []
    start, previous = 0, ""
    for match in LINE.finditer(text):
        line = match.group()
        if not line:
            break
        if previous and not continues(previous, line):
            joined.append((start, match.start()))
            start = match.start()
        previous = line
    if start < len(text):
        joined.append((start, len(text)))
    return joined


def continues(previous: str, line: str) -> bool:
    """Whether `line` goes on with the sentence at the end of `previous`, both with their line breaks."""
    if previous[-1:] not in ("\n", "\r") or not previous.strip() or not line.strip():
        return False
    if is_row(line) or ITEM.match(line) or HEADING.match(line):
        return False
    if previous.rstrip().endswith(":") and len(previous.strip()) < WRAP_WIDTH:
        return False
    if is_row(previous) and not (LOWER_START.match(line) and (_hangs(previous, line) or OPEN_END.search(previous))):
        return False
    if LOWER_START.match(line):
        return len(previous.rstrip()) >= LOWER_WRAP_WIDTH or _hangs(previous, line) or OPEN_END.search(previous) is not None
    return len(previous.rstrip()) >= WRAP_WIDTH and not _is_capitals(previous)


def _hangs(previous: str, line: str) -> bool:
    """Whether `line` is indented under the text of a list item, or deeper than the line before it."""
    item = ITEM.match(previous)
    margin = len(previous) - len(previous.lstrip(" \t"))
    indent = len(line) - len(line.lstrip(" \t"))
    return indent > margin if item is None else indent > margin + 1


def is_row(line: str) -> bool:
    """Whether a line is laid out in columns, as laboratory tables and forms are."""
    body = line.strip()
    has_gap = "   " in body or "\t" in body or "|" in body or "...." in body  # one of which every gap holds
    return has_gap and COLUMN_GAP.search(body) is not None


def _is_capitals(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    return len(letters) < 40 and all(c.isupper() for c in letters)


def sentences_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of one block."""
    spans, first = [], start
    for match in SENTENCE_END.finditer(text, start, end):
        if not _is_abbreviation(text, start, match.start(), match.end()) and not _is_answered(text, match):
            spans += _trimmed(text, first, match.end())
            first = match.end()
    return spans + _trimmed(text, first, end)


def _is_answered(text: str, match: re.Match[str]) -> bool:
    """A question and its answer in a word or box are one sentence: "Any recent infections? No.", "Cancer? [ ] yes [x] no"."""
    return match.group().startswith(("?", "...")) and ANSWER.match(text, match.end()) is not None


def _is_abbreviation(text: str, start: int, stop: int, after: int) -> bool:
    if text[stop] != ".":
        return False
    before = text[max(start, stop - ABBREVIATION_REACH) : stop + 1]
    found = ABBREVIATION.search(before)
    if found is None:
        return bool(re.fullmatch(r"\s*\d{1,2}\.", text[start : stop + 1]))
    word = found.group().strip(" (/.\n\t").lower()
    if word in BEFORE_NUMBER_ONLY:
        return bool(re.match(r"\s+[\d<>]", text[after : after + 4]))
    return True


def _trimmed(text: str, start: int, end: int) -> list[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    pieces = []
    while end - start > LONGEST:
        cut = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        pieces.append((start, cut))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    return [*pieces, (start, end)] if start < end else pieces
