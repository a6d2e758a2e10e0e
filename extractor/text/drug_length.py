"""For how long a drug was taken, where the length does not stand right behind its dose.

"Six months of azathioprine", "on MTX 1 yr", "prednisone 10 mg + hydroxychloroquine, 5 months", "leflunomide 20 mg, first
tablet 2 June". Lengths are whole days; a length that tells how long ago something was is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractor.quantities import WORD_NUMBER, parse_number
from extractor.text.drug_course import value_of, with_values
from extractor.text.found import Found
from extractor.text.times import TimeExpression, length_days, unit_name

_I = re.IGNORECASE
REACH = 70
"""No length is looked for further from its drug, in characters."""
SHORTEST = 28
"""Days from which a length before a steroid is one of its course; a shorter one may be of one step of it."""
_NUMBER = rf"(?:\d{{1,3}}(?:\.\d)?|{WORD_NUMBER}|a)"
_UNIT = r"(?:years?|yrs?|y(?=[\s.,;)]|$)|months?|mths?|mos?|mo|weeks?|wks?)"
_ELSE = (
    r"(?!\s?(?:ago|old|later|off|back|of\sage|before|prior|earlier|post|after|f/?u|follow|review|supply|interval|visit|hx|"
    r"history|gap|apart|wash|without|duration\sof|since|check|labs?|bloods?|script|pack|refill))"
)
_BEHIND = re.compile(
    rf"(?:\s?(?:daily|weekly|once weekly|od|bd|bid|qd|od|/d|/wk|/week|a week|per week|sc|po|s\.c\.))?[,(]?\s?"
    rf"(?:for\s|x\s?|×\s?|~\s?|approx\.?\s|about\s|now\s|total\s|nearly\s|almost\s|over\s|more than\s|>\s?|≥\s?|of\s|-\s|=\s|"
    rf"lasting\s|taken\s|these\s|the (?:last|past)\s)*(?P<n>{_NUMBER})\s?\+?\s?-?(?P<unit>{_UNIT})\b{_ELSE}",
    _I,
)
_DOSE = r"(?:\s?\d+(?:\.\d+)?(?:\s?m?g)?(?:\s(?:bid|bd|qd|od|tid|daily|weekly))?)?"
_JOINED = re.compile(_DOSE + r"\s?(?:\+|&|/|,|and|plus|with|, and|combined with|together with)\s?", _I)
_UNKNOWN_DRUG = re.compile(_DOSE + r"\s?(?:\+|&|and|plus|with)\s?[a-z]{5,20}(?:\s\d+(?:\.\d+)?\s?m?g)?(?=[,(]?\s)", _I)
_LEADS = re.compile(
    r"\s{0,3}(?:(?:of|on|with|the|a|an|course|courses|trial|treatment|therapy|combined|regular|full|dose|full-dose|"
    r"daily|weekly|monthly|oral|her|his|taking|using|continuous|low-dose|low|adequate|both|s\.c\.|sc|tab\.?|inj\.?)\s{1,3}){0,5}$",
    _I,
)
_OF = re.compile(r"\b(?:of|on|with|taking|using)\s", _I)
_FIRST = re.compile(
    r"\bfirst (?:dose|tablet|injection|pill|capsule|shot|tab|week)(?: (?:was|on|taken|given|swallowed|in))*[\s:]{1,2}$", _I
)


def with_length(item: Found, text: str, limit: int | None, times: Sequence[TimeExpression]) -> Found:
    """The drug with the length of its course, and as started where the day of its first dose is told."""
    stop = min(len(text), item.end + REACH) if limit is None else min(limit, item.end + REACH)
    item = _first_dose(item, text, stop, times)
    if value_of(item, "duration_days") or value_of(item, "status") in ("planned", "declined", "allergic") or item.is_spaced:
        return item
    days = _length_before(item, text, times) or _length_behind(item, text, stop)
    return item if days is None else with_values(item, duration_days=str(days))


def share_lengths(found: Sequence[Found], text: str) -> list[Found]:
    """ "Azathioprine and prednisone for 8 months": what is told of the last of a list is told of each."""
    out = list(found)
    for i in range(len(out) - 2, -1, -1):
        item, following = out[i], out[i + 1]
        days = value_of(following, "duration_days")
        alone = item.kind == following.kind == "drug" and not item.is_spaced and not following.is_spaced
        if not alone or days is None or int(days) < SHORTEST or value_of(item, "duration_days") or item.interval is not None:
            continue
        if item.concept != following.concept and _JOINED.fullmatch(text[item.end : following.start]):
            out[i] = replace(with_values(item, duration_days=days), interval=following.interval)
    return out


def _first_dose(item: Found, text: str, stop: int, times: Sequence[TimeExpression]) -> Found:
    time = next((t for t in times if item.named[1] <= t.start < max(stop, item.end)), None)
    if time is None or value_of(item, "status") or not _FIRST.search(text, item.named[1], time.start):
        return item
    return with_values(replace(item, interval=time.interval), status="started")


def _length_before(item: Found, text: str, times: Sequence[TimeExpression]) -> int | None:
    for time in times:
        if not (time.kind == "duration" and time.duration_days and time.source == "relative" and time.start < item.start):
            continue
        gap = text[time.end : item.start]
        if len(gap) > REACH // 2 or not _LEADS.fullmatch(gap) or not _OF.search(text, time.start, item.start):
            continue
        days = time.duration_days[0]
        return days if days >= SHORTEST or not item.is_daily else None
    return None


def _length_behind(item: Found, text: str, stop: int) -> int | None:
    other = _UNKNOWN_DRUG.match(text, item.end, stop)
    said = _BEHIND.match(text, other.end() if other else item.end, stop)
    if said is None:
        return None
    number = parse_number(said["n"]) or 1.0
    return length_days(number, number, unit_name(said["unit"]))[0]
