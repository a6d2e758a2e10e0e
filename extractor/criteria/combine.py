"""Nodes that combine others: all of, any of, at least k of, not, overruled by a statement, readings.

The truth is Kleene's (`extractor.logic`); what this file adds is which parts' words and evidence stand for the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from extractor.criteria.items import Vote, votes_for
from extractor.criteria.outcome import Context, Outcome, Seen, merged, newest_first, quoted
from extractor.logic import Truth, all_of, any_of, at_least, negate
from extractor.records import Role
from extractor.spec.nodes import AnyOf, AtLeast, Find, Overruled, Readings, Rule
from extractor.timeline import Timeline


def judge_all_of(rules: tuple[Rule, ...], context: Context) -> Outcome:
    """Every part holds; it stops holding on the first day that one part does."""
    parts = [context.judge(rule) for rule in rules]
    ends = [part.clears_on for part in parts if part.clears_on is not None]
    return replace(_joined(parts, all_of), clears_on=min(ends, default=None))


def judge_any_of(spec: AnyOf, context: Context) -> Outcome:
    """One part holds; silent parts are left out when the rule says so and another part speaks."""
    parts = [context.judge(rule) for rule in spec.of]
    speaking = [part for part in parts if not part.silent]
    outcome = _joined(speaking if spec.ignore_silent and speaking else parts, any_of)
    return replace(outcome, seen=merged(entry for part in parts for entry in part.seen))


def judge_at_least(spec: AtLeast, context: Context) -> Outcome:
    """`k` parts hold."""
    parts = [context.judge(rule) for rule in spec.of]
    outcome = _joined(parts, lambda truths: at_least(spec.k, truths))
    held = sum(part.truth is Truth.TRUE for part in parts)
    return replace(outcome, because=f"{held} of {len(parts)} shown, {spec.k} needed: {outcome.because}")


def judge_not(rule: Rule, context: Context) -> Outcome:
    """The part does not hold; roles of evidence turn round with it."""
    part = context.judge(rule)
    turned: dict[Role, Role] = {"supports": "refutes", "refutes": "supports", "rejected": "rejected"}
    seen = tuple(replace(entry, role=turned[entry.role]) for entry in part.seen)
    return replace(part, truth=negate(part.truth), seen=seen, clears_on=None)


def _joined(parts: Sequence[Outcome], connect: Callable[[Sequence[Truth]], Truth]) -> Outcome:
    """The whole from its parts, told by the parts whose truth is the whole's.

    It clears when the last of the parts that hold does, if every one of them will.
    """
    truth = connect([part.truth for part in parts])
    telling = [part for part in parts if part.truth is truth] or list(parts)
    ends = [part.clears_on for part in telling if part.clears_on is not None]
    return Outcome(
        truth,
        "; ".join(dict.fromkeys(part.because for part in telling)),
        merged(entry for part in parts for entry in part.seen),
        tuple(dict.fromkeys(mention for part in telling for mention in part.deciders)),
        silent=all(part.silent for part in parts),
        clears_on=max(ends) if truth is Truth.TRUE and len(ends) == len(telling) else None,
    )


def judge_overruled(spec: Overruled, context: Context) -> Outcome:
    """The inner rule, unless a statement denies it and nothing later fulfils it.

    A denial is overtaken by a later statement of `agree`, or when what was written after it makes a rule hold that
    did not hold before. Statements on both sides with the denial last are a disagreement: unknown, unless the denial
    is `firm`.
    """
    inner = context.judge(spec.rule)
    against = _against(spec, context.timeline)
    agreeing = [vote for vote in votes_for(Find(supports=spec.agree), context.timeline) if vote.side == "supports"]
    if not against:
        return inner
    last = max(vote.mention.note_date for vote in against)
    before = context.judge_rule(spec.rule, context.until(last))
    later_word = any(vote.mention.note_date > last for vote in agreeing)
    if later_word or (inner.truth is Truth.TRUE and before.truth is not Truth.TRUE):
        return _with_denials(inner, against, role_is_refutes=False)
    newest = newest_first(vote.mention for vote in against if vote.mention.note_date == last)
    firm = any(vote.item.firm for vote in against if vote.mention.note_date == last)
    words = f"denied by {quoted(newest[0])}"
    if agreeing and not firm:
        other = newest_first(vote.mention for vote in agreeing)
        said = Outcome(Truth.UNKNOWN, f"{words} but affirmed by {quoted(other[0])}", inner.seen, newest + other)
        return _with_denials(said, against, role_is_refutes=True)
    said = Outcome(Truth.FALSE, f"{words}, and nothing later fulfils it", inner.seen, newest)
    return _with_denials(said, against, role_is_refutes=True)


def _against(spec: Overruled, timeline: Timeline) -> list[Vote]:
    stated = [vote for vote in votes_for(Find(refutes=spec.by), timeline) if vote.side == "refutes" and vote.place == "inside"]
    denying = tuple(item.model_copy(update={"negated": "refutes"}) for item in spec.denial_of)
    denied = [vote for vote in votes_for(Find(supports=denying), timeline) if vote.side == "refutes"]
    return stated + denied


def _with_denials(outcome: Outcome, against: Sequence[Vote], *, role_is_refutes: bool) -> Outcome:
    entries = [
        Seen(vote.mention, "refutes") if role_is_refutes else Seen(vote.mention, "rejected", "historical") for vote in against
    ]
    spans = {(entry.mention.note_id, entry.mention.start, entry.mention.end) for entry in entries}
    rest = [e for e in outcome.seen if (e.mention.note_id, e.mention.start, e.mention.end) not in spans]
    return replace(outcome, seen=merged([*rest, *entries]))


def judge_readings(spec: Readings, context: Context) -> Outcome:
    """The first reading decides; the words name every other reading that would decide otherwise."""
    outcomes = [context.judge(reading.rule) for reading in spec.of]
    chosen = outcomes[0]
    others = [
        f"read as {reading.name!r} ({reading.means}) it would be {truth_words(outcome.truth)}"
        for reading, outcome in zip(spec.of[1:], outcomes[1:], strict=True)
        if outcome.truth is not chosen.truth
    ]
    return replace(chosen, because="; ".join([chosen.because, *others]))


def truth_words(value: Truth) -> str:
    """A truth as a verdict's word."""
    return {Truth.TRUE: "met", Truth.FALSE: "not met", Truth.UNKNOWN: "unknown"}[value]
