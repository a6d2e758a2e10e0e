"""The frozen records of a gold standard and of a run, as the data contract names their columns.

They repeat the words of the scored system on purpose: the scorer shares a contract with it, and no code.
Character spans are half-open and count Unicode code points of `note_text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Verdict = Literal["met", "not_met", "unknown", "not_applicable"]
Effect = Literal["pass", "fail", "review"]
Kind = Literal["inclusion", "exclusion"]
Role = Literal["supports", "refutes", "rejected"]
Status = Literal["eligible", "ineligible", "review"]

VERDICTS: Final[tuple[Verdict, ...]] = ("met", "not_met", "unknown", "not_applicable")
EFFECTS: Final[tuple[Effect, ...]] = ("pass", "fail", "review")
KINDS: Final[tuple[Kind, ...]] = ("inclusion", "exclusion")
ROLES: Final[tuple[Role, ...]] = ("supports", "refutes", "rejected")
STATUSES: Final[tuple[Status, ...]] = ("eligible", "ineligible", "review")
REASONS: Final = ("negated", "family", "hypothetical", "uncertain", "historical", "exempt", "not_the_concept")
DECIDING_ROLES: Final[tuple[Role, ...]] = ("supports", "refutes")
MISSING: Final = "missing"
"""What stands where a run has no row for a gold verdict: never right, never silently `unknown`."""


class EvalError(Exception):
    """A fault of the files or options given; its message names places and ids, and holds no note text."""


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of evidence. `text` is for the reader of a report; pairing looks at offsets and labels
    only."""

    criterion: str
    note_id: str
    start: int
    end: int
    role: Role
    reason: str | None = None
    text: str = ""
    section: str | None = None
    negated: bool = False
    date_source: str | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note of the gold folder, for the error report and to know which notes had nothing in them."""

    note_id: str
    patient_id: str
    note_date: str
    note_title: str
    note_text: str


@dataclass(frozen=True, slots=True)
class GoldPatient:
    """What the adjudicators decided for one patient."""

    patient_id: str
    verdicts: Mapping[str, Verdict]
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold standard. `patients` and `notes` are in order of their ids; `criteria` in the order of the file.

    `sampling_probability` is the chance each patient had to be annotated; empty when nothing is known of it.
    `sha256` is the hash of `gold.jsonl`, which travels with whatever is fitted on it.
    """

    patients: tuple[GoldPatient, ...]
    notes: Mapping[str, Note] = field(default_factory=dict)
    criteria: tuple[str, ...] = ()
    sampling_probability: Mapping[str, float] = field(default_factory=dict)
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class PredictedVerdict:
    """One row of `verdicts`."""

    verdict: Verdict
    effect: Effect
    kind: Kind
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class PredictedCandidate:
    """One row of `candidates`; `score` in 0..1, `rank` 1 is the first to look at, `None` where not ranked."""

    status: Status
    score: float | None = None
    rank: float | None = None
    failed: int = 0
    to_review: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """What one system said. `verdicts` is keyed by (patient id, criterion id), `evidence` by patient id.

    `made_by` is what `run.json` tells: `trial_sha256`, `patterns_sha256`, `calibrated_on` (the hash of a gold); empty where
    there is no such file.
    """

    name: str
    verdicts: Mapping[tuple[str, str], PredictedVerdict]
    evidence: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    candidates: Mapping[str, PredictedCandidate] = field(default_factory=dict)
    made_by: Mapping[str, str | None] = field(default_factory=dict)


def effect_of(kind: Kind, verdict: Verdict) -> Effect:
    """What a verdict does to a patient: a met inclusion and an unmet exclusion pass, the opposite fails.

    Adjudication guideline, ground rule 2. A criterion that is not about the patient passes.

    >>> effect_of("exclusion", "met"), effect_of("inclusion", "unknown"), effect_of("inclusion", "met")
    ('fail', 'review', 'pass')
    """
    if verdict == "unknown":
        return "review"
    if verdict == "not_applicable":
        return "pass"
    return "pass" if (verdict == "met") == (kind == "inclusion") else "fail"


def status_of(effects: list[Effect]) -> Status:
    """A patient fails by one failed criterion, and passes by having no open one.

    >>> status_of(["pass", "review", "fail"]), status_of(["pass", "review"]), status_of(["pass"])
    ('ineligible', 'review', 'eligible')
    """
    if "fail" in effects:
        return "ineligible"
    return "review" if "review" in effects else "eligible"


def kinds_of(run: Run) -> dict[str, Kind]:
    """Whether each criterion includes or excludes, as the run says, in its order; the gold format does not say it."""
    return {criterion: row.kind for (_, criterion), row in run.verdicts.items()}
