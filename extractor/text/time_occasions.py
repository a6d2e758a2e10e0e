"""A text in, the times in it that are named by an occasion or a part of a year: "around Christmas", "start of last year".

Feasts are those that notes of many countries name; each is given as the days on which people say it was. Feasts of
the lunar calendars are read as the span of the solar year in which they can fall.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from dateutil.easter import easter

from extractor.dates import add_days, add_months, add_years, month, year
from extractor.records import DateInterval
from extractor.text.time_lengths import START, relative
from extractor.text.times import MONTH, MONTHS, SLACK_DAYS, Clock, Form, S, TimeExpression, form, step_back, unit_days, unit_name


def _feast(name: str, y: int) -> DateInterval:
    """The days of a feast in the year `y`."""
    if name.startswith("easter"):
        sunday = easter(y)
        return DateInterval(add_days(sunday, -3), add_days(sunday, 7))
    first_month, first_day, days = next(days for prefix, days in _FEASTS.items() if name.startswith(prefix))
    first = date(y, first_month, first_day)
    return DateInterval(first, add_days(first, days - 1))


_FEASTS = {
    "christmas": (12, 20, 14),
    "xmas": (12, 20, 14),
    "boxing": (12, 26, 1),
    "new year": (12, 29, 8),
    "thanksgiving": (11, 22, 8),
    "halloween": (10, 29, 4),
    "chinese": (1, 21, 35),
    "lunar": (1, 21, 35),
    "cny": (1, 21, 35),
    "spring festival": (1, 21, 35),
    "diwali": (10, 14, 34),
    "deepavali": (10, 14, 34),
    "holi": (3, 1, 30),
    "valentine": (2, 13, 3),
    "memorial": (5, 24, 8),
    "labor": (9, 1, 8),
}
"""First month and day of a feast, and how many days people mean by it."""
_FEAST = (
    r"christmas|xmas|boxing{S}day|new{S}years?(?:['’]s)?(?:{S}(?:eve|day))?|thanksgiving|halloween|"
    r"(?:chinese|lunar){S}new{S}year|cny|spring{S}festival|diwali|deepavali|holi(?![a-z])|valentine['’]?s(?:{S}day)?|"
    r"memorial{S}day|labor{S}day|easter(?:{S}(?:sunday|weekend))?"
).replace("{S}", S)


def _named_feast(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """The feast of the year that is written, else the newest that has begun; its preposition is not part of it."""
    name = " ".join(match["feast"].lower().split())
    if match["y"]:
        return replace(relative(match, _feast(name, int(match["y"]))), start=match.start("feast"))
    for y in (clock.note_date.year, clock.note_date.year - 1):
        days = _feast(name, y)
        if days.earliest is not None and days.earliest <= clock.note_date:
            return replace(relative(match, days), start=match.start("feast"))
    return None


def _month_of_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "May last year", "in May of this year", "last year in May"."""
    y = clock.note_date.year - (match["lead"].lower() != "this")
    return relative(match, month(y, MONTHS[match["mon"].lower()]), precision="month")


def _part_of_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "the beginning of the year": its first or last five months, or the middle ones."""
    y = clock.note_date.year - (match["lead"].lower() in ("last", "the previous"))
    first = date(y, 1, 1)
    word = match["part"].lower()
    if word in ("middle", "mid"):
        return relative(match, DateInterval(add_months(first, 3), add_days(add_months(first, 9), -1)))
    if word in ("end", "late", "later"):
        return relative(match, DateInterval(add_months(first, 7), add_days(add_years(first, 1), -1)))
    return relative(match, DateInterval(first, add_days(add_months(first, 5), -1)))


def _week_before_last(match: re.Match[str], clock: Clock) -> TimeExpression:
    """A calendar unit, or so many days, before the last one."""
    unit = unit_name(match["u"])
    if unit == "week":
        monday = add_days(clock.note_date, -clock.note_date.weekday() - 14)
        return relative(match, DateInterval(min(monday, add_days(clock.note_date, -14)), add_days(monday, 6)))
    if unit == "month":
        first = add_months(clock.note_date.replace(day=1), -2)
        return relative(match, DateInterval(first, add_days(add_months(first, 1), -1)))
    return relative(match, year(clock.note_date.year - 2))


def _unit_and_a_half(match: re.Match[str], clock: Clock) -> TimeExpression:
    """ "a year and a half ago", "half a year ago", each give or take a quarter of its unit."""
    unit = unit_name(match["u"])
    amount = 0.5 if match["half"] else 1.5
    if unit == "year":
        centre = step_back(clock.note_date, 12 * amount, "month")
    else:
        centre = add_days(clock.note_date, -round(unit_days(amount, unit)))
    slack = SLACK_DAYS.get(unit, 0) // 2
    return relative(match, DateInterval(add_days(centre, -slack), min(add_days(centre, slack), clock.note_date)))


def _this_time_last_year(match: re.Match[str], clock: Clock) -> TimeExpression:
    centre = add_years(clock.note_date, -1)
    return relative(match, DateInterval(add_days(centre, -31), add_days(centre, 31)))


OCCASION_FORMS: tuple[Form, ...] = (
    form(rf"{START}(?P<mon>{MONTH})(?![a-z])(?:{S}of)?{S}(?P<lead>last|this){S}year\b", _month_of_year),
    form(rf"\b(?P<lead>last|this){S}year{S}in{S}(?P<mon>{MONTH})(?![a-z])", _month_of_year),
    form(
        rf"\b(?:the{S})?(?P<part>beginning|start|early part|first part|middle|end|mid|early|late|later){S}(?:of{S}|in{S}|)"
        rf"(?P<lead>this|the|last|the{S}previous){S}year\b",
        _part_of_year,
    ),
    form(rf"\b(?:the{S})?(?P<u>week|month|year){S}before{S}last\b", _week_before_last),
    form(rf"{START}(?P<half>half{S}an?{S})(?P<u>year|month){S}(?:ago|back|previously|earlier)\b", _unit_and_a_half),
    form(
        rf"{START}(?P<half>(?!))?(?:an?|one|1){S}(?P<u>year|month|week){S}and{S}an?{S}half{S}(?:ago|back|previously|earlier)\b",
        _unit_and_a_half,
    ),
    form(rf"\bthis{S}time{S}last{S}year\b", _this_time_last_year),
    form(
        rf"\b(?:(?:at|around|about|over|since|before|after|during|last|this|this{S}past|on|by|until|from|early|late|just){S}){{1,3}}"
        rf"(?:the{S})?(?P<feast>{_FEAST})(?:,?{S}(?:of{S})?(?P<y>(?:19|20)\d\d))?\b",
        _named_feast,
    ),
    form(rf"\b(?P<feast>{_FEAST}){S}(?P<y>(?:19|20)\d\d)\b", _named_feast),
)
