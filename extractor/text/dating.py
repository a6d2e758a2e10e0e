"""A text in, the time expressions in it out, in order and without overlap.

`time_calendar` and `time_relative` read single expressions; here they are joined into ranges ("9/28-9/30"), given
their prepositions ("since", "until", "from … for ten months") and, where a day has no year, their neighbour's year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import chain

from extractor.dates import add_days, days_between, hull, on
from extractor.records import DateInterval
from extractor.text.stretches import Stretches
from extractor.text.time_calendar import calendar_times
from extractor.text.time_headings import DatedBlock, section_times, time_at
from extractor.text.time_links import link, when
from extractor.text.time_occasions import OCCASION_FORMS
from extractor.text.time_relative import relative_times
from extractor.text.time_short import day_of
from extractor.text.times import POOL, S0, Clock, S, TimeExpression, scan

__all__ = [
    "DatedBlock",
    "TimeExpression",
    "find_times",
    "guess_day_first",
    "link",
    "section_times",
    "time_at",
    "when",
]

_NUMERIC_DATE = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})(?P<s>[/-])(?P<b>\d{1,2})(?P=s)(?P<y>(?:19|20)?\d\d)(?![\d/])", re.ASCII)
_SHORT_DATE = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\d/%])", re.ASCII)
_ANY = re.compile(
    r"\d|ago\b|last |past |previous|yester|today|tonight|morning|evening|overnight|this |next |day\b|year|month|week|since|"
    r"child|infan|birth|neonat|of life|school age|primary school|teen|youth|kid|boy|girl|baby|"
    r"admission|arrival|presentation|tomorrow|afternoon|jan|feb|mar|apr|may|"
    r"jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|fall|winter|christmas|xmas|boxing|thanksgiving|halloween|diwali|"
    r"deepavali|holi\b|valentine|easter|cny",
    re.I,
)


def guess_day_first(text: str, note_date: date | None = None) -> bool | None:
    """Whether the numeric dates of a note put the day first, by those that can be read one way only.

    A date that is the note's own in one order alone speaks too ("08/09/2025" in a note of 8 September). Dates with
    a year count first, days without one only where those say nothing, then whether the dates lie near the note in one
    order alone, then British spelling; `None` when nothing or both speak. Several notes of one hospital may be joined
    into one `text`.

    >>> guess_day_first("Seen 14/05/2024, typed 17/05/2024"), guess_day_first("DOS 02/25/2025")
    (True, False)
    """
    for matches in _numeric_forms().matches(text):
        day_first = month_first = 0
        for match in matches:
            a, b = int(match["a"]), int(match["b"])
            day_first += 12 < a <= 31 and 1 <= b <= 12
            month_first += 12 < b <= 31 and 1 <= a <= 12
            if note_date is not None and a != b and match.groupdict().get("y") and int(match["y"]) % 100 == note_date.year % 100:
                day_first += (a, b) == (note_date.day, note_date.month)
                month_first += (b, a) == (note_date.day, note_date.month)
        if day_first != month_first:
            return day_first > month_first
    near = 0 if note_date is None else _nearness(text, note_date)
    if near:
        return near > 0
    return True if _BRITISH.search(text) else None


_BRITISH = re.compile(
    r"\b(?:haem\w{3,}|oedema\w*|anaem\w+|paediatric\w*|tumours?|leukaemi\w+|diarrhoea|oesophag\w+|FBC|U&Es?|U\+Es?|nocte|mane|"
    r"tds|qds|\d/52|A&E|OPD|litres?|colour|favour\w*)\b",
    re.ASCII,
)
NEAR_DAYS, FAR_DAYS = 14, 28


def _nearness(text: str, note_date: date) -> int:
    """How many more dates lie close to the note, and far from it the other way round, with the day first than with the month."""
    votes = 0
    for match in chain.from_iterable(_numeric_forms().matches(text)):
        a, b = int(match["a"]), int(match["b"])
        written = match.groupdict().get("y")
        if a == b or not (1 <= a <= 12 and 1 <= b <= 12) or (written and int(written) % 100 != note_date.year % 100):
            continue
        by_day, by_month = _days_off(note_date, b, a), _days_off(note_date, a, b)
        votes += (by_day <= NEAR_DAYS and by_month >= FAR_DAYS) - (by_month <= NEAR_DAYS and by_day >= FAR_DAYS)
    return votes


def _days_off(note_date: date, month_number: int, day_number: int) -> int:
    """Days from the note to that day, in its year or a neighbouring one."""
    days = [
        day
        for y in (note_date.year - 1, note_date.year, note_date.year + 1)
        if (day := day_of(max(y, 1), month_number, day_number))
    ]
    return min((abs((day - note_date).days) for day in days), default=1_000)


@lru_cache(maxsize=1)
def _numeric_forms() -> Stretches:
    return Stretches((_NUMERIC_DATE, _SHORT_DATE), margin=12, pool=POOL)


def find_times(
    text: str,
    note_date: date,
    *,
    day_first: bool = False,
    admission: date | None = None,
    birth_date: date | None = None,
) -> list[TimeExpression]:
    """The time expressions of one sentence or a whole note, by place; spans are half-open and slice to `text`.

    `day_first` orders numeric dates that could be read both ways; `admission` dates "on admission" and "hospital
    day 6"; `birth_date` dates "at 34" (without it: some day up to the note).

    >>> [t.interval.earliest for t in find_times("relapse 9/28-9/30", date(2023, 10, 12))]
    [datetime.date(2023, 9, 28)]
    """
    if _ANY.search(text) is None:
        return []
    clock = Clock(note_date, day_first, admission, birth_date)
    relative = list(relative_times(text, clock))
    occasions = scan(text, clock, OCCASION_FORMS)
    single = _without_overlap([*_british(text, clock, relative), *occasions, *calendar_times(text, clock), *relative])
    return _with_prepositions(text, _joined(text, _settled(text, single)), note_date)


def _british(text: str, clock: Clock, relative: Iterable[TimeExpression]) -> Iterable[TimeExpression]:
    """Of relative times British "6/12" after "for" or "in", or before "ago", which would otherwise be read as a date."""
    if clock.day_first or _BRITISH_LENGTH.search(text):
        found = (t for t in relative if "/" in text[t.start : t.end])
        return [t for t in found if t.duration_days is not None or _BRITISH_LENGTH.search(text, t.start, t.end)]
    return []


_BRITISH_LENGTH = re.compile(r"\d/(?:52|(?:7|12)\s{1,3}(?:ago|back|previously|earlier|prior)\b)", re.I)


def _without_overlap(found: Iterable[TimeExpression]) -> list[TimeExpression]:
    """The first found of those that overlap, in order of place."""
    kept: list[TimeExpression] = []
    taken: set[int] = set()
    for time in found:
        places = range(time.start, time.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(time)
    return sorted(kept, key=lambda time: time.start)


_LIST_GAP = re.compile(rf"^{S0}(?:-|–|,|to|and|&|or|through|thru|until|till|til|,{S0}and){S0}(?:on{S})?$", re.I)


def _settled(text: str, times: list[TimeExpression]) -> list[TimeExpression]:
    """Days without a year take it from the dated neighbour they are listed with ("9/30 and 10/14/2024")."""
    settled = list(times)
    for i in range(len(settled) - 2, -1, -1):
        following = settled[i + 1]
        listed = _LIST_GAP.match(text[settled[i].end : following.start])
        if settled[i].calendar_day and listed and _is_dated(following) and following.interval.latest:
            settled[i] = _placed(settled[i], following.interval.latest, before=True)
    for i in range(1, len(settled)):
        former = settled[i - 1]
        gap = text[former.end : settled[i].start]
        listed = _LIST_GAP.match(gap) if "," not in gap else None
        if settled[i].calendar_day and listed and _is_dated(former) and former.interval.earliest:
            settled[i] = _placed(settled[i], former.interval.earliest, before=False)
    return settled


def _is_dated(time: TimeExpression) -> bool:
    """Whether it is a day with its year."""
    return time.precision == "day" and time.source == "explicit" and time.calendar_day is None


def _placed(time: TimeExpression, neighbour: date, *, before: bool) -> TimeExpression:
    """The calendar day nearest to its neighbour on the side where it belongs."""
    month_number, day_number = time.calendar_day or (1, 1)
    for y in (neighbour.year, neighbour.year - 1 if before else neighbour.year + 1):
        try:
            day = date(y, month_number, day_number)
        except ValueError:
            continue
        if (day <= neighbour) if before else (day >= neighbour):
            return replace(time, interval=on(day), calendar_day=None)
    return time


_RANGE_GAP = re.compile(rf"^{S0}(?:-|–|—|to|through|thru|until|till|til|up{S}to){S0}$", re.I)
_AND_GAP = re.compile(rf"^{S0}(?:and|&){S0}$", re.I)
_BETWEEN = re.compile(rf"\bbetween{S}$", re.I)


def _joined(text: str, times: list[TimeExpression]) -> list[TimeExpression]:
    """Two points with a dash, "to" or "between … and" become the time from the first to the second."""
    joined: list[TimeExpression] = []
    for time in times:
        last = joined[-1] if joined else None
        if last is not None and last.kind == time.kind == "point" and _is_range(text, last, time):
            joined[-1] = _range(last, time)
        else:
            joined.append(time)
    return joined


def _is_range(text: str, first: TimeExpression, second: TimeExpression) -> bool:
    gap = text[first.end : second.start]
    spanning = _RANGE_GAP.match(gap) is not None
    between = _AND_GAP.match(gap) and _BETWEEN.search(text, max(0, first.start - 12), first.start)
    start, end = first.interval.earliest, second.interval.latest
    return bool((spanning or between) and start and end and start <= end)


def _range(first: TimeExpression, second: TimeExpression) -> TimeExpression:
    """The length counts both days: 9/28-9/30 are three; whole months and years give its shortest and longest."""
    interval = hull(first.interval, second.interval)
    shortest, longest = 1, None
    if first.interval.latest and second.interval.earliest:
        shortest = max(1, days_between(first.interval.latest, second.interval.earliest) + 1)
    if interval.earliest and interval.latest:
        longest = days_between(interval.earliest, interval.latest) + 1
    return TimeExpression(first.start, second.end, interval, "duration", (shortest, longest), first.source, second.precision)


_TRUE_SINCE = re.compile(rf"\b(?:since|as{S}of){S}(?:about{S}|around{S}|~|the{S}|at{S}least{S})?$", re.I)
_STARTED = re.compile(
    rf"\b(?:re)?(?:started|begun|began|commenced|initiated){S}(?:by{S}\w{{1,20}}{S})?(?:on{S}|in{S})?(?:about{S}|around{S}|~)?$",
    re.I,
)
_FROM = re.compile(rf"\b(?:from|starting|beginning|commencing){S}(?:about{S}|around{S}|the{S})?$", re.I)
_DATED_FROM = re.compile(
    rf"\b(?:panel|results?|reports?|labs?|films?|ct|mri|scans?|x-?rays?|notes?|letter|biopsy|echo|data|images?|cxr|forward|"
    rf"copied|records?|bloods|serolog(?:y|ies)|titres?|titers?|echocardiogram|ecg|ekg|study|studies|"
    rf"imaging)(?:\s\w{{1,14}}){{0,4}}{S}from{S}$",
    re.I,
)
_UNTIL = re.compile(rf"\b(?:until|till|til|up{S}to|through|thru|by|before|prior{S}to){S}(?:about{S}|around{S}|the{S})?$", re.I)
_STRICT_UNTIL = re.compile(rf"\b(?:before|prior{S}to){S}(?:about{S}|the{S})?$", re.I)
_AFTER = re.compile(rf"\bafter{S}$", re.I)
_ONWARD = re.compile(rf"{S0}(?:(?:-|–|to){S0}(?:present|now|current|date|ongoing)\b|onwards?\b|(?:-|–)(?={S0}[)\],;]|$))", re.I)
_FOR_GAP = re.compile(rf"^{S0},?{S0}$")


def _with_prepositions(text: str, times: list[TimeExpression], note_date: date) -> list[TimeExpression]:
    done: list[TimeExpression] = []
    for time in times:
        opened = _opened(text, time, note_date)
        last = done[-1] if done else None
        if last is not None and _anchors(text, last, opened):
            done[-1] = _anchored(last, opened)
        else:
            done.append(opened)
    return done


def _opened(text: str, time: TimeExpression, note_date: date) -> TimeExpression:
    """A point after "since" or "started" lasts to the note date; after "until" or "before" it has no beginning."""
    if time.kind not in ("point", "age"):
        return time
    end, lead = time.interval.latest, max(0, time.start - 40)
    if _begins(text, time, note_date):
        return _lasting(time, note_date)
    if time.kind == "age":
        return time
    if _UNTIL.search(text, lead, time.start):
        start = time.interval.earliest
        strict = _STRICT_UNTIL.search(text, lead, time.start) is not None
        last_day = add_days(start, -1) if strict and start is not None else end
        return replace(time, interval=DateInterval(None, last_day), kind="until")
    if _AFTER.search(text, lead, time.start) and end is not None and end <= note_date:
        return replace(time, interval=DateInterval(time.interval.earliest, note_date))
    return time


def _begins(text: str, time: TimeExpression, note_date: date) -> bool:
    """Whether something is said to have begun at `time` and gone on."""
    lead, start = max(0, time.start - 40), time.interval.earliest
    if _TRUE_SINCE.search(text, lead, time.start):
        return True
    if start is not None and start > note_date:
        return _FROM.search(text, lead, time.start) is not None
    if time.kind == "point" and _ONWARD.match(text, time.end):
        return True
    if _STARTED.search(text, lead, time.start):
        return True
    return _FROM.search(text, lead, time.start) is not None and _DATED_FROM.search(text, lead, time.start) is None


def _lasting(time: TimeExpression, note_date: date) -> TimeExpression:
    """From `time` to the note date; open at the end when it begins after the note."""
    start, end = time.interval.earliest, time.interval.latest
    if start is not None and start > note_date:
        return replace(time, interval=DateInterval(start, None), kind="since")
    if end is None:
        return replace(time, interval=DateInterval(start, note_date), kind="since")
    longest = None if start is None else days_between(start, note_date)
    length = (max(0, days_between(end, note_date)), longest)
    return replace(time, interval=DateInterval(start, note_date), kind="since", duration_days=length)


def _anchors(text: str, start: TimeExpression, length: TimeExpression) -> bool:
    """ "from May 2021" followed by "for ten months"."""
    if start.kind != "since" or length.kind != "duration" or length.source != "relative" or start.interval.earliest is None:
        return False
    return _FOR_GAP.match(text[start.end : length.start]) is not None


def _anchored(start: TimeExpression, length: TimeExpression) -> TimeExpression:
    longest = length.duration_days[1] if length.duration_days else None
    first = start.interval.earliest
    last = None
    if first is not None and longest is not None:
        slack = 31 if start.precision == "month" else 366 if start.precision == "year" else 0
        last = add_days(first, longest - 1 + slack)
    return TimeExpression(start.start, length.end, DateInterval(first, last), "duration", length.duration_days,
                          start.source, start.precision)  # fmt: skip
