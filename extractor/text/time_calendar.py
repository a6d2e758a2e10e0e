"""A text in, the dates in it that are written out: numeric, with month names, months, years, seasons.

A slash or a bare number is a date only where nothing speaks against it and, for a day without a year, something
speaks for it: "3/5 strength", "pain 5/10", "120/80" and "2000 mg" are none. Every expression is bounded in length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from extractor.dates import add_days, add_months, hull, month, on, year
from extractor.records import DateInterval
from extractor.text.time_short import SHORT_FORMS, day_of, expression, full_year, is_planned, nearest_day, numeric_day
from extractor.text.times import MONTH, MONTHS, S0, WEEKDAY, Clock, Form, S, TimeExpression, form, scan

_YEAR4 = r"(?:19|20)\d\d"
_ORD = r"(?:st|nd|rd|th)?"
_UNIT_AFTER = (
    r"(?![ ]{0,2}(?:mg|mcg|ug|µg|g|gm|kg|ml|cc|l|units?|iu|u/|u|mmol|umol|mmhg|cm|mm|%|x10|kcal|cal|steps|cells|copies|"
    r"hours?|hrs?|h|ng|pg|k|mol|feet|ft|ppm|rpm|bpm|lbs?|pounds|days?|weeks?|months?|years?|yrs?|y/?o|tabs?|tablets?|doses?|"
    r"patients?|times)(?![a-z]))"
)
_PART = (
    rf"(?:(?P<part>early|mid|middle|late|end|beginning|start|first{S}half|second{S}half)(?:-|{S}of{S}the{S}|{S}of{S}|"
    rf"{S}in{S}|{S}))?"
)
_B = r"(?<![\w/.\-+])"


def calendar_times(text: str, clock: Clock) -> Iterator[TimeExpression]:
    """Every date, most specific form first; overlapping ones are left to the caller."""
    yield from scan(text, clock, _FORMS)


def _year_month_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    day = day_of(int(match["y"]), int(match["m"]), int(match["d"]))
    return None if day is None else expression(match, on(day))


_TOLD_AS_PAST = re.compile(
    r"\b(?:last|latest|previous|given|received|stopped|ended|completed|was|had|since)\b[^.;,\n]{0,16}$", re.I
)


def _two_and_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    if match["s"] == "." and len(match["y"]) == 2 and len(match["a"]) == 1 and len(match["b"]) == 1:
        return None
    y, a, b, day_first = full_year(match["y"], clock), int(match["a"]), int(match["b"]), clock.day_first or match["s"] == "."
    day, other = numeric_day(y, a, b, day_first), numeric_day(y, a, b, not day_first)
    told = _TOLD_AS_PAST.search(match.string, max(0, match.start() - 24), match.start())
    if day and other and other <= clock.note_date < day and told:
        day = other  # "last dose 10/1/2025" in a note of June
    return None if day is None else expression(match, on(day))


_IN_A_RANGE = re.compile(rf"\b(?:{MONTH})\.?\s$", re.I)
_DASHED = re.compile(r"\d{1,2}[-–][A-Za-z]+")
""" "20-Feb" behind a month is no day but the middle of "Jan 20-Feb 2"."""


def _named_day(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    if _IN_A_RANGE.search(match.string, max(0, match.start() - 12), match.start()) and _DASHED.fullmatch(match[0]):
        return None
    m = MONTHS[match["mon"].lower()]
    days = [int(match["d"])] + [int(match[name]) for name in ("d2", "d3") if match.groupdict().get(name)]
    if match["mon"].islower() and m in (3, 5) and not match["y"]:
        return None
    if _is_month_and_year(match, clock):
        return expression(match, month(full_year(match["d"], clock), m), "month")
    if match["y"]:
        y: int | None = full_year(match["y"], clock)
    else:
        newest = nearest_day(m, days[-1], clock, is_planned(match))
        y = newest.earliest.year if newest is not None and newest.earliest is not None else None
    if y is None:
        return None
    found = [day for day in (day_of(y, m, d) for d in days) if day is not None]
    if len(found) != len(days):
        return None
    interval = DateInterval(min(found), max(found))
    if len(days) == 2 and re.search(r"\d(?:st|nd|rd|th)?\s?(?:-|–|to|through)\s?\d", match[0]):
        length = (interval.latest - interval.earliest).days + 1 if interval.latest and interval.earliest else 1
        return TimeExpression(match.start(), match.end(), interval, "duration", (length, length))
    yearless = None if match["y"] or len(days) > 1 else (m, days[0])
    return TimeExpression(match.start(), match.end(), interval, calendar_day=yearless)


SHORTEST_YEAR = 13
"""From this number on "Nov-23" is a month and a year, as spreadsheets write it; below it, a day."""


def _is_month_and_year(match: re.Match[str], clock: Clock) -> bool:
    written = re.fullmatch(r"[A-Za-z]{3}-(\d\d)", match[0])
    if written is None or int(written[1]) < SHORTEST_YEAR:
        return False
    first = month(full_year(written[1], clock), MONTHS[match["mon"].lower()]).earliest
    return first is not None and first <= clock.note_date


def _named_month(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    y = full_year(match["y"], clock)
    if not 1880 <= y <= clock.note_date.year + 10:
        return None
    return expression(match, _part(month(y, MONTHS[match["mon"].lower()]), match["part"]), "month")


def _months_between(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "1/2024-6/2024": from a month to a month."""
    begin, end = month(int(match["y1"]), int(match["m1"])), month(int(match["y"]), int(match["m"]))
    if not (begin.latest and end.earliest and begin.latest < end.earliest):
        return None
    shortest = max(1, (end.earliest - begin.latest).days + 1)
    return TimeExpression(match.start(), match.end(), hull(begin, end), "duration", (shortest, shortest + 61), precision="month")


def _months_of_a_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "January to June 2024", "Nov-Feb 2024": the year that is written is that of the last month."""
    y = full_year(match["y"], clock)
    first, last = MONTHS[(match["first"] or match["first2"]).lower()], MONTHS[match["mon"].lower()]
    if first == last or not 1880 <= y <= clock.note_date.year + 10:
        return None
    months = last - first if last > first else last + 12 - first
    begin = month(y if last > first else y - 1, first)
    end = month(y, last)
    shortest = max(1, round((months - 1) * 30.4375) + 1)
    return TimeExpression(match.start(), match.end(), hull(begin, end), "duration", (shortest, shortest + 61), precision="month")


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
    if is_planned(match):
        back_years = 0 if number >= clock.note_date.month else -1
    y = clock.note_date.year - back_years
    if not 1 < y < 9999:
        return None
    return expression(match, _part(month(y, number), match["part"]), "month")


def _month_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    m, y = int(match["m"]), full_year(match["y"], clock)
    if len(match["y"]) == 2 and not _MONTH_LEADS.search(match.string, max(0, match.start() - 12), match.start()):
        return None
    if not 1 <= m <= 12 or y > clock.note_date.year + 10:
        return None
    return expression(match, month(y, m), "month")


def _chinese(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    y, m = int(match["y"]), int(match["m"])
    if match["d"] is None:
        return expression(match, month(y, m), "month") if 1 <= m <= 12 else None
    day = day_of(y, m, int(match["d"]))
    return None if day is None else expression(match, on(day))


_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


def _season(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """Northern seasons of whole months; a winter with one year may be the one before or after it."""
    name, first = match["season"].lower(), _SEASONS[match["season"].lower()]
    y = full_year(match["y"], clock)
    start = date(y, first, 1)
    interval = DateInterval(start, add_days(add_months(start, 3), -1))
    if name == "winter" and not match["y2"]:
        interval = DateInterval(add_months(start, -12), interval.latest)
    return expression(match, interval, "span")


def _led_season(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    start = date(clock.note_date.year, _SEASONS[match["season"].lower()], 1)
    if start > clock.note_date or (match["lead"].lower().startswith(("last", "previous")) and
                                   add_months(start, 2) > clock.note_date):  # fmt: skip
        start = add_months(start, -12)
    return expression(match, DateInterval(start, add_days(add_months(start, 3), -1)), "span")


def _decade(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    written = match["decade"]
    first = int(written) if len(written) == 4 else 1900 + int(written)
    if len(written) == 2 and int(written) < 30:
        first += 100
    return expression(match, _part(hull(year(first), year(first + 9)), match["part"]), "span")


def _quarter(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    start = date(int(match["y"]), 3 * int(match["q"]) - 2, 1)
    return expression(match, DateInterval(start, add_days(add_months(start, 3), -1)), "span")


_YEAR_LEADS = re.compile(
    r"(?:\b(?:in|since|until|till|til|from|to|of|by|early|mid|late|circa|ca|c|year|dx|dx'd|diagnosed|and|between|during|before|"
    r"after|around|about|last|prior to|winter|through|thru|onset|born|onwards?)\.?\s?,?[ \n~]{0,3}|[(\[*~,;/–-]\s?|"
    r"[a-z)\]\"']\s{1,2}|[x#]\s?\d\s{1,2}|^\s{0,8}|\n\s{0,8}|[A-Z]{2,8}:?\s{1,2}|\b[LR]\s{1,2}|"
    r"\b(?i:prevn?e?nar|pneumovax|pcv|ppsv)[ -]?\d\d,?\s{1,2})$"
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
        last = full_year(match["y2"], clock) if len(match["y2"]) == 4 else y // 100 * 100 + int(match["y2"])
        if last <= y or last > clock.note_date.year + 10:
            return None
        return TimeExpression(match.start(), match.end(), hull(interval, year(last)), "duration",
                              (max(0, (last - y - 1) * 365), (last - y + 1) * 366), precision="span")  # fmt: skip
    return expression(match, _part(interval, match["part"]), "year")


def _apostrophe_year(match: re.Match[str], clock: Clock) -> TimeExpression | None:
    """ "stroke '19": a year of the past."""
    y = full_year(match["y"], clock)
    return expression(match, year(y), "year") if y <= clock.note_date.year else None


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


_DAYS = rf"(?:(?:{WEEKDAY})\.?,?{S})?"
_FORMS: tuple[Form, ...] = (
    form(
        rf"(?:{_B}(?P<first>{MONTH})(?![a-z])\.?{S0}(?:-|–|—|to|through|thru|until|till|til|up{S}to){S0}|"
        rf"(?<=between )(?P<first2>{MONTH})(?![a-z]){S}and{S})(?P<mon>{MONTH})(?![a-z])\.?"
        rf"(?:{S}of{S}|,?{S}|[-/,]|{S0}['’‘])(?P<y>{_YEAR4}|(?<=['’‘-])\d\d)(?!\d)",
        _months_of_a_year,
    ),
    form(
        rf"{_B}(?P<m1>0?[1-9]|1[0-2])[/.](?P<y1>{_YEAR4}){S0}[-–—]{S0}(?P<m>0?[1-9]|1[0-2])[/.](?P<y>{_YEAR4})(?![\d/])",
        _months_between,
    ),
    form(rf"{_B}(?P<y>{_YEAR4})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?![\d/])", _year_month_day),
    form(
        rf"(?:{_B}|(?<=\d\d[-–])){_DAYS}(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>{_YEAR4}|\d\d)"
        rf"(?![\d/]|\.\d|-\d(?!\d?(?P=s)\d))",
        _two_and_year,
    ),
    form(r"(?<![\w/.#\-+])(?P<y>20[0-4]\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\w/-]|\.\d)", _year_month_day),
    form(
        rf"(?:{_B}|(?<=[a-z][-–])){_DAYS}(?:(?P<d3>\d{{1,2}}){_ORD},{S})?(?:(?P<d2>\d{{1,2}}){_ORD}{S0}(?:-|–|to|and|&|through|"
        rf",){S0})?(?P<d>\d{{1,2}}){_ORD}"
        rf"(?:{S}of{S}|[-./]|{S}|)(?P<mon>{MONTH})(?![a-z])(?:\.(?=\s?[\d,]))?"
        rf"(?:(?:,?{S}|[-/.,]|,?{S}?['’‘]|)(?P<y>{_YEAR4}|(?<=[-/.'’‘a-z])\d\d(?!\d)|\d\d(?![\d:/])(?<=\d\d))"
        rf"(?!{S0}(?:(?:-|–|to){S0}\d{{1,2}}{S0})?(?:{MONTH})(?![a-z])){_UNIT_AFTER})?",
        _named_day,
    ),
    form(
        rf"(?:{_B}|(?<=\d[-–])){_DAYS}(?P<mon>{MONTH})(?![a-z])\.?(?:{S}|-|)(?:the{S})?(?P<d>\d{{1,2}})(?!\d){_ORD}"
        rf"(?:{S0}(?:-|–|to|and|&|through){S0}(?P<d2>\d{{1,2}})(?![\d/]){_ORD})?"
        rf"(?:(?:,{S0}|{S}|-)(?P<y>{_YEAR4})(?!\d))?(?!:\d|/\d){_UNIT_AFTER}",
        _named_day,
    ),
    form(
        rf"{_B}{_PART}(?P<mon>{MONTH})(?![a-z])\.?(?:{S}of{S}|,?{S}|[-/,]|{S0}['’‘])(?P<y>{_YEAR4}|(?<=['’‘-])\d\d)(?!\d)",
        _named_month,
    ),
    form(rf"{_B}(?P<part>(?!))?(?P<y>{_YEAR4}){S0}[-/(]?{S0}(?P<mon>{MONTH})(?![a-z])\)?", _named_month),
    form(rf"{_B}(?P<m>0?[1-9]|1[0-2])[/.-](?P<y>{_YEAR4})(?![\d/]|[.-]\d){_UNIT_AFTER}", _month_year),
    form(r"(?<=[a-z)] )['’‘](?P<part>(?!))?(?P<y>\d\d)(?P<y2>(?!))?(?![\w'’‘\"])", _apostrophe_year),
    form(
        rf"{_B}(?P<m>0?[1-9]|1[0-2])/(?P<y>[4-9]\d|3[2-9])(?![\d/.%-])(?!\s?(?:mm|on|right|left|%|in\b))",
        _month_year,
    ),
    form(rf"{_B}(?P<y>{_YEAR4})[/.-](?P<m>0?[1-9]|1[0-2])(?![\d/]|[.-]\d){_UNIT_AFTER}", _month_year),
    form(rf"(?<!\d)(?P<y>{_YEAR4})年(?P<m>\d{{1,2}})月(?:(?P<d>\d{{1,2}})日)?", _chinese),
    form(
        rf"{_B}(?P<season>spring|summer|autumn|fall|winter)(?:{S}of{S}|,?{S})(?P<y>{_YEAR4})(?:[-/–](?P<y2>\d{{2,4}}))?(?!\d)",
        _season,
    ),
    form(
        rf"\b(?P<lead>last|this|this past|previous|over the|in the|(?<=since )the){S}(?P<season>spring|summer|autumn|fall|"
        rf"winter)\b",
        _led_season,
    ),
    form(rf"{_B}(?:the{S})?{_PART}(?P<decade>(?:19|20)\d0)['’]?s\b", _decade),
    form(rf"\b(?:the|in){S}{_PART}['’‘]?(?P<decade>[3-9]0)['’]?s\b(?<!his)", _decade),
    form(rf"\bQ(?P<q>[1-4])[ /-]?(?P<y>{_YEAR4})(?!\d)", _quarter),
    form(
        rf"(?:(?<![\d/.+$#,\-])|(?<=\bc\.))(?<![a-z\d]-){_PART}(?P<y>{_YEAR4})(?:[-/–](?P<y2>\d\d(?:\d\d)?))?(?![\d/]|[.,]\d|-\d|['’]s\b|"
        rf":\d){_UNIT_AFTER}(?!\s{{1,6}}\d{{2,3}}/\d)",
        _bare_year,
    ),
    *SHORT_FORMS,
    form(rf"{_B}{_PART}(?P<mon>{MONTH})(?![a-z'’/]|\.[a-z]|-\w)(?!\s?\d)", _bare_month),
)
