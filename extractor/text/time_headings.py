"""A note and its times in, the stretches of it that stand under a dated heading out.

"LABS 02/04/2025", "Laboratory (5/8): WBC …" and "DATE OF EXAM: 06/09/2025" date what follows: up to the blank line
after it, the next dated heading, or, for an examination or collection date, the end of the note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractor.records import DateInterval
from extractor.text.times import TimeExpression

_HEADING_WORD = re.compile(
    r"\b(?:labs?|laborator(?:y|ies)|bloods?|results?|tests?|biochem(?:istry)?|chem(?:istry)?|cbc|fbc|cmp|bmp|lfts?|u&es?|"
    r"ues?|serolog(?:y|ies)|investigations?|ix|data|urine|urinalysis|re-?examination|drawn|collected|specimen|chest|cxr|ct|"
    r"mri|x-?ray|xr|imaging|radiology|ultrasound|us|echo(?:cardiogra\w+)?|ecg|ekg|pft|audiogram|biopsy|exam(?:ination)?|"
    r"study|hematology|haematology|blood count|vitals?|virology|immunology|autoantibod\w+|path(?:ology)?|histology|"
    r"bronchoscopy|medications?|meds)\b",
    re.I,
)
_WHOLE_NOTE = re.compile(
    r"^[ \t]*(?:date of (?:exam(?:ination)?|study|service|procedure|test|scan|collection|visit)|exam(?:ination)? date|"
    r"exam date|study date|collected|date collected|specimen collected|collection date|date of imaging|scan date|"
    r"performed(?: on)?|date performed|scanned|date/time of exam|service date)\b[^\n]{0,12}$",
    re.I,
)
_IMAGING = re.compile(
    r"\b(?:chest|cxr|ct|mri|x-?ray|xr|imaging|radiology|ultrasound|us|echo\w*|ecg|ekg|pft|audiogram|biopsy)\b",
    re.I,
)
_NOT_HEADING = re.compile(
    r"\b(?:comparison|compared|prior|previous|old|last|next|due|positive|negative|neg|pos|reactive|non-?reactive|detected|"
    r"normal|until|since|before|after|from|ordered|scheduled|booked|repeat)\b",
    re.I,
)
_CELLS = re.compile(r"(?:\s{2,}|\s*\|\s*)\d{1,2}[/.-]\d{1,2}")
_AFTER_DATE = re.compile(
    r"[\s)\]]*(?:\d{1,2}:?\d\d(?:\s?[ap]m)?\s*)?(?::|$|\(|ref\b|-\s|–\s|[ \t]{3,}|[,.]?\s*(?:showed|with)\b)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class DatedBlock:
    """A stretch of a note and the date that its heading gives it."""

    start: int
    end: int
    interval: DateInterval


def section_times(text: str, times: Sequence[TimeExpression]) -> list[DatedBlock]:
    """The dated stretches in order of their start; `times` are those of the whole note.

    A line with two dates or more is the head of a table with a column a date and is left to `measurements`.
    """
    blocks: list[DatedBlock] = []
    by_line = _first_times(text, times)
    headings = {start for start, end, time, _ in by_line if _is_heading(text, text[start : time.start], time, end)}
    for line_start, line_end, time, count in by_line:
        if time.kind not in ("point", "duration") or time.precision not in ("day", "month") or count > 1:
            continue
        before = text[line_start : time.start]
        if _WHOLE_NOTE.match(before):
            blocks.append(DatedBlock(line_start, len(text), time.interval))
        elif line_start in headings and _opens_line(text, line_start):
            imaging = _IMAGING.search(before) is not None
            blocks.append(DatedBlock(line_start, _end(text, line_end, headings, imaging), time.interval))
    return blocks


def time_at(blocks: Sequence[DatedBlock], offset: int) -> DateInterval | None:
    """The date of the nearest heading whose stretch holds `offset`."""
    holding = [block for block in blocks if block.start <= offset < block.end]
    return max(holding, key=lambda block: block.start).interval if holding else None


def _first_times(text: str, times: Sequence[TimeExpression]) -> list[tuple[int, int, TimeExpression, int]]:
    """For every line with a time: start, end, its first time and how many it has."""
    lines: dict[int, tuple[int, int, TimeExpression, int]] = {}
    start, end = 0, -1
    for time in times:
        if time.start >= end:
            start = text.rfind("\n", max(start, 0), time.start) + 1 or start
            end = text.find("\n", time.start)
            end = len(text) if end < 0 else end
        known = lines.get(start)
        first, count = (known[2], known[3]) if known else (time, 0)
        lines[start] = (start, end, first, count + 1)
    return [lines[start] for start in sorted(lines)]


def _opens_line(text: str, line_start: int) -> bool:
    """Whether the line begins something: the line before does not run on into it."""
    before = text[max(0, line_start - 80) : line_start].rstrip("\r\n")
    last = before[-1:]
    if text[line_start : line_start + 1].isupper() and last != ",":
        return True
    return not (last == "," or (last.islower() and len(before) - before.rfind("\n") > 60))


def _is_heading(text: str, before: str, time: TimeExpression, line_end: int) -> bool:
    if len(before) > 48 or len(before.split()) > 6 or re.search(r"[.;]\s", before):
        return False
    rest = text[time.end : min(line_end, time.end + 40)]
    if _NOT_HEADING.search(before) or _CELLS.match(rest):
        return False
    return _HEADING_WORD.search(before) is not None and _AFTER_DATE.match(rest) is not None


_INDENTED = re.compile(r"[\r\n]{0,8}[ \t]")
_TITLE = re.compile(r"[ \t]*[A-Z][A-Za-z/&' ]{1,40}:")


def _end(text: str, line_end: int, headings: set[int], imaging: bool) -> int:
    """The blank line or the next titled line at the margin after the heading; after an image any title ends it."""
    is_indented_below = _INDENTED.match(text, line_end) is not None
    position = line_end
    while position < len(text):
        start = position + 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        is_blank = not line.strip()
        if start in headings or (is_blank and (position > line_end or not is_indented_below)):
            return position
        if not is_blank and _closes(line, imaging):
            return position
        position = end
    return len(text)


def _closes(line: str, imaging: bool) -> bool:
    """Whether a titled line begins another part; after laboratory values only one at the margin without numbers does."""
    if _TITLE.match(line) is None:
        return False
    is_laboratory = line.startswith((" ", "\t")) or _HEADING_WORD.search(line[:40]) or re.search(r"\d", line)
    return imaging or not is_laboratory
