"""The `measure` node: the newest value of an analyte against a limit.

The upper limit of normal is the one printed beside the result, otherwise the trial's own by unit. Values that a
newer one superseded are history whichever way they pointed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from extractor.criteria.compare import SIGNS, compare
from extractor.criteria.items import interval_of, place_of
from extractor.criteria.outcome import Context, Outcome, Seen, merged
from extractor.criteria.person import is_own
from extractor.logic import Truth
from extractor.quantities import QuantityError, convert
from extractor.records import Mention
from extractor.spec.nodes import Measure
from extractor.timeline import day_of, is_plan, occurrence

Key = tuple[date, date]
ULN = "xULN"
"""The unit of a value stated as a multiple of the upper limit of normal."""


def judge_measure(spec: Measure, context: Context) -> Outcome:
    """Whether the newest value stands in the relation to its limit."""
    told = [m for m in context.timeline.named({spec.analyte, *spec.normal}) if is_own(m) and not is_plan(m)]
    span = interval_of(spec.window, context.timeline)
    answers = [(mention, *answer(spec, mention)) for mention in told if place_of(occurrence(mention), span) == "inside"]
    usable = [entry for entry in answers if entry[1] is not None]
    name = spec.label or spec.analyte.replace("_", " ")
    if not usable:
        seen = merged(Seen(mention, "rejected", "uncertain") for mention in told)
        return Outcome(Truth.UNKNOWN, f"no value of {name} in the notes", seen, silent=not told)
    top = max(age_key(mention) for mention, _, _ in usable)
    newest = [entry for entry in usable if age_key(entry[0]) == top]
    truths = {entry[1] for entry in newest}
    truth = newest[0][1] if len(truths) == 1 and newest[0][1] is not None else Truth.UNKNOWN
    deciders = tuple(mention for mention, _, _ in newest)
    words = " and ".join(dict.fromkeys(words for _, _, words in newest))
    return Outcome(truth, f"{name} {words}", merged(_seen(m, a, top) for m, a, _ in answers), deciders)


def age_key(mention: Mention) -> Key:
    """Newest by the day of the sample, for one day by the note that tells of it."""
    return (day_of(mention), mention.note_date)


def _seen(mention: Mention, found: Truth | None, top: Key) -> Seen:
    if found is None:
        return Seen(mention, "rejected", "uncertain")
    if age_key(mention) != top:
        return Seen(mention, "rejected", "historical")
    if found is Truth.UNKNOWN:
        return Seen(mention, "rejected", "uncertain")
    return Seen(mention, "supports" if found is Truth.TRUE else "refutes")


def answer(spec: Measure, mention: Mention) -> tuple[Truth | None, str]:
    """What one mention says of the limit, and in words; `None` when it gives no number to go by."""
    if mention.concept in spec.normal or (mention.value is None and mention.attribute("result") == "normal"):
        return Truth.FALSE, f"stated normal on {day_of(mention)}"
    multiple = mention.attribute("uln_multiple") or (mention.value if mention.unit == ULN else None)
    if spec.times_upper_limit is not None and multiple is not None and not mention.assertion.uncertain:
        found = compare(float(multiple), mention.comparator, spec.is_, spec.times_upper_limit)
        return found, f"{multiple} times the upper limit on {day_of(mention)}, limit {spec.times_upper_limit:g} times"
    if mention.value is None or mention.assertion.uncertain:
        return None, ""
    limits = _limits(spec, mention)
    found_by_limit = {compare(mention.value, mention.comparator, spec.is_, limit) for limit, _ in limits}
    truth = found_by_limit.pop() if len(found_by_limit) == 1 else Truth.UNKNOWN
    return (truth, _words(spec, mention, limits)) if limits else (None, "")


def _words(spec: Measure, mention: Mention, limits: Sequence[tuple[float, str]]) -> str:
    against = " or ".join(origin for _, origin in limits)
    value = f"{mention.comparator or ''}{mention.value:g}{' ' + mention.unit if mention.unit else ''}"
    return f"{value} on {day_of(mention)} (note {mention.note_id}; condition {SIGNS[spec.is_]} {against})"


def _limits(spec: Measure, mention: Mention) -> list[tuple[float, str]]:
    """The limit in the mention's own unit and how it came about; several when the unit is not known."""
    if spec.limit is not None:
        limit = _converted(spec.limit, spec.unit or "", mention.unit or spec.unit or "", spec.analyte)
        return [] if limit is None else [(limit, f"{spec.limit:g} {spec.unit}")]
    times = spec.times_upper_limit or 1.0
    if mention.range_high is not None:
        return [(times * mention.range_high, _product(times, mention.range_high, "printed"))]
    if mention.unit is None:
        return [(times * high, _product(times, high, f"default, if {unit}")) for unit, high in spec.upper_limits.items()]
    for unit, high in spec.upper_limits.items():
        own = _converted(high, unit, mention.unit, spec.analyte)
        if own is not None:
            return [(times * own, _product(times, own, "default"))]
    return []


def _product(times: float, high: float, origin: str) -> str:
    return f"{times:g} × {high:g} = {times * high:g}, {origin} upper limit"


def _converted(value: float, unit: str, to: str, analyte: str) -> float | None:
    if unit == to:
        return value
    try:
        return convert(value, unit, to, analyte)
    except QuantityError:
        return None
