"""What a sentence says of a drug beyond its dose: the last one, none since, the next one, where it is listed.

In come the drugs of a sentence as they were found and dosed; out come the same with `last_dose`, the status of a list,
and the mentions that go on without the drug's name ("none since", "next 1/27").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from extractor.dates import add_days, days_between
from extractor.records import DateInterval
from extractor.text.dose_followups import further_doses
from extractor.text.found import Found
from extractor.text.times import TimeExpression

_I = re.IGNORECASE
ANTIBODY, STEROID, PEAK = "monoclonal_antibody", "glucocorticoid", "steroid_peak_statement"
_ACT = (
    r"(?:doses?|infusions?|inf\.?|injections?|inj\.?|shots?|drips?|administrations?|jabs?|courses?|"
    r"treatments?|cycles?|pens?|ones?)"
)
_LAST_BEFORE = re.compile(
    rf"\b(?:last|latest|most recent|final)(?: known| home)?(?: {_ACT})?(?: (?:of|was|with|for|given|had|received|"
    rf"on))?(?: (?:the|his|her|a))?\s{{0,3}}$",
    _I,
)
_LAST_AFTER = re.compile(
    rf"^[^.;\n]{{0,40}}?\b(?:was|being|is) (?:the|her|his|their) (?:last|final|most recent)\b|"
    rf"^\s{{0,2}}\(?(?:last|final)(?: {_ACT})?\b",
    _I,
)
_NONE_SINCE = re.compile(
    r"[\s,;.:)(–-]{1,4}(?P<said>(?:but |and )?(?:none|nothing|nil|no more|no further(?: {act})?|"
    r"no others?)(?: (?:other|others|else|further|more))?"
    r"(?: (?:given|taken|needed|required|used))?,?(?: (?:since(?: then)?|after(?:wards)?(?: that)?|thereafter|"
    r"subsequently|now|ever|"
    r"before or since|at present|currently))+)(?!\s(?:the|last|his|her|\d))".replace("{act}", _ACT),
    _I,
)
_AHEAD = re.compile(
    rf"(?:(?:the )?(?:next|second|2nd|third|3rd|repeat|following|#\s?\d)(?: {_ACT})?|due|booked|scheduled|"
    rf"planned|pencilled|arranged)\b"
    r"[\s:,]{0,2}(?:(?:is|was|due|booked|scheduled|planned|pencilled in|pencilled|arranged|expected|for|on|in|"
    r"at)[\s:]{0,2}){0,3}$",
    _I,
)
_LISTED = re.compile(
    r"\s{0,3}(?:,|/|;|&|\+|and|or|then|and then|, and|, then|followed by|"
    r"as well as)\s{1,3}(?:the\s)?$",
    _I,
)
_EXCEPTED = re.compile(
    r"\b(?:apart from|except(?:ing|ed)?(?: for)?|other than|save for|aside from|besides|barring|bar)"
    r"(?:\s(?:for|the|a|an|one|single|that|her|his|short))*\s$",
    _I,
)
""" "None since May apart from the 5 mg dexamethasone": what is excepted from a denial was a single dose."""
_MEDICINES = re.compile(
    r"^\s{0,12}(?:[-*•]\s?)?(?:(?:current|home|present|regular|usual|active|outpatient|discharge|admission|repeat)\s)?"
    r"(?:meds?|medications?|medicines?|DHx?|TTOs?|prescriptions?|drug (?:history|list))\b[^.;\n]{0,30}?(?::|"
    r"\s{2,}|\s[-–]\s)",
    _I,
)
_SHARED_FORWARD = frozenset(
    {"had", "given", "failed", "stopped", "current", "declined", "allergic", "completed", "planned", "held"}
)


def with_context(
    found: Sequence[Found], text: str, following: str, section: str, times: Sequence[TimeExpression], note_date: date
) -> list[Found]:
    """The drugs of the sentence `text` with what its other words say; `following` is the text right behind it."""
    named = [item for item in found if item.kind == "drug" and not _is_step(item)]
    starts = sorted(item.start for item in named)
    out: list[Found] = []
    previous: Found | None = None
    for item in found:
        if item.kind != "drug" or _is_step(item) or item.concept == PEAK:
            out.append(replace(item, unit=_daily_unit(item.unit)) if item.concept == PEAK else item)
            continue
        limit = next((start for start in starts if start >= item.end), None)
        item = _excepted(_in_list(item, previous, text), text)
        item = _with_last(item, text, limit, times)
        item = _stopped(_begun(_off(item, text, times), text, times, note_date), text, limit, times)
        item = _placed(_doubted(item, text, limit), text, section)
        if (
            previous is not None
            and previous.concept == item.concept
            and _BRAND.fullmatch(text[previous.end : item.start])
        ):
            out = [_like(one, item) if one is previous else one for one in out]
        previous = item
        out.append(item)
        out += _going_on(item, text, following, limit, times, note_date)
    return list(_with_followups(out, text, starts, times, note_date))


def _with_followups(
    found: Sequence[Found], text: str, starts: Sequence[int], times: Sequence[TimeExpression], note_date: date
) -> Iterable[Found]:
    """The mentions with the further doses of each steroid behind those that were read with it."""
    index = 0
    while index < len(found):
        item, index = found[index], index + 1
        if item.kind != "drug" or STEROID not in item.classes or item.value is None or item.concept == PEAK:
            yield item
            continue
        doses = [item]
        while index < len(found) and found[index].concept == item.concept and _is_step(found[index]):
            doses.append(found[index])
            index += 1
        limit = next((start for start in starts if start >= item.end), len(text))
        yield from further_doses(doses, text, limit, times, note_date)


def _daily_unit(written: str | None) -> str | None:
    """A highest dose is one of a day."""
    return None if written is None else "mg/kg/d" if "kg" in written.lower() else "mg/d"


def _is_step(item: Found) -> bool:
    return any(name == "step" for name, _ in item.attributes)


def _value(item: Found, name: str) -> str | None:
    return next((value for key, value in item.attributes if key == name), None)


def _with(item: Found, **values: str) -> Found:
    return replace(item, attributes=tuple(sorted((dict(item.attributes) | values).items())))


_BRAND = re.compile(r"[^()\n.;]{0,16}\(\s?")
_LAST_DATED = re.compile(
    rf"\b(?:last|latest|most recent|final)(?: {_ACT})?(?: (?:was|on|given|being|received|"
    rf"taken|had|in|at|about|around|sometime)){{0,3}}[\s:(]{{1,3}}$",
    _I,
)
_INTERVAL_TO = re.compile(r",?\s(?P<n>\d{1,3})\s(?P<unit>days?|weeks?)\s(?:on|at|by|as of|to)\s$", _I)
_SINCE_IT = re.compile(r"\b(?:interval|washout|time|gap)\s(?:from|since|of|for)\s(?:the\s|last\s)*$", _I)
_STOP = re.compile(r"\b(?:stopped|discontinued|ceased|withdrawn|suspended|ended|finished|given up)\b", _I)
_DOUBT = re.compile(
    r"\b(?:not\ssure|unsure|unclear|uncertain|not\s(?:known|clear|certain)|unknown|could\snot\ssay|"
    r"cannot\ssay)\s(?:if|whether)\s[^.;\n]{0,24}?"
    r"\b(?:given|taken|took|injected|administered|infused|received|used|had)\b",
    _I,
)


def _like(first: Found, second: Found) -> Found:
    """ "tocilizumab (RoActemra 162 mg) was paused": the name before the brackets shares what is said behind them."""
    status = _value(second, "status")
    return _with(first, status=status) if status and _value(first, "status") is None else first


def _with_last(item: Found, text: str, limit: int | None, times: Sequence[TimeExpression]) -> Found:
    """ "Last Remicade 3 May", "tocilizumab 28/07/24 was the final dose": the date is that of the last dose."""
    item = _counted_back(item, text, times)
    before = text[max(0, item.start - 60) : item.start]
    core_start, stop = item.named[0], limit if limit is not None else item.end + 90
    led = _LAST_BEFORE.search(before) or _LAST_BEFORE.search(text[max(0, core_start - 60) : core_start])
    told = bool(led or _LAST_AFTER.search(text[item.end : min(stop, item.end + 60)]) or _value(item, "last_dose"))
    dated = None if told or ANTIBODY not in item.classes else _last_dated(text, item.named[1], stop, times)
    if dated is not None and "\n\n" not in text[item.end : dated.start]:
        item, told = replace(item, interval=dated.interval), True
    if not told:
        return item
    kept = tuple(pair for pair in item.attributes if pair != ("status", "planned"))  # "last given 10 Jan, due July"
    return _with(replace(item, attributes=kept), last_dose="yes")


def _last_dated(text: str, start: int, stop: int, times: Sequence[TimeExpression]) -> TimeExpression | None:
    """The first date between `start` and `stop` that a word for the last dose leads to."""
    return next((t for t in times if start < t.start <= stop and _LAST_DATED.search(text, start, t.start)), None)


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
            return _with(replace(item, interval=DateInterval(day, day)), last_dose="yes")
    return item


_DAYS = re.compile(r"(?<![\d/])(?P<first>\d{1,2})\s?[-–]\s?(?P<last>\d{1,2})[/.]\d{1,2}\b")


def _begun(item: Found, text: str, times: Sequence[TimeExpression], note_date: date) -> Found:
    """ "Start prednisone 60 mg (25-31/7)" in a note of 27/7 has begun; days listed are all days of the drug."""
    beside = (time.interval for time in times if 0 <= time.start - item.end <= 6 and time.kind == "point")
    when = item.interval or next(beside, None)
    if STEROID not in item.classes or when is None or when.earliest is None or when.latest is None:
        return item
    days = _DAYS.search(text, item.start, min(len(text), item.end + 20))
    first, last = when.earliest, when.latest
    if days is not None and first == last and int(days["last"]) == last.day > int(days["first"]) > 0:
        first = last.replace(day=int(days["first"]))
        item = replace(item, interval=DateInterval(first, last))
    if _value(item, "status") == "planned" and first <= note_date and first != last:
        item = _with(replace(item, ignores=(*item.ignores, "hypothetical")), status="started")
    if 1 <= days_between(first, last) <= 9 and re.search(r"\d\.?,\s?\d", text[item.start : item.end]):
        item = _with(item, lasting="yes")
    return item


def _stopped(item: Found, text: str, limit: int | None, times: Sequence[TimeExpression]) -> Found:
    """ "Added in 02/2024 and stopped sometime in September": an antibody's last word is its stop."""
    runs = _value(item, "status") in ("started", "given", "had", "current")
    if ANTIBODY not in item.classes or not runs or _value(item, "last_dose"):
        return item
    stop = min(limit if limit is not None else len(text), item.end + 120)
    said = _STOP.search(text, item.end, stop)
    if said is None or re.search(r"[;\n]\s|\.\s|\bnot\b|\bwill\b", text[item.end : said.start()]):
        return item
    time = next((t for t in times if said.end() <= t.start <= min(stop, said.end() + 50)), None)
    item = _with(item, status="stopped")
    return item if time is None else replace(item, interval=time.interval)


def _doubted(item: Found, text: str, limit: int | None) -> Found:
    """ "(bill shows adalimumab, 1 vial); relatives not sure whether it was given"."""
    if not {ANTIBODY, STEROID} & set(item.classes):
        return item
    stop = limit if limit is not None else len(text)
    return (
        replace(item, sets=(*item.sets, "uncertain"))
        if _DOUBT.search(text, item.end, min(stop, item.end + 120))
        else item
    )


_OFF_BEFORE = re.compile(r"\b(?:off|free (?:of|from))(?: all| any| the| her| his| oral| systemic| of)*\s{1,2}$", _I)

_MUST = re.compile(
    r"\b(?:must|should|needs? to|has to|have to|required to|to) be\s$|\b(?:go|come|going|coming|"
    r"get|getting|wean|taper)(?:ing|ed)?\s$",
    _I,
)
_EXCEPT = re.compile(
    r"^[^.;\n]{0,12}?\b(?:apart from|other than|except(?:ing)?(?: for)?|besides|save for|but for)\s", _I
)


def _off(item: Found, text: str, times: Sequence[TimeExpression]) -> Found:
    """ "22 months off prednisone", "off steroids since 2022" deny the drug for these months; of an antibody they tell
    when it was stopped. "Not on prednisone apart from …" denies the rest only."""
    if _EXCEPT.match(text[item.end : item.end + 40]):
        return _with(item, scope="other")
    off = _OFF_BEFORE.search(text[max(0, item.start - 40) : item.start])
    if off is None:
        return item
    begin = max(0, item.start - 40) + off.start()
    if _MUST.search(text[max(0, begin - 20) : begin]):
        return replace(item, sets=(*item.sets, "hypothetical"))
    time = next(
        (t for t in times if item.start <= t.start and t.start - item.end <= 12 and t.kind in ("since", "duration")),
        None,
    )
    time = time or next((t for t in times if 0 <= begin - t.end <= 2 or t.start <= begin < t.end), None)
    if time is None or STEROID not in item.classes and item.concept != "biologic":
        return item
    return replace(item, sets=("negated",), ignores=("historical",), interval=time.interval)


def _in_list(item: Found, previous: Found | None, text: str) -> Found:
    """ "Failed infliximab, adalimumab": the second shares the word that stands before the first."""
    if previous is None or _value(item, "status") or item.interval is not None or previous.concept == item.concept:
        return item
    status = _value(previous, "status")
    if status not in _SHARED_FORWARD or not _LISTED.fullmatch(text[previous.end : item.start]):
        return item
    return _with(item, status=status)


def _excepted(item: Found, text: str) -> Found:
    """A dose excepted from a denial is over, where nothing says that it goes on."""
    said = any(_value(item, name) for name in ("frequency", "duration_days", "status"))
    if said or item.value is None or not _EXCEPTED.search(text[max(0, item.start - 50) : item.start]):
        return item
    return _with(item, frequency="once")


def _placed(item: Found, text: str, section: str) -> Found:
    """A drug without a word of its use, in a list of allergies or of medicines."""
    if _value(item, "status") or item.sets:
        return item
    if section == "allergies":
        return _with(item, status="allergic")
    if ANTIBODY not in item.classes or item.interval is not None or _value(item, "duration_days"):
        return item
    line = text[text.rfind("\n", 0, item.start) + 1 : item.start]
    return _with(item, status="current") if section == "medications" or _MEDICINES.match(line) else item


def _going_on(
    item: Found, text: str, following: str, limit: int | None, times: Sequence[TimeExpression], note_date: date
) -> Iterable[Found]:
    """ "…, none since" and "next 1/27": said of the drug without its name."""
    if not {ANTIBODY, STEROID} & set(item.classes):
        return
    end = len(text) if limit is None else limit
    tail = text[item.end : end] + ("" if limit is not None else following[:40])
    none = _NONE_SINCE.search(tail[:100])
    if none is not None and "\n\n" not in tail[: none.start()]:
        begin = (
            item.interval.latest
            if item.interval and item.interval.latest and item.interval.latest <= note_date
            else None
        )
        word = "biologic" if ANTIBODY in item.classes else "corticosteroid"
        start, stop = item.end + none.start("said"), item.end + none.end("said")
        yield Found(
            start, stop, word, "drug", () if ANTIBODY in item.classes else (STEROID,),
            ignores=("historical",), sets=("negated",), attributes=(("scope", "other"),) if ANTIBODY in item.classes else (),
            interval=DateInterval(begin, note_date),
        )  # fmt: skip
    if ANTIBODY not in item.classes:
        return
    for time in times:
        if not item.end <= time.start < end or time.interval.earliest is None or time.interval.earliest <= note_date:
            continue
        ahead = _AHEAD.search(text, item.end, time.start)
        if ahead is not None:
            yield Found(
                ahead.start(), time.end, item.concept, "drug", item.classes, sets=("hypothetical",),
                attributes=(("status", "planned"),), interval=time.interval,
            )  # fmt: skip
            return
