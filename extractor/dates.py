"""Calendar arithmetic on days known only in part: intervals, windows, ages.

A day written as "March 2024" is every day of that month, so what is known of an event is a `DateInterval` with its
first and last possible day. Nothing here reads a clock or a text. Results that would leave the calendar stop at
its ends, so that no number in a note ("5000 years ago") can raise.
"""

from __future__ import annotations

import math
from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from extractor.records import DateInterval

Position = Literal["inside", "outside_before", "outside_after", "maybe"]

DAYS_PER_MONTH = 30.4375
"""A mean month of the Julian year, 365.25 / 12; only fractions of a month are counted with it."""


def add_days(day: date, n: int) -> date:
    """`n` days later, or earlier when negative."""
    ordinal = min(max(day.toordinal() + n, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(ordinal)


def add_months(day: date, n: int) -> date:
    """`n` calendar months later; a day that the month lacks is its last (31 May - 3 months = the last of February).

    >>> add_months(date(2024, 5, 31), -3)
    datetime.date(2024, 2, 29)
    """
    index = day.year * 12 + day.month - 1 + n
    if index < date.min.year * 12:
        return date.min
    if index >= (date.max.year + 1) * 12:
        return date.max
    year_number, month_index = divmod(index, 12)
    return date(year_number, month_index + 1, min(day.day, monthrange(year_number, month_index + 1)[1]))


def add_years(day: date, n: int) -> date:
    """`n` calendar years later; 29 February falls on the 28th of a common year."""
    return add_months(day, 12 * n)


def month_days(months: float) -> int:
    """A fraction of months in days, at 30.4375 days a month and rounded up: 1.6 months are 49 days."""
    return math.ceil(round(months * DAYS_PER_MONTH, 6))


def back(day: date, *, days: float | None = None, months: float | None = None, years: float | None = None) -> date:
    """The day that lies this long before `day`. Whole months and years are calendar steps, fractions are days.

    Exactly one length is given, or `ValueError` is raised.
    """
    if sum(length is not None for length in (days, months, years)) != 1:
        raise ValueError("give exactly one of days, months and years")
    if days is not None:
        return add_days(day, -math.ceil(days))
    count = months if months is not None else 12 * (years or 0.0)
    if float(count).is_integer():
        return add_months(day, -int(count))
    return add_days(day, -month_days(count))


def window(
    index_date: date, *, days: float | None = None, months: float | None = None, years: float | None = None
) -> DateInterval:
    """The days that end at `index_date`, both ends included.

    >>> window(date(2024, 5, 31), months=1.6).earliest
    datetime.date(2024, 4, 12)
    """
    return DateInterval(back(index_date, days=days, months=months, years=years), index_date)


def position(interval: DateInterval, within: DateInterval) -> Position:
    """Where an event of which only `interval` is known lies against the window `within`.

    "maybe" when some of its possible days lie in the window and some do not. A `None` end is unbounded.
    """
    if _before(interval.latest, within.earliest):
        return "outside_before"
    if _before(within.latest, interval.earliest):
        return "outside_after"
    starts_in = within.earliest is None or (interval.earliest is not None and interval.earliest >= within.earliest)
    ends_in = within.latest is None or (interval.latest is not None and interval.latest <= within.latest)
    return "inside" if starts_in and ends_in else "maybe"


def _before(last: date | None, first: date | None) -> bool:
    return last is not None and first is not None and last < first


def overlap(one: DateInterval, other: DateInterval) -> DateInterval | None:
    """The days that both hold, or `None` when there are none."""
    starts = [day for day in (one.earliest, other.earliest) if day is not None]
    ends = [day for day in (one.latest, other.latest) if day is not None]
    earliest, latest = max(starts, default=None), min(ends, default=None)
    return None if _before(latest, earliest) else DateInterval(earliest, latest)


def hull(one: DateInterval, other: DateInterval) -> DateInterval:
    """The shortest interval that holds both."""
    earliest = None if one.earliest is None or other.earliest is None else min(one.earliest, other.earliest)
    latest = None if one.latest is None or other.latest is None else max(one.latest, other.latest)
    return DateInterval(earliest, latest)


def on(day: date) -> DateInterval:
    """One day."""
    return DateInterval(day, day)


def around(day: date, slack_days: int) -> DateInterval:
    """`day`, give or take `slack_days`."""
    return DateInterval(add_days(day, -slack_days), add_days(day, slack_days))


def year(y: int) -> DateInterval:
    """The days of a year."""
    return DateInterval(date(y, 1, 1), date(y, 12, 31))


def month(y: int, m: int) -> DateInterval:
    """The days of a month, `m` from 1 to 12."""
    return DateInterval(date(y, m, 1), date(y, m, monthrange(y, m)[1]))


def days_between(first: date, last: date) -> int:
    """Whole days from `first` to `last`; negative when `last` is earlier."""
    return (last - first) // timedelta(days=1)


def age_at(birth_date: date, day: date) -> int:
    """Completed years. Born on 29 February, one turns older on 1 March of a common year."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def birth_interval(age_years: int, day: date) -> DateInterval:
    """The birth dates of one who is `age_years` completed years old on `day`."""
    return DateInterval(add_days(add_years(day, -age_years - 1), 1), add_years(day, -age_years))
