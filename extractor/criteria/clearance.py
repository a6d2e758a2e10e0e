"""The `clearance` node: creatinine clearance in mL/min against a limit.

A stated clearance stands until a newer one is stated or can be computed from a creatinine. Computed is
Cockcroft and Gault, Nephron 1976;16:31-41: (140 - age) × kg / (72 × mg/dL), × 0.85 in women. An eGFR is another
quantity: it decides only far from the limit, where nothing better is known. Dialysis meets the condition.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractor.criteria.compare import compare
from extractor.criteria.items import is_merely_listed
from extractor.criteria.measure import age_key
from extractor.criteria.outcome import Context, Outcome, Seen, merged, quoted
from extractor.criteria.person import age_range, birth_of, is_own, sex_of, weight_near
from extractor.dates import days_between
from extractor.logic import Truth
from extractor.quantities import QuantityError, convert
from extractor.records import Mention, Sex
from extractor.spec.nodes import Clearance
from extractor.timeline import day_of, is_plan

ANALYTE = "creatinine"
"""The substance whose molar mass `quantities.convert` needs; not a concept of a trial."""
FEMALE_FACTOR = 0.85


def cockcroft_gault(creatinine_mg_dl: float, age_years: int, weight_kg: float, sex: Sex) -> float:
    """Creatinine clearance in mL/min.

    >>> round(cockcroft_gault(184 / 88.4, 72, 48, "male"), 1)
    21.8
    """
    factor = FEMALE_FACTOR if sex == "female" else 1.0
    return (140 - age_years) * weight_kg / (72 * creatinine_mg_dl) * factor


@dataclass(frozen=True, slots=True)
class Sign:
    """One mention's answer to the limit. `rank` orders equal days: a stated clearance before a computed one."""

    mention: Mention
    truth: Truth
    words: str
    rank: int = 0
    weight: Mention | None = None


def judge_clearance(spec: Clearance, context: Context) -> Outcome:
    """Dialysis, else the newest stated or computed clearance, else normal function as stated, else an eGFR."""
    told = _mentions(spec, context)
    dialysis = [m for m in told if m.concept in spec.dialysis and _is_going_on(m)]
    signs = [sign for mention in told if (sign := _sign(spec, mention, context)) is not None]
    if dialysis:
        chosen: Sign | None = Sign(dialysis[-1], Truth.TRUE, f"dialysis: {quoted(dialysis[-1])}")
    else:
        firm = [sign for sign in signs if sign.mention.concept != spec.egfr]
        known = [sign for sign in firm if sign.truth is not Truth.UNKNOWN] or firm
        chosen = max(known or signs, key=lambda sign: (age_key(sign.mention), sign.rank), default=None)
    if chosen is None:
        seen = merged(Seen(mention, "rejected", "uncertain") for mention in told)
        words = "no creatinine clearance stated, and none can be computed"
        return Outcome(Truth.UNKNOWN, words, seen, silent=not told)
    deciders = (chosen.mention, *([chosen.weight] if chosen.weight else []))
    return Outcome(chosen.truth, chosen.words, _seen(spec, told, signs, chosen), deciders)


OVER_DAYS = 60
"""Dialysis last told of so long before its note is over."""


def _is_going_on(dialysis: Mention) -> bool:
    """Told as present: not doubted, not as history outside a list of illnesses, not of days long past."""
    said = dialysis.assertion
    if said.uncertain or (said.historical and not is_merely_listed(dialysis)) or dialysis.attribute("status") == "resolved":
        return False
    latest = dialysis.when.latest
    return latest is None or days_between(latest, dialysis.note_date) <= OVER_DAYS


def _mentions(spec: Clearance, context: Context) -> list[Mention]:
    names = {spec.creatinine, spec.stated, spec.egfr, *spec.dialysis, *spec.normal}
    return [m for m in context.timeline.named(names) if is_own(m) and not is_plan(m)]


def _sign(spec: Clearance, mention: Mention, context: Context) -> Sign | None:
    if mention.concept in spec.normal:
        return Sign(mention, Truth.FALSE, f"renal function stated normal: {quoted(mention)}")
    if mention.value is None or mention.value <= 0 or mention.assertion.uncertain:
        return None
    if mention.concept == spec.stated:
        truth = compare(mention.value, mention.comparator, "at_most", spec.at_most)
        return Sign(mention, truth, f"creatinine clearance {_number(mention)}, limit {spec.at_most:g} mL/min", rank=2)
    if mention.concept == spec.egfr:
        return _by_egfr(spec, mention)
    return _computed(spec, mention, context) if mention.concept == spec.creatinine else None


def _number(mention: Mention) -> str:
    return f"{mention.comparator or ''}{mention.value:g} on {day_of(mention)} (note {mention.note_id})"


def _by_egfr(spec: Clearance, mention: Mention) -> Sign:
    value = mention.value or 0.0
    low = compare(value, mention.comparator, "at_most", spec.egfr_met_at_most)
    high = compare(value, mention.comparator, "at_least", spec.egfr_refuted_from)
    truth = Truth.TRUE if low is Truth.TRUE else Truth.FALSE if high is Truth.TRUE else Truth.UNKNOWN
    words = f"eGFR alone, {_number(mention)}: met at most {spec.egfr_met_at_most:g}, not met from {spec.egfr_refuted_from:g}"
    return Sign(mention, truth, words)


def _computed(spec: Clearance, mention: Mention, context: Context) -> Sign | None:
    """By Cockcroft-Gault with the age on that day and the weight nearest to it; `None` when a number is missing.

    Without a weight it answers where all believable ones agree; a weight is named where its number decides.
    """
    day = day_of(mention)
    sex, ages, weighed = sex_of(context), age_range(birth_of(context), day), weight_near(context, day)
    try:
        mg_dl = convert(mention.value or 0.0, mention.unit or "mg/dL", "mg/dL", ANALYTE)
    except QuantityError:
        return None
    if sex is None or ages is None:
        return None

    def at(*weights: float) -> tuple[list[float], Truth]:
        values = [cockcroft_gault(mg_dl, age, kg, sex) for kg in weights for age in ages]
        truths = {compare(value, _opposite(mention.comparator), "at_most", spec.at_most) for value in values}
        return values, truths.pop() if len(truths) == 1 else Truth.UNKNOWN

    lightest, heaviest = spec.weight_range_kg
    _, of_all = at(lightest, heaviest)
    if weighed is None:
        words = f"Cockcroft-Gault from creatinine {_number(mention)} at any weight from {lightest:g} to {heaviest:g} kg"
        return None if of_all is Truth.UNKNOWN else Sign(mention, of_all, f"{words}; limit {spec.at_most:g}", rank=1)
    kg, weight = weighed
    values, truth = at(kg)
    apart = abs(days_between(day, day_of(weight)))
    words = (
        f"Cockcroft-Gault {min(values):.1f} mL/min from creatinine {_number(mention)}, age {ages[0]}, "
        f"{kg:.1f} kg {apart} days apart, {sex}; limit {spec.at_most:g}"
    )
    return Sign(mention, truth, words, rank=1, weight=weight if of_all is Truth.UNKNOWN else None)


def _opposite(comparator: str | None) -> str | None:
    """A creatinine below a number is a clearance above one."""
    return {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(comparator or "")


def _seen(spec: Clearance, told: list[Mention], signs: list[Sign], chosen: Sign) -> tuple[Seen, ...]:
    """The decider and what agrees with it on its day count; older values are history."""
    truths = {sign.mention: sign.truth for sign in signs}
    newest = {concept: max(age_key(m) for m in told if m.concept == concept) for concept in {m.concept for m in told}}
    entries = [_seen_one(spec, mention, truths.get(mention), newest[mention.concept], chosen) for mention in told]
    if chosen.weight is not None and chosen.truth is not Truth.UNKNOWN:
        entries.append(Seen(chosen.weight, "supports" if chosen.truth is Truth.TRUE else "refutes"))
    return merged(entries)


def _seen_one(spec: Clearance, mention: Mention, found: Truth | None, newest: object, chosen: Sign) -> Seen:
    if mention != chosen.mention and age_key(mention) != newest:
        return Seen(mention, "rejected", "historical")
    if found is Truth.UNKNOWN or (mention.concept == spec.egfr and found is not chosen.truth):
        return Seen(mention, "rejected", "not_the_concept" if mention.concept == spec.egfr else "uncertain")
    if mention == chosen.mention or found is chosen.truth:
        return Seen(mention, "supports" if chosen.truth is Truth.TRUE else "refutes")
    older = age_key(mention) < age_key(chosen.mention)
    return Seen(mention, "rejected", "historical" if older else "uncertain")
