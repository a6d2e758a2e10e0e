"""Days written without a year: which year they are of, and when "3/5" is a date at all.

A slash alone is a date only where something speaks for it (a preposition, a range, a table's head, other such dates)
and nothing against it: strength, pain, scores, blood pressure and tablets are written the same way.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from itertools import islice

from extractor.dates import add_months, month, on
from extractor.records import DateInterval
from extractor.text.times import S0, WEEKDAY, Clock, Form, Precision, S, TimeExpression, form

FUTURE = re.compile(
    r"\b(?:next|due|will|appt|appointment|scheduled|booked|book|planned|plan|return|rtc|f/u|follow[- ]?up|upcoming|tentative|"
    r"see(?:n)? again|recheck|repeat|expected|edd|edc|proposed|starting|to start|reservation|first dose|until|cancel|r/s|"
    r"resumes?|pushed to|moved to|postponed|rescheduled?|pending|hold until|before)\b[^.;]{0,40}$",
    re.I,
)

AHEAD_DAYS, LONG_AGO_DAYS, PLAN_DAYS = 45, 300, 200
"""A day without a year lies ahead when that is at most six weeks off and the past one some ten months back, or,
after a word of planning, when it is within some six months; else it is the newest past one. Set by reading notes."""


def nearest_day(month_number: int, day_number: int, clock: Clock, planned: bool) -> DateInterval | None:
    """The year for a day without one, by its distance from the note and by whether it is planned."""
    note = clock.note_date
    years = range(max(note.year - 4, 1), min(note.year + 5, 9999))
    days = [day for y in years if (day := day_of(y, month_number, day_number)) is not None]
    past = max((day for day in days if day <= note), default=None)
    ahead = min((day for day in days if day > note), default=None)
    if past is None or ahead is None:
        return on(past or ahead) if past or ahead else None  # type: ignore[arg-type]
    days_ahead, days_past = (ahead - note).days, (note - past).days
    is_ahead = days_ahead <= AHEAD_DAYS and days_past >= LONG_AGO_DAYS or planned and days_ahead <= PLAN_DAYS
    return on(ahead) if is_ahead else on(past)


def day_of(y: int, m: int, d: int) -> date | None:
    try:
        return date(y, m, d)
    except ValueError:
        return None


def full_year(written: str, clock: Clock) -> int:
    number = int(written.strip("'’‘ "))
    if number >= 100:
        return number
    century = clock.note_date.year // 100 * 100
    full = century + number if century + number <= clock.note_date.year + 10 else century - 100 + number
    return min(max(full, date.min.year), date.max.year)


def is_planned(match: re.Match[str]) -> bool:
    return FUTURE.search(match.string, max(0, match.start() - 60), match.start()) is not None


def expression(match: re.Match[str], interval: DateInterval, precision: Precision = "day") -> TimeExpression:
    return TimeExpression(match.start(), match.end(), interval, precision=precision)


def numeric_day(y: int, a: int, b: int, day_first: bool) -> date | None:
    """The day that `a`/`b` means; the other order when only that one is a date."""
    first, second = (day_of(y, b, a), day_of(y, a, b)) if day_first else (day_of(y, a, b), day_of(y, b, a))
    return first or second


_DAY_LEADS = re.compile(
    r"(?:\b(?:on|since|until|till|til|by|from|of|last|dated?|drawn|due|appt|started|stopped|seen|visit|given|to|through|thru|"
    r"done|labs?|cxr|ct|mri|xr|us|echo|ecg|ekg|egd|received|rec'd|admitted|admit|d/c|discharged|dc'd|dose|it|starting|began|"
    r"beginning|ending|ended|completed|begun|before|after|between|next|around|repeat|collected|pft|pfts|bx|biopsy|surgery|sx|"
    r"dx|onset|returned|called|again|administration|infusion|injection|shot|administered|infused|injected|vaccinated|flared?|"
    r"for|the|postpartum|post-partum|delivery|clinic|as of|effective|today|tonight|yesterday|poc|"
    + WEEKDAY
    + r")\.?,?:?\s{1,2}\(?|[(\[*~]\s?|^\s{0,8}|\n\s{0,8})$",
    re.I,
)
_SCORE_LEADS = re.compile(
    r"\b(?:pain|scores?|scored|strength|power|scale|epds|phq-?\d?|gad-?\d?|gcs|mmse|moca|apgars?|vision|va|acuity|murmur|"
    r"grade|graded|rated|rates?|severity|intensity|level|mrc|motor|reflexes|dtrs?|pulses?|asa|ecog|bp|t\d|l\d|c\d|upper|"
    r"lower|ratio|hiv|htlv|hsv|total|mallampati|nyha|class|type|stage|anti-pr3|kappa|cores?|nodes?|sirs|qsofa|curb-?65|"
    r"bi-?rads|mds|vas|nrs|haq|das28|damage|activity|rpdai|w/|orientation|oriented|insulin|humulin|novolin|novolog|humalog|"
    r"mixtard)"
    r"[^\n;]{0,12}$",
    re.I,
)
_EXPIRY = re.compile(r"\b(?:exp(?:iry|ires)?(?: date)?|expiration(?: date)?|lot(?: no)?)[.:#]?\s{0,2}$", re.I)
_SCORE_AFTER = re.compile(
    r"\s{0,2}-?\s?(?:pain|strength|power|tabs?|tablets?|cap\b|cups?|systolic|diastolic|sem\b|murmur|hsm|ppd|packs?|of\b|"
    r"pulses?|bilateral|throughout|in all|in (?:both|the|bi|upper|lower|uee?|lee?|all)|mg|ml|ns\b|normal saline|nodes?|"
    r"cores?|symmetric|reflex|dtr|on (?:the )?(?:pain|vas|nrs)|criteria|features|intensity|severity|pint|dose|strips?|"
    r"blood cultures|bottles|positive|"
    r"x\b(?!\s?\d{1,2}\s?(?:d|days?|w|wks?|weeks?)\b)|%|inch|\"|cm|th\b|rds?\b|correct|words|recall|point|stars?|ths)",
    re.I,
)


def _is_cell(match: re.Match[str]) -> bool:
    """Whether wide blanks or bars set it off from another such cell: the head of a table with a column a date."""
    text = match.string
    return (
        re.compile(r"(?:[ \t]{2,}|[ \t]?\|[ \t]?)\d{1,2}/\d").match(text, match.end()) is not None
        or re.search(
            r"\d/\d{1,2}(?:/\d\d)?(?:[ \t]{2,}|[ \t]?\|[ \t]?)$",
            text[max(0, match.start() - 40) : match.start()],
        )
        is not None
    )


_SURE_SHORT_DATE = re.compile(r"(?:\b(?:on|since|until|from|by|labs?|drawn|of|last|due) |\()\d{1,2}/\d{1,2}(?![\d/%])", re.I)
_FREE = re.compile(r"\s?(?:[,.;()]|$|\n|and\b|w/|with\b|for\b|at\b|but\b)")


@lru_cache(maxsize=8)
def _writes_short_dates(text: str) -> bool:
    """Whether a text surely has two days without a year, so that a doubtful one is likely another."""
    return len(list(islice(_SURE_SHORT_DATE.finditer(text), 2))) == 2


def _slash_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """A month and a day without a year, such as 9/28 or, with the day first, 28/9."""
    a, b = int(match["a"]), int(match["b"])
    leap = numeric_day(2024, a, b, clock.day_first)
    if clock.day_first and a <= 12 < b and match["b2"] is None and full_year(match["b"], clock) <= clock.note_date.year:
        return expression(match, month(full_year(match["b"], clock), a), "month")
    text, before = match.string, max(0, match.start() - 32)
    if leap is None or (a > 12 and len(match["b"]) == 1 and not clock.day_first and b < 2):
        return None
    in_range = match["then"] is not None or re.search(
        r"\d/\d{1,2}\s?[-–]\s?$|\d/\d{1,2} (?:to|and|or|&) $|\d/\d{1,2}, $", text[before : match.start()]
    )
    led = _DAY_LEADS.search(text, before, match.start()) is not None or _is_cell(match)
    if _EXPIRY.search(text, before, match.start()):
        return None
    if _SCORE_AFTER.match(text, match.end()) or ((a, b) == (24, 7) and not led):
        return None
    if _SCORE_LEADS.search(text, before, match.start()) and not led and not in_range:
        return None
    settled = not led and _writes_short_dates(text) and _FREE.match(text, match.end()) is not None
    colon = text[match.end() : match.end() + 1] in (":", ")") or text[match.end() : match.end() + 2] in (
        " :",
        "):",
    )
    if not (led or in_range or colon or settled or max(a, b) > 12):
        return None
    interval = nearest_day(leap.month, leap.day, clock, is_planned(match))
    if interval is None or interval.earliest is None:
        return None
    if match["b2"] and not clock.day_first and int(match["b2"]) > leap.day:
        last = day_of(interval.earliest.year, leap.month, int(match["b2"]))
        if last is not None:
            length = int(match["b2"]) - leap.day + 1
            days = DateInterval(interval.earliest, last)
            return TimeExpression(match.start(), match.end("b2"), days, "duration", (length, length))
    return TimeExpression(match.start(), match.end("b"), interval, calendar_day=(leap.month, leap.day))


def _masked_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    if not 1 <= int(match["m"]) <= 12:
        return None
    interval = nearest_day(int(match["m"]), int(match["d"]), clock, False)
    return None if interval is None else TimeExpression(
        match.start(), match.end(), interval, calendar_day=(int(match["m"]), int(match["d"]))
    )  # fmt: skip


def _ordinal_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "the 11th": that day of this, the last or the next month, whichever is nearest to the note."""
    first = clock.note_date.replace(day=1)
    days = [day_of(start.year, start.month, int(match["d"])) for start in (add_months(first, n) for n in (-1, 0, 1))]
    known = [day for day in days if day is not None]
    if not known:
        return None
    return expression(match, on(min(known, key=lambda day: abs((day - clock.note_date).days))))


SHORT_FORMS: tuple[Form, ...] = (
    form(
        r"(?<![\w/.\-+])(?<!\d[-–])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/%+]|\.\d|[a-z])"
        r"(?P<then>(?=\s?(?:[-–]|to|thru|through)\s?\d{1,2}/\d))?(?:-(?P<b2>\d{1,2})(?![\d/.%]))?",
        _slash_day,
    ),
    form(
        r"(?<=\d[-–])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/%+]|\.\d|[a-z])(?P<then>(?!))?(?P<b2>(?!))?",
        _slash_day,
    ),
    form(r"(?<=\[\*\*)(?P<m>\d{1,2})-(?P<d>\d{1,2})(?=\*\*\])", _masked_day),
    form(
        rf"(?:(?<=on the )|(?<=to the )|(?<=by the )|(?<=from the )|(?<=since the )|(?<=until the ))(?P<d>\d{{1,2}})(?:st|nd|"
        rf"rd|th)(?={S0}(?:[.,;)]|$|and\b|then\b|of{S}(?:this|the){S}month))",
        _ordinal_day,
    ),
)
