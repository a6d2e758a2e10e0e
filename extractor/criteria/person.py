"""Who the patient is, as far as tables and notes tell: sex, birth date, weight; and the `age` node.

The patients table comes first; otherwise a birth date in a note, otherwise stated ages, each of which bounds the
birth date and so moves forward with time.
"""

from __future__ import annotations

from datetime import date

from extractor.criteria.outcome import Context, Outcome, Seen, merged, newest_first, several
from extractor.dates import add_years, age_at, birth_interval, days_between, on, overlap
from extractor.logic import Truth
from extractor.quantities import QuantityError, convert
from extractor.records import DateInterval, Mention, Sex
from extractor.spec.nodes import Age
from extractor.timeline import day_of


def is_own(mention: Mention) -> bool:
    """Whether the mention is of the patient and affirmed."""
    return not (mention.assertion.family or mention.assertion.negated)


def sex_of(context: Context) -> Sex | None:
    """The table's, else the notes' where they agree."""
    if context.timeline.patient.sex is not None:
        return context.timeline.patient.sex
    told = {m.attribute("sex") for m in context.timeline.named({context.trial.person.sex}) if is_own(m)}
    if told == {"female"}:
        return "female"
    return "male" if told == {"male"} else None


def birth_of(context: Context) -> DateInterval | None:
    """The possible birth dates, `None` when nothing tells."""
    if context.timeline.patient.birth_date is not None:
        return on(context.timeline.patient.birth_date)
    stated = [m for m in context.timeline.named({context.trial.person.birth_date}) if is_own(m) and m.when.earliest]
    if stated:
        return stated[-1].when
    found: DateInterval | None = None
    for mention in reversed(context.timeline.named({context.trial.person.age})):
        bounds = _birth_by_age(mention) if is_own(mention) else None
        if bounds is not None:
            found = bounds if found is None else overlap(found, bounds) or found
    return found


def _birth_by_age(mention: Mention) -> DateInterval | None:
    low, high = _stated_years(mention)
    if low is None or high is None:
        return None
    first, last = mention.when.earliest, mention.when.latest
    if mention.attribute("birthday") == "yes" and first and last and low == high:
        return DateInterval(add_years(first, -low), add_years(last, -low))
    day = day_of(mention)
    return DateInterval(birth_interval(high, day).earliest, birth_interval(low, day).latest)


def _stated_years(mention: Mention) -> tuple[int | None, int | None]:
    if mention.value is not None:
        return int(mention.value), int(mention.value)
    if mention.range_low is None or mention.range_high is None:
        return None, None
    return int(mention.range_low), int(mention.range_high)


def age_range(birth: DateInterval | None, day: date) -> tuple[int, int] | None:
    """The least and the greatest age in completed years on `day`."""
    if birth is None or birth.earliest is None or birth.latest is None:
        return None
    return age_at(birth.latest, day), age_at(birth.earliest, day)


def judge_age(spec: Age, context: Context) -> Outcome:
    """Completed years at the index date within the limits, both included."""
    day = context.timeline.index_date
    birth = birth_of(context)
    ages = age_range(birth, day)
    ids = context.trial.person
    told = [m for m in context.timeline.named({ids.age, ids.birth_date}) if is_own(m)]
    if ages is None:
        seen = merged(Seen(mention, "rejected", "uncertain") for mention in told)
        return Outcome(Truth.UNKNOWN, "no birth date and no age in the notes", seen, silent=not told)
    within = {_allows(spec, years) for years in ages}
    truth = Truth.UNKNOWN if len(within) == 2 else Truth.TRUE if within == {True} else Truth.FALSE
    seen = merged(_seen_age(mention, spec, truth, context) for mention in told)
    deciding = newest_first(entry.mention for entry in seen if entry.role != "rejected" or truth is Truth.UNKNOWN)
    return Outcome(truth, _age_words(spec, ages, birth, context, deciding), seen, deciding)


def _allows(spec: Age, years: int) -> bool:
    return (spec.min is None or years >= spec.min) and (spec.max is None or years <= spec.max)


def _seen_age(mention: Mention, spec: Age, truth: Truth, context: Context) -> Seen:
    """An age that says the same as the verdict counts; one that time overtook is history."""
    if truth is Truth.UNKNOWN:
        return Seen(mention, "rejected", "uncertain")
    role = Seen(mention, "supports" if truth is Truth.TRUE else "refutes")
    if mention.concept == context.trial.person.birth_date:
        return role
    low, high = _stated_years(mention)
    if low is None or high is None:
        return Seen(mention, "rejected", "uncertain")
    same = {_allows(spec, low), _allows(spec, high)} == {truth is Truth.TRUE}
    return role if same else Seen(mention, "rejected", "historical")


def _age_words(
    spec: Age, ages: tuple[int, int], birth: DateInterval | None, context: Context, deciding: tuple[Mention, ...]
) -> str:
    years = str(ages[0]) if ages[0] == ages[1] else f"between {ages[0]} and {ages[1]}"
    limits = f"{spec.min if spec.min is not None else 'any'} to {spec.max if spec.max is not None else 'any'}"
    known = context.timeline.patient.birth_date
    source = f"born {known}" if known is not None else several(deciding, most=1) if deciding else "as stated"
    return f"{years} completed years on {context.timeline.index_date} ({source}), allowed {limits}"


def weight_near(context: Context, day: date) -> tuple[float, Mention] | None:
    """The weight in kg measured nearest to `day`, the newer of two as near, with its mention."""
    weighed = [m for m in context.timeline.named({context.trial.person.weight}) if is_own(m) and not m.assertion.hypothetical]
    found = [(kg, mention) for mention in weighed if (kg := _kilograms(mention)) is not None]
    return min(found, key=lambda pair: _apart(pair[1], day), default=None)


def _apart(mention: Mention, day: date) -> tuple[int, int]:
    measured = day_of(mention)
    return abs(days_between(measured, day)), -measured.toordinal()


def _kilograms(mention: Mention) -> float | None:
    if mention.value is None:
        return None
    try:
        return convert(mention.value, mention.unit or "kg", "kg")
    except QuantityError:
        return None
