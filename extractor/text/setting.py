"""What is true of a whole note: sections, dates, reports, laboratory values, weights. Each is worked out when first asked for.

Both pipelines read these from the same functions of the whole note, so they cannot differ; a note of which no sentence
yields a mention is never searched for dates.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from extractor.records import Note, Section
from extractor.spec.rules import ConceptRule
from extractor.text.bodies import BodyMeasure, find_bodies
from extractor.text.dating import TimeExpression, find_times, guess_day_first
from extractor.text.measurement_forms import Name
from extractor.text.measurements import Measurement, find_measurements, guess_si_units
from extractor.text.reports import Report, dated_reports, is_quoted, own_times
from extractor.text.rules import TextRules
from extractor.text.sections import section_at
from extractor.text.time_headings import DatedBlock, section_times
from extractor.text.times import between

Item = TypeVar("Item")
QUOTED_SECTION = "imaging"  # of a report inside another note, whatever heading the note has over it


@dataclass(frozen=True)
class Setting:
    """A note, the rules, and what follows from them for the whole note.

    `asked_day_first` orders numeric dates; `None` lets the note's own dates decide. `names` are where the names of
    analytes stand, in order: the pipeline finds them with its own means.
    """

    note: Note
    rules: TextRules
    asked_day_first: bool | None
    find_names: Callable[[], Sequence[Name]]

    @property
    def title(self) -> str:
        return self.note.note_title or ""

    @property
    def opening(self) -> str:
        """The title, else the top of the text: what rules that are limited to kinds of notes look at."""
        return self.title or self.note.note_text[:120]

    @cached_property
    def sections(self) -> list[Section]:
        return self.rules.sections.find(self.note.note_text)

    @cached_property
    def day_first(self) -> bool:
        if self.asked_day_first is not None:
            return self.asked_day_first
        return guess_day_first(self.note.note_text, self.note.note_date) or False

    @cached_property
    def written_times(self) -> list[TimeExpression]:
        """Every time of the note, those of quoted reports too."""
        return find_times(self.note.note_text, self.note.note_date, day_first=self.day_first)

    @cached_property
    def reports(self) -> list[Report]:
        return [report for finder in self.rules.reports for report in finder.find(self.note.note_text, self.title)]

    @cached_property
    def times(self) -> list[TimeExpression]:
        return own_times(self.reports, self.written_times)

    @cached_property
    def blocks(self) -> list[DatedBlock]:
        return [*dated_reports(self.reports, self.times), *section_times(self.note.note_text, self.times)]

    @cached_property
    def measurements(self) -> list[Measurement]:
        names = self.find_names()
        if not names:
            return []
        text = self.note.note_text
        return find_measurements(text, self.rules.analytes, names=names, times=self.written_times, si_units=guess_si_units(text))

    @cached_property
    def bodies(self) -> list[BodyMeasure]:
        return find_bodies(self.note.note_text)

    def section_of(self, start: int) -> str:
        """The name of the section that the sentence at `start` stands in, `""` for none."""
        if is_quoted(self.reports, start):
            return QUOTED_SECTION
        section = section_at(self.sections, self._section_starts, start)
        return section.name if section else ""

    def times_in(self, start: int, end: int) -> Sequence[TimeExpression]:
        """The times that begin in `start:end` of the note."""
        return between(self.times, start, end)

    def measurements_in(self, start: int, end: int) -> Iterator[Measurement]:
        """The measurements that begin in `start:end`."""
        return _starting(self.measurements, self._measurement_starts, start, end)

    def bodies_in(self, start: int, end: int) -> Iterator[BodyMeasure]:
        """The weights and heights that begin in `start:end`."""
        return _starting(self.bodies, self._body_starts, start, end)

    def measures(self, start: int, end: int) -> bool:
        """Whether a laboratory value, a weight or a height begins in `start:end`."""
        return any(True for found in (self.measurements_in, self.bodies_in) for _ in found(start, end))

    def stretches_of(self, rule: ConceptRule) -> Iterator[tuple[int, int]]:
        """Where in the note a rule can hold, by the sections it is limited to; in all of it when it is not."""
        if not rule.sections:
            yield 0, len(self.note.note_text)
            return
        yield from ((section.start, section.end) for section in self.sections if section.name in rule.sections)
        if QUOTED_SECTION in rule.sections:
            yield from ((report.start, report.end) for report in self.reports)

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.start for section in self.sections]

    @cached_property
    def _measurement_starts(self) -> list[int]:
        return [measurement.start for measurement in self.measurements]

    @cached_property
    def _body_starts(self) -> list[int]:
        return [body.start for body in self.bodies]


def _starting(items: Sequence[Item], starts: Sequence[int], start: int, end: int) -> Iterator[Item]:
    for position in range(bisect_left(starts, start), len(items)):
        if starts[position] >= end:
            return
        yield items[position]
