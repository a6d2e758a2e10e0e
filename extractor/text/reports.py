"""Reports of examinations inside other notes: where one begins, and how far it goes.

"CXR 6/10: lungs clear. No nodule." in a clinic letter is a small report: its second sentence names no examination,
and yet is about the chest. In come the note's text, its title and the rules of `patterns/sections.yaml`; out come
the stretches of the note that are such a report. A report has sections of its own, so stretches lie over sections.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractor.spec.sections import ReportRule
from extractor.text.line_search import LineSearch
from extractor.text.time_headings import DatedBlock
from extractor.text.times import TimeExpression

LONGEST = 2500  # characters; a report quoted in a note is shorter
_TOP = 900  # characters at the top of a note in which a report names its examination
_BLANK = re.compile(r"\n[ \t\r]*\n")
_REST_OF_LINE = re.compile(r"[^\n]*")


@dataclass(frozen=True, slots=True)
class Report:
    """A stretch of a note that reports one examination; its opening words end at `opening_end`."""

    name: str
    start: int
    end: int
    opening_end: int


@dataclass(frozen=True, slots=True)
class ReportFinder:
    """One kind of report, compiled."""

    name: str
    opens: LineSearch
    heads: re.Pattern[str]
    titles: re.Pattern[str]
    closes: re.Pattern[str]

    @classmethod
    def compile(cls, rule: ReportRule) -> ReportFinder:
        opens, heads, titles, closes = (
            re.compile(part, re.I | re.M) for part in (rule.opens, rule.heads, rule.titles, rule.closes)
        )
        return cls(rule.name, LineSearch(opens), heads, titles, closes)

    def find(self, text: str, title: str) -> list[Report]:
        """The stretches in order, none overlapping; a note whose title says so is one throughout, and holds others."""
        found: list[Report] = []
        for match in self.opens.finditer(text):
            if not found or match.start() >= found[-1].end:
                found.append(Report(self.name, match.start(), self._end(text, match.end()), match.end()))
        if self.titles.search(title) and (self.heads.search(title) or self.heads.search(text, 0, _TOP)):
            return [Report(self.name, 0, len(text), 0), *found]
        return found

    def _end(self, text: str, opening_end: int) -> int:
        """Up to the blank line or the next topic; the lines under a heading that stands alone belong to it."""
        rest = _REST_OF_LINE.match(text, opening_end)
        first = opening_end
        if rest is not None and not rest.group().strip():
            first = rest.end()
            while text[first : first + 1].isspace():
                first += 1
        limit = min(len(text), first + LONGEST)
        blank = _BLANK.search(text, first, limit)
        limit = blank.start() if blank else limit
        close = self.closes.search(text, opening_end, limit)
        return close.start() if close else limit


def is_quoted(reports: Sequence[Report], start: int) -> bool:
    """Whether the character stands in a report that another note quotes, and not under the note's own headings."""
    return any(report.opening_end and report.start <= start < report.end for report in reports)


def own_times(reports: Sequence[Report], times: Sequence[TimeExpression]) -> list[TimeExpression]:
    """The times without later dates of an opening: "CXR 03/29, result attached 03/31" was done on the first."""
    dropped = set()
    for report in reports:
        dropped |= {time.start for time in _opening_times(report, times)[1:]}
    return [time for time in times if time.start not in dropped]


def _opening_times(report: Report, times: Sequence[TimeExpression]) -> list[TimeExpression]:
    return [time for time in times if report.start <= time.start and time.end <= report.opening_end and time.kind == "point"]


def reports_at(reports: Sequence[Report], start: int, end: int) -> frozenset[str]:
    """The kinds of report that the characters from `start` to `end` touch."""
    return frozenset(report.name for report in reports if report.start < end and start < report.end)


def dated_reports(reports: Sequence[Report], times: Sequence[TimeExpression]) -> list[DatedBlock]:
    """The stretches whose opening words hold a date: the first one is that of the examination."""
    blocks = []
    for report in reports:
        inside = _opening_times(report, times)
        if inside:
            blocks.append(DatedBlock(report.start, report.end, inside[0].interval))
    return blocks
