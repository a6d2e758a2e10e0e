"""Gold and run into count rows, one per patient: what every measure and every interval starts from.

Only what gold has judged is counted: a criterion without a gold verdict for a patient gives that patient no
verdict, no span and no note to count, whatever the run says of it. A measure is a function of summed counts.
So a patient is a row of counts, resampling patients is a matrix product, and gold, run and measure never meet
in one function.

Shapes: P patients in order of id, C criteria in order of the gold file, V = 4 gold verdicts, V + 1 predicted
ones (the last is "no row in the run"). All arrays are float64, because sampling weights may multiply them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from eval.pairing import Labelled, Mode, pair
from eval.records import (
    DECIDING_ROLES,
    EFFECTS,
    MISSING,
    REASONS,
    ROLES,
    STATUSES,
    VERDICTS,
    Effect,
    Gold,
    GoldPatient,
    Kind,
    Run,
    Span,
    Status,
    effect_of,
    status_of,
)

FloatArray = NDArray[np.float64]
Key = TypeVar("Key")


def verdict_counts(gold: Gold, run: Run) -> FloatArray:
    """(P, C, V, V + 1): a 1 where gold said the row and the run said the column."""
    counts = np.zeros((len(gold.patients), len(gold.criteria), len(VERDICTS), len(VERDICTS) + 1))
    for p, patient in enumerate(gold.patients):
        for c, criterion in enumerate(gold.criteria):
            if criterion in patient.verdicts:
                row = run.verdicts.get((patient.patient_id, criterion))
                predicted = len(VERDICTS) if row is None else VERDICTS.index(row.verdict)
                counts[p, c, VERDICTS.index(patient.verdicts[criterion]), predicted] = 1
    return counts


def effect_counts(gold: Gold, run: Run, kinds: Mapping[str, Kind]) -> FloatArray:
    """(P, C, 3, 4): gold effect by predicted effect (pass, fail, review, and missing as a column).

    The predicted effect is the run's own column, since a trial may presume silence harmless; the gold effect
    follows from the verdict and the criterion's kind. A criterion of unknown kind (the run never mentions it)
    has no counts.
    """
    counts = np.zeros((len(gold.patients), len(gold.criteria), len(EFFECTS), len(EFFECTS) + 1))
    for p, patient in enumerate(gold.patients):
        effects = gold_effects(patient, kinds)
        for c, criterion in enumerate(gold.criteria):
            if criterion in effects:
                row = run.verdicts.get((patient.patient_id, criterion))
                predicted = len(EFFECTS) if row is None else EFFECTS.index(row.effect)
                counts[p, c, EFFECTS.index(effects[criterion]), predicted] = 1
    return counts


def status_counts(gold: Gold, run: Run, kinds: Mapping[str, Kind]) -> FloatArray:
    """(P, 3, 4): gold status by predicted status (eligible, ineligible, review, and missing as a column).

    A patient whom gold judged in part has no status and no counts.
    """
    counts = np.zeros((len(gold.patients), len(STATUSES), len(STATUSES) + 1))
    for p, patient in enumerate(gold.patients):
        if is_whole(patient, kinds):
            predicted = predicted_status(run, patient)
            column = len(STATUSES) if predicted is None else STATUSES.index(predicted)
            counts[p, STATUSES.index(gold_status(patient, kinds)), column] = 1
    return counts


def gold_effects(patient: GoldPatient, kinds: Mapping[str, Kind]) -> dict[str, Effect]:
    """Effect of each gold verdict whose criterion's kind is known."""
    return {c: effect_of(kinds[c], verdict) for c, verdict in patient.verdicts.items() if c in kinds}


def is_whole(patient: GoldPatient, kinds: Mapping[str, Kind]) -> bool:
    """Whether gold has a verdict for every criterion of the trial; who is judged in part may fail by one that was not read."""
    return kinds.keys() <= patient.verdicts.keys()


def gold_status(patient: GoldPatient, kinds: Mapping[str, Kind]) -> Status:
    """What the gold verdicts make of a patient judged as a whole."""
    return status_of(list(gold_effects(patient, kinds).values()))


def predicted_status(run: Run, patient: GoldPatient) -> Status | None:
    """The run's candidate row, or else what its effects on the gold criteria make; `None` where it has
    neither."""
    if patient.patient_id in run.candidates:
        return run.candidates[patient.patient_id].status
    rows = [run.verdicts.get((patient.patient_id, criterion)) for criterion in patient.verdicts]
    effects = [row.effect for row in rows if row is not None]
    return status_of(effects) if effects else None


def span_counts(gold: Gold, run: Run, *, mode: Mode, min_iou: float = 0.5) -> FloatArray:
    """(P, C, 3): credit of the pairs, gold spans, predicted spans; the label of a span is its role."""
    counts = np.zeros((len(gold.patients), len(gold.criteria), 3))
    for p, patient in enumerate(gold.patients):
        for (criterion, _), (wanted, found) in places(patient, run).items():
            if criterion in gold.criteria:
                pairs = pair(labelled(wanted), labelled(found), mode=mode, min_iou=min_iou)
                counts[p, gold.criteria.index(criterion)] += (
                    sum(one.credit for one in pairs),
                    len(wanted),
                    len(found),
                )
    return counts


def evidence_recall_counts(gold: Gold, run: Run) -> FloatArray:
    """(P, C, 2): gold spans with an overlapping predicted span of the same criterion, note and role; gold
    spans."""
    return span_counts(gold, run, mode="overlap")[..., :2]


def role_counts(gold: Gold, run: Run) -> FloatArray:
    """(P, 3, 3): gold role by predicted role of the spans that overlap, whatever their roles."""
    return attribute_counts(gold, run, ROLES, lambda span: span.role)


def reason_counts(gold: Gold, run: Run) -> FloatArray:
    """(P, R + 1, R + 1): gold reason by predicted reason of the spans that overlap; the last is "not set
    aside"."""
    return attribute_counts(gold, run, (*REASONS, "none"), lambda span: span.reason or "none")


def attribute_counts(gold: Gold, run: Run, names: Sequence[str], attribute: Callable[[Span], str]) -> FloatArray:
    """(P, N, N): one attribute of gold and predicted spans that were paired by place alone."""
    counts = np.zeros((len(gold.patients), len(names), len(names)))
    for p, patient in enumerate(gold.patients):
        for wanted, found in places(patient, run).values():
            for one in pair(labelled(wanted), labelled(found), mode="partial"):
                counts[p, names.index(attribute(wanted[one.gold])), names.index(attribute(found[one.predicted]))] += 1
    return counts


def note_counts(gold: Gold, run: Run) -> FloatArray:
    """(P, C, 2, 2): notes that hold deciding evidence (supports or refutes) of the criterion: gold by run, no
    then yes."""
    counts = np.zeros((len(gold.patients), len(gold.criteria), 2, 2))
    notes_of = _group(gold.notes.values(), lambda note: note.patient_id)
    for p, patient in enumerate(gold.patients):
        wanted, found = (
            _deciding_places(patient.evidence),
            _deciding_places(run.evidence.get(patient.patient_id, ())),
        )
        for note in notes_of.get(patient.patient_id, ()):
            for c, criterion in enumerate(gold.criteria):
                if criterion in patient.verdicts:
                    place = (criterion, note.note_id)
                    counts[p, c, int(place in wanted), int(place in found)] += 1
    return counts


def missing_verdicts(gold: Gold, run: Run) -> list[tuple[str, str]]:
    """(patient id, criterion) of gold verdicts that the run has no row for."""
    keys = [(patient.patient_id, criterion) for patient in gold.patients for criterion in patient.verdicts]
    return [key for key in keys if key not in run.verdicts]


def places(patient: GoldPatient, run: Run) -> dict[tuple[str, str], tuple[list[Span], list[Span]]]:
    """Gold and predicted spans of each (criterion, note) of the patient that has either; spans stay in file
    order. Criteria that gold did not judge for the patient have no place."""
    wanted, found = (
        _group((span for span in spans if span.criterion in patient.verdicts), lambda span: (span.criterion, span.note_id))
        for spans in (patient.evidence, run.evidence.get(patient.patient_id, ()))
    )
    return {place: (wanted.get(place, []), found.get(place, [])) for place in sorted({*wanted, *found})}


def labelled(spans: Iterable[Span]) -> list[Labelled]:
    """Spans for pairing, with their role as the label."""
    return [Labelled(span.start, span.end, span.role) for span in spans]


def _deciding_places(spans: Iterable[Span]) -> set[tuple[str, str]]:
    return {(span.criterion, span.note_id) for span in spans if span.role in DECIDING_ROLES}


_Item = TypeVar("_Item")


def _group(items: Iterable[_Item], key: Callable[[_Item], Key]) -> dict[Key, list[_Item]]:
    groups: dict[Key, list[_Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


PREDICTED_VERDICTS: tuple[str, ...] = (*VERDICTS, MISSING)
PREDICTED_STATUSES: tuple[str, ...] = (*STATUSES, MISSING)
