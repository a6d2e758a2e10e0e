"""The records and word lists that the modules on dates share: what a time expression is, months, units of time."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from extractor.dates import add_days, back
from extractor.quantities import DIGIT_NUMBER, WORD_NUMBER, parse_number
from extractor.records import DateInterval
from extractor.text.stretches import Pool, Stretches

TimeKind = Literal["point", "since", "until", "duration", "age"]
TimeSource = Literal["explicit", "relative"]
Precision = Literal["day", "month", "year", "span"]


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """One place in a text that says when or how long.

    `interval`: for a "point" the days on one of which it happened; for "since" and "duration" the days through
    which it lasted (to the note date unless an end is given); for "until" everything before and its last day.
    `duration_days` is the shortest and longest reading of a stated length, its second `None` when open ("over").
    `calendar_day` holds month and day of a date written without a year, which neighbours may settle.
    """

    start: int
    end: int
    interval: DateInterval
    kind: TimeKind = "point"
    duration_days: tuple[int, int | None] | None = None
    source: TimeSource = "explicit"
    precision: Precision = "day"
    calendar_day: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """What relative and partial dates are counted from."""

    note_date: date
    day_first: bool = False
    admission: date | None = None
    birth_date: date | None = None


S = r"(?:[ \t\u00a0]{1,3}|[ \t]{0,3}\r?\n[ \t]{0,16})"
"""White space inside an expression: a few blanks or one hard wrap, never a blank line; bounded, so matching is linear."""
S0 = rf"{S}?"

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb febr", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
MONTH = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")"

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon", "tuesday tues tue", "wednesday weds wed", "thursday thurs thur thu", "friday fri",
            "saturday sat", "sunday sun",
        )
    )
    for name in names.split()
}  # fmt: skip
WEEKDAY = r"(?:" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")"

UNIT = (
    r"(?:days?|dys?|nights?|weeks?|wks?|fortnights?|months?|mos?|mths?|mnths?|years?|yrs?|decades?|hours?|hrs?|minutes?|"
    r"mins?|(?-i:[dwyh]))"
)
"""A unit of time; short ones need a boundary after them, which the forms that use it give."""
NUMBER = rf"(?:{DIGIT_NUMBER}|{WORD_NUMBER}(?:{S}and{S}a{S}half)?|half{S}an?|an?{S}half|an?)"
QUANTIFIER = rf"(?:an?{S})?(?:couple|few|several|many|some|number)(?:{S}of)?|multiple|numerous"

_QUANTIFIED = {"couple": (2, 3), "few": (2, 5), "several": (3, 10), "many": (5, 40), "some": (2, 10), "number": (3, 10),
               "multiple": (2, 10), "numerous": (5, 40)}  # fmt: skip


def unit_name(written: str) -> str:
    """`day`, `week`, `month`, `year`, `fortnight`, `decade`, `hour` or `minute`."""
    word = written.lower().rstrip(".")
    for first, name in (("min", "minute"), ("mo", "month"), ("mt", "month"), ("mn", "month"), ("de", "decade"),
                        ("d", "day"), ("n", "day"), ("w", "week"), ("f", "fortnight"), ("y", "year"), ("h", "hour")):  # fmt: skip
        if word.startswith(first):
            return name
    return "day"


def amounts(written: str) -> tuple[float, float] | None:
    """Smallest and largest reading of "three", "2½", "two and a half", "a few", "half a"."""
    words = " ".join(written.lower().split())
    for name, between in _QUANTIFIED.items():
        if name in words.split():
            return between
    extra = 0.5 if words.endswith("and a half") else 0.0
    number = parse_number(words.removesuffix(" and a half"))
    if words in ("half a", "half an", "a half", "an half"):
        number = 0.5
    return None if number is None else (number + extra, number + extra)


def unit_days(amount: float, unit: str) -> float:
    """`amount` units in days; months at 30.4375 days, years at 365.25, hours as the part of a day they are."""
    per_unit = {"day": 1, "week": 7, "fortnight": 14, "month": 30.4375, "year": 365.25, "decade": 3652.5}
    return amount * per_unit.get(unit, 1 / 24 if unit == "hour" else 1 / 1440)


SLACK_DAYS = {"day": 0, "week": 3, "fortnight": 7, "month": 15, "year": 183, "decade": 1826}
"""Half a unit, the precision of "3 weeks ago" (adjudication guideline, rule 5)."""


def step_back(day: date, amount: float, unit: str) -> date:
    """`amount` units before `day`; whole months and years are calendar steps."""
    if unit == "month":
        return back(day, months=amount)
    if unit in ("year", "decade"):
        return back(day, years=amount * (10 if unit == "decade" else 1))
    return add_days(day, -int(unit_days(amount, unit)))


def length_days(low: float, high: float, unit: str) -> tuple[int, int]:
    """A stated length in whole days, rounded: six months are 183, a year 365, two weeks 14, 24 hours 1."""
    return max(1, round(unit_days(low, unit))), max(1, round(unit_days(high, unit)))


MARGIN = 80
"""No expression reaches further from the strings that each of its matches holds, in characters."""


def between(times: Sequence[TimeExpression], start: int, end: int) -> Sequence[TimeExpression]:
    """Those of `times`, which are in order, that begin in `start:end`."""
    first = bisect_left(times, start, key=_start_of)
    return times[first : bisect_left(times, end, first, key=_start_of)]


def _start_of(time: TimeExpression) -> int:
    return time.start


Builder = Callable[[re.Match[str], Clock], TimeExpression | None]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One way of writing a time; `build` makes it an expression or finds that it is none."""

    pattern: re.Pattern[str]
    build: Builder


def form(pattern: str, build: Builder) -> Form:
    """A form from an expression that is read case-blind; digits are 0 to 9 only."""
    return Form(re.compile(pattern, re.IGNORECASE | re.ASCII), build)


def scan(text: str, clock: Clock, forms: tuple[Form, ...]) -> Iterator[TimeExpression]:
    """What the forms find, form by form; overlapping ones are left to the caller.

    Each form is tried only where a string stands that it needs: most of a note says nothing of time.
    """
    for one, matches in zip(forms, _stretches(forms).matches(text), strict=True):
        for match in matches:
            found = one.build(match, clock)
            if found is not None:
                yield found


POOL = Pool()
"""Times of all kinds are looked for together."""


@lru_cache(maxsize=16)
def _stretches(forms: tuple[Form, ...]) -> Stretches:
    return Stretches([one.pattern for one in forms], MARGIN, POOL)
