"""A trial and one patient's mentions in; a verdict with its evidence for every criterion out.

Pure: no file, no clock, nothing kept between calls. Whom a criterion is about is asked first; then its rule is
judged; then truth becomes verdict and effect, and every mention seen becomes a row of evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from extractor.criteria.find import judge_find
from extractor.criteria.items import votes_for
from extractor.criteria.kinds import judge_rule
from extractor.criteria.outcome import Context, Outcome, Seen, merged, newest_first, several
from extractor.criteria.person import sex_of
from extractor.logic import Truth
from extractor.records import Effect, Evidence, Mention, Patient, Reason, Verdict, VerdictValue
from extractor.spec.nodes import Applies, Find
from extractor.spec.trials import Criterion, Trial
from extractor.timeline import Timeline, build

VALUES: dict[Truth, VerdictValue] = {Truth.TRUE: "met", Truth.FALSE: "not_met", Truth.UNKNOWN: "unknown"}
EFFECTS: dict[tuple[str, VerdictValue], Effect] = {
    ("inclusion", "met"): "pass",
    ("inclusion", "not_met"): "fail",
    ("exclusion", "met"): "fail",
    ("exclusion", "not_met"): "pass",
}
WORDS: dict[VerdictValue, str] = {
    "met": "Met",
    "not_met": "Not met",
    "unknown": "Unknown",
    "not_applicable": "Not applicable",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One patient against one trial: a verdict a criterion in the trial's order, and all evidence seen."""

    patient_id: str
    trial_id: str
    index_date: date
    verdicts: tuple[Verdict, ...]
    evidence: tuple[Evidence, ...]


def judge(trial: Trial, patient: Patient, mentions: Iterable[Mention], *, index_date: date | None = None) -> Judgement:
    """Every criterion of `trial` for one patient.

    The index date is the argument, else the patient's, else the date of the newest note with a mention; raises
    `ValueError` when there is none. The order of `mentions` does not matter.
    """
    return judge_timeline(trial, build(patient, mentions, index_date=index_date))


def judge_timeline(trial: Trial, timeline: Timeline) -> Judgement:
    """Every criterion of `trial` on a timeline that is already built."""
    context = Context(timeline, trial, judge_rule)
    judged = [judge_criterion(criterion, context) for criterion in trial.criteria]
    return Judgement(
        timeline.patient.patient_id,
        trial.id,
        timeline.index_date,
        tuple(verdict for verdict, _ in judged),
        tuple(entry for _, evidence in judged for entry in evidence),
    )


def judge_criterion(criterion: Criterion, context: Context) -> tuple[Verdict, tuple[Evidence, ...]]:
    """The verdict on one criterion and the evidence seen for it."""
    beside = _not_about(criterion.applies_to, context)
    if beside is not None:
        return _verdict(criterion, context, beside, "not_applicable")
    outcome = context.judge(criterion.rule)
    outcome = _with_set_aside(criterion, context, outcome)
    return _verdict(criterion, context, outcome, VALUES[outcome.truth])


def _not_about(applies: Applies | None, context: Context) -> Outcome | None:
    """Why the criterion is not about this patient, `None` when it may be."""
    if applies is None:
        return None
    sex = sex_of(context)
    if applies.sex is not None and sex is not None and sex != applies.sex:
        return Outcome(Truth.UNKNOWN, f"the patient is {sex}, the criterion is about a {applies.sex} patient")
    reasons = [vote for vote in votes_for(Find(supports=applies.unless), context.timeline) if vote.side == "supports"]
    if not reasons:
        return None
    mentions = newest_first(vote.mention for vote in reasons)
    reason: Reason | None = "exempt" if applies.role == "rejected" else None
    seen = merged(Seen(mention, applies.role, reason) for mention in mentions)
    return Outcome(Truth.UNKNOWN, several(mentions), seen, mentions)


def _with_set_aside(criterion: Criterion, context: Context, outcome: Outcome) -> Outcome:
    """The outcome with the lookalikes that the criterion names for all its parts."""
    if not criterion.set_aside:
        return outcome
    always = tuple(item for item in criterion.set_aside if not item.undecided_only)
    open_only = tuple(item for item in criterion.set_aside if item.undecided_only)
    bare = judge_find(Find(set_aside=open_only), context).seen if open_only else ()
    doubted = tuple(replace(entry, reason="uncertain") for entry in bare if entry.mention.assertion.uncertain)
    plain = tuple(entry for entry in bare if not entry.mention.assertion.uncertain) if outcome.truth is Truth.UNKNOWN else ()
    aside = (*(judge_find(Find(set_aside=always), context).seen if always else ()), *doubted, *plain)
    return Outcome(
        outcome.truth,
        outcome.because,
        merged((*outcome.seen, *aside)),
        outcome.deciders,
        silent=outcome.silent,
        clears_on=outcome.clears_on,
    )


def _verdict(
    criterion: Criterion, context: Context, outcome: Outcome, value: VerdictValue
) -> tuple[Verdict, tuple[Evidence, ...]]:
    evidence = tuple(_evidence(criterion, context, entry) for entry in outcome.seen)
    ids = {entry.mention: entry.evidence_id for entry in evidence}
    deciders = tuple(dict.fromkeys(ids[mention] for mention in outcome.deciders if mention in ids))
    effect: Effect = "pass" if value == "not_applicable" else EFFECTS.get((criterion.kind, value), "review")
    verdict = Verdict(
        patient_id=context.timeline.patient.patient_id,
        trial_id=context.trial.id,
        criterion_id=criterion.id,
        kind=criterion.kind,
        verdict=value,
        effect=effect,
        rationale=_rationale(criterion, outcome, value),
        evidence_ids=deciders,
    )
    return verdict, evidence


def _rationale(criterion: Criterion, outcome: Outcome, value: VerdictValue) -> str:
    """One sentence: the verdict, what decided it, and when a temporary exclusion would lapse."""
    words = f"{WORDS[value]}: {outcome.because}"
    if criterion.temporary and value == "met" and outcome.clears_on is not None:
        words += f"; clears on {outcome.clears_on} if nothing new happens"
    return words.rstrip(".") + "."


def _evidence(criterion: Criterion, context: Context, entry: Seen) -> Evidence:
    mention = entry.mention
    place = f"{mention.note_id}/{mention.start}-{mention.end}"
    return Evidence(f"{context.trial.id}/{criterion.id}/{place}", criterion.id, entry.role, entry.reason, mention)
