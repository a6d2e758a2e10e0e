"""A drug and its sentence in, when its course ended out: the last dose, a stop, months off it, a day of what was given.

Antibodies and steroids are what is asked of; others go through as they are. A date that is read here is that of the
drug, so that it is not linked again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from extractor.dates import add_days, days_between
from extractor.records import DateInterval
from extractor.text.found import Found
from extractor.text.times import TimeExpression

_I = re.IGNORECASE
ACT = (
    r"(?:doses?|infusions?|inf\.?|injections?|inj\.?|shots?|drips?|administrations?|jabs?|courses?|"
    r"treatments?|cycles?|pens?|ones?)"
)
_LAST_BEFORE = re.compile(
    rf"\b(?:last|latest|most recent|final)(?: known| home)?(?: {ACT})?(?: (?:of|was|with|for|given|had|received|"
    rf"on))?(?: (?:the|his|her|a))?\s{{0,3}}$",
    _I,
)
_LAST_AFTER = re.compile(
    rf"^[^.;\n]{{0,40}}?\b(?:was|being|is) (?:the|her|his|their) (?:last|final|most recent)\b"
    r"(?! (?:biologic|drug|agent|treatment|antibody|DMARD|immuno))|"
    rf"^\s{{0,2}}\(?(?:last|final)(?: {ACT})?\b",
    _I,
)


def value_of(item: Found, name: str) -> str | None:
    return next((value for key, value in item.attributes if key == name), None)


def with_values(item: Found, **values: str) -> Found:
    return replace(item, attributes=tuple(sorted((dict(item.attributes) | values).items())))


LAST_DATED = re.compile(
    rf"\b(?:(?:her|his|the)\s)?(?:last|latest|most\srecent|final)(?:\s(?:known|home|such|ever))?(?:\s{ACT})?"
    rf"(?:\s(?:was|is|on|given|being|"
    rf"received|therefore|thus|injected|administered|infused|done|dated|of|"
    rf"taken|had|in|at|about|around|sometime|before that)){{0,4}}[\s:=(–-]{{1,3}}$",
    _I,
)
_INTERVAL_TO = re.compile(r",?\s(?P<n>\d{1,3})\s(?P<unit>days?|weeks?)\s(?:on|at|by|as of|to)\s$", _I)
_SINCE_IT = re.compile(r"\b(?:interval|washout|time|gap)\s(?:from|since|of|for)\s(?:the\s|last\s)*$", _I)
_STOP = re.compile(r"\b(?:stopped|discontinued|ceased|withdrawn|suspended|ended|finished|given up)\b", _I)
_DOUBT = re.compile(
    r"\b(?:not\ssure|unsure|unclear|uncertain|not\s(?:known|clear|certain|recorded|documented|stated|confirmed)|unknown|could\snot\ssay|"
    r"cannot\ssay|not\s(?:told|said|let)(?:\s(?:us|me|anyone))?|(?:does|did)\snot\ssay|unable\sto\s(?:say|confirm))"
    r"\s(?:if|whether)\s[^.;]{0,24}?\b(?:given|taken|took|injected|administered|infused|received|used|had|started|begun)\b",
    _I,
)


def with_last(item: Found, text: str, limit: int | None, times: Sequence[TimeExpression]) -> Found:
    """ "Last Remicade 3 May", "tocilizumab 28/07/24 was the final dose": the date is that of the last dose."""
    item = _counted_back(item, text, times)
    before = text[max(0, item.start - 60) : item.start]
    core_start, stop = item.named[0], limit if limit is not None else item.end + 90
    led = _LAST_BEFORE.search(before) or _LAST_BEFORE.search(text[max(0, core_start - 60) : core_start])
    told = bool(led or _LAST_AFTER.search(text[item.end : min(stop, item.end + 60)]) or value_of(item, "last_dose"))
    dated = None if told or not item.is_spaced else _last_dated(text, item.named[1], stop, times)
    if dated is not None and "\n\n" not in text[item.end : dated.start]:
        item, told = replace(item, interval=dated.interval), True
    if not told:
        return item
    kept = tuple(pair for pair in item.attributes if pair != ("status", "planned"))  # "last given 10 Jan, due July"
    span = next((t for t in times if t.kind == "duration" and item.start <= t.start < item.end), None)
    if span is not None and item.is_spaced and span.source == "explicit" and span.interval.earliest is not None:
        item = replace(item, interval=DateInterval(span.interval.earliest, span.interval.earliest))
    return with_values(replace(item, attributes=kept), last_dose="yes")


def _last_dated(text: str, start: int, stop: int, times: Sequence[TimeExpression]) -> TimeExpression | None:
    """The first date between `start` and `stop` that a word for the last dose leads to."""
    return next((t for t in times if start < t.start <= stop and LAST_DATED.search(text, start, t.start)), None)


def _counted_back(item: Found, text: str, times: Sequence[TimeExpression]) -> Found:
    """ "Interval from tocilizumab, 49 days on July 31": the last dose was 49 days before that day."""
    start, end = item.named
    if not _SINCE_IT.search(text[max(0, start - 30) : start]):
        return item
    for time in times:
        said = _INTERVAL_TO.search(text, end, time.start) if time.start >= end else None
        counted_to = time.interval.earliest
        if said is not None and said.start() == end and counted_to is not None and counted_to == time.interval.latest:
            days = int(said["n"]) * (7 if said["unit"].lower().startswith("w") else 1)
            day = add_days(counted_to, -days)
            return with_values(replace(item, interval=DateInterval(day, day)), last_dose="yes")
    return item


_DAYS = re.compile(r"(?<![\d/])(?P<first>\d{1,2})\s?[-–]\s?(?P<last>\d{1,2})[/.]\d{1,2}\b")


def begun(item: Found, text: str, times: Sequence[TimeExpression], note_date: date) -> Found:
    """ "Start prednisone 60 mg (25-31/7)" in a note of 27/7 has begun; days listed are all days of the drug."""
    beside = (time.interval for time in times if 0 <= time.start - item.end <= 6 and time.kind == "point")
    when = item.interval or next(beside, None)
    if not item.is_daily or when is None or when.earliest is None or when.latest is None:
        return item
    days = _DAYS.search(text, item.start, min(len(text), item.end + 20))
    first, last = when.earliest, when.latest
    if days is not None and first == last and int(days["last"]) == last.day > int(days["first"]) > 0:
        first = last.replace(day=int(days["first"]))
        item = replace(item, interval=DateInterval(first, last))
    if value_of(item, "status") == "planned" and first <= note_date and first != last:
        item = with_values(replace(item, ignores=(*item.ignores, "hypothetical")), status="started")
    if 1 <= days_between(first, last) <= 9 and re.search(r"\d\.?,\s?\d", text[item.start : item.end]):
        item = with_values(item, lasting="yes")
    return item


def stopped(item: Found, text: str, limit: int | None, times: Sequence[TimeExpression]) -> Found:
    """ "Added in 02/2024 and stopped sometime in September": an antibody's last word is its stop."""
    runs = value_of(item, "status") in (None, "started", "given", "had", "current")
    if not item.is_spaced or not runs or value_of(item, "last_dose"):
        return item
    stop = min(limit if limit is not None else len(text), item.end + 120)
    said = _STOP.search(text, item.end, stop)
    if said is None or re.search(r"[;\n]\s|\.\s|\bnot\b|\bwill\b", text[item.end : said.start()]):
        return item
    time = next((t for t in times if said.end() <= t.start <= min(stop, said.end() + 50)), None)
    item = with_values(item, status="stopped")
    return item if time is None else replace(item, interval=time.interval)


_OF_THIS_STAY = re.compile(
    r"\b(?:this admission|during (?:the |her |his |this )?(?:admission|stay|hospital\w*)|today|tonight|this morning|just now|"
    r"on arrival|in (?:the )?(?:ED|ER|A&E|casualty|ward|clinic))\b",
    _I,
)
_TITLE_OF_A_STAY = re.compile(
    r"discharge|emergency|\b(?:ED|ER|A&E)\b|casualty|inpatient|ward|admission|infusion|hospital|day ?care|"
    r"transfer|epicrisis",
    _I,
)


def given_in_stay(item: Found, text: str, title: str) -> Found:
    """ "Received IVMP 1 g x 3" is history in a clinic letter; in the papers of a stay it was given there."""
    if value_of(item, "status") != "had" or not (_TITLE_OF_A_STAY.search(title) or _OF_THIS_STAY.search(text)):
        return item
    return with_values(item, status="given")


def doubted(item: Found, text: str, limit: int | None) -> Found:
    """ "(bill shows adalimumab, 1 vial); relatives not sure whether it was given"."""
    if not item.is_followed:
        return item
    if item.is_spaced and _DELIVERED.match(text, item.end):
        return replace(item, sets=(*item.sets, "uncertain"))
    stop = limit if limit is not None and not _WITH_THE_NEXT.search(text, item.end, limit) else len(text)
    said = _DOUBT.search(text, item.end, min(stop, item.end + 120))
    return replace(item, sets=(*item.sets, "uncertain")) if said else item


_WITH_THE_NEXT = re.compile(r"(?:\+|&|/|\band|\bwith)\s?$")
_DELIVERED = re.compile(
    r"\s(?:(?:pens?|syringes?|doses?|supply|was|were|has been|have been)\s)*(?:delivered|shipped|couriered)\b", _I
)
""" "Pens delivered 6/2": whether they were used is another matter."""
_OFF_BEFORE = re.compile(r"\b(?:off|free (?:of|from))(?: all| any| the| her| his| oral| systemic| of)*\s{1,2}$", _I)

_NOT_RESUMED = re.compile(r"\s(?:was |were |is |has been )?not (?:continued|resumed|restarted|carried on)\b", _I)
_NOT_TAKEN = re.compile(r"\b(?:has|have|had)(?: not|n't) (?:taken|had|used|injected|received)(?: any| his| her)?\s$", _I)
_MUST = re.compile(
    r"\b(?:must|should|needs? to|has to|have to|required to|to) be\s$|\b(?:go|come|going|coming|"
    r"get|getting|wean(?:ing)?|taper(?:ing)?)\s$",
    _I,
)
_EXCEPT = re.compile(r"^[^.;\n]{0,12}?\b(?:apart from|other than|except(?:ing)?(?: for)?|besides|save for|but for)\s", _I)


def off(item: Found, text: str, times: Sequence[TimeExpression]) -> Found:
    """ "22 months off prednisone", "off steroids since 2022" deny the drug for these months; of an antibody they tell
    when it was stopped. "Not on prednisone apart from …" denies the rest only."""
    if _EXCEPT.match(text[item.end : item.end + 40]):
        return with_values(item, scope="other")
    if item.is_daily and _NOT_RESUMED.match(text, item.end):
        return replace(item, sets=("negated",), ignores=("historical",))
    off = _OFF_BEFORE.search(text[max(0, item.start - 40) : item.start])
    if off is None:
        return _held_since(item, text, times)
    begin = max(0, item.start - 40) + off.start()
    if _MUST.search(text[max(0, begin - 20) : begin]):
        return replace(item, sets=(*item.sets, "hypothetical"))
    time = next(
        (t for t in times if item.start <= t.start and t.start - item.end <= 12 and t.kind in ("since", "duration")),
        None,
    )
    time = time or next((t for t in times if 0 <= begin - t.end <= 2 or t.start <= begin < t.end), None)
    if time is None or (not item.is_daily and not (item.course and item.concept == item.course.unnamed)):
        return item if time is None else _last_by(item, time)
    return replace(item, sets=("negated",), ignores=("historical",), interval=time.interval)


_SLACK = {"day": 0, "week": 4, "month": 15, "year": 183}
"""Days by which "for 3 months" may be short: half of its unit."""


def _last_by(item: Found, time: TimeExpression) -> Found:
    """An antibody not taken since a day, or for so long, had its last dose before."""
    begins = time.interval.earliest
    if begins is None or not item.is_spaced:
        return item
    if time.source == "relative":
        latest = add_days(begins, _SLACK.get(time.precision, 15))
    else:
        latest = {"month": add_days(begins, 30), "year": add_days(begins, 365)}.get(time.precision, begins)
    return with_values(replace(item, interval=DateInterval(None, latest)), status="stopped")


def _held_since(item: Found, text: str, times: Sequence[TimeExpression]) -> Found:
    """ "Adalimumab on hold since 2 May", "has not taken Humira for 3 months"."""
    if value_of(item, "last_dose"):
        return item
    untaken = value_of(item, "status") == "held" or _NOT_TAKEN.search(text[max(0, item.start - 40) : item.start])
    if not item.is_spaced or not untaken:
        return item
    near = (t for t in times if 0 <= t.start - item.named[1] <= 24 and t.kind in ("since", "duration"))
    time = next(near, None)
    return item if time is None else replace(_last_by(item, time), ignores=("negated",))


_DATE_LEAD = re.compile(r"(?:\b(?:on|in|at|during|around|about|early|late|of)\s|[(,:]\s?|\binfusion\s|\bdose\s)$", _I)
_ANOTHER_EVENT = re.compile(
    r"[;\n]\s*\n|\.\s|\b(?:diagnosed|dx|since|which|who|after|before|until|because|but|while|then|when|flare\w*|relaps\w*|seen|"
    r"admitted|operat\w+|surgery|started|stopped|now|due|next|will)\b",
    _I,
)


def _is_a_day(text: str, time: TimeExpression) -> bool:
    """A date, a range of dates, or "2 weeks ago"; not a bare length."""
    if time.source == "relative":
        return time.kind == "point" and text[: time.end].lower().endswith("ago")
    return time.source == "explicit" and time.kind in ("point", "duration")


def dated(item: Found, text: str, limit: int | None, times: Sequence[TimeExpression]) -> Found:
    """ "Dexamethasone 6 mg x 10 d for COVID in January", "was given in the ED on 5 June": the date is the drug's."""
    over = value_of(item, "status") in ("given", "had", "completed") or value_of(item, "duration_days") or value_of(item, "count")
    if item.interval is not None or not over or not item.is_followed:
        return item
    stop = min(limit if limit is not None else len(text), item.end + 70)
    told = (t for t in times if item.end <= t.start < stop and _is_a_day(text, t))
    time = next(told, None)
    ago = time is not None and text[: time.end].lower().endswith("ago")
    leads = time is not None and (ago or _DATE_LEAD.search(text, item.end, time.start))
    if time is None or not leads or _ANOTHER_EVENT.search(text, item.end, time.start):
        return item
    return replace(item, interval=time.interval)
