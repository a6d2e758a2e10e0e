"""The frozen records of a gold corpus: charts with verdicts and evidence, and the notes that they point into.

Spans are half-open and count Unicode code points of `note_text` exactly as stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, get_args

from extractor.records import Note, Patient, Reason, Role, VerdictValue

VERDICTS: Final[tuple[VerdictValue, ...]] = get_args(VerdictValue)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """One piece of evidence. `reason` says why it was set aside, and is there exactly when `role` is `rejected`."""

    criterion: str
    note_id: str
    start: int
    end: int
    role: Role
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class GoldChart:
    """What was decided for one patient; `split` is the part of the corpus that the patient belongs to.

    `doubts` are the reader's own remarks on close calls, each begun with its criterion and a colon.
    """

    patient: Patient
    verdicts: Mapping[str, VerdictValue]
    evidence: tuple[GoldSpan, ...] = ()
    split: str | None = None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """Charts and notes in the order of their files. `unread` names columns of the files that no record holds."""

    charts: tuple[GoldChart, ...]
    notes: tuple[Note, ...]
    unread: tuple[str, ...] = field(default=(), compare=False)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Criteria with a verdict in any chart, in the order of their first appearance."""
        return tuple(dict.fromkeys(criterion for chart in self.charts for criterion in chart.verdicts))

    @property
    def evidence(self) -> tuple[GoldSpan, ...]:
        """The spans of all charts."""
        return tuple(span for chart in self.charts for span in chart.evidence)


def text_sha256(text: str) -> str:
    """The hash that travels with offsets: whoever has another text cannot use them.

    >>> text_sha256("")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def spans_by_note(corpus: Corpus) -> dict[str, tuple[GoldSpan, ...]]:
    """The spans of every note, of notes without evidence too, in order of place."""
    found: dict[str, list[GoldSpan]] = {note.note_id: [] for note in corpus.notes}
    for span in corpus.evidence:
        found[span.note_id].append(span)
    return {note_id: tuple(sorted(spans, key=_place)) for note_id, spans in found.items()}


def in_order(corpus: Corpus) -> Corpus:
    """The same corpus with evidence ordered by criterion, note and place: the order in a file says nothing."""
    criteria = {criterion: number for number, criterion in enumerate(corpus.criteria)}
    notes = {note.note_id: number for number, note in enumerate(corpus.notes)}

    def key(span: GoldSpan) -> tuple[object, ...]:
        return (criteria.get(span.criterion, len(criteria)), notes[span.note_id], *_place(span))

    charts = (replace(chart, evidence=tuple(sorted(chart.evidence, key=key))) for chart in corpus.charts)
    return replace(corpus, charts=tuple(charts))


def with_evidence(charts: Iterable[GoldChart], spans: Mapping[str, Iterable[GoldSpan]]) -> tuple[GoldChart, ...]:
    """The charts with the spans of their patient id as their evidence."""
    return tuple(replace(chart, evidence=tuple(spans.get(chart.patient.patient_id, ()))) for chart in charts)


def _place(span: GoldSpan) -> tuple[int, int, str, str, str]:
    return (span.start, span.end, span.criterion, span.role, span.reason or "")
