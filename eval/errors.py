"""Every disagreement of a run with its gold, and the stage of the pipeline that probably caused it.

Comes in: gold and run. Goes out: one `Disagreement` for each verdict that differs, with the span faults of its criterion, and
the span faults of criteria whose verdict is right after all. The cause is read off the two outputs alone; it is where to look
first, not a proof.

| cause | what is seen |
|---|---|
| missed_concept | gold marks a span where the run has none |
| extra_concept | the run uses a span where gold has none |
| boundary | same place, other ends; never a verdict's cause while anything else is |
| section | the roles differ and the run took the date from a heading, or set the span aside inside a section that says why |
| experiencer | one of the two says `family` |
| negation | one of the two says `negated`, or the run turned the role round and flags a negation |
| certainty | one of the two says `hypothetical` or `uncertain` |
| time | one of the two says `historical` |
| value | the role is turned round on a span that carries a number |
| roll_up | spans agree (or differ only as `exempt` and the like), the verdict does not |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from eval.counts import labelled, places
from eval.pairing import pair
from eval.records import DECIDING_ROLES, MISSING, Gold, GoldPatient, PredictedVerdict, Run, Span

Cause = Literal[
    "missed_concept",
    "extra_concept",
    "section",
    "experiencer",
    "negation",
    "certainty",
    "time",
    "value",
    "boundary",
    "roll_up",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)
"""In the order of the pipeline; a tie goes to the earlier, since later stages only see what it let through."""
CAUSE_OF_REASON: dict[str, Cause] = {
    "family": "experiencer",
    "negated": "negation",
    "hypothetical": "certainty",
    "uncertain": "certainty",
    "historical": "time",
}
SECTION_WORDS = {"family": "family", "historical": "past history", "hypothetical": "plan instructions recommendations"}


@dataclass(frozen=True, slots=True)
class SpanFault:
    """Gold and predicted span of one place, one of which may be absent, and the stage where they part."""

    cause: Cause
    gold: Span | None
    predicted: Span | None

    @property
    def span(self) -> Span:
        """The one that is there, gold's first."""
        found = self.gold or self.predicted
        assert found is not None, "a fault has a gold or a predicted span"
        return found


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One patient and criterion where verdict or evidence differ; `cause` is `None` where only spans do."""

    patient_id: str
    criterion: str
    gold: str
    predicted: str
    effect: str
    rationale: str
    cause: Cause | None
    faults: tuple[SpanFault, ...]
    gold_spans: tuple[Span, ...]
    predicted_spans: tuple[Span, ...]


def disagreements(gold: Gold, run: Run) -> tuple[Disagreement, ...]:
    """Verdicts that differ and spans that differ, in order of patient and criterion."""
    found = [
        compared(patient, run, criterion)
        for patient in gold.patients
        for criterion in gold.criteria
        if criterion in patient.verdicts
    ]
    return tuple(one for one in found if one.cause is not None or one.faults)


def compared(patient: GoldPatient, run: Run, criterion: str) -> Disagreement:
    """Gold and run on one patient and criterion."""
    row = run.verdicts.get((patient.patient_id, criterion))
    wanted = [span for span in patient.evidence if span.criterion == criterion]
    said = [span for span in run.evidence.get(patient.patient_id, ()) if span.criterion == criterion]
    faults = span_faults(patient, run, criterion)
    verdict, predicted = patient.verdicts[criterion], MISSING if row is None else row.verdict
    return Disagreement(
        patient_id=patient.patient_id,
        criterion=criterion,
        gold=verdict,
        predicted=predicted,
        effect=MISSING if row is None else row.effect,
        rationale=_rationale(row),
        cause=None if predicted == verdict else probable_cause(faults),
        faults=faults,
        gold_spans=tuple(wanted),
        predicted_spans=tuple(said),
    )


def span_faults(patient: GoldPatient, run: Run, criterion: str) -> tuple[SpanFault, ...]:
    """Faults of one criterion, note by note; spans are paired by place alone."""
    faults: list[SpanFault] = []
    for (where, _), (wanted, said) in places(patient, run).items():
        if where == criterion:
            pairs = pair(labelled(wanted), labelled(said), mode="partial")
            faults += [fault for one in pairs if (fault := paired_fault(wanted[one.gold], said[one.predicted]))]
            left, right = {one.gold for one in pairs}, {one.predicted for one in pairs}
            faults += [SpanFault("missed_concept", span, None) for i, span in enumerate(wanted) if i not in left]
            faults += [
                SpanFault("extra_concept", None, span)
                for i, span in enumerate(said)
                if i not in right and span.role in DECIDING_ROLES
            ]
    return tuple(faults)


def paired_fault(gold: Span, predicted: Span) -> SpanFault | None:
    """What differs between two spans of one place; `None` where place, role and reason agree."""
    if gold.role == predicted.role and gold.reason == predicted.reason:
        same_ends = (gold.start, gold.end) == (predicted.start, predicted.end)
        return None if same_ends else SpanFault("boundary", gold, predicted)
    return SpanFault(assertion_cause(gold, predicted), gold, predicted)


def assertion_cause(gold: Span, predicted: Span) -> Cause:
    """The stage by which role or reason of two paired spans came to differ."""
    if _by_section(predicted):
        return "section"
    reasons = [reason for reason in (predicted.reason, gold.reason) if reason in CAUSE_OF_REASON]
    if reasons:
        return min((CAUSE_OF_REASON[reason] for reason in reasons), key=CAUSES.index)
    if predicted.negated:
        return "negation"
    return "value" if predicted.value is not None else "roll_up"


def _by_section(span: Span) -> bool:
    """Did a heading decide: the date came from it, or its title is the very reason given?"""
    title = (span.section or "").lower()
    words = SECTION_WORDS.get(span.reason or "", "").split()
    return span.date_source == "section" or any(word in title for word in words)


def probable_cause(faults: Iterable[SpanFault]) -> Cause:
    """The most frequent fault that could move the verdict; boundaries and spans that decide nothing cannot."""
    counts: Counter[Cause] = Counter(f.cause for f in faults if f.cause != "boundary" and _decides(f))
    return max(CAUSES, key=lambda cause: (counts[cause], -CAUSES.index(cause))) if counts else "roll_up"


def _decides(fault: SpanFault) -> bool:
    return any(span is not None and span.role in DECIDING_ROLES for span in (fault.gold, fault.predicted))


def _rationale(row: PredictedVerdict | None) -> str:
    return "" if row is None else row.rationale


def cause_counts(found: Iterable[Disagreement]) -> dict[Cause, int]:
    """How many wrong verdicts each cause has, in pipeline order; causes without any are left out."""
    counts = Counter(one.cause for one in found if one.cause is not None)
    return {cause: counts[cause] for cause in CAUSES if counts[cause]}


def fault_counts(found: Iterable[Disagreement]) -> dict[Cause, int]:
    """How many spans each cause has, wrong verdict or not."""
    counts = Counter(fault.cause for one in found for fault in one.faults)
    return {cause: counts[cause] for cause in CAUSES if counts[cause]}
