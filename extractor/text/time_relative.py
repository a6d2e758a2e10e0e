"""A text in, the times in it that are counted from the note: "3 weeks ago", "x4 days", "since childhood", "POD 3".

Lengths of time are read here too. Every expression is bounded in length, so matching is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from extractor.dates import add_days, add_months, add_years, on
from extractor.records import DateInterval
from extractor.text.time_lengths import (
    AMOUNT,
    DAY_OF_FORMS,
    GAP,
    LENGTH,
    LENGTH_FORMS,
    START,
    TIME_UNIT,
    amount_of,
    is_less,
    is_more,
    lasting,
    relative,
)
from extractor.text.times import (
    S0,
    SLACK_DAYS,
    WEEKDAY,
    WEEKDAYS,
    Clock,
    Form,
    S,
    TimeExpression,
    form,
    length_days,
    scan,
    step_back,
    unit_name,
)


def relative_times(text: str, clock: Clock) -> Iterator[TimeExpression]:
    """Every relative time, most specific form first; overlapping ones are left to the caller."""
    yield from scan(text, clock, _FORMS)


def _ago(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    length = amount_of(match)
    if length is None:
        return None
    low, high, unit = length
    slack = SLACK_DAYS.get(unit, 0)
    earliest: date | None = add_days(step_back(clock.note_date, high, unit), -slack)
    latest = min(add_days(step_back(clock.note_date, low, unit), slack), clock.note_date)
    if unit in ("hour", "minute"):
        earliest = add_days(step_back(clock.note_date, high, unit), -1)
    if is_more(match):
        earliest, latest = None, step_back(clock.note_date, low, unit)
    if is_less(match):
        earliest, latest = step_back(clock.note_date, high, unit), clock.note_date
    return relative(match, DateInterval(earliest, latest), precision="day" if unit == "day" else "span")


def _vague_ago(match: re.Match[str], clock: Clock) -> TimeExpression:
    """ "years ago": at least two of the unit, with no beginning."""
    return relative(match, DateInterval(None, step_back(clock.note_date, 2, unit_name(match["u"]))))


def _recent(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "in the last 3 months": on some day of them."""
    length = amount_of(match)
    if length is None:
        return None
    return relative(match, DateInterval(step_back(clock.note_date, length[1], length[2]), clock.note_date))


def _throughout(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "for the past 3 weeks": on all days of them."""
    length = amount_of(match)
    if length is None:
        return None
    low, high, unit = length
    days = DateInterval(step_back(clock.note_date, high, unit), clock.note_date)
    return relative(match, days, kind="duration", duration_days=length_days(low, high, unit))


def _recent_one(match: re.Match[str], clock: Clock) -> TimeExpression:
    return relative(match, DateInterval(step_back(clock.note_date, 1, unit_name(match["u"])), clock.note_date))


def _hospital_day(match: re.Match[str], clock: Clock) -> TimeExpression:
    number = int(match["n"])
    if clock.admission is not None:
        return relative(match, on(add_days(clock.admission, number - 1)), precision="day")
    return relative(match, DateInterval(None, clock.note_date))


def _after_operation(match: re.Match[str], clock: Clock) -> TimeExpression:
    """A day counted from an operation whose date is not known: some day of the stay, up to the note."""
    earliest = None if clock.admission is None else add_days(clock.admission, int(match["n"]))
    return relative(
        match,
        DateInterval(earliest if earliest is None or earliest <= clock.note_date else None, clock.note_date),
    )


def _admission(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    return None if clock.admission is None else relative(match, on(clock.admission), precision="day")


_NAMED_DAYS = {
    "today": (0, 0), "tonight": (0, 0), "yesterday": (-1, -1), "tomorrow": (1, 1), "day before yesterday": (-2, -2),
    "this morning": (0, 0), "this afternoon": (0, 0), "this evening": (0, 0), "this am": (0, 0), "this pm": (0, 0),
    "last night": (-1, 0), "overnight": (-1, 0), "last evening": (-1, -1), "yesterday evening": (-1, -1),
}  # fmt: skip


def _named_day(match: re.Match[str], clock: Clock) -> TimeExpression:
    first, last = _NAMED_DAYS[" ".join(match["day"].lower().split())]
    return relative(
        match,
        DateInterval(add_days(clock.note_date, first), add_days(clock.note_date, last)),
        precision="day",
    )


def _last_unit(match: re.Match[str], clock: Clock) -> TimeExpression:
    """ "last week" is the preceding 7 days or the calendar week (guideline, rule 5); months alike, a year is the year."""
    note, unit = clock.note_date, unit_name(match["u"])
    if unit == "week":
        monday = add_days(note, -note.weekday() - 7)
        return relative(match, DateInterval(min(monday, add_days(note, -7)), add_days(note, -1)))
    if unit == "month":
        first = add_months(note.replace(day=1), -1)
        return relative(match, DateInterval(min(first, add_months(note, -1)), add_days(note, -1)))
    first = add_years(note.replace(month=1, day=1), -1)
    return relative(match, DateInterval(first, add_days(add_years(first, 1), -1)), precision="year")


def _this_unit(match: re.Match[str], clock: Clock) -> TimeExpression:
    note, unit = clock.note_date, unit_name(match["u"])
    first = {"week": add_days(note, -note.weekday()), "month": note.replace(day=1)}.get(unit, note.replace(month=1, day=1))
    return relative(match, DateInterval(first, note))


def _next_unit(match: re.Match[str], clock: Clock) -> TimeExpression:
    days = {"week": 13, "month": 61}.get(unit_name(match["u"]), 730)
    return relative(match, DateInterval(add_days(clock.note_date, 1), add_days(clock.note_date, days)))


def _weekday(match: re.Match[str], clock: Clock) -> TimeExpression:
    """The newest such day up to the note; "next" is the first after it, "last" is before today."""
    ago = (clock.note_date.weekday() - WEEKDAYS[match["weekday"].lower()]) % 7
    lead = (match.groupdict().get("lead") or "").lower()
    if lead.startswith(("next", "this coming", "coming")):
        day = add_days(clock.note_date, 7 - ago)
        return relative(match, DateInterval(day, add_days(day, 7)), precision="day")
    if lead.startswith(("last", "this past", "past")):
        newest = add_days(clock.note_date, -(ago or 7))
        return relative(match, DateInterval(add_days(newest, -7) if ago and lead == "last" and ago < 3 else newest, newest),
                     precision="day")  # fmt: skip
    return relative(match, on(add_days(clock.note_date, -ago)), precision="day")


_PLAN_BEFORE = re.compile(
    r"\b(?:rtc|f/u|follow[- ]?up|return|recheck|re-?check|repeat|due|back(?!\s+pain)|review|see|seen|appt|appointment|visit|"
    r"again|scan|labs?|plan(?:ned)?|booked|scheduled|refer(?:ral)?|will|to be|call|clinic|reassess|re-?evaluate|start|"
    r"restart|surveillance|bloods|check|redo|retest)\b[^.;\n]{0,40}$",
    re.I,
)


_NOT_BEFORE = re.compile(r"\b(?:not|never|no|without|hasn't|haven't|nor)\b[^.;,]{0,30}$", re.I)


def _ahead(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "recheck in 2 weeks": ahead only where a plan precedes it ("better in 3 days" is not); "within" looks back."""
    length = amount_of(match)
    text = match.string
    if match["prep"].lower() == "within" and not match["next"]:
        return _recent(match, clock)
    before = max(0, match.start() - 60)
    if match["prep"].lower() == "in" and _NOT_BEFORE.search(text, before, match.start()):
        return lasting(match, clock) if is_more(match) else _recent(match, clock)
    planned = match["next"] or (match["prep"].lower() == "in" and _PLAN_BEFORE.search(text, before, match.start()))
    if length is None or not planned:
        return None
    low, high, unit = length
    slack = SLACK_DAYS.get(unit, 0)
    first = 1 if match["next"] else int(unit_days_of(low, unit)) - slack
    return relative(match, DateInterval(add_days(clock.note_date, max(first, 0)),
                                     add_days(clock.note_date, int(unit_days_of(high, unit)) + slack)))  # fmt: skip


def unit_days_of(amount: float, unit: str) -> float:
    """Days of a length, for steps ahead of the note."""
    return float(length_days(amount, amount, unit)[0])


def _age(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    start = match.groupdict().get("at") and match.start("at")
    low = int(match["age"])
    high = low + 9 if match["decade"] else low
    if not 0 <= low <= 110:
        return None
    aged = _long_over(_aged(match, clock, low, high), clock, high)
    return replace(aged, start=start) if start else aged


def _aged(match: re.Match[str], clock: Clock, low: int, high: int) -> TimeExpression:
    if clock.birth_date is None:
        return relative(match, DateInterval(None, clock.note_date), kind="age")
    first, last = add_years(clock.birth_date, low), add_days(add_years(clock.birth_date, high + 1), -1)
    return relative(match, DateInterval(min(first, clock.note_date), min(last, clock.note_date)), kind="age")


_LIFE = {"childhood": (0, 15), "child": (0, 15), "infancy": (0, 2), "infant": (0, 2), "birth": (0, 0), "adolescence": (10, 19),
         "teens": (13, 19), "teenager": (13, 19), "teenage": (13, 19), "youth": (10, 25), "adolescent": (10, 19),
         "newborn": (0, 0), "neonate": (0, 0), "kid": (0, 15), "of life": (0, 1), "neonatal": (0, 0), "neonatally": (0, 0),
         "school age": (5, 17), "primary school": (5, 13), "schoolchild": (5, 17),
         "boy": (0, 15), "girl": (0, 15), "baby": (0, 2), "born": (0, 0)}  # fmt: skip


_ADULT = 18
"""Years. Of somebody with no known birth date "as a child" is said by the notes of an adult."""


def _long_over(aged: TimeExpression, clock: Clock, high: int) -> TimeExpression:
    """A stage of life that an adult left years ago, if only its name is known: childhood ended at least three years ago."""
    if clock.birth_date is not None or high >= _ADULT:
        return aged
    return replace(aged, interval=DateInterval(None, add_years(clock.note_date, high - _ADULT)))


def _life_stage(match: re.Match[str], clock: Clock) -> TimeExpression:
    low, high = _LIFE[" ".join(match["stage"].lower().split())]
    aged = _aged(match, clock, low, high)
    if not match[0].lower().startswith("since"):
        return _long_over(aged, clock, high)
    return replace(aged, kind="since", interval=DateInterval(aged.interval.earliest, clock.note_date))


_AGED = (
    r"cancer|ca|carcinoma|diagnosed|dx'?e?d?|menopause|menarche|died|death|onset|stroke|mi|married|deceased|melanoma|"
    r"lymphoma|disease|surgery|hysterectomy|diabetes|attack|leuka?emia|tumou?r|sclerosis|failure|rp|polychondritis|lupus|"
    r"arthritis|d"
)
"""What happens at an age: elsewhere "at 61" is a level or a rate."""
_FORMS: tuple[Form, ...] = (
    form(
        rf"{START}{LENGTH}{S}(?:ago|back(?!{S}pain)|previously|earlier|prior(?!{S}to)|hence(?<!hence)|before(?!{S}\w))(?![a-z])",
        _ago,
    ),
    form(
        rf"{START}{LENGTH}{S}(?:pta|prior{S}to{S}(?:admission|presentation|arrival|this|today|visit))\b",
        _ago,
    ),
    form(r"\b(?:many |several |some )?(?P<u>years|months|weeks|days|decades) (?:ago|back(?! pain))\b", _vague_ago),
    form(
        rf"(?:\b(?:for|throughout){S}|\b[x×]{S0})(?:the{S}|these{S})?(?:last|past|previous|preceding|prior){S}(?P<bound>(?!))?"
        rf"{AMOUNT}{GAP}{TIME_UNIT}",
        _throughout,
    ),
    form(
        rf"\b(?:(?:in|over|within|for|during|across|of|throughout){S})?(?:the{S}|these{S}|his{S}|her{S})?(?:last|past|"
        rf"previous|preceding|prior){S}"
        rf"(?P<bound>(?!))?{AMOUNT}{GAP}{TIME_UNIT}",
        _recent,
    ),
    form(
        rf"\b(?:in|over|within|during|for|throughout){S}(?:the{S})(?:last|past|previous|preceding|prior){S}(?P<u>week|month|"
        rf"year|day|decade)\b",
        _recent_one,
    ),
    form(rf"\bpast{S}(?P<u>week|month|year)\b", _recent_one),
    form(
        rf"\b(?P<prep>in|within|over|during|for){S}(?P<next>(?:the{S})?(?:next|coming|following){S})?{LENGTH}(?:{S}time)?\b",
        _ahead,
    ),
    *LENGTH_FORMS,
    form(
        rf"\b(?:on{S})?(?:hospital{S}day|hd|day{S}of{S}(?:admission|stay)|inpatient{S}day)[ #:]{{0,2}}(?P<n>\d{{1,3}})\b",
        _hospital_day,
    ),
    form(
        rf"\b(?:on{S})?day{S}#?(?P<n>\d{{1,3}}){S}of{S}(?:admission|hospital\w*|stay|his{S}stay|her{S}stay)\b",
        _hospital_day,
    ),
    form(
        rf"\b(?:on{S})?(?:pod|post-?{S0}op(?:erative)?\.?{S}day|ppd|post-?{S0}partum{S}day)[ #:]{{0,2}}(?P<n>\d{{1,3}})\b",
        _after_operation,
    ),
    *DAY_OF_FORMS,
    form(r"\b(?:on|at|upon)\s(?:the time of )?(?:admission|presentation|arrival)\b", _admission),
    form(
        rf"\b(?:the{S})?(?P<day>day before yesterday|today|tonight|yesterday evening|yesterday|tomorrow|this{S}(?:morning|"
        rf"afternoon|evening|am|pm)|last night|last evening|overnight)\b",
        _named_day,
    ),
    form(rf"\b(?P<lead>last|previous){S}(?P<u>week|month|year)\b", _last_unit),
    form(rf"\b(?:(?:earlier|later|late|early){S})?this{S}(?P<u>week|month|year)\b", _this_unit),
    form(rf"\b(?:next|coming){S}(?P<u>week|month|year)\b", _next_unit),
    form(rf"\b(?P<lead>last|next|this past|this coming|this){S}(?P<weekday>{WEEKDAY})\b(?!['’]?s\b)", _weekday),
    form(rf"\b(?P<lead>on{S})(?P<weekday>{WEEKDAY})\b(?!['’]?s\b)", _weekday),
    form(r"\b(?P<weekday>monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b(?!['’]?s\b)", _weekday),
    form(
        rf"\b(?:at{S}(?:the{S})?(?:an{S})?ages?(?:{S}of)?|(?<!  )(?<!\n)aged?(?:{S}of)?|when{S}(?:he|she|they){S}(?:was|"
        rf"were)){S}(?:about{S}|around{S}|~)?"
        rf"(?P<age>\d{{1,3}})(?!\d|{S0}(?:weeks?|months?|wks?|days?|mo\b|to\b|-))(?P<decade>s)?",
        _age,
    ),
    form(
        rf"\b(?:{_AGED}){S}(?P<at>at){S}(?P<age>\d{{1,2}})(?={S0}(?:[,;)]|\.(?!\d)|$|and\b))(?P<decade>(?!))?",
        _age,
    ),
    form(
        rf"\b(?:in|during){S}(?:his|her|their|the){S}(?:early{S}|mid{S}|mid-|late{S}|middle{S})?(?P<age>[1-9]0)(?P<decade>['’]?s)\b",
        _age,
    ),
    form(
        rf"\b(?:in|during|since|from|as(?:{S}an?)?|when{S}an?|at|being{S}an?|in{S}(?:his|her|their)){S}(?:early{S}|late{S}|"
        rf"young{S})?"
        r"(?P<stage>childhood|child|infancy|infant|birth|adolescence|teens|teenager|teenage|youth|adolescent|kid|boy|girl|"
        rf"baby|newborn|neonate|primary{S}school|schoolchild)\b",
        _life_stage,
    ),
    form(
        rf"\b(?:first|second|1st|2nd){S}(?:day|week|month|year|hours|days|weeks|months){S}(?P<stage>of{S}life)\b",
        _life_stage,
    ),
    form(
        rf"(?P<stage>\bneonatally\b|(?<=\()neonatal(?=\))|\bschool{S}age(?=\b)|"
        rf"\bchildhood(?={S}(?:vaccin|immuni|jabs|shots)))",
        _life_stage,
    ),
)
