"""The `treatment_response` node: treatment of a minimum length, and disease that is not controlled by it.

Three questions are answered from the chart and put together: was one of the drugs taken long enough (stated
duration, start date against note date, the same drug in notes far enough apart); what is the newest word on the
disease (inadequate response or flare against control); does the current dose exceed its cap, which overrides.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractor.criteria.dose import ENDED, has_ended, judge_dose
from extractor.criteria.levels import has_value
from extractor.criteria.outcome import Context, Outcome, Seen, merged, newest_first, quoted, several
from extractor.dates import days_between
from extractor.logic import Truth
from extractor.records import Mention, Reason
from extractor.spec.nodes import Response
from extractor.timeline import day_of, has_own_date, is_plan, runs_to_its_note

NOT_TAKEN = ("held", "declined", "planned", "allergic")
IN_USE = ("current", "started")
RECENT = 31  # days


@dataclass(frozen=True, slots=True)
class Exposure:
    """How long one of the drugs was taken, by the mentions that show it. `long` is unknown where nothing dates it."""

    long: Truth
    words: str
    mentions: tuple[Mention, ...]


def judge_response(spec: Response, context: Context) -> Outcome:
    """Met: long enough and inadequate. Not met: dose above its cap, controlled, never treated, or all too short."""
    told = _Chart(spec, context)
    cap = judge_dose(spec.dose_cap, context) if spec.dose_cap is not None else None
    exposure, state = _exposure(spec, told), _state(told)
    outcome = _decide(exposure, state, told, cap)
    return replace(outcome, seen=_seen(spec, told, state, outcome, cap))


class _Chart:
    """The mentions of a chart that bear on the node, sorted by what they are."""

    def __init__(self, spec: Response, context: Context) -> None:
        timeline = context.timeline
        drugs = timeline.named(set(spec.drugs))
        self.drugs = [m for m in drugs if _is_taken(m, spec)]
        self.refused = [m for m in drugs if m not in self.drugs]
        self.never = [m for m in drugs if _is_never(m)] + _firm(timeline.named(set(spec.naive)))
        statements = timeline.named(set(spec.inadequate))
        self.inadequate = _firm(statements)
        self.flares = _firm(timeline.named(set(spec.flares)))
        self.controlled = _firm(timeline.named(set(spec.controlled)))
        self.quiet = [m for m in timeline.named(set(spec.flares)) if m.assertion.negated and not m.assertion.family]
        self.intolerance = list(timeline.named(set(spec.intolerance)))
        self.signs = [m for m in _firm(timeline.named(set(spec.signs))) if _is_of_its_note(m)]
        every = (*statements, *timeline.named({*spec.flares, *spec.controlled}))
        self.doubtful = [m for m in every if m.assertion.uncertain and not m.assertion.family]


def _firm(mentions: Collection[Mention]) -> list[Mention]:
    return [m for m in mentions if not (m.assertion.negated or m.assertion.family or m.assertion.uncertain or is_plan(m))]


def _is_of_its_note(mention: Mention) -> bool:
    """Found on the day of the note, or in the weeks before it: an old attack is no sign of the present state."""
    return not mention.assertion.historical and days_between(day_of(mention), mention.note_date) <= RECENT


def _is_taken(mention: Mention, spec: Response) -> bool:
    said = mention.assertion
    refused = said.negated or said.family or said.uncertain or is_plan(mention)
    return not (refused or mention.attribute("status") in NOT_TAKEN or has_value(mention, spec.local))


def _is_never(mention: Mention) -> bool:
    """ "Never used steroids": a denial without a beginning and without a dose."""
    said = mention.assertion
    return said.negated and not said.family and mention.when.earliest is None and mention.value is None


def _exposure(spec: Response, told: _Chart) -> Exposure:
    """The longest exposure that the chart shows; false only when every drug has a known, shorter one."""
    named = [mention for mention in told.drugs if mention.attribute("vague") != "yes"] or told.drugs
    by_drug = [_drug_exposure(spec, [m for m in named if m.concept == drug]) for drug in sorted({m.concept for m in named})]
    stated = [_stated(spec, mention) for mention in told.inadequate if mention.attribute("duration_days")]
    found = [*by_drug, *stated]
    for wanted in (Truth.TRUE, Truth.UNKNOWN):
        for exposure in found:
            if exposure.long is wanted:
                return exposure
    if found:
        return found[0]
    return Exposure(Truth.UNKNOWN, "no standard treatment is named", ())


def _stated(spec: Response, mention: Mention) -> Exposure:
    days = int(mention.attribute("duration_days") or 0)
    long = Truth.TRUE if days >= spec.at_least_days else Truth.FALSE
    return Exposure(long, f"{quoted(mention)}, {days} days", (mention,))


def _drug_exposure(spec: Response, mentions: Sequence[Mention]) -> Exposure:
    need = spec.at_least_days
    spans = [(days, mention) for mention in mentions if (days := known_days(mention)) is not None]
    if spans:
        days, mention = max(spans, key=lambda pair: (pair[0], pair[1].note_date))
        if days >= need:
            return Exposure(Truth.TRUE, f"{quoted(mention)}, {days} days", (mention,))
    running = _since_last_start([m for m in mentions if _runs_on(m, need)])
    if running:
        first, last = running[0], running[-1]
        apart = days_between(_first_day(first), day_of(last))
        if apart >= need:
            return Exposure(Truth.TRUE, f"{quoted(first)} and {quoted(last)}, {apart} days apart", (first, last))
    dated = [m for _, m in spans]
    unknown = [m for m in mentions if known_days(m) is None and not _closes(m, dated, need)]
    if spans and not unknown:
        return Exposure(Truth.FALSE, f"{quoted(mention)}, {days} days", (mention,))
    return Exposure(Truth.UNKNOWN, f"{quoted((unknown or mentions)[0])}, duration not known", tuple(mentions[:1]))


def _closes(mention: Mention, dated: Sequence[Mention], need: int) -> bool:
    """Whether it tells the end of a course that another mention begins, fewer than `need` days before."""
    if not has_ended(mention):
        return False
    begun = [m.when.earliest for m in dated if m.when.earliest is not None and m.when.earliest <= day_of(mention)]
    return bool(begun) and days_between(max(begun), day_of(mention)) < need


def _since_last_start(running: Sequence[Mention]) -> list[Mention]:
    """A drug begun anew ("15 July changed to prednisone") is another course than the one before."""
    begun = [
        m.when.earliest for m in running if m.attribute("status") == "started" and has_own_date(m) and m.when.earliest is not None
    ]
    return [m for m in running if not begun or day_of(m) >= max(begun)]


def _first_day(mention: Mention) -> date:
    """The first day by which it was surely taken: of an interval that may be anywhere, its last day."""
    return day_of(mention)


def known_days(mention: Mention) -> int | None:
    """For how many days the drug had been taken: as stated, or from its start to the end of its interval."""
    stated = mention.attribute("duration_days")
    if stated is not None:
        return int(stated)
    if mention.attribute("frequency") == "once":
        return 1
    if mention.when.earliest is None or mention.when.earliest >= mention.note_date:
        return None
    if mention.attribute("lasting") == "yes":
        return days_between(mention.when.earliest, day_of(mention))
    return days_between(mention.when.earliest, mention.note_date) if runs_to_its_note(mention) else None


def _runs_on(mention: Mention, need: int) -> bool:
    """Whether a mention can be of one treatment with those of other notes: not history, not over, not a short course."""
    if mention.assertion.historical or has_ended(mention) or not _is_in_use(mention):
        return False
    days = mention.attribute("duration_days")
    return days is None or int(days) >= need


def _is_in_use(mention: Mention) -> bool:
    """Told as taken at that time: a bare name ("methotrexate was no use") may be of any time before."""
    if mention.attribute("status") in ("failed", "had"):
        return False
    if mention.value is not None or mention.section == "medications" or mention.attribute("status") in IN_USE:
        return True
    return any(mention.attribute(name) is not None for name in ("frequency", "route", "change", "dose"))


def _state(told: _Chart) -> tuple[Truth, tuple[Mention, ...]]:
    """Whether the disease is not controlled, by the newest firm word on it.

    A note that tells of both is of a disease that is controlled in part, which is not controlled; two notes of one day
    that differ leave it unknown.
    """
    active = [*_of_the_present(told), *told.flares, *_telling_signs(told)]
    ranked = [(_state_key(m), Truth.TRUE, m) for m in active] + [(_state_key(m), Truth.FALSE, m) for m in told.controlled]
    if not ranked:
        return Truth.UNKNOWN, ()
    top = max(key for key, _, _ in ranked)
    newest = [(truth, m) for key, truth, m in ranked if key == top]
    by_side = {side: tuple(m for truth, m in newest if truth is side) for side in (Truth.TRUE, Truth.FALSE)}
    if not by_side[Truth.TRUE]:
        return Truth.FALSE, by_side[Truth.FALSE]
    one_note = len({m.note_id for _, m in newest}) == 1
    if one_note or not by_side[Truth.FALSE]:
        return Truth.TRUE, by_side[Truth.TRUE]
    return Truth.UNKNOWN, tuple(m for _, m in newest)


def _of_the_present(told: _Chart) -> list[Mention]:
    """Words of failure, without those on an earlier drug in a note that tells of control now: "failed azathioprine"."""
    quiet = {m.note_id for m in told.controlled}
    return [m for m in told.inadequate if m.note_id not in quiet or not _is_on_an_earlier_drug(m, told)]


def _is_on_an_earlier_drug(statement: Mention, told: _Chart) -> bool:
    """Whether it names a drug, and none that its note tells to be in use."""
    of_note = [m for m in told.drugs if m.note_id == statement.note_id]
    within = {m.concept for m in of_note if m.start < statement.end and statement.start < m.end}
    running = {m.concept for m in of_note if _is_in_use(m) and not has_ended(m) and not m.assertion.historical}
    return bool(within) and within.isdisjoint(running)


def _telling_signs(told: _Chart) -> list[Mention]:
    """Signs of inflammation where their note has no word on control: scars are seen in remission too."""
    quiet = {m.note_id for m in told.controlled}
    return [m for m in told.signs if m.note_id not in quiet]


def _state_key(mention: Mention) -> tuple[date, date, bool]:
    """By the last day it can speak of, then by its note; within a note what is told as past comes before what is."""
    return (day_of(mention), mention.note_date, not mention.assertion.historical)


def _decide(exposure: Exposure, state: tuple[Truth, tuple[Mention, ...]], told: _Chart, cap: Outcome | None) -> Outcome:
    active, words_of = state
    if cap is not None and cap.truth is Truth.TRUE:
        return Outcome(Truth.FALSE, cap.because, deciders=cap.deciders)
    if active is Truth.FALSE:
        return Outcome(Truth.FALSE, f"controlled: {several(newest_first(words_of))}", deciders=newest_first(words_of))
    if told.never and not told.drugs:
        return Outcome(Truth.FALSE, f"never treated: {several(newest_first(told.never))}", deciders=newest_first(told.never))
    if exposure.long is Truth.FALSE:
        return Outcome(Truth.FALSE, f"treated too shortly: {exposure.words}", deciders=exposure.mentions)
    if active is Truth.UNKNOWN or not (told.inadequate or told.flares or told.signs):
        silent = not (told.drugs or words_of or told.doubtful)
        words = "the notes contradict each other on control" if words_of else "no word on the response to treatment"
        return Outcome(Truth.UNKNOWN, f"{words}; {exposure.words}", deciders=words_of or exposure.mentions, silent=silent)
    shown = several(newest_first(words_of))
    if not told.inadequate and told.drugs and all(_is_over(m) for m in told.drugs):
        words = f"{shown}; but no treatment is told of that had not ended"
        return Outcome(Truth.UNKNOWN, words, deciders=(*words_of, *exposure.mentions))
    if exposure.long is Truth.UNKNOWN:
        return Outcome(Truth.UNKNOWN, f"{shown}; but {exposure.words}", deciders=(*words_of, *exposure.mentions))
    if cap is not None and cap.truth is Truth.UNKNOWN:
        return Outcome(Truth.UNKNOWN, f"{shown}; {exposure.words}; but {cap.because}", deciders=cap.deciders)
    return Outcome(Truth.TRUE, f"{shown}; {exposure.words}", deciders=(*newest_first(words_of), *exposure.mentions))


def _is_over(mention: Mention) -> bool:
    """Over, or merely named."""
    return mention.attribute("status") in ENDED or not (_is_in_use(mention) or known_days(mention) is not None)


def _seen(
    spec: Response, told: _Chart, state: tuple[Truth, tuple[Mention, ...]], outcome: Outcome, cap: Outcome | None
) -> tuple[Seen, ...]:
    """What each mention says by itself; a controlled disease makes older failures history, an active one older control."""
    active = state[0]
    capped = {entry.mention: entry for entry in (cap.seen if cap is not None else ())}
    entries = [_capped(entry) for entry in capped.values()]
    historical: Reason = "historical"
    for mention in (*told.inadequate, *told.flares, *told.signs):
        entries.append(Seen(mention, "rejected", historical) if active is Truth.FALSE else Seen(mention, "supports"))
    for mention in told.controlled:
        entries.append(Seen(mention, "refutes") if active is not Truth.TRUE else Seen(mention, "rejected", historical))
    entries += [Seen(m, "refutes") if active is not Truth.TRUE else Seen(m, "rejected", "negated") for m in told.quiet]
    entries += [Seen(m, "rejected", "uncertain") for m in told.doubtful]
    entries += [Seen(m, "rejected", "not_the_concept") for m in told.intolerance]
    against = outcome.truth is Truth.FALSE and (cap is None or cap.truth is not Truth.TRUE)
    entries += [_drug_seen(m, against=against) for m in told.drugs if m not in capped]
    entries += [Seen(m, "refutes") for m in told.never]
    entries += [_refused(m, against=against) for m in told.refused if m not in told.never]
    return merged(entries)


def _capped(entry: Seen) -> Seen:
    """A current dose above the cap speaks against the criterion."""
    return Seen(entry.mention, "refutes") if entry.role == "supports" else entry


def _drug_seen(mention: Mention, *, against: bool) -> Seen:
    """A drug that was taken speaks for the criterion, or against it where it controls the disease or was taken too shortly."""
    if mention.attribute("reason") == "intolerance":
        return Seen(mention, "rejected", "not_the_concept")
    if mention.value is None and known_days(mention) is None and mention.attribute("vague") == "yes":
        return Seen(mention, "rejected", "uncertain")
    return Seen(mention, "refutes" if against else "supports")


def _refused(mention: Mention, *, against: bool) -> Seen:
    """A drug that was not taken: a denial speaks against where the criterion is not met, everything else is set aside."""
    reason = _refusal(mention)
    return Seen(mention, "refutes") if against and reason == "negated" else Seen(mention, "rejected", reason)


def _refusal(mention: Mention) -> Reason:
    if mention.assertion.family:
        return "family"
    if is_plan(mention):
        return "hypothetical"
    return "uncertain" if mention.assertion.uncertain else "negated"
