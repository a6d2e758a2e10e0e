"""What a sentence holds before it is asserted and dated; drugs are read with their doses here, a step of a taper each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractor.dates import add_days
from extractor.records import DateInterval
from extractor.spec.doses import CourseWords
from extractor.text.dose_levels import DoseStep
from extractor.text.doses import Dose, Doses, parse_dose
from extractor.text.times import TimeExpression

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A mention before it is dated: span in the sentence, names, quantities and attributes."""

    start: int
    end: int
    concept: str
    kind: str
    classes: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    value: float | None = None
    unit: str | None = None
    comparator: str | None = None
    range_low: float | None = None
    range_high: float | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    interval: DateInterval | None = None
    core: tuple[int, int] | None = None
    shares_date: bool = False
    course: CourseWords | None = None

    @property
    def is_spaced(self) -> bool:
        """A drug given at intervals, of which the last dose and the stop are asked."""
        return self.course is not None and self.course.way == "spaced" and self.course.holds(self.classes)

    @property
    def is_daily(self) -> bool:
        """A drug taken daily, of which every step of the dose is asked."""
        return self.course is not None and self.course.way == "daily" and self.course.holds(self.classes)

    @property
    def is_followed(self) -> bool:
        """A drug followed beyond its dose."""
        return self.course is not None and self.course.holds(self.classes)

    @property
    def named(self) -> tuple[int, int]:
        """Where the concept itself is written, without dose and date: what cues and modifiers speak of."""
        return self.core or (self.start, self.end)


def dosed(
    item: Found, text: str, doses: Doses, times: Sequence[TimeExpression], drugs: Sequence[Span], note_date: date
) -> list[Found]:
    """The drug `item` with its dose: one mention, or one a step where the dose changes.

    `drugs` are the spans of all drugs of the sentence: a dose is not read across its neighbours.
    """
    floor = max((end for _, end in drugs if end <= item.start), default=0)
    limit = min((start for start, _ in drugs if start >= item.end), default=len(text))
    dose = parse_dose(text, (item.start, item.end), item.concept, doses, times=times, floor=floor, limit=limit)
    if dose is None:
        return [item]
    whole = _with_dose(item, dose)
    if len(dose.steps) < 2:
        return [whole]
    first = replace(
        whole, end=max(item.end, dose.steps[0].end), interval=_step_days(dose.steps[0], dose, note_date) or whole.interval
    )
    return [first, *(_with_step(whole, step, dose, note_date) for step in dose.steps[1:])]


def _with_dose(item: Found, dose: Dose) -> Found:
    said = {
        "dose": None if dose.amount is None else f"{dose.amount:g} {dose.unit or ''}".strip(),
        "frequency": dose.frequency,
        "route": dose.route,
        "status": dose.status,
        "change": dose.change,
        "duration_days": str(dose.duration_days[0]) if dose.duration_days else None,
        "count": None if dose.count is None else str(dose.count),
        "prn": "yes" if dose.prn else None,
        "last_dose": "yes" if dose.is_last_dose else None,
        "lasting": "yes" if dose.when_kind == "duration" and dose.duration_days is None else None,
    }
    said |= _of_steroid(item, dose)
    attributes = {name: value for name, value in said.items() if value is not None} | dict(item.attributes)
    return replace(
        item,
        start=min(item.start, dose.start),
        end=max(item.end, dose.end),
        core=item.named,
        value=item.value if dose.daily is None else dose.daily,
        unit=item.unit if dose.daily is None else ("mg/kg/d" if dose.per_kg else "mg/d"),
        attributes=tuple(sorted(attributes.items())),
        interval=dose.when,
    )


PULSE_MG = 125
"""From this daily dose on a bare count of a steroid ("1 g x 3") is one of days; "50 mg x3" is three times a day."""


def _of_steroid(item: Found, dose: Dose) -> dict[str, str | None]:
    """A count of pulses is their days; listed days, and those of a range, are all days of the drug."""
    if not item.is_daily:
        return {}
    said: dict[str, str | None] = {}
    if dose.count and dose.duration_days is None and dose.frequency is None and (dose.daily or 0) >= PULSE_MG:
        said["duration_days"] = str(dose.count)
    if len(dose.dates) > 1 and dose.status != "planned":
        said["lasting"] = "yes"
    return said


def _with_step(item: Found, step: DoseStep, dose: Dose, note_date: date) -> Found:
    attributes = dict(item.attributes) | {"step": "later"}
    if step.amount is not None:
        attributes["dose"] = f"{step.amount:g} {dose.unit or 'mg'}"
    attributes.pop("duration_days", None)
    if step.duration_days:
        attributes["duration_days"] = str(step.duration_days[0])
    return replace(
        item,
        start=step.start,
        end=step.end,
        value=step.daily,
        attributes=tuple(sorted(attributes.items())),
        interval=_step_days(step, dose, note_date),
    )


def _step_days(step: DoseStep, dose: Dose, note_date: date) -> DateInterval | None:
    """The days of a step: as dated, else counted from the day the first step begins (its date, or the note's).

    Where the last step is the present one and the first has no date, they are counted back from the note.
    """
    if step.when is not None:
        return step.when
    if step.is_now:
        return DateInterval(note_date, note_date)
    if dose.when is None and dose.steps[-1].is_now:
        return _counted_back(step, dose.steps, note_date)
    if step.offset_days is None:
        return None
    begin = dose.when.earliest if dose.when and dose.when.earliest else note_date
    first = add_days(begin, step.offset_days)
    longest = step.duration_days[1] if step.duration_days else None
    return DateInterval(first, None if longest is None else add_days(first, longest - 1))


def _counted_back(step: DoseStep, steps: Sequence[DoseStep], note_date: date) -> DateInterval | None:
    """The newest days on which an earlier step can have been, `None` where a length is not told."""
    lengths = [other.duration_days[1] if other.duration_days else None for other in steps[steps.index(step) : -1]]
    if not lengths or any(length is None for length in lengths):
        return None
    later = sum(length or 0 for length in lengths[1:])
    last = add_days(note_date, -1 - later)
    return DateInterval(add_days(last, 1 - (lengths[0] or 1)), last)
