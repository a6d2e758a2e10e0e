"""The `find` node: what the mentions of some concepts say of one statement.

In come the node and the chart; out comes a truth with the role of every mention it looked at. The steps are: each
mention casts a vote (`items`), votes about one event or drug are put together (`courses`), and one of two policies
weighs them: `ever` for facts, `newest` for states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from extractor.criteria.courses import with_courses, with_shared_dates
from extractor.criteria.items import Vote, votes_for
from extractor.criteria.outcome import Context, Outcome, Seen, newest_first, several
from extractor.criteria.roles import Role, plain_role, role_when, seen_of
from extractor.criteria.states import with_states
from extractor.criteria.windows import clears_on, place_words
from extractor.logic import Truth
from extractor.records import DateInterval, Mention
from extractor.spec.nodes import Find, Window
from extractor.timeline import Timeline, classes

SILENT = {"unknown": Truth.UNKNOWN, "false": Truth.FALSE, "true": Truth.TRUE}


def judge_find(spec: Find, context: Context) -> Outcome:
    """The truth of the statement; a chart without a mention that could bear on it is silent."""
    votes = gathered(spec, context.timeline)
    if all(vote.side == "none" and not _is_excused(spec, vote) for vote in votes):
        truth = SILENT[spec.silent]
        words = f"nothing in the notes on {label(spec)}"
        return Outcome(truth, words, seen_of(spec, votes, truth, plain_role), silent=True)
    return POLICIES[spec.policy](spec, votes, context.timeline)


def gathered(spec: Find, timeline: Timeline) -> list[Vote]:
    """The votes on the node after those about one event or one drug were put together."""
    votes = votes_for(spec, timeline)
    if spec.courses is not None:
        votes = with_courses(votes, spec.courses)
    elif spec.undated == "takes_dated":
        votes = with_shared_dates(votes, spec)
    votes = _in_company(with_states(votes, timeline))
    void = votes_for(Find(supports=spec.voided_by), timeline)
    if any(vote.side == "supports" for vote in void):
        votes = [replace(v, side="none", reason="not_the_concept") if v.side == "supports" else v for v in votes]
    return votes


def _in_company(votes: list[Vote]) -> list[Vote]:
    """`votes` in which one of an `only_beside` item counts only where another says the same."""
    said = {vote.side for vote in votes if not vote.item.only_beside}
    return [vote if not vote.item.only_beside or vote.side in said else _alone(vote) for vote in votes]


def _alone(vote: Vote) -> Vote:
    return replace(vote, side="none", reason="negated" if vote.denies else "not_the_concept")


def judge_ever(spec: Find, votes: Sequence[Vote], timeline: Timeline) -> Outcome:
    """One firm mention in the window suffices; then a denial; then what may be; then what is surely over."""
    inside = [vote for vote in votes if vote.side == "supports" and vote.place == "inside"]
    standing = [vote for vote in inside if not _contradicted(spec, vote, votes)]
    open_ = [vote for vote in votes if _is_open(vote)]
    denials = [vote for vote in votes if vote.side == "refutes" and not (spec.refutes_in_window and vote.place != "inside")]
    over = [vote for vote in votes if vote.side == "supports" and vote.place in ("before", "after")]
    excused = [vote for vote in votes if _is_excused(spec, vote)]
    firm_denials = [vote for vote in denials if _outlasts(spec, vote, open_)]
    steps: tuple[tuple[Sequence[Vote], Truth, str], ...] = (
        (standing, Truth.TRUE, "{quoted}"),
        (inside, Truth.UNKNOWN, "{quoted}, denied in a later note"),
        (firm_denials, Truth.FALSE, "denied: {quoted}"),
        (open_, Truth.UNKNOWN, "not certain, or not surely in time: {quoted}"),
        (over, Truth.FALSE if spec.outside == "refutes" else Truth.UNKNOWN, "only outside the window: {quoted}"),
        (denials, Truth.FALSE, "denied: {quoted}"),
        (excused, Truth.FALSE, "only what the protocol excuses: {quoted}"),
    )
    for group, truth, words in steps:
        if group:
            return _outcome(spec, votes, timeline, group, truth, words)
    words = f"nothing in the notes decides on {label(spec)}"
    return Outcome(SILENT[spec.silent], words, seen_of(spec, votes, SILENT[spec.silent], plain_role), silent=True)


def _is_excused(spec: Find, vote: Vote) -> bool:
    """A firm mention of what the protocol excuses, where that answers the question: "basal cell carcinoma, excised"."""
    said = vote.mention.assertion
    doubted = said.negated or said.uncertain or said.hypothetical or said.family
    return spec.exempt == "refutes" and vote.reason == "exempt" and not doubted


def _is_open(vote: Vote) -> bool:
    """It may have happened in the window."""
    if vote.side == "undecided":
        return vote.place in ("inside", "maybe")
    return vote.side == "supports" and vote.place == "maybe"


def _outlasts(spec: Find, denial: Vote, open_: Sequence[Vote]) -> bool:
    """A denial stands to the index date unless a later note leaves the matter open again."""
    if open_ and (spec.uncertain == "stands" or _begins_inside(denial)):
        return False
    return all(denial.mention.note_date >= vote.mention.note_date for vote in open_)


def _begins_inside(denial: Vote) -> bool:
    """It speaks of a part of the window only: "sober since January"."""
    if denial.window is None or not denial.lasting or denial.when.earliest is None:
        return False
    return denial.window.earliest is not None and denial.when.earliest > denial.window.earliest


def _contradicted(spec: Find, vote: Vote, votes: Sequence[Vote]) -> bool:
    if spec.contradiction == "supports":
        return False
    return any(_contradicts(other, vote) for other in votes)


def _contradicts(denial: Vote, vote: Vote) -> bool:
    """A denial in a later note that reaches back over the whole event; "no other …" denies the rest only."""
    later = denial.mention.note_id != vote.mention.note_id and denial.mention.note_date >= vote.mention.note_date
    if not later or not denial.denies or denial.mention.attribute("scope") == "other":
        return False
    if denial.item.denies and not {vote.mention.concept, *classes(vote.mention)}.intersection(denial.item.denies):
        return False
    if denial.side == "contradicts":
        return True
    return denial.side == "refutes" and _holds(reach(denial.mention, denial.when), vote.when)


def reach(mention: Mention, when: DateInterval) -> DateInterval:
    """The days a denial speaks of: "in the last 3 months" by its `window_days`, otherwise its own interval."""
    days = mention.attribute("window_days")
    if days is None:
        return when
    return DateInterval(mention.note_date - timedelta(days=int(days)), mention.note_date)


def _holds(outer: DateInterval, inner: DateInterval) -> bool:
    starts = outer.earliest is None or (inner.earliest is not None and outer.earliest <= inner.earliest)
    ends = outer.latest is None or (inner.latest is not None and inner.latest <= outer.latest)
    return starts and ends


def judge_newest(spec: Find, votes: Sequence[Vote], timeline: Timeline) -> Outcome:
    """The newest firm mention decides; two of one day on different sides leave it unknown."""
    firm = [vote for vote in votes if _is_state(spec, vote)]
    if not firm:
        return judge_ever(spec, votes, timeline)
    top = max(_age_key(vote) for vote in firm)
    newest = [vote for vote in firm if _age_key(vote) == top]
    sides = {vote.side for vote in newest}
    truth = {frozenset({"supports"}): Truth.TRUE, frozenset({"refutes"}): Truth.FALSE}.get(frozenset(sides), Truth.UNKNOWN)
    words = "{quoted}" if len(sides) == 1 else "the newest notes contradict each other: {quoted}"
    older = [vote for vote in firm if _age_key(vote) != top]
    superseded = {vote.mention for vote in older if spec.older == "historical" or vote.side not in sides}

    def role(spec: Find, vote: Vote, truth: Truth) -> Seen | None:
        if vote.mention in superseded:
            return Seen(vote.mention, "rejected", "historical")
        return plain_role(spec, vote, truth)

    return _outcome(spec, votes, timeline, newest, truth, words, role)


def _is_state(spec: Find, vote: Vote) -> bool:
    """A firm word on the state: an affirmed one that is in time, a denial, a result left open."""
    if vote.side == "supports":
        return vote.place == "inside"
    if vote.side == "undecided":
        return vote.item in spec.undecided and vote.place != "before"
    return vote.side == "refutes" and not (spec.refutes_in_window and vote.place != "inside")


def _age_key(vote: Vote) -> tuple[date, date]:
    return (vote.when.latest or vote.mention.note_date, vote.mention.note_date)


POLICIES: dict[str, Callable[[Find, Sequence[Vote], Timeline], Outcome]] = {"ever": judge_ever, "newest": judge_newest}


def _outcome(
    spec: Find,
    votes: Sequence[Vote],
    timeline: Timeline,
    group: Sequence[Vote],
    truth: Truth,
    words: str,
    role: Role | None = None,
) -> Outcome:
    deciders = newest_first(vote.mention for vote in group)
    by_mention = {vote.mention: vote for vote in group}
    first = by_mention[deciders[0]]
    timing = place_words(first.when, _window_of(spec, first), timeline.index_date)
    told = words.format(quoted=several(deciders))
    if timing and first.side != "refutes":
        told += f", {timing}"
    because = f"{spec.label}: {told}" if spec.label else told
    seen = seen_of(spec, votes, truth, role or role_when(spec, votes, truth))
    return Outcome(truth, because, seen, deciders, clears_on=_clears(spec, group) if truth is Truth.TRUE else None)


def _window_of(spec: Find, vote: Vote) -> Window | None:
    own = vote.item.window
    return own if isinstance(own, Window) else None if own == "ever" else spec.window


def _clears(spec: Find, group: Sequence[Vote]) -> date | None:
    """The first index date without any of these events; `None` when one has no window or no known last day."""
    days = []
    for vote in group:
        length = _window_of(spec, vote)
        if length is None or vote.when.latest is None or vote.mention.attribute("status") == "current":
            return None
        days.append(clears_on(vote.when.latest, length))
    return max(days)


def label(spec: Find) -> str:
    """What the node looks for: its label, else its first concepts."""
    if spec.label:
        return spec.label
    names = [name.replace("_", " ") for item in (*spec.supports, *spec.refutes) for name in item.concepts]
    shown = list(dict.fromkeys(names))
    return ", ".join(shown[:3]) + (" and the like" if len(shown) > 3 else "")
