"""A text in, the dates in it that are written out: numeric, with month names, months, years, seasons.

A slash or a bare number is a date only where nothing speaks against it and, for a day without a year, something
speaks for it: "3/5 strength", "pain 5/10", "120/80" and "2000 mg" are none. Every expression is bounded in length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from itertools import islice

from extractor.dates import add_days, add_months, hull, month, on, year
from extractor.records import DateInterval
from extractor.text.times import MONTH, MONTHS, S0, WEEKDAY, Clock, Precision, S, TimeExpression, windows

Builder = Callable[[re.Match[str], Clock], TimeExpression | None]

_YEAR4 = r"(?:19|20)\d\d"
_ORD = r"(?:st|nd|rd|th)?"
_UNIT_AFTER = (
    r"(?![ ]{0,2}(?:mg|mcg|ug|µg|g|gm|kg|ml|cc|l|units?|iu|u/|u|mmol|umol|mmhg|cm|mm|%|x10|kcal|cal|steps|cells|copies|"
    r"hours?|hrs?|h|ng|pg|k|mol|feet|ft|ppm|rpm|bpm|lbs?|pounds|days?|weeks?|months?|years?|yrs?|y/?o|tabs?|tablets?|"
    r"doses?|patients?|times)(?![a-z]))"
)
_PART = rf"(?:(?P<part>early|mid|middle|late|end|beginning|start|first{S}half|second{S}half)(?:-|{S}of{S}the{S}|{S}of{S}|{S}in{S}|{S}))?"
_B = r"(?<![\w/.\-+])"

FUTURE = re.compile(
    r"\b(?:next|due|will|appt|appointment|scheduled|booked|book|planned|plan|return|rtc|f/u|follow[- ]?up|upcoming|tentative|"
    r"expires?|exp|see(?:n)? again|recheck|repeat|expected|edd|edc|proposed|starting|to start|reservation|first dose|until|"
    r"cancel|r/s|resumes?|rescheduled?|pending|hold until|before)\b[^.;]{0,40}$",
    re.I,
)


_ANCHOR = re.compile(
    rf"\d|{MONTH}(?![a-z])|\b(?:spring|summer|autumn|fall|winter)\b", re.IGNORECASE | re.ASCII
)


def calendar_times(text: str, clock: Clock) -> Iterator[TimeExpression]:
    """Every date, most specific form first; overlapping ones are left to the caller."""
    stretches = list(windows(text, _ANCHOR))
    for form, build in _FORMS:
        for start, end in stretches:
            for match in form.finditer(text, start, end):
                found = build(match, clock)
                if found is not None:
                    yield found


AHEAD_DAYS, LONG_AGO_DAYS, PLAN_DAYS = 62, 300, 200
"""A day without a year lies ahead when that is at most two months off and the past one some ten months back, or,
after a word of planning, when it is within some six months; else it is the newest past one. Set by reading notes."""


def nearest_day(month_number: int, day_number: int, clock: Clock, planned: bool) -> DateInterval | None:
    """The year for a day without one, by its distance from the note and by whether it is planned."""
    note = clock.note_date
    years = range(max(note.year - 4, 1), min(note.year + 5, 9999))
    days = [day for y in years if (day := _day(y, month_number, day_number)) is not None]
    past = max((day for day in days if day <= note), default=None)
    ahead = min((day for day in days if day > note), default=None)
    if past is None or ahead is None:
        return on(past or ahead) if past or ahead else None  # type: ignore[arg-type]
    days_ahead, days_past = (ahead - note).days, (note - past).days
    is_ahead = days_ahead <= AHEAD_DAYS and days_past >= LONG_AGO_DAYS or planned and days_ahead <= PLAN_DAYS
    return on(ahead) if is_ahead else on(past)


def _day(y: int, m: int, d: int) -> date | None:
    try:
        return date(y, m, d)
    except ValueError:
        return None


def _full_year(written: str, clock: Clock) -> int:
    number = int(written.strip("'’‘ "))
    if number >= 100:
        return number
    century = clock.note_date.year // 100 * 100
    return century + number if century + number <= clock.note_date.year + 10 else century - 100 + number


def _is_future(match: re.Match[str]) -> bool:
    return FUTURE.search(match.string, max(0, match.start() - 60), match.start()) is not None


def _expression(match: re.Match[str], interval: DateInterval, precision: Precision = "day") -> TimeExpression:
    return TimeExpression(match.start(), match.end(), interval, precision=precision)


def _year_month_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    day = _day(int(match["y"]), int(match["m"]), int(match["d"]))
    return None if day is None else _expression(match, on(day))


def numeric_day(y: int, a: int, b: int, day_first: bool) -> date | None:
    """The day that `a`/`b` means; the other order when only that one is a date."""
    first, second = (_day(y, b, a), _day(y, a, b)) if day_first else (_day(y, a, b), _day(y, b, a))
    return first or second


def _two_and_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    if match["s"] == "." and len(match["y"]) == 2 and (len(match["a"]) == 1 or len(match["b"]) == 1):
        return None
    day = numeric_day(
        _full_year(match["y"], clock), int(match["a"]), int(match["b"]), clock.day_first or match["s"] == "."
    )
    return None if day is None else _expression(match, on(day))


def _named_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    m = MONTHS[match["mon"].lower()]
    days = [int(match["d"])] + [int(match[name]) for name in ("d2", "d3") if match.groupdict().get(name)]
    if match["mon"].islower() and m in (3, 5) and not match["y"]:
        return None
    if match["y"]:
        y: int | None = _full_year(match["y"], clock)
    else:
        newest = nearest_day(m, days[-1], clock, _is_future(match))
        y = newest.earliest.year if newest is not None and newest.earliest is not None else None
    if y is None:
        return None
    found = [day for day in (_day(y, m, d) for d in days) if day is not None]
    if len(found) != len(days):
        return None
    interval = DateInterval(min(found), max(found))
    if len(days) == 2 and re.search(r"\d\s?(?:-|–|to|through)\s?\d", match[0]):
        length = (
            (interval.latest - interval.earliest).days + 1 if interval.latest and interval.earliest else 1
        )
        return TimeExpression(match.start(), match.end(), interval, "duration", (length, length))
    yearless = None if match["y"] or len(days) > 1 else (m, days[0])
    return TimeExpression(match.start(), match.end(), interval, calendar_day=yearless)


def _named_month(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    y = _full_year(match["y"], clock)
    if not 1880 <= y <= clock.note_date.year + 10:
        return None
    return _expression(match, _part(month(y, MONTHS[match["mon"].lower()]), match["part"]), "month")


_NAME_LIKE = frozenset({"may", "march", "mar", "jan", "april", "june", "august", "dec"})
_MONTH_LEADS = re.compile(
    r"\b(?:in|since|until|till|til|by|from|of|last|this|during|before|after|to|through|between|next|around|late|early|mid)"
    r"[ \n]{1,2}$|[(,]\s?$|\band $",
    re.I,
)


def _bare_month(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """A month with no year: the newest that has begun, unless a plan precedes it."""
    word = match["mon"]
    led = match["part"] or _MONTH_LEADS.search(match.string, max(0, match.start() - 12), match.start())
    if not word[0].isupper() or (word.lower() in _NAME_LIKE and not led):
        return None
    if word.isupper():  # MAR, OCT and DEC are a chart, a scan and a decision
        return None
    number = MONTHS[word.lower()]
    back_years = 0 if number <= clock.note_date.month else 1
    if _is_future(match):
        back_years = 0 if number >= clock.note_date.month else -1
    y = clock.note_date.year - back_years
    if not 1 < y < 9999:
        return None
    return _expression(match, _part(month(y, number), match["part"]), "month")


def _month_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    m, y = int(match["m"]), _full_year(match["y"], clock)
    if len(match["y"]) == 2 and not _MONTH_LEADS.search(
        match.string, max(0, match.start() - 12), match.start()
    ):
        return None
    if not 1 <= m <= 12 or y > clock.note_date.year + 10:
        return None
    return _expression(match, month(y, m), "month")


def _chinese(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    y, m = int(match["y"]), int(match["m"])
    if match["d"] is None:
        return _expression(match, month(y, m), "month") if 1 <= m <= 12 else None
    day = _day(y, m, int(match["d"]))
    return None if day is None else _expression(match, on(day))


_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


def _season(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """Northern seasons of whole months; a winter with one year may be the one before or after it."""
    name, first = match["season"].lower(), _SEASONS[match["season"].lower()]
    y = _full_year(match["y"], clock)
    start = date(y, first, 1)
    interval = DateInterval(start, add_days(add_months(start, 3), -1))
    if name == "winter" and not match["y2"]:
        interval = DateInterval(add_months(start, -12), interval.latest)
    return _expression(match, interval, "span")


def _led_season(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    start = date(clock.note_date.year, _SEASONS[match["season"].lower()], 1)
    if start > clock.note_date or (match["lead"].lower().startswith(("last", "previous")) and
                                   add_months(start, 2) > clock.note_date):  # fmt: skip
        start = add_months(start, -12)
    return _expression(match, DateInterval(start, add_days(add_months(start, 3), -1)), "span")


def _decade(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    written = match["decade"]
    first = int(written) if len(written) == 4 else 1900 + int(written)
    if len(written) == 2 and int(written) < 30:
        first += 100
    return _expression(match, _part(hull(year(first), year(first + 9)), match["part"]), "span")


def _quarter(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    start = date(int(match["y"]), 3 * int(match["q"]) - 2, 1)
    return _expression(match, DateInterval(start, add_days(add_months(start, 3), -1)), "span")


_YEAR_LEADS = re.compile(
    r"(?:\b(?:in|since|until|till|til|from|to|of|by|early|mid|late|circa|ca|year|dx|dx'd|diagnosed|and|between|during|before|after|"
    r"around|about|last|prior to|winter|through|thru|onset|born|onwards?)\.?\s?,?[ \n~]{0,3}|[(\[*~,;/–-]\s?|[a-z)\]\"']\s{1,2}|"
    r"^\s{0,8}|\n\s{0,8}|[A-Z]{2,8}:?\s{1,2})$"
)
_NOT_YEAR_LEADS = re.compile(
    r"(?:\b(?:wbc|plt|platelets?|ck|cpk|bnp|ferritin|ldh|dose|of about|ext|room|bed|lot|box|po box|street|mrn|id|no|"
    r"neutrophils?|lymphocytes?|count|vitamin|b12|calories|fluid|intake|output|ebl|level|at|time|titre|titer|>|<|=|#|\$|"
    r"protocol|version|acr/eular|eular|acr|criteria|guidelines?|revised|windows|tdap lot)\.?:?\s{0,2})$",
    re.I,
)


def _bare_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """A year alone, where a preposition, a noun or punctuation lets a year stand and no quantity does."""
    y = int(match["y"])
    if not 1920 <= y <= clock.note_date.year + 2:
        return None
    before = max(0, match.start() - 16)
    if _NOT_YEAR_LEADS.search(match.string, before, match.start()):
        return None
    if not _YEAR_LEADS.search(match.string, before, match.start()):
        return None
    interval = year(y)
    if match["y2"]:
        last = _full_year(match["y2"], clock) if len(match["y2"]) == 4 else y // 100 * 100 + int(match["y2"])
        if last <= y or last > clock.note_date.year + 10:
            return None
        return TimeExpression(match.start(), match.end(), hull(interval, year(last)), "duration",
                              (max(0, (last - y - 1) * 365), (last - y + 1) * 366), precision="span")  # fmt: skip
    return _expression(match, _part(interval, match["part"]), "year")


def _part(interval: DateInterval, part: str | None) -> DateInterval:
    """The early, middle or late third of an interval, widened to be sure."""
    if part is None or interval.earliest is None or interval.latest is None:
        return interval
    length = (interval.latest - interval.earliest).days + 1
    word = part.lower().split()[0]
    if word in ("early", "beginning", "start"):
        return DateInterval(interval.earliest, add_days(interval.earliest, length * 5 // 12))
    if word in ("late", "end"):
        return DateInterval(add_days(interval.latest, -length * 5 // 12), interval.latest)
    if word in ("first", "second"):
        middle = add_days(interval.earliest, length // 2)
        halves = DateInterval(interval.earliest, middle), DateInterval(middle, interval.latest)
        return halves[word == "second"]
    return DateInterval(add_days(interval.earliest, length // 4), add_days(interval.latest, -length // 4))


_DAY_LEADS = re.compile(
    r"(?:\b(?:on|since|until|till|til|by|from|of|last|dated?|drawn|due|appt|started|stopped|seen|visit|given|to|through|thru|"
    r"done|labs?|cxr|ct|mri|xr|us|echo|ecg|ekg|egd|received|rec'd|admitted|admit|d/c|discharged|dc'd|dose|it|starting|"
    r"began|beginning|ending|ended|completed|begun|before|after|between|next|around|repeat|collected|pft|pfts|bx|biopsy|"
    r"surgery|sx|dx|onset|returned|called|again|flared?|for|the|as of|effective|today|tonight|yesterday|poc|"
    + WEEKDAY
    + r")\.?,?:?\s{1,2}\(?|[(\[*~]\s?|^\s{0,8}|\n\s{0,8})$",
    re.I,
)
_SCORE_LEADS = re.compile(
    r"\b(?:pain|scores?|scored|strength|power|scale|epds|phq-?\d?|gad-?\d?|gcs|mmse|moca|apgars?|vision|va|acuity|murmur|"
    r"grade|graded|rated|rates?|severity|intensity|level|mrc|motor|reflexes|dtrs?|pulses?|asa|ecog|bp|t\d|l\d|c\d|upper|lower|"
    r"ratio|hiv|htlv|hsv|total|mallampati|nyha|class|type|stage|anti-pr3|kappa|cores?|nodes?|sirs|qsofa|curb-?65|bi-?rads|mds|"
    r"vas|nrs|haq|das28|damage|activity|rpdai|w/|orientation|oriented|insulin|humulin|novolin|novolog|humalog|mixtard)"
    r"[^\n;]{0,12}$",
    re.I,
)
_SCORE_AFTER = re.compile(
    r"\s{0,2}-?\s?(?:pain|strength|power|tabs?|tablets?|cap\b|cups?|systolic|diastolic|sem\b|murmur|hsm|ppd|packs?|of\b|pulses?|"
    r"bilateral|throughout|in all|in (?:both|the|bi|upper|lower|uee?|lee?|all)|mg|ml|ns\b|normal saline|nodes?|cores?|symmetric|reflex|"
    r"dtr|on (?:the )?(?:pain|vas|nrs)|criteria|features|intensity|severity|pint|dose|strips?|blood cultures|bottles|positive|"
    r"x\b|%|inch|\"|cm|th\b|rds?\b|correct|words|recall|point|stars?|ths)",
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


_SURE_SHORT_DATE = re.compile(
    r"(?:\b(?:on|since|until|from|by|labs?|drawn|of|last|due) |\()\d{1,2}/\d{1,2}(?![\d/%])", re.I
)
_FREE = re.compile(r"\s?(?:[,.;()]|$|\n|and\b|w/|with\b|for\b|at\b|but\b)")


@lru_cache(maxsize=8)
def _writes_short_dates(text: str) -> bool:
    """Whether a text surely has two days without a year, so that a doubtful one is likely another."""
    return len(list(islice(_SURE_SHORT_DATE.finditer(text), 2))) == 2


def _slash_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """A month and a day without a year, such as 9/28 or, with the day first, 28/9."""
    a, b = int(match["a"]), int(match["b"])
    leap = numeric_day(2024, a, b, clock.day_first)
    text, before = match.string, max(0, match.start() - 32)
    if leap is None or (a > 12 and len(match["b"]) == 1 and not clock.day_first and b < 2):
        return None
    in_range = match["then"] is not None or re.search(
        r"\d/\d{1,2}\s?[-–]\s?$|\d/\d{1,2} (?:to|and|or|&) $|\d/\d{1,2}, $", text[before : match.start()]
    )
    led = _DAY_LEADS.search(text, before, match.start()) is not None or _is_cell(match)
    if _SCORE_AFTER.match(text, match.end()):
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
    interval = nearest_day(leap.month, leap.day, clock, _is_future(match))
    if interval is None or interval.earliest is None:
        return None
    if match["b2"] and not clock.day_first and int(match["b2"]) > leap.day:
        last = _day(interval.earliest.year, leap.month, int(match["b2"]))
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
    days = [
        _day(start.year, start.month, int(match["d"])) for start in (add_months(first, n) for n in (-1, 0, 1))
    ]
    known = [day for day in days if day is not None]
    if not known:
        return None
    return _expression(match, on(min(known, key=lambda day: abs((day - clock.note_date).days))))


def _form(pattern: str, build: Builder) -> tuple[re.Pattern[str], Builder]:
    return re.compile(pattern, re.IGNORECASE | re.ASCII), build


_DAYS = rf"(?:(?:{WEEKDAY})\.?,?{S})?"
_FORMS: tuple[tuple[re.Pattern[str], Builder], ...] = (
    _form(
        rf"{_B}(?P<y>{_YEAR4})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?![\d/])", _year_month_day
    ),
    _form(
        rf"{_B}{_DAYS}(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>{_YEAR4}|\d\d)(?![\d/]|[.-]\d)",
        _two_and_year,
    ),
    _form(
        rf"{_B}{_DAYS}(?:(?P<d3>\d{{1,2}}){_ORD},{S})?(?:(?P<d2>\d{{1,2}}){_ORD}{S0}(?:-|–|to|and|&|through|,){S0})?(?P<d>\d{{1,2}}){_ORD}"
        rf"(?:{S}of{S}|[-./]|{S}|)(?P<mon>{MONTH})(?![a-z])(?:\.(?=\s?[\d,]))?"
        rf"(?:(?:,?{S}|[-/.,]|,?{S}?['’‘]|)(?P<y>{_YEAR4}|(?<=[-/.'’‘a-z])\d\d(?!\d)|\d\d(?![\d:/])(?<=\d\d)){_UNIT_AFTER})?",
        _named_day,
    ),
    _form(
        rf"{_B}{_DAYS}(?P<mon>{MONTH})(?![a-z])\.?(?:{S}|-|)(?:the{S})?(?P<d>\d{{1,2}})(?!\d){_ORD}"
        rf"(?:{S0}(?:-|–|to|and|&|through){S0}(?P<d2>\d{{1,2}})(?![\d/]){_ORD})?"
        rf"(?:(?:,{S0}|{S}|-)(?P<y>{_YEAR4})(?!\d))?(?!:\d|/\d){_UNIT_AFTER}",
        _named_day,
    ),
    _form(
        rf"{_B}{_PART}(?P<mon>{MONTH})(?![a-z])\.?(?:{S}of{S}|,?{S}|[-/,]|{S0}['’‘])(?P<y>{_YEAR4}|(?<=['’‘-])\d\d)(?!\d)",
        _named_month,
    ),
    _form(rf"{_B}(?P<part>(?!))?(?P<y>{_YEAR4}){S0}[-/(]?{S0}(?P<mon>{MONTH})(?![a-z])\)?", _named_month),
    _form(rf"{_B}(?P<m>0?[1-9]|1[0-2])[/.-](?P<y>{_YEAR4})(?![\d/]|[.-]\d){_UNIT_AFTER}", _month_year),
    _form(
        rf"{_B}(?P<m>0?[1-9]|1[0-2])/(?P<y>[4-9]\d|3[2-9])(?![\d/.%-])(?!\s?(?:mm|on|right|left|%|in\b))",
        _month_year,
    ),
    _form(rf"{_B}(?P<y>{_YEAR4})[/.-](?P<m>0?[1-9]|1[0-2])(?![\d/]|[.-]\d){_UNIT_AFTER}", _month_year),
    _form(rf"(?<!\d)(?P<y>{_YEAR4})年(?P<m>\d{{1,2}})月(?:(?P<d>\d{{1,2}})日)?", _chinese),
    _form(
        rf"{_B}(?P<season>spring|summer|autumn|fall|winter)(?:{S}of{S}|,?{S})(?P<y>{_YEAR4})(?:[-/–](?P<y2>\d{{2,4}}))?(?!\d)",
        _season,
    ),
    _form(
        rf"\b(?P<lead>last|this|this past|previous|over the|in the|(?<=since )the){S}(?P<season>spring|summer|autumn|fall|winter)\b",
        _led_season,
    ),
    _form(rf"{_B}(?:the{S})?{_PART}(?P<decade>(?:19|20)\d0)['’]?s\b", _decade),
    _form(rf"\b(?:the|in){S}{_PART}['’‘]?(?P<decade>[3-9]0)['’]?s\b(?<!his)", _decade),
    _form(rf"\bQ(?P<q>[1-4])[ /-]?(?P<y>{_YEAR4})(?!\d)", _quarter),
    _form(
        rf"(?<![\d/.+$#,\-])(?<![a-z\d]-){_PART}(?P<y>{_YEAR4})(?:[-/–](?P<y2>\d\d(?:\d\d)?))?(?![\d/]|[.,]\d|-\d|['’]s\b|:\d){_UNIT_AFTER}(?!\s{{1,6}}\d{{2,3}}/\d)",
        _bare_year,
    ),
    _form(
        r"(?<![\w/.\-+])(?<!\d[-–])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/%+]|\.\d|[a-z])"
        r"(?P<then>(?=\s?(?:[-–]|to|thru|through)\s?\d{1,2}/\d))?(?:-(?P<b2>\d{1,2})(?![\d/.%]))?",
        _slash_day,
    ),
    _form(
        r"(?<=\d[-–])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/%+]|\.\d|[a-z])(?P<then>(?!))?(?P<b2>(?!))?",
        _slash_day,
    ),
    _form(r"(?<=\[\*\*)(?P<m>\d{1,2})-(?P<d>\d{1,2})(?=\*\*\])", _masked_day),
    _form(
        rf"(?:(?<=on the )|(?<=to the )|(?<=by the )|(?<=from the )|(?<=since the )|(?<=until the ))(?P<d>\d{{1,2}})(?:st|nd|rd|th)(?={S0}(?:[.,;)]|$|and\b|then\b|of{S}(?:this|the){S}month))",
        _ordinal_day,
    ),
    _form(rf"{_B}{_PART}(?P<mon>{MONTH})(?![a-z'’/]|\.[a-z]|-\w)(?!\s?\d)", _bare_month),
)
