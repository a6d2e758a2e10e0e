"""Judgements of many patients in; candidates out, the best first, with a status and a score for each.

Status: any criterion that fails makes a candidate `ineligible`; otherwise any that asks for review makes it
`review`; otherwise `eligible`. Score: the weighted share of criteria passed, where one that asks for review counts
as a part of a pass: `SPOKEN` when the notes speak of it without deciding, `SILENT` when they are silent, and
`PRESUMED` when they are silent and the trial presumes silence harmless. A failed criterion counts nothing, and one that
does not apply counts as passed. With a `Calibration` the score is instead the probability, learned from charts that people
have judged, that the candidate is worth a look. Order: by status, then by score, then by patient id.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from extractor.criteria.evaluate import Judgement
from extractor.records import Candidate, CandidateStatus, Evidence, Verdict
from extractor.spec.trials import Criterion, Trial

SPOKEN = 0.5
SILENT = 0.6
PRESUMED = 0.9
ORDER: dict[CandidateStatus, int] = {"eligible": 0, "review": 1, "ineligible": 2}


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression on the rule's score, the number of failed criteria and of those to review, in this order.

    `trial_sha256` and `patterns_sha256` are what the charts it was fitted on were judged by: with others its numbers mean
    nothing. `gold_sha256` says which charts they were.
    """

    trial_sha256: str
    patterns_sha256: str
    gold_sha256: str
    means: tuple[float, float, float]
    scales: tuple[float, float, float]
    coefficients: tuple[float, float, float]
    intercept: float

    @property
    def sha256(self) -> str:
        """A hash of all of it, by which a run says what it was scored with."""
        return hashlib.sha256(repr(self).encode("utf-8")).hexdigest()

    def score(self, candidate: Candidate) -> float:
        """The probability that a candidate with the rule's score is worth a look, 0 to 1, rounded to 4 places."""
        numbers = (candidate.score, len(candidate.failed), len(candidate.to_review))
        terms = zip(numbers, self.means, self.scales, self.coefficients, strict=True)
        logit = self.intercept + sum(weight * (number - mean) / scale for number, mean, scale, weight in terms)
        return round(1 / (1 + math.exp(-max(-700.0, min(700.0, logit)))), 4)


def rank(trial: Trial, judgements: Iterable[Judgement], *, calibration: Calibration | None = None) -> tuple[Candidate, ...]:
    """The candidates in order; ranks run from 1 without gaps, equal candidates in order of patient id."""
    scored = [_candidate(trial, judgement) for judgement in judgements]
    if calibration is not None:
        scored = [replace(candidate, score=calibration.score(candidate)) for candidate in scored]
    ordered = sorted(scored, key=lambda one: (ORDER[one.status], -one.score, one.patient_id))
    return tuple(replace(candidate, rank=place) for place, candidate in enumerate(ordered, start=1))


def _candidate(trial: Trial, judgement: Judgement) -> Candidate:
    failed = tuple(v.criterion_id for v in judgement.verdicts if v.effect == "fail")
    to_review = tuple(v.criterion_id for v in judgement.verdicts if v.effect == "review")
    return Candidate(
        judgement.patient_id,
        judgement.trial_id,
        status_of(failed, to_review),
        score_of(trial, judgement),
        0,
        failed,
        to_review,
    )


def status_of(failed: tuple[str, ...], to_review: tuple[str, ...]) -> CandidateStatus:
    """One failure excludes; one open question asks for review."""
    if failed:
        return "ineligible"
    return "review" if to_review else "eligible"


def score_of(trial: Trial, judgement: Judgement) -> float:
    """The weighted share of criteria passed, 0 to 1, rounded to 4 places."""
    total = sum(criterion.weight for criterion in trial.criteria)
    if total == 0:
        return 0.0
    verdicts = {verdict.criterion_id: verdict for verdict in judgement.verdicts}
    points = sum(c.weight * _points(c, verdicts[c.id], judgement.evidence) for c in trial.criteria)
    return round(points / total, 4)


def _points(criterion: Criterion, verdict: Verdict, evidence: Iterable[Evidence]) -> float:
    if verdict.effect != "review":
        return 1.0 if verdict.effect == "pass" else 0.0
    if not is_silent(criterion.id, evidence):
        return SPOKEN
    return PRESUMED if criterion.silence.presume == "pass" else SILENT


def is_silent(criterion_id: str, evidence: Iterable[Evidence]) -> bool:
    """Whether nothing seen for the criterion bears on it: no evidence for or against, and no doubtful one."""
    own = (entry for entry in evidence if entry.criterion_id == criterion_id)
    return not any(entry.role != "rejected" or entry.reason == "uncertain" for entry in own)
