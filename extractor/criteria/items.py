"""How one mention bears on a `find` node: the item that takes it, the side it votes for, and when it happened.

In come the lists of a `Find` (supports, refutes, undecided, set_aside) and a mention; out comes a `Vote`, or nothing
when no item means the mention. Items with attribute conditions are tried before those without, so that the special
case ("prophylaxis") wins over the general one ("IV antibiotic").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extractor.dates import position, window
from extractor.records import Assertion, DateInterval, Mention, Reason
from extractor.spec.nodes import Beside, Find, Item, SetAside, Window
from extractor.timeline import Timeline, classes, has_own_date, is_lasting, is_plan, occurrence

Side = Literal["supports", "refutes", "undecided", "contradicts", "none"]
Bearing = tuple[Side, "Reason | None"]
Place = Literal["inside", "before", "after", "maybe"]


@dataclass(frozen=True, slots=True)
class Vote:
    """What one mention says. `reason` is why it is set aside, `None` for a firm vote; `when` may have been narrowed.

    `lasting`: the event fills `when`, rather than lying on some day of it.
    """

    mention: Mention
    item: Item
    side: Side
    reason: Reason | None
    when: DateInterval
    window: DateInterval | None
    denies: bool = False
    lasting: bool = False

    @property
    def place(self) -> Place:
        """Where the event lies against the item's window; without one everything up to the index date is inside."""
        return place_of(self.when, self.window, lasting=self.lasting)


def place_of(when: DateInterval, within: DateInterval | None, *, lasting: bool = False) -> Place:
    """`position` with lasting events: one that fills its interval is inside as soon as one surely filled day is."""
    if within is None:
        return "inside"
    found = position(when, within)
    if found == "outside_before":
        return "before"
    if found == "outside_after":
        return "after"
    if found == "maybe" and lasting and _surely_reaches(when, within):
        return "inside"
    return found


def _surely_reaches(when: DateInterval, within: DateInterval) -> bool:
    if when.latest is None:
        return when.earliest is not None
    return within.earliest is None or when.latest >= within.earliest


def interval_of(spec: Window | Literal["ever"] | None, timeline: Timeline) -> DateInterval | None:
    """The days of a window at the timeline's index date."""
    if spec is None or spec == "ever":
        return None
    return window(timeline.index_date, days=spec.days, months=spec.months, years=spec.years)


def votes_for(find: Find, timeline: Timeline) -> list[Vote]:
    """The votes of all mentions in chart order."""
    ordered = _in_order(find)
    votes = (_vote(find, ordered, mention, timeline) for mention in timeline.mentions)
    return [vote for vote in votes if vote is not None]


def _in_order(find: Find) -> list[tuple[Side, Item]]:
    lists: tuple[tuple[Side, tuple[Item, ...]], ...] = (
        ("none", find.set_aside),
        ("undecided", find.undecided),
        ("refutes", find.refutes),
        ("supports", find.supports),
    )
    every = [(side, item) for side, items in lists for item in items]
    return sorted(every, key=lambda pair: not is_special(pair[1]))


def is_special(item: Item) -> bool:
    """Whether the item asks for more than a concept."""
    has_value = item.value_over is not None or item.value_under is not None
    return bool(item.where) or item.beside is not None or item.exact or has_value


def _vote(find: Find, ordered: list[tuple[Side, Item]], mention: Mention, timeline: Timeline) -> Vote | None:
    names = {mention.concept, *classes(mention)}
    for side, item in ordered:
        named = mention.concept in item.concepts if item.exact else bool(names.intersection(item.concepts))
        if named and meets(item, mention) and (item.beside is None or _has_beside(item.beside, mention, timeline)):
            return _cast(find, side, item, mention, timeline)
    return None


def meets(item: Item, mention: Mention) -> bool:
    """Whether the mention has the attributes and the value that the item asks for."""
    if any(_given(mention, name) & set(values) for name, values in item.unless.items()):
        return False
    if not all(_given(mention, name) & set(values) for name, values in item.where.items()):
        return False
    if item.value_over is not None and not (mention.value is not None and mention.value > item.value_over):
        return False
    return item.value_under is None or (mention.value is not None and mention.value < item.value_under)


def _has_beside(beside: Beside, mention: Mention, timeline: Timeline) -> bool:
    """Whether the mention's note affirms what the item asks for: an infection in a note that tells of IV antibiotics."""
    return any(
        other.note_id == mention.note_id
        and _is_affirmed(other)
        and bool({other.concept, *classes(other)}.intersection(beside.concepts))
        and not any(_given(other, name) & set(values) for name, values in beside.unless.items())
        for other in timeline.mentions
    )


def _is_affirmed(mention: Mention) -> bool:
    said = mention.assertion
    return not (said.negated or said.uncertain or said.family or is_plan(mention))


def _given(mention: Mention, name: str) -> set[str]:
    value = mention.attribute(name)
    return set(value.split()) if value else {"missing"}


def _cast(find: Find, side: Side, item: Item, mention: Mention, timeline: Timeline) -> Vote | None:
    said = mention.assertion
    bearing = _somebody_else_or_later(item, mention) or (_denied(item, said) if said.negated else _affirmed(side, item, mention))
    if bearing is None:
        return None
    span = interval_of(item.window if item.window is not None else find.window, timeline)
    lasting = is_lasting(mention)
    return Vote(mention, item, *bearing, occurrence(mention), span, denies=said.negated, lasting=lasting)


def _somebody_else_or_later(item: Item, mention: Mention) -> Bearing | None:
    if mention.assertion.family and item.family == "set_aside":
        return "none", "family"
    if is_plan(mention) and item.hypothetical == "set_aside":
        return "none", "hypothetical"
    return None


def _denied(item: Item, said: Assertion) -> Bearing | None:
    """A doubtful denial decides nothing; a plain one does what the item says of denials."""
    if said.uncertain:
        return "undecided", "uncertain"
    if item.negated == "ignore":
        return None
    return ("none", "negated") if item.negated == "set_aside" else (item.negated, None)


def _affirmed(side: Side, item: Item, mention: Mention) -> Bearing:
    if isinstance(item, SetAside):
        return "none", item.reason
    if mention.assertion.uncertain or mention.attribute("vague") == "yes" or side == "undecided":
        return "undecided", "uncertain"
    if mention.assertion.historical and _sets_history_aside(item, mention):
        return "none", "historical"
    return side, None


def _sets_history_aside(item: Item, mention: Mention) -> bool:
    if item.historical == "counts_in_lists":
        return not is_merely_listed(mention)
    return item.historical == "set_aside"


LISTS = frozenset({"pmh", "pmhx", "past medical history", "medical history", "past history", "past medical hx"})


def is_merely_listed(mention: Mention) -> bool:
    """Past by its place in a list of illnesses alone, with no word or date that says it is over."""
    if has_own_date(mention):
        return False
    cues = [words.lower() for name, words in mention.assertion.cues if name == "historical"]
    return all(words in LISTS or words.startswith("section ") for words in cues)
