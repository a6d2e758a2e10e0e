"""States that pass: an illness called uncontrolled in March and well controlled in May is not uncontrolled.

In come the votes of a node and the chart; out come the votes, in which one of an item with `ended_by` is history when
a later firm word on the same illness has one of these attributes, or when it is dated before the item's `lapses`, and
a plan is history when a later note cancels it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from extractor.criteria.items import Vote, interval_of, place_of
from extractor.records import Mention
from extractor.spec.nodes import Values
from extractor.timeline import Timeline, has_own_date, is_plan, occurrence

SHORTEST_NAME = 3
"""Letters from which a word that two mentions share names the illness."""

QUALIFIERS = frozenset(
    {"severe", "well", "poorly", "controlled", "uncontrolled", "stable", "unstable", "progressive", "disease", "chronic", "acute"}
)
"""Words of a mention's text that say how an illness is, not which one it is."""

_WORD = re.compile(r"[^\W\d_]+")


def with_states(votes: Sequence[Vote], timeline: Timeline) -> list[Vote]:
    """`votes`, those whose state is over set aside as history."""
    return [_as_history(vote) if _is_over(vote, timeline) else vote for vote in votes]


def _as_history(vote: Vote) -> Vote:
    return replace(vote, side="none", reason="historical")


def _is_over(vote: Vote, timeline: Timeline) -> bool:
    if vote.side != "supports":
        return False
    if _has_lapsed(vote, timeline):
        return True
    ends = bool(vote.item.ended_by or vote.item.cancelled_by)
    return ends and any(_ends(later, vote) or _cancels(later, vote) for later in timeline.mentions)


def _has_lapsed(vote: Vote, timeline: Timeline) -> bool:
    """Its own date, not that of its note, lies surely before the span in which such a state counts as current."""
    if vote.item.lapses is None or not has_own_date(vote.mention):
        return False
    return place_of(vote.when, interval_of(vote.item.lapses, timeline), lasting=vote.lasting) == "before"


def _ends(later: Mention, vote: Vote) -> bool:
    said = later.assertion
    if later is vote.mention or later.concept != vote.mention.concept or not _has_one(later, vote.item.ended_by):
        return False
    if said.negated or said.uncertain or said.family or said.historical or is_plan(later):
        return False
    return _last_days(later) > _last_days(vote.mention) and _is_same_illness(later, vote.mention)


def _cancels(later: Mention, vote: Vote) -> bool:
    """A plan that a later note says will not be carried out, or was not."""
    if not vote.item.cancelled_by or not is_plan(vote.mention) or later.note_id == vote.mention.note_id:
        return False
    said = later.assertion
    if not said.negated or said.uncertain or said.family or later.note_date < vote.mention.note_date:
        return False
    return later.concept in (vote.mention.concept, *vote.item.cancelled_by)


def _has_one(mention: Mention, attributes: dict[str, Values]) -> bool:
    return any(mention.attribute(name) in values for name, values in attributes.items())


def _last_days(mention: Mention) -> tuple[date, date]:
    return (occurrence(mention).latest or mention.note_date, mention.note_date)


def _is_same_illness(one: Mention, other: Mention) -> bool:
    """By the name that the lexicon gives both (`named`), else by a word that both share."""
    names = one.attribute("named"), other.attribute("named")
    if names[0] is not None and names[1] is not None:
        return names[0] == names[1]
    return bool(_words(one) & _words(other))


def _words(mention: Mention) -> set[str]:
    return {word.lower() for word in _WORD.findall(mention.text) if len(word) >= SHORTEST_NAME} - QUALIFIERS
