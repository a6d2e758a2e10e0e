"""The frozen records that flow through the program, from a note to a candidate.

Nothing here reads a file, knows a format or imports a third-party package. Character spans are half-open
and count Unicode code points of `note_text` exactly as read; date intervals hold both their days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Sex = Literal["female", "male"]
VerdictValue = Literal["met", "not_met", "unknown", "not_applicable"]
Effect = Literal["pass", "fail", "review"]
Role = Literal["supports", "refutes", "rejected"]
Reason = Literal["negated", "family", "hypothetical", "uncertain", "historical", "exempt", "not_the_concept"]
DateSource = Literal["explicit", "relative", "note", "section", "none"]
CandidateStatus = Literal["eligible", "ineligible", "review"]


@dataclass(frozen=True, slots=True)
class Note:
    """One document of a chart. `note_text` is never trimmed, normalised or re-wrapped."""

    note_id: str
    patient_id: str
    note_date: date
    note_text: str
    note_title: str | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """What a table says of a patient; every field but the id may be missing."""

    patient_id: str
    sex: Sex | None = None
    birth_date: date | None = None
    index_date: date | None = None


@dataclass(frozen=True, slots=True)
class DateInterval:
    """When something happened, first and last possible day included; `None` is unbounded."""

    earliest: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the sentence says about a mention beside naming it, and the cue that decided each attribute.

    `negated`: said to be absent. `uncertain`: possible only. `hypothetical`: planned, conditional, feared, not
    happened. `historical`: said to lie in the past. `family`: of somebody who is not the patient.
    `cues` holds (attribute, cue text) pairs in the order of the fields.
    """

    negated: bool = False
    uncertain: bool = False
    hypothetical: bool = False
    historical: bool = False
    family: bool = False
    cues: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of a note. `name` is the normalised title (`family_history`), `""` before the first title."""

    name: str
    start: int
    end: int
    title_start: int
    title_end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item or table row; `lead` is the span of the list heading that governs it, if any."""

    start: int
    end: int
    section: str = ""
    lead: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in one note where a concept is written, with everything that the sentence says about it.

    `value`/`unit`/`comparator` hold a normalised quantity (a laboratory value, a daily dose, a weight, an age);
    `range_low`/`range_high` the reference range printed beside it, in the same unit. `attributes` holds further
    (name, value) pairs, sorted by name: side, severity, status, route, per_kg, daily_mg, duration_days, result, flag ….
    """

    note_id: str
    patient_id: str
    note_date: date
    concept: str
    start: int
    end: int
    text: str
    snippet: str
    section: str = ""
    note_title: str = ""
    assertion: Assertion = field(default_factory=Assertion)
    when: DateInterval = field(default_factory=DateInterval)
    date_source: DateSource = "none"
    value: float | None = None
    unit: str | None = None
    comparator: str | None = None
    range_low: float | None = None
    range_high: float | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    sentence_start: int = 0

    def attribute(self, name: str) -> str | None:
        """The value of a further attribute, or `None` when the sentence does not give it."""
        return next((value for key, value in self.attributes if key == name), None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A mention as one criterion sees it: for, against, or set aside with the reason."""

    evidence_id: str
    criterion_id: str
    role: Role
    reason: Reason | None
    mention: Mention


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one criterion for one patient. `evidence_ids` are those that decided it, strongest first."""

    patient_id: str
    trial_id: str
    criterion_id: str
    kind: Literal["inclusion", "exclusion"]
    verdict: VerdictValue
    effect: Effect
    rationale: str
    evidence_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One patient and one trial: how they stand, and where in the list."""

    patient_id: str
    trial_id: str
    status: CandidateStatus
    score: float
    rank: int
    failed: tuple[str, ...] = ()
    to_review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A note that could not be read or processed. `error` names the fault and never quotes the note."""

    note_id: str | None
    patient_id: str | None
    source: str
    stage: str
    error: str
