"""Lengths of time: "for 10 months", "x4 days", "more than six months", "3-week history", "2/52", "now day 11"."""

from __future__ import annotations

import re
from datetime import date

from extractor.dates import add_days, around
from extractor.records import DateInterval
from extractor.text.times import (
    NUMBER,
    QUANTIFIER,
    S0,
    SLACK_DAYS,
    UNIT,
    Clock,
    Form,
    Precision,
    S,
    TimeExpression,
    TimeKind,
    amounts,
    form,
    length_days,
    step_back,
    unit_name,
)

MORE = r"over|more than|greater than|longer than|at least|>|≥|>=|min(?:imum)?(?: of)?|no less than|well over"
LESS = r"less than|under|up to|<|≤|<=|no more than|at most|within|not quite|just under"
ABOUT = (
    r"about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|~|c\.|an estimated|another|a total of|the full|"
    r"only|just|already|now|the"
)
BOUND = rf"(?:(?P<bound>{MORE}|{LESS}|{ABOUT}){S0})?(?:(?:{ABOUT}){S0})?"
AMOUNT = rf"(?P<n>{NUMBER}|{QUANTIFIER})(?P<plus>\+)?(?:{S0}(?:-|–|to|or){S0}(?P<n2>{NUMBER})(?P<plus2>\+)?)?"
TIME_UNIT = rf"(?P<u>{UNIT})(?![a-z])(?:\.(?=\s(?-i:[a-z])))?"
GAP = rf"(?:{S}|-|(?<=[\d+½]))"
LENGTH = rf"{BOUND}{AMOUNT}{GAP}{TIME_UNIT}"
START = r"(?<![\w/.\-+])"


def relative(
    match: re.Match[str],
    interval: DateInterval,
    *,
    kind: TimeKind = "point",
    precision: Precision = "span",
    duration_days: tuple[int, int | None] | None = None,
) -> TimeExpression:
    return TimeExpression(match.start(), match.end(), interval, kind, duration_days, "relative", precision)


def amount_of(match: re.Match[str]) -> tuple[float, float, str] | None:
    """Smallest and largest number of units of a matched `LENGTH`, and the unit."""
    first = amounts(match["n"])
    second = amounts(match["n2"]) if match["n2"] else first
    if first is None or second is None:
        return None
    return min(first[0], second[0]), max(first[1], second[1]), unit_name(match["u"])


def is_more(match: re.Match[str]) -> bool:
    bound = " ".join((match.groupdict().get("bound") or "").lower().split())
    return bool(match["plus"] or match["plus2"]) or re.fullmatch(MORE, bound) is not None


def is_less(match: re.Match[str]) -> bool:
    bound = " ".join((match.groupdict().get("bound") or "").lower().split())
    return re.fullmatch(LESS, bound) is not None


def lasting(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """A stated length, taken to last until the note date unless a neighbour anchors it."""
    length = amount_of(match)
    if length is None or length[2] == "minute" or length[1] > 1000:
        return None
    if length[2] == "hour" and match[0].lower().endswith((" on", " off")):
        return None
    low, high, unit = length
    days: tuple[int, int | None] = length_days(low, high, unit)
    slack = SLACK_DAYS.get(unit, 0)
    earliest: date | None = add_days(step_back(clock.note_date, high, unit), -slack)
    if is_more(match):
        days, earliest = (days[0], None), None
    if is_less(match):
        days = (0, days[1])
    return relative(match, DateInterval(earliest, clock.note_date), kind="duration", duration_days=days)


def _british(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "3/7", "2/52", "6/12": days, weeks and months in British notes; only weeks cannot be a date elsewhere."""
    unit = {"7": "day", "52": "week", "12": "month"}[match["unit"]]
    if unit != "week" and not clock.day_first and not match["ago"]:
        return None
    number = int(match["n"])
    slack = SLACK_DAYS[unit]
    if match["ago"]:
        return relative(match, around(step_back(clock.note_date, number, unit), slack))
    days = length_days(number, number, unit)
    earliest = add_days(step_back(clock.note_date, number, unit), -slack)
    return relative(match, DateInterval(earliest, clock.note_date), kind="duration", duration_days=days)


def _many_years(match: re.Match[str], clock: Clock) -> TimeExpression:
    return relative(
        match, DateInterval(None, clock.note_date), kind="duration",
        duration_days=(length_days(2, 2, unit_name(match["u"]))[0], None),
    )  # fmt: skip


def _day_of(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "now day 11": the eleventh day of something, today."""
    number = int(match["n"])
    if not 1 <= number <= 400:
        return None
    interval = DateInterval(add_days(clock.note_date, 1 - number), clock.note_date)
    return relative(match, interval, kind="duration", precision="day", duration_days=(number, number))


LENGTH_FORMS: tuple[Form, ...] = (
    form(
        rf"(?:\b(?:for|x|lasting|lasted|duration(?:{S}of)?:?|during|since|times(?={S}\d)|spanning|of){S0}|(?<![\w)])[x×]{S0}|"
        rf"(?<=[a-z] )[x×]{S0})"
        rf"{LENGTH}(?!{S}(?:ago|old|of{S}age|gestation|pregnan\w+|post|postpartum|from{S}now|later))",
        lasting,
    ),
    form(
        rf"{START}(?<!once )(?<!twice )(?<!every )(?<!per )(?<!times ){LENGTH}['’]?{S}?-?(?:hx|history|h/o|duration|course|"
        rf"trial|of{S}(?!age|gestation|life|pregnancy)|off\b|on\b)",
        lasting,
    ),
    form(rf"(?<=\(){LENGTH}(?=\s?[,;)])", lasting),
    form(rf"{START}(?P<bound>{MORE}){S0}{AMOUNT}{GAP}{TIME_UNIT}", lasting),
    form(
        rf"\b(?:(?:for|x|in|last|past|of|review){S}|[x×])(?P<n>\d{{1,2}})/(?P<unit>7|52|12)(?P<ago>{S}(?:ago|back|previously|earlier|prior))?(?![\d/])",
        _british,
    ),
    form(rf"{START}(?P<n>\d{{1,2}})/(?P<unit>52|7|12)(?P<ago>{S}(?:ago|back|previously|earlier|prior))(?![\d/])", _british),
    form(rf"{START}(?P<n>\d{{1,2}})/(?P<unit>52)(?P<ago>(?!))?(?![\d/])", _british),
    form(rf"\bfor{S}(?:many{S}|several{S}|some{S}|a{S}few{S})?(?P<u>years|months|weeks|decades)\b", _many_years),
)
DAY_OF_FORMS: tuple[Form, ...] = (
    form(rf"\b(?:(?:now|currently|today){S}(?:is{S}|on{S})?)day{S}#?(?P<n>\d{{1,3}})\b", _day_of),
    form(rf"\bday{S}#?(?P<n>\d{{1,3}}){S}of\b", _day_of),
)
