"""What a sentence says of a drug beyond its dose: the last one, none since, the next one, where it is listed.

In come the drugs of a sentence as they were found and dosed; out come the same with `last_dose`, the status of a list,
and the mentions that go on without the drug's name ("none since", "next 1/27").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from extractor.records import DateInterval
from extractor.text.dose_followups import further_doses
from extractor.text.drug_course import (
    ACT,
    ANTIBODY,
    STEROID,
    begun,
    dated,
    doubted,
    given_in_stay,
    off,
    stopped,
    value_of,
    with_last,
    with_values,
)  # fmt: skip
from extractor.text.found import Found
from extractor.text.times import TimeExpression

_I = re.IGNORECASE
PEAK = "steroid_peak_statement"
_BRAND = re.compile(r"[^()\n.;]{0,16}\(\s?")
_NONE_SINCE = re.compile(
    r"[\s,;.:)(–-]{1,4}(?P<said>(?:but |and )?(?:none|nothing|nil|no more|no further(?: {act})?|"
    r"no others?)(?: (?:other|others|else|further|more))?"
    r"(?: (?:given|taken|needed|required|used))?,?(?: (?:since(?: then)?|after(?:wards)?(?: that)?|thereafter|"
    r"subsequently|now|ever|"
    r"before or since|at present|currently))+)(?!\s(?:the|last|his|her|\d))".replace("{act}", ACT),
    _I,
)
_AHEAD = re.compile(
    rf"(?:(?:the )?(?:next|second|2nd|third|3rd|repeat|following|#\s?\d)(?: {ACT})?|due|booked|scheduled|"
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
    found: Sequence[Found],
    text: str,
    around: tuple[str, str],
    section: str,
    title: str,
    times: Sequence[TimeExpression],
    note_date: date,
) -> list[Found]:
    """The drugs of the sentence `text` with what its other words say; `around` is the text right before and behind it."""
    leading, following = around
    named = [item for item in found if item.kind == "drug" and not _is_step(item)]
    starts = sorted(item.start for item in named)
    out: list[Found] = []
    previous: Found | None = None
    for item in found:
        if item.kind != "drug" or _is_step(item) or item.concept == PEAK:
            if item.concept != PEAK:
                out.append(item)
            elif _is_of_a_steroid(item, leading + text[: item.start], text):
                out.append(_with_reach(replace(item, unit=_daily_unit(item.unit)), text, times, note_date))
            continue
        limit = next((start for start in starts if start >= item.end), None)
        item = _excepted(_in_list(item, previous, text), text)
        item = dated(with_last(item, text, limit, times), text, limit, times)
        item = stopped(begun(off(item, text, times), text, times, note_date), text, limit, times)
        item = _placed(doubted(given_in_stay(item, text, title), text, limit), text, section)
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
        if item.kind != "drug" or STEROID not in item.classes or item.concept == PEAK:
            yield item
            continue
        doses = [item]
        while index < len(found) and found[index].concept == item.concept and _is_step(found[index]):
            doses.append(found[index])
            index += 1
        limit = next((start for start in starts if start >= item.end), len(text))
        yield from further_doses(doses, text, limit, times, note_date)


_STEROID_WORD = re.compile(r"(?:pred|PSL|PDN|PDL|steroid|cort|medrol|dexameth|IVMP|pulse|GCs?\b|wysolone|medisone)\w*", _I)
_OTHER_DOSE = re.compile(
    r"(?!(?:dose|doses|daily|about|taking|took|then|with|from|mane|currently|reduced|increased|usual|than|above|over)\b)"
    r"\b[A-Za-z]{4,}[ ,:-]{1,3}\d+(?:\.\d+)? ?m?c?g\b",
    _I,
)


def _is_of_a_steroid(item: Found, before: str, text: str) -> bool:
    """Whether a highest dose is a steroid's: it says so, or a steroid was the last medicine spoken of."""
    if _STEROID_WORD.search(text, item.start, item.end):
        return True
    words = list(_STEROID_WORD.finditer(before))
    return bool(words) and _OTHER_DOSE.search(before, words[-1].end()) is None


def _with_reach(item: Found, text: str, times: Sequence[TimeExpression], note_date: date) -> Found:
    """A highest dose holds for all of its time: "nothing above 15 mg since the last pulse on 2/25" up to the note."""
    time = next((t for t in times if item.start <= t.start < item.end + 4 and t.interval.earliest is not None), None)
    if time is None:
        return item
    is_open = time.kind == "point" and re.search(r"\bsince\b", text[item.start : time.start], _I) is not None
    interval = DateInterval(time.interval.earliest, note_date) if is_open else time.interval
    return with_values(replace(item, interval=interval), lasting="yes")


def _daily_unit(written: str | None) -> str | None:
    """A highest dose is one of a day."""
    return None if written is None else "mg/kg/d" if "kg" in written.lower() else "mg/d"


def _is_step(item: Found) -> bool:
    return any(name == "step" for name, _ in item.attributes)


def _like(first: Found, second: Found) -> Found:
    """ "tocilizumab (RoActemra 162 mg) was paused": the name before the brackets shares what is said behind them."""
    status = value_of(second, "status")
    return with_values(first, status=status) if status and value_of(first, "status") is None else first


def _in_list(item: Found, previous: Found | None, text: str) -> Found:
    """ "Failed infliximab, adalimumab": the second shares the word that stands before the first."""
    if previous is None or value_of(item, "status") or item.interval is not None or previous.concept == item.concept:
        return item
    status = value_of(previous, "status")
    if status not in _SHARED_FORWARD or not _LISTED.fullmatch(text[previous.end : item.start]):
        return item
    return with_values(item, status=status)


def _excepted(item: Found, text: str) -> Found:
    """A dose excepted from a denial is over, where nothing says that it goes on."""
    said = any(value_of(item, name) for name in ("frequency", "duration_days", "status"))
    if said or item.value is None or not _EXCEPTED.search(text[max(0, item.start - 50) : item.start]):
        return item
    return with_values(item, frequency="once")


def _placed(item: Found, text: str, section: str) -> Found:
    """A drug without a word of its use, in a list of allergies or of medicines."""
    if value_of(item, "status") or item.sets:
        return item
    if section == "allergies":
        return with_values(item, status="allergic")
    if ANTIBODY not in item.classes or item.interval is not None or value_of(item, "duration_days"):
        return item
    line = text[text.rfind("\n", 0, item.start) + 1 : item.start]
    return with_values(item, status="current") if section == "medications" or _MEDICINES.match(line) else item


def _known_end(item: Found, times: Sequence[TimeExpression], stop: int, note_date: date) -> date | None:
    """The last day told of the drug before `stop`, where it is not after the note."""
    days = [time.interval.latest for time in times if item.named[0] <= time.start < stop]
    days += [item.interval.latest] if item.interval is not None else []
    return max((day for day in days if day is not None and day <= note_date), default=None)


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
