"""Windows in words and forwards: how long ago, inside what, and the day from which a window is clear."""

from __future__ import annotations

from datetime import date

from extractor.dates import add_days, add_months, days_between, month_days, window
from extractor.records import DateInterval
from extractor.spec.nodes import Window


def length_words(spec: Window) -> str:
    """A window's length as it is written, with its days where a fraction of a month makes them.

    >>> length_words(Window(months=1.6))
    '1.6 months (49 days)'
    """
    if spec.days is not None:
        return f"{spec.days:g} days"
    if spec.years is not None:
        return f"{spec.years:g} year{'' if spec.years == 1 else 's'}"
    months = spec.months or 0.0
    words = f"{months:g} month{'' if months == 1 else 's'}"
    return words if float(months).is_integer() else f"{words} ({month_days(months)} days)"


def place_words(when: DateInterval, spec: Window | None, index_date: date) -> str:
    """How far before the index date an event ended, and against which window: what a reviewer recomputes."""
    if spec is None or when.latest is None:
        return ""
    since = window(index_date, days=spec.days, months=spec.months, years=spec.years).earliest
    ago = days_between(when.latest, index_date)
    distance = f"{ago} days before {index_date}" if ago >= 0 else f"{-ago} days after {index_date}"
    return f"{distance}, against a window of {length_words(spec)} from {since}"


def clears_on(last_day: date, spec: Window) -> date:
    """The first index date whose window no longer holds `last_day`.

    >>> clears_on(date(2024, 5, 9), Window(months=1.6))
    datetime.date(2024, 6, 28)
    """
    months = 12 * spec.years if spec.years is not None else spec.months
    whole = months is not None and float(months).is_integer()
    day = add_months(last_day, int(months or 0)) if whole else last_day
    while not _is_clear(last_day, day, spec):
        day = add_days(day, 1)
    return day


def _is_clear(last_day: date, day: date, spec: Window) -> bool:
    if day == date.max:
        return True
    first = window(day, days=spec.days, months=spec.months, years=spec.years).earliest
    return first is not None and first > last_day
