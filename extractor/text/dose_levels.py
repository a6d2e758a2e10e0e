"""The levels of a dose: one while it is read, a taper's in time order once it is.

A level takes the dates, lengths and further doses of its day that follow it; the steps of a taper begin where the
one before ends, as far as lengths and dates tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from extractor.records import DateInterval
from extractor.text.dose_forms import AND_ALSO, TIME_OF_DAY, Amount, Part, read_amount
from extractor.text.times import TimeExpression


@dataclass(frozen=True, slots=True)
class DoseStep:
    """One level of a dose. `start:end` is its own span; `offset_days` how long after the first step it begins.

    `daily` is in mg a day, or mg/kg a day when the dose is per kilogram; `when` is known where a date is written.
    """

    start: int
    end: int
    amount: float | None
    daily: float | None
    per_day: float | None = None
    duration_days: tuple[int, int | None] | None = None
    offset_days: int | None = None
    when: DateInterval | None = None
    is_now: bool = False


@dataclass(slots=True)
class Level:
    """A step while it is being read."""

    start: int
    end: int
    amount: Amount | None = None
    frequency: Part | None = None
    duration: TimeExpression | None = None
    point: TimeExpression | None = None
    count: int | None = None
    dates: tuple[DateInterval, ...] = ()
    length: tuple[int, int | None] | None = None
    also: float = 0.0
    is_last: bool = False
    is_now: bool = False
    ends: bool = False


_CLOCK = re.compile(r"\s?(?:at\s)?(?:[01]\d|2[0-3])[:.]?[0-5]\d(?:\s?h(?:rs?)?)?\b", re.I)
_THEN = re.compile(r"(?:\s?(?:,|;|and|\+|then|followed by)){1,3}\s", re.I)


def second_of_day(text: str, position: int, stop: int, level: Level) -> int | None:
    """ "25 mg mane and 12.5 mg nocte", "200 mg stat 1120 then 100 mg at 1720 and 2320": the end of a further dose of the
    same day, added to the first."""
    if level.amount is None or level.frequency is None or level.amount.unit != "mg":
        return None
    if level.frequency.name == "once":
        return _at_hours(text, position, stop, level)
    if TIME_OF_DAY.match(text, level.frequency.start) is None:
        return None
    joined = AND_ALSO.match(text, position, stop)
    amount = None if joined is None else read_amount(text, joined.end(), stop)
    if amount is None or amount.unit != "mg":
        return None
    when = TIME_OF_DAY.match(text, amount.end + (text[amount.end : amount.end + 1] == " "), stop)
    if when is None:
        return None
    level.also += amount.high
    return when.end()


def _at_hours(text: str, position: int, stop: int, level: Level) -> int | None:
    """Doses by the clock after one given at once."""
    clock = _CLOCK.match(text, position, stop)
    position = clock.end() if clock is not None else position
    joined = _THEN.match(text, position, stop)
    amount = None if joined is None else read_amount(text, joined.end(), stop)
    if amount is None or amount.unit != "mg":
        return None
    end, times = amount.end, 0
    while (hour := _CLOCK.match(text, end, stop)) is not None and times < 6:
        end, times = hour.end(), times + 1
        further = _THEN.match(text, end, stop)
        end = further.end() - 1 if further is not None and _CLOCK.match(text, further.end() - 1, stop) else end
    if not times:
        return None
    level.also += amount.high * times
    return end


_LISTED = re.compile(r"(?:\s(?:given|done|administered|infused|✓))?\s?(?:,|and|&|, and|\+|/)\s?(?:on\s)?")


def next_listed(text: str, position: int, stop: int, level: Level, times: Sequence[TimeExpression]) -> int | None:
    """ "9/30 and 10/14/2024": the end of the next day of a list of days."""
    joined = _LISTED.match(text, position, stop) if level.point is not None else None
    following = None if joined is None else next((t for t in times if t.start == joined.end() and t.end <= stop), None)
    return following.end if following is not None and take_time(text, level, following) else None


_LAST = re.compile(
    r"\s{0,2}[,;(]{0,2}\s?(?:(?:was\s)?(?:stopped|discontinued|on hold|held|off)[,;]?\s)?\(?(?:the\s)?(?:last|latest|"
    r"most recent)"
    r"(?:\s(?:home|known))?(?:\s(?:doses?|infusions?|injections?|administration|given|received|one|shot|on))?(?:\s(?:was|on|"
    r"given|being|received)|:){0,2}\s",
    re.I,
)


def last_given(text: str, position: int, stop: int, level: Level, times: Sequence[TimeExpression]) -> int | None:
    """ "(weekly, last 11/14)": the end of the date of the last dose, which takes the place of any other."""
    said = _LAST.match(text, position, stop)
    time = None if said is None else next((t for t in times if t.start == said.end() and t.end <= stop), None)
    if time is None or time.kind != "point":
        return None
    level.point, level.is_last = time, True
    level.dates = (*level.dates, time.interval)
    return time.end


_HOURS = re.compile(r"\b\d+\s?-?(?:h|hrs?|hours?|min|mins|minutes)$", re.I)


def take_time(text: str, level: Level, time: TimeExpression) -> bool:
    """Put a length or date into the level; a second date only where it continues a list of days."""
    if text[time.start : time.end].lower().endswith("off"):
        return False  # "22 months off prednisone" is of the drug that follows
    if _HOURS.search(text, time.start, time.end):
        return True  # "1 g over 2 hr": how long it ran
    if time.kind == "duration" and time.source == "relative":
        level.duration = level.duration or time
        return True
    if level.point is not None:
        gap = text[level.point.end : time.start]
        if level.point.kind != "point" or time.kind != "point" or not _LISTED.fullmatch(gap):
            return False
    level.point = time
    level.ends = _ENDS.search(text, max(0, time.start - 24), time.start) is not None
    level.dates = (*level.dates, time.interval)
    return True


_ENDS = re.compile(
    r"\b(?:end(?:ed|ing|s)?|until|till?|through|thru|complet\w+|finish\w+|stopp\w+|last)(?:\s(?:on|by|it))?\s$", re.I
)


def days_of(level: Level) -> DateInterval | None:
    """The days of a level as dated: a single day with a length ("6/2 x 7 d") is the first of so many, or the last."""
    if level.point is None:
        return None
    when, length = level.point.interval, level_length(level)
    first, last = when.earliest, when.latest
    single = level.point.kind in ("point", "since") and level.point.precision == "day" and len(level.dates) == 1
    if not single or first is None or last is None or length is None or length[1] is None or not 1 <= length[1] <= 400:
        return when
    more = timedelta(days=length[1] - 1)
    if level.point.kind == "since":
        return DateInterval(first, min(last, first + more))
    return DateInterval(last - more, last) if level.ends else DateInterval(first, first + more)


def is_same_total(level: Level, amount: Amount) -> bool:
    return bool(level.amount and level.amount.is_strength and amount.per_day)


def overrides(amount: Amount, former: Amount) -> bool:
    """ "1 mg tablets (9 mg/day)": a total a day says more than a tablet's strength."""
    return former.is_strength and amount.per_day is not None


def from_to(match: re.Match[str], first: Level) -> list[Level]:
    """ "from 60 to 50": two levels, the date that follows is that of the second."""
    one = Amount(match.start("first"), match.end("first"), float(match["first"]), float(match["first"]), "mg")
    two = Amount(match.start("second"), match.end("second"), float(match["second"]), float(match["second"]), "mg")
    return [
        Level(one.start, one.end, one, first.frequency),
        Level(two.start, match.end(), two, first.frequency),
    ]


def level_length(level: Level) -> tuple[int, int | None] | None:
    """How long a level lasts: as stated, as dated, or as many days as daily doses are counted ("daily x 3")."""
    if level.duration is not None or level.length is not None:
        return level.duration.duration_days if level.duration is not None else level.length
    if level.point is not None and level.point.kind == "duration":
        return level.point.duration_days
    daily = level.frequency is not None and level.frequency.per_day == 1
    return (level.count, level.count) if level.count and daily else None


def taper_steps(levels: list[tuple[Level, float | None, float | None]]) -> tuple[DoseStep, ...]:
    """The levels in time: each begins where the one before ends, as far as lengths and dates tell."""
    steps: list[DoseStep] = []
    offset: int | None = 0
    for number, (level, daily, per_day) in enumerate(levels):
        if level.amount is None:
            continue
        when = days_of(level)
        length = level_length(level)
        if when is None and not level.is_now and steps and steps[-1].when and steps[-1].when.latest and steps[-1].duration_days:
            following = steps[-1].when.latest + timedelta(days=1)
            more = length[1] - 1 if length is not None and length[1] else 0
            when = DateInterval(following, following + timedelta(days=more))
        if level.point is not None and level.point.kind == "point" and number > 0 and steps and steps[-1].when is None:
            latest = level.point.interval.latest
            steps[-1] = replace(steps[-1], when=DateInterval(None, latest and latest - timedelta(days=1)))
        steps.append(
            DoseStep(
                level.start,
                max(level.end, level.amount.end),
                level.amount.value,
                daily,
                per_day,
                length,
                offset,
                when,
                level.is_now,
            )
        )
        offset = None if offset is None or length is None or length[1] is None else offset + length[1]
    return tuple(steps)
