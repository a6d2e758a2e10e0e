"""What judging a node gives: a truth, the mentions seen on the way with their roles, and the reason in words.

Every kind of node returns an `Outcome`; nodes that combine others pass the evidence of all parts on, and the words
of those parts that decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from extractor.logic import Truth
from extractor.records import DateInterval, Mention, Reason, Role
from extractor.spec.nodes import Rule
from extractor.spec.trials import Trial
from extractor.timeline import Timeline, day_of, occurrence, place_in_chart


@dataclass(frozen=True, slots=True)
class Seen:
    """A mention as one node takes it."""

    mention: Mention
    role: Role
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of one node.

    `deciders` are the mentions that it rests on, strongest first. `silent`: the notes say nothing on it. `clears_on`:
    the first day on which a window would be empty of what lies in it now.
    """

    truth: Truth
    because: str
    seen: tuple[Seen, ...] = ()
    deciders: tuple[Mention, ...] = ()
    silent: bool = False
    clears_on: date | None = None


Evaluate = Callable[[Rule, "Context"], Outcome]


@dataclass(frozen=True, slots=True)
class Context:
    """What a node may look at beside its own words: the chart, the trial, and how to judge the nodes inside it."""

    timeline: Timeline
    trial: Trial
    judge_rule: Evaluate

    def judge(self, rule: Rule) -> Outcome:
        """The outcome of a node inside."""
        return self.judge_rule(rule, self)

    def until(self, day: date) -> Context:
        """The same with what was written by the end of `day`."""
        return replace(self, timeline=self.timeline.until(day))


def merged(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """One entry a mention and span, in chart order: a role for or against wins over being set aside.

    Of two roles that both count the first given stays, so the order of a trial's parts decides.
    """
    best: dict[tuple[str, int, int], Seen] = {}
    for entry in seen:
        key = (entry.mention.note_id, entry.mention.start, entry.mention.end)
        known = best.get(key)
        if known is None or (known.role == "rejected" and entry.role != "rejected"):
            best[key] = entry
    return tuple(sorted(best.values(), key=lambda entry: place_in_chart(entry.mention)))


def newest_first(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Without repeats, newest first; for one day in chart order."""
    ordered = sorted(set(mentions), key=place_in_chart)
    return tuple(sorted(ordered, key=lambda mention: -day_of(mention).toordinal()))


def quoted(mention: Mention) -> str:
    """The mention's words on one line, with when and in which note."""
    words = " ".join(mention.text.split())
    return f"'{words}' ({when_words(occurrence(mention))}, note {mention.note_id})"


def when_words(when: DateInterval) -> str:
    """An interval for a reader: a day, `2024-01-01 to 2024-01-31`, `until …`, `from …`.

    >>> when_words(DateInterval(None, date(2024, 3, 1)))
    'until 2024-03-01'
    """
    if when.earliest is None:
        return "undated" if when.latest is None else f"until {when.latest}"
    if when.latest is None:
        return f"from {when.earliest}"
    return str(when.earliest) if when.earliest == when.latest else f"{when.earliest} to {when.latest}"


def several(mentions: Sequence[Mention], *, most: int = 2) -> str:
    """A few quotations, and how many more there are."""
    shown = "; ".join(quoted(mention) for mention in mentions[:most])
    return shown if len(mentions) <= most else f"{shown} and {len(mentions) - most} more"


def day_after(day: date) -> date:
    """The next day."""
    return day + timedelta(days=1)
