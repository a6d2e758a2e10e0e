"""Where two readings of the same charts differ: verdicts, and the evidence behind them. What agreement is beyond chance,
`eval.agreement` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from extractor.io.gold.read import span_row
from extractor.io.gold.records import Corpus, GoldChart, GoldSpan
from extractor.records import VerdictValue


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A verdict that two readers gave differently, with the evidence that each saw."""

    patient_id: str
    criterion: str
    first: VerdictValue
    second: VerdictValue
    first_evidence: tuple[GoldSpan, ...]
    second_evidence: tuple[GoldSpan, ...]
    doubts: tuple[str, ...] = ()
    """What either reader remarked on this criterion, the first reader's first."""


def disagreements(first: Corpus, second: Corpus) -> tuple[Disagreement, ...]:
    """In order of the first reading; charts and criteria that only one of them judged are left out."""
    others = {chart.patient.patient_id: chart for chart in second.charts}
    return tuple(
        found
        for chart in first.charts
        if chart.patient.patient_id in others
        for found in _of_chart(chart, others[chart.patient.patient_id])
    )


def worklist_row(found: Disagreement, texts: Mapping[str, str]) -> dict[str, Any]:
    """A line for the adjudicator, who fills in `final` and `why`; without the evidence it is a line of adjudications."""
    return {
        "patient_id": found.patient_id,
        "criterion": found.criterion,
        "first": found.first,
        "second": found.second,
        "final": None,
        "why": None,
        "doubts": list(found.doubts),
        "first_evidence": [span_row(span, texts[span.note_id]) for span in found.first_evidence],
        "second_evidence": [span_row(span, texts[span.note_id]) for span in found.second_evidence],
    }


def _of_chart(one: GoldChart, other: GoldChart) -> list[Disagreement]:
    return [
        Disagreement(
            patient_id=one.patient.patient_id,
            criterion=criterion,
            first=verdict,
            second=other.verdicts[criterion],
            first_evidence=_of(one, criterion),
            second_evidence=_of(other, criterion),
            doubts=tuple(doubt for doubt in one.doubts + other.doubts if doubt.startswith(f"{criterion}:")),
        )
        for criterion, verdict in one.verdicts.items()
        if criterion in other.verdicts and other.verdicts[criterion] != verdict
    ]


def _of(chart: GoldChart, criterion: str) -> tuple[GoldSpan, ...]:
    return tuple(span for span in chart.evidence if span.criterion == criterion)
