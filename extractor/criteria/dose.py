"""The `dose` node: whether a daily dose per kilogram exceeded a limit on any day of a window, or does so now.

Each mention of the family of drugs becomes a `Taken`: which level, where in the window, taken or not. Then, in this
order: a day surely above meets the condition unless a later note denies that dose; a dose that may be above leaves
it open; a known dose or a denial refutes it; with nothing known in the window the last course before it decides,
refuting only when it ended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from extractor.criteria.items import Place, interval_of, place_of
from extractor.criteria.levels import Level, has_value, level_of
from extractor.criteria.outcome import Context, Outcome, Seen, merged, newest_first, quoted
from extractor.criteria.windows import clears_on, length_words
from extractor.logic import Truth
from extractor.records import DateInterval, Mention, Reason
from extractor.spec.nodes import Dose
from extractor.timeline import day_of, has_own_date, is_plan, occurrence, runs_to_its_note, sentence_of

NOT_TAKEN = ("held", "declined", "planned")
ENDED = ("stopped", "completed")
_PERIOD_LIST = re.compile(
    r"(?:past|last|previous|preceding|prior) (?:month|(?:\d{1,2}|four|six|eight) weeks|30 days)\s?[:=]", re.IGNORECASE
)
""" "Steroids past month: 50, 30, now 20": the doses of a period, of which the first is not the present one."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One mention of a drug of the family. `aside`: why it says nothing of a dose taken."""

    mention: Mention
    level: Level
    place: Place
    aside: Reason | None = None

    @property
    def counts(self) -> bool:
        """Whether it tells of a drug that was taken."""
        return self.aside is None


def judge_dose(spec: Dose, context: Context) -> Outcome:
    """The truth for a window, or for the newest known dose."""
    taken = doses(spec, context)
    return _in_window(spec, taken, context) if spec.when == "window" else _now(spec, taken, context.timeline.index_date)


def doses(spec: Dose, context: Context) -> list[Taken]:
    """Every mention of the family in chart order."""
    span = interval_of(spec.window, context.timeline)
    names = {*spec.equal_doses, *spec.unnamed, *spec.peak_statements}
    told = context.timeline.named(names)
    dosed = {sentence_of(m) for m in told if m.value is not None and m.concept in spec.equal_doses}
    return [
        Taken(m, level_of(spec, m, context), _place(m, span), _aside(spec, m)) for m in told if not _is_heading(spec, m, dosed)
    ]


def _is_heading(spec: Dose, mention: Mention, dosed: Collection[tuple[str, int]]) -> bool:
    """ "Pulse steroids: methylprednisolone 500 mg x 3": the word for the family says nothing beside a drug with its dose."""
    bare = mention.value is None and not has_own_date(mention) and not mention.assertion.negated
    return bare and mention.concept in spec.unnamed and sentence_of(mention) in dosed


def _place(mention: Mention, span: DateInterval | None) -> Place:
    """Where in the window it was taken; a last step with no end, told before the window, may run still or not."""
    place = place_of(_taken_on(mention), span, lasting=_fills(mention))
    if span is None or span.earliest is None or place != "inside" or mention.attribute("step") != "later":
        return place
    begins, ends = mention.when.earliest, mention.when.latest
    lapsed = ends is None and mention.note_date < span.earliest and (begins is None or begins < span.earliest)
    return "maybe" if lapsed else place


def _taken_on(mention: Mention) -> DateInterval:
    """When it was taken: some day up to its note where the note tells it as something had, with no day."""
    when = occurrence(mention)
    return DateInterval(None, when.latest) if _is_undated_history(mention) else when


def _is_undated_history(mention: Mention) -> bool:
    """ "Has had IVMP 1 g x 3", with no day told."""
    return mention.date_source == "note" and mention.attribute("status") == "had"


def _fills(mention: Mention) -> bool:
    """A course of stated length is taken on every day of its interval, like one that lasts; so is a step of a taper."""
    named = mention.attribute("duration_days") is not None or mention.attribute("step") == "later"
    return (named and not _is_undated_history(mention)) or runs_to_its_note(mention)


def _aside(spec: Dose, mention: Mention) -> Reason | None:
    said = mention.assertion
    if said.family:
        return "family"
    if is_plan(mention):
        return "hypothetical"
    if has_value(mention, spec.local):
        return "not_the_concept"
    if said.negated or mention.attribute("status") in NOT_TAKEN:
        return "negated"
    return "uncertain" if said.uncertain else None


def _in_window(spec: Dose, taken: Sequence[Taken], context: Context) -> Outcome:
    inside = [dose for dose in taken if dose.counts and dose.place == "inside"]
    high = [dose for dose in inside if dose.level.above is Truth.TRUE]
    standing = [dose for dose in high if not _denied(dose, taken)]
    known = [dose for dose in inside if dose.level.above is Truth.FALSE]
    denials = [dose for dose in taken if _is_denial(dose)]
    open_ = [dose for dose in taken if _is_open(dose, known, denials)]
    earlier = _ended_before(taken)
    steps: tuple[tuple[Sequence[Taken], Truth, str], ...] = (
        (standing, Truth.TRUE, "{dose}"),
        (high, Truth.UNKNOWN, "{dose}, which a later note denies"),
        (open_, Truth.UNKNOWN, "{dose}: not known to be above or below the limit in the window"),
        (known, Truth.FALSE, "highest known dose {dose}"),
        (denials, Truth.FALSE, "none taken: {dose}"),
        (earlier, Truth.FALSE, "the last course ended before the window: {dose}"),
    )
    for group, truth, words in steps:
        if group:
            return _answer(spec, taken, group, truth, words, context)
    lapsed = [dose for dose in taken if dose.counts]
    words = f"last known {quoted(lapsed[-1].mention)}, silence since" if lapsed else f"nothing on {spec.label}"
    silent = not any(dose.counts or dose.aside == "uncertain" for dose in taken)
    return Outcome(Truth.UNKNOWN, words, _seen(taken, Truth.UNKNOWN), silent=silent)


def _denied(dose: Taken, taken: Sequence[Taken]) -> bool:
    """A later note denies that drug at that dose; a bare "no steroids" today does not undo a dose given earlier."""
    mention = dose.mention
    return any(
        other.mention.assertion.negated
        and other.mention.concept == mention.concept
        and other.mention.value is not None
        and other.mention.value == mention.value
        and other.mention.note_date > mention.note_date
        for other in taken
    )


def _is_denial(dose: Taken) -> bool:
    """ "No steroids": negated without a dose, without an exception ("none apart from …"), and by systemic route."""
    said = dose.mention
    if said.attribute("status") == "declined":
        return False  # what is refused today may have been taken before
    excepted = said.attribute("scope") == "other" or said.assertion.uncertain
    return dose.aside == "negated" and said.assertion.negated and said.value is None and not excepted


def _is_open(dose: Taken, known: Sequence[Taken], denials: Sequence[Taken]) -> bool:
    """It may have exceeded the limit in the window.

    A drug named without a dose leaves nothing open where a dose is known, nor does a vague mention that a later note
    denies.
    """
    if not (dose.counts or dose.aside == "uncertain") or dose.place in ("before", "after"):
        return False
    doseless = dose.level.daily_mg is None and dose.level.mg_per_kg is None
    if doseless and dose.level.above is Truth.UNKNOWN:
        return not known and not any(other.mention.note_date >= dose.mention.note_date for other in denials)
    if dose.place == "maybe" or dose.aside == "uncertain":
        return dose.level.above is not Truth.FALSE
    return dose.level.above is Truth.UNKNOWN


def _ended_before(taken: Sequence[Taken]) -> list[Taken]:
    """The last course, when it and everything else lies before the window and it is known to have ended."""
    courses = [dose for dose in taken if dose.counts and dose.place == "before"]
    if not courses:
        return []
    last = max(courses, key=lambda dose: (day_of(dose.mention), dose.mention.note_date, dose.mention.start))
    return [last] if has_ended(last.mention) else []


def has_ended(mention: Mention) -> bool:
    """Stopped, or a course of stated length, which ends on its last day."""
    if mention.attribute("status") in ENDED:
        return True
    return mention.attribute("duration_days") is not None and mention.attribute("status") != "current"


def _answer(spec: Dose, taken: Sequence[Taken], group: Sequence[Taken], truth: Truth, words: str, context: Context) -> Outcome:
    strongest = max(group, key=_strength)
    mention, weight = strongest.mention, strongest.level.weight
    told = words.format(dose=f"{quoted(mention)}, {strongest.level.words}")
    limits = f"limit {spec.over_mg_per_kg:g} mg/kg/d"
    clears = None
    if spec.window is not None:
        limits += f" in the {length_words(spec.window)} to {context.timeline.index_date}"
        clears = clears_on(max(_last_day(dose) for dose in group), spec.window) if truth is Truth.TRUE else None
    rest = newest_first(dose.mention for dose in group if dose is not strongest)
    deciders = (mention, *([weight] if weight is not None else []), *rest)
    decided = truth is not Truth.UNKNOWN or strongest.level.above is Truth.TRUE
    used = [Seen(weight, _side(truth))] if weight is not None and decided and strongest.place == "inside" else []
    deciding = [dose.level for dose in taken if dose.counts and dose.place == "inside" and _weight_decides(spec, dose.level)]
    used += [Seen(w, _side(level.above)) for level in deciding if (w := level.weight) is not None and w != weight]
    seen = _seen(taken, truth, used)
    return Outcome(truth, f"{told}; {limits}", seen, deciders, clears_on=clears)


def _weight_decides(spec: Dose, level: Level) -> bool:
    """Whether the dose is above the limit at some believable weights and not at others."""
    if level.weight is None or level.daily_mg is None:
        return False
    lightest, heaviest = spec.weight_range_kg
    return level.daily_mg / heaviest <= spec.over_mg_per_kg < level.daily_mg / lightest


def _last_day(dose: Taken) -> date:
    return day_of(dose.mention)


def _strength(dose: Taken) -> tuple[float, date, int]:
    level = dose.level
    amount = level.mg_per_kg if level.mg_per_kg is not None else (level.daily_mg or 0.0) / 1000
    return (amount, day_of(dose.mention), dose.mention.start)


def _seen(taken: Sequence[Taken], truth: Truth, weights: Sequence[Seen] = ()) -> tuple[Seen, ...]:
    """Roles by themselves: a dose in the window counts either way, whatever decided; a weight goes with its dose."""
    return merged([*(_seen_one(dose, truth) for dose in taken), *weights])


def _side(truth: Truth) -> Literal["supports", "refutes"]:
    return "refutes" if truth is Truth.FALSE else "supports"


def _seen_one(dose: Taken, truth: Truth) -> Seen:
    if _is_denial(dose):
        counts = _tells_of_the_window(dose, truth)
        return Seen(dose.mention, "refutes") if counts else Seen(dose.mention, "rejected", "negated")
    if dose.aside in ("family", "hypothetical", "not_the_concept", "negated"):
        return Seen(dose.mention, "rejected", dose.aside)
    if dose.place in ("before", "after"):
        return Seen(dose.mention, "rejected", "historical")
    if dose.place == "inside" and dose.level.above is not Truth.UNKNOWN and dose.counts:
        return Seen(dose.mention, "supports" if dose.level.above is Truth.TRUE else "refutes")
    return Seen(dose.mention, "rejected", "uncertain")


def _tells_of_the_window(denial: Taken, truth: Truth) -> bool:
    """ "None since August" of a part of the window whatever the verdict; "not given" of a day long before of nothing."""
    when = denial.mention.when
    if denial.place == "before" and when.earliest is not None:
        return False
    dated = has_own_date(denial.mention) and when.earliest is not None
    return truth is Truth.FALSE or (dated and when.earliest != when.latest)


def _now(spec: Dose, taken: Sequence[Taken], index_date: date) -> Outcome:
    """The newest dose that is known, begun by the index date and not ended by a later stop or denial."""
    begun = [dose for dose in taken if dose.counts and _first_day(dose) <= index_date and _is_regimen(dose.mention)]
    valued = [dose for dose in begun if dose.level.daily_mg is not None or dose.level.mg_per_kg is not None]
    running = [dose for dose in valued if _is_running(dose, taken)]
    newest = max(running, key=lambda dose: (_day(dose), dose.mention.note_date, dose.mention.start), default=None)
    if newest is None:
        return Outcome(Truth.FALSE, f"no current {spec.label} dose known", silent=True)
    words = f"current {spec.label} {quoted(newest.mention)}, {newest.level.words}, limit {spec.over_mg_per_kg:g} mg/kg/d"
    seen = [entry for dose in valued if (entry := _seen_now(dose, newest)) is not None]
    above = newest.level.above is Truth.TRUE
    weights = (newest.level.weight,) if above and newest.level.weight is not None else ()
    seen += [Seen(weight, "supports") for weight in weights]
    return Outcome(newest.level.above, words, merged(seen), (newest.mention, *weights))


def _is_regimen(mention: Mention) -> bool:
    """Whether a dose can be the present one: not a single past dose ("10 mg on 3/20"), an operation's, or a month's list."""
    if mention.attribute("frequency") == "once" or mention.attribute("purpose") or mention.attribute("window_days"):
        return False
    if _PERIOD_LIST.search(mention.text):
        return False
    day = mention.when.earliest
    single = day is not None and day == mention.when.latest and day < mention.note_date and mention.date_source == "explicit"
    return not (single and mention.attribute("frequency") is None and mention.attribute("step") is None)


def _first_day(dose: Taken) -> date:
    """A step of a taper may begin after its note; anything else had begun by then."""
    start = occurrence(dose.mention).earliest
    return dose.mention.note_date if start is None else start


def _day(dose: Taken) -> date:
    """The last day on which the dose is known to be taken."""
    return max(day_of(dose.mention), _first_day(dose))


def _is_running(dose: Taken, taken: Sequence[Taken]) -> bool:
    if has_ended(dose.mention):
        return False
    day = day_of(dose.mention)
    stops = [o for o in taken if _is_denial(o) or (o.counts and o.mention.attribute("status") in ENDED)]
    return not any(o.mention.note_date > dose.mention.note_date and day_of(o.mention) > day for o in stops)


def _seen_now(dose: Taken, newest: Taken) -> Seen | None:
    """The current dose as it stands to the limit, none when it is within; a different dose is history."""
    if dose.mention.value != newest.mention.value or dose.mention.unit != newest.mention.unit:
        return Seen(dose.mention, "rejected", "historical")
    if newest.level.above is Truth.FALSE:
        return None
    above = newest.level.above is Truth.TRUE
    return Seen(dose.mention, "supports") if above else Seen(dose.mention, "rejected", "uncertain")
