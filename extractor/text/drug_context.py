"""What a sentence says of a drug beyond its dose: the last one, none since, the next one, where it is listed.

In come the drugs of a sentence as they were found and dosed; out come the same with `last_dose`, the status of a list,
and what goes on without the drug's name (`drug_unnamed.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from extractor.records import DateInterval
from extractor.spec.doses import CourseWords
from extractor.text.dose_followups import further_doses
from extractor.text.drug_course import (
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
from extractor.text.drug_length import share_lengths, with_length
from extractor.text.drug_unnamed import Stretch, going_on, not_given
from extractor.text.found import Found
from extractor.text.times import TimeExpression

_I = re.IGNORECASE
PEAK = "steroid_peak_statement"
_BRAND = re.compile(r"[^()\n.;]{0,16}\(\s?")
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
    leading: str,
    stretch: Stretch,
    section: str,
    title: str,
    times: Sequence[TimeExpression],
    note_date: date,
) -> list[Found]:
    """The drugs of the sentence `text` with what its other words say; `leading` stands before it, `stretch` goes on behind."""
    named = [item for item in found if item.kind == "drug" and not _is_step(item)]
    starts = sorted(item.start for item in named)
    out: list[Found] = []
    previous: Found | None = None
    course: CourseWords | None = None
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
        item = with_length(not_given(item, stretch, limit), text, limit, times)
        if previous is not None and previous.concept == item.concept and _BRAND.fullmatch(text[previous.end : item.start]):
            out = [_like(one, item) if one is previous else one for one in out]
        previous, course = item, item.course or course
        out.append(item)
        out += going_on(replace(item, course=course), stretch, limit)
    return list(_with_followups(share_lengths(out, text), text, starts, times, note_date))


def _with_followups(
    found: Sequence[Found], text: str, starts: Sequence[int], times: Sequence[TimeExpression], note_date: date
) -> Iterable[Found]:
    """The mentions with the further doses of each steroid behind those that were read with it."""
    index = 0
    while index < len(found):
        item, index = found[index], index + 1
        if item.kind != "drug" or not item.is_daily or item.concept == PEAK:
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
    if not item.is_spaced or item.interval is not None or value_of(item, "duration_days"):
        return item
    line = text[text.rfind("\n", 0, item.start) + 1 : item.start]
    return with_values(item, status="current") if section == "medications" or _MEDICINES.match(line) else item
