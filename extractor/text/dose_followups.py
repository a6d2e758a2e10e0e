"""A drug with its dose in, the further doses of its sentence out that are written without its name.

"…, 35 mg from 9/12, 30 mg from 9/26", "now 40 mg", "back to her usual 12.5": each is a step of the same drug. An amount
counts only behind words that carry a dose on, so that another medicine's is never taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from extractor.dates import add_days
from extractor.records import DateInterval
from extractor.text.found import Found
from extractor.text.times import TimeExpression

_I = re.IGNORECASE
_AMOUNT = re.compile(
    r"(?<![\d./-])(?P<n>\d{1,3}(?:\.\d{1,2})?)\s?mg(?P<kg>\s?/\s?kg)?(?:\s?/\s?(?:d|day)|\s(?:daily|a day|per day|"
    r"od|qd|om|mane))?(?![\w/%])",
    _I,
)
_BACK = re.compile(
    r"\b(?:back|straight|return(?:ed|s)?) (?:to|on|at|down to)(?: (?:the|her|his|usual|baseline|"
    r"maintenance|home))* (?P<n>\d{1,2}(?:\.\d{1,2})?)(?: ?mg)?(?![\w/%:-]|\.\d)",
    _I,
)
_CARRY = re.compile(
    r"(?P<lead>(?:(?:[,;(–-]|then|now|and|but|back|down|up|to|at|on|of|today|begins?|began|became|becomes|"
    r"starting|remains?|stays?|stayed|reduced|"
    r"decreased|decrease|reduce|increased|raised|lowered|cut|changed|tapered|weaned|dropped|usual|is|was|"
    r"before that|after that|thereafter|"
    r"afterwards|currently|from|his|her|the|dose|daily|→|->|continues?|goes|went|go|straight|this week|only|"
    r"about|again|still|taking|took|given|"
    r"previously|until then)[\s:]{0,3}){1,7})$",
    _I,
)
_STRONG = re.compile(r"\b(?:then|now|back|down|up|to|today|begins?|began|became|becomes|remains?|stays?|stayed|"
                     r"reduced|decreased|increased|raised|lowered|"
                     r"cut|changed|tapered|weaned|dropped|usual|before that|after that|thereafter|afterwards|"
                     r"currently)\b|→|->", _I)  # fmt: skip
_FOLLOWS = re.compile(
    r"\s{0,2}(?:[,.;:)(\]\n–×-]|$|x ?\d|(?:daily|a day|per day|od|om|qd|mane|each (?:day|morning)|every (?:day|"
    r"morning)|for|from|since|until|till|then|today|now|thru|"
    r"through|this (?:week|morning)|over|before|after|but|again|when|alone|total|went|on \d|by \d|and (?:then|"
    r"hold|stay\w*|now|has|is|was|\d)|"
    r"at present|in (?:the morning|\d))\b)",
    _I,
)
_NOT_A_DOSE = re.compile(r"\b(?:by|of about|less than|under|below|above|over|than)\s*$", _I)
_STEPS = 6
NEAR = 40
"""How far, in characters, the first dose may stand from a name that has none: "prednisolone, day 11 (now 40 mg)"."""
LOCAL = frozenset({"topical", "inhaled", "nasal", "eye", "ear", "intra_articular", "intralesional", "rectal"})
LEAST_DENIED = 5.0
"""A smaller number behind "not" is hardly a dose of a day."""
_OF_ONE_STEP = ("duration_days", "status", "count", "frequency", "change", "last_dose", "lasting", "pulse")


def further_doses(doses: Sequence[Found], text: str, limit: int, times: Sequence[TimeExpression], note_date: date) -> list[Found]:
    """`doses`, one drug's mentions in this sentence, and the steps that go on up to `limit`; a dated step ends the one before."""
    first = doses[0]
    out = list(doses)
    if first.unit not in (None, "mg/d", "mg/kg/d") or dict(first.attributes).get("route") in LOCAL:
        return out
    if first.value is None:
        limit = min(limit, max(item.end for item in doses) + NEAR)
    end = max(item.end for item in doses)
    for match, lead in _amounts(text, end, limit, times):
        if match.start() < end or len(out) > _STEPS:
            continue
        listed = not text[end : match.start()].strip(" ,;\n")
        dated = any(match.start() - len(lead) <= t.start and t.end <= match.start() for t in times)
        if not _STRONG.search(lead) and not ((listed or dated) and first.value is not None):
            continue
        time = _time_of(text, match, lead, times, limit)
        step = _step(first, match, time, note_date)
        out[-1] = _until(out[-1], step, time)
        out.append(step)
        end = max(match.end(), time.end if time is not None else 0)
    return [*out, *_denied(first, text, limit, note_date)]


_NEVER = re.compile(
    r"\b(?:never|not|rather than|instead of)\s(?:(?:the|on|at|taking|taken|took)\s){0,2}(?P<n>\d{1,3}(?:\.\d)?)(?:\s?mg)?"
    r"(?!\s?(?:days?|d\b|weeks?|wks?|months?|years?|times|x\b|hours?|hrs?|tabs?|tablets?|doses?|mcg|[gG]\b|%)|[\w/%:]|[.-]\d)",
    _I,
)


def _denied(first: Found, text: str, limit: int, note_date: date) -> Iterable[Found]:
    """ "8 mg daily, never 80": the dose that was written somewhere and is denied."""
    said = _NEVER.search(text, first.end, min(limit, first.end + NEAR)) if first.value is not None else None
    if said is None or float(said["n"]) == first.value or float(said["n"]) < LEAST_DENIED:
        return
    kept = tuple((name, value) for name, value in first.attributes if name not in _OF_ONE_STEP)
    yield replace(
        first, start=said.start("n"), end=said.end(), core=None, value=float(said["n"]), unit="mg/d", attributes=kept,
        sets=("negated",), ignores=("historical",), interval=DateInterval(None, note_date),
    )  # fmt: skip


def _amounts(text: str, start: int, limit: int, times: Sequence[TimeExpression]) -> Iterable[tuple[re.Match[str], str]]:
    """Amounts that the words or the date before them carry on, with these words."""
    found = [(m, _lead(text, start, m.start(), times)) for m in _AMOUNT.finditer(text, start, limit)]
    carried = [(m, lead) for m, lead in found if lead]
    carried += [(m, m[0]) for m in _BACK.finditer(text, start, limit)]
    taken = -1
    for match, lead in sorted(carried, key=lambda pair: (pair[0].end(), pair[0].start())):
        if (
            match.start() >= taken
            and (_FOLLOWS.match(text, match.end()) or any(0 <= t.start - match.end() <= 2 for t in times))
            and not _NOT_A_DOSE.search(text[max(0, match.start() - 16) : match.start()])
        ):
            taken = match.end()
            yield match, lead


def _lead(text: str, start: int, amount: int, times: Sequence[TimeExpression]) -> str:
    """The words right before an amount that carry a dose on, or the day from which it holds ("since 3 Feb 0.75 mg/kg")."""
    words = _CARRY.search(text, max(start, amount - 60), amount)
    if words is not None:
        return words["lead"]
    day = next((t for t in times if start <= t.start and 0 <= amount - t.end <= 3), None)
    since = None if day is None else _SINCE.search(text, max(start, day.start - 12), day.start)
    return "" if since is None or re.search(r"[^\s:=-]", text[day.end : amount] if day else "") else text[since.start() : amount]


_SINCE = re.compile(r"(?:[,;(]|\b(?:and|then|since|from|on))[\s,]{1,2}(?:(?:since|from|on|as of)\s)?$", _I)


def _time_of(text: str, match: re.Match[str], lead: str, times: Sequence[TimeExpression], limit: int) -> TimeExpression | None:
    """The date right behind the amount, or among the words before it."""
    begin = match.start() - len(lead)
    behind = (
        t
        for t in times
        if 0 <= t.start - match.end() <= 10 and t.end <= limit and not re.search(r"[;.]", text[match.end() : t.start])
    )
    return next(behind, None) or next((t for t in times if begin <= t.start and t.end <= match.start()), None)


def _step(first: Found, match: re.Match[str], time: TimeExpression | None, note_date: date) -> Found:
    kept = {name: value for name, value in first.attributes if name not in _OF_ONE_STEP}
    if time is not None and time.duration_days and time.kind == "duration":
        kept["duration_days"] = str(time.duration_days[0])
    value = float(match["n"])
    behind = time.end if time is not None and time.start >= match.end() else 0
    return replace(
        first,
        start=match.start(),
        end=max(match.end(), behind),
        core=None,
        value=value,
        unit="mg/kg/d" if match.groupdict().get("kg") else "mg/d",
        attributes=tuple(sorted((kept | {"step": "later", "dose": f"{value:g} mg"}).items())),
        interval=_lasting(time, note_date),
    )


def _lasting(time: TimeExpression | None, note_date: date) -> DateInterval:
    """From its day on; with none told, that of the note."""
    if time is None or time.interval.earliest is None:
        return DateInterval(note_date, note_date) if time is None else time.interval
    if time.kind == "point" and time.interval.earliest <= note_date:
        return DateInterval(time.interval.earliest, note_date)
    return time.interval


def _until(former: Found, step: Found, time: TimeExpression | None) -> Found:
    """The dose before, ended by the day on which the next begins."""
    when, begins = former.interval, step.interval.earliest if step.interval is not None else None
    if time is None or when is None or begins is None or when.earliest is None or not when.earliest < begins:
        return former
    if (
        when.latest is not None
        and when.latest < begins
        and dict(former.attributes).get("status") != "started"
        and when.earliest != when.latest
    ):
        return former  # its end is told
    return replace(former, interval=DateInterval(when.earliest, add_days(begins, -1)))
