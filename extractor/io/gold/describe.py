"""What a corpus covers: for each criterion how often each verdict was given, and how many spans speak for and against.

Its own file because a corpus is grown by it: a criterion with few charts of one verdict measures little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from extractor.io.gold.records import REASONS, ROLES, VERDICTS, Corpus, GoldChart
from extractor.records import VerdictValue

DECIDED: tuple[VerdictValue, ...] = ("met", "not_met", "unknown")
"""The verdicts that any criterion can have; whether one can be not applicable lies in the trial."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Charts by verdict and spans by role of one criterion, every word of the vocabulary named."""

    criterion: str
    verdicts: Mapping[str, int]
    roles: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A split, or the whole corpus under the name `all`. `words` are parted by blanks."""

    name: str
    patients: int
    notes: int
    words: int
    spans: int
    reasons: Mapping[str, int]
    criteria: tuple[Coverage, ...]


def describe(corpus: Corpus) -> tuple[Part, ...]:
    """The whole corpus, then each split by name; charts without split are in no split."""
    splits = sorted({chart.split for chart in corpus.charts if chart.split is not None})
    parts = [("all", corpus.charts), *((name, tuple(c for c in corpus.charts if c.split == name)) for name in splits)]
    return tuple(_part(name, charts, corpus) for name, charts in parts)


def too_few(part: Part, at_least: int) -> list[str]:
    """Criteria with fewer charts of a verdict than wanted, a sentence each."""
    return [
        f"{one.criterion}: {one.verdicts[verdict]} {verdict}, wanted {at_least}"
        for one in part.criteria
        for verdict in DECIDED
        if one.verdicts[verdict] < at_least
    ]


def _part(name: str, charts: tuple[GoldChart, ...], corpus: Corpus) -> Part:
    patients = {chart.patient.patient_id for chart in charts}
    texts = [note.note_text for note in corpus.notes if note.patient_id in patients]
    spans = [span for chart in charts for span in chart.evidence]
    reasons = Counter(span.reason for span in spans)
    return Part(
        name=name,
        patients=len(charts),
        notes=len(texts),
        words=sum(len(text.split()) for text in texts),
        spans=len(spans),
        reasons={reason: reasons[reason] for reason in REASONS},
        criteria=tuple(_coverage(criterion, charts) for criterion in corpus.criteria),
    )


def _coverage(criterion: str, charts: tuple[GoldChart, ...]) -> Coverage:
    verdicts = Counter(chart.verdicts.get(criterion) for chart in charts)
    roles = Counter(span.role for chart in charts for span in chart.evidence if span.criterion == criterion)
    return Coverage(criterion, {v: verdicts[v] for v in VERDICTS}, {role: roles[role] for role in ROLES})
