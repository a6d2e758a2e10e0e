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
from extractor.text.found import Found
from extractor.text.times import TimeExpression

_I = re.IGNORECASE
ANTIBODY, STEROID = "monoclonal_antibody", "glucocorticoid"
_ACT = r"(?:doses?|infusions?|inf\.?|injections?|inj\.?|shots?|drips?|administrations?|jabs?|courses?|treatments?|cycles?|pens?|ones?)"
_LAST_BEFORE = re.compile(
    rf"\b(?:last|latest|most recent|final)(?: known| home)?(?: {_ACT})?(?: (?:of|was|with|for|given|had|received|on))?(?: (?:the|his|her|a))?\s{{0,3}}$",
    _I,
)
_LAST_AFTER = re.compile(
    rf"^[^.;\n]{{0,40}}?\b(?:was|being|is) (?:the|her|his|their) (?:last|final|most recent)\b|^\s{{0,2}}\(?(?:last|final)(?: {_ACT})?\b",
    _I,
)
_NONE_SINCE = re.compile(
    r"[\s,;.:)(–-]{1,4}(?P<said>(?:but |and )?(?:none|nothing|nil|no more|no further(?: {act})?|no others?)(?: (?:other|others|else|further|more))?"
    r"(?: (?:given|taken|needed|required|used))?,?(?: (?:since(?: then)?|after(?:wards)?(?: that)?|thereafter|subsequently|now|ever|"
    r"before or since|at present|currently))+)(?!\s(?:the|last|his|her|\d))".replace("{act}", _ACT),
    _I,
)
_AHEAD = re.compile(
    rf"(?:(?:the )?(?:next|second|2nd|third|3rd|repeat|following|#\s?\d)(?: {_ACT})?|due|booked|scheduled|planned|pencilled|arranged)\b"
    r"[\s:,]{0,2}(?:(?:is|was|due|booked|scheduled|planned|pencilled in|pencilled|arranged|expected|for|on|in|at)[\s:]{0,2}){0,3}$",
    _I,
)
_LISTED = re.compile(r"\s{0,3}(?:,|/|;|&|\+|and|or|then|and then|, and|, then|followed by|as well as)\s{1,3}(?:the\s)?$", _I)
_MEDICINES = re.compile(
    r"^\s{0,12}(?:[-*•]\s?)?(?:(?:current|home|present|regular|usual|active|outpatient|discharge|admission|repeat)\s)?"
    r"(?:meds?|medications?|medicines?|DHx?|TTOs?|prescriptions?|drug (?:history|list))\b[^.;\n]{0,30}?(?::|\s{2,}|\s[-–]\s)",
    _I,
)
_SHARED_FORWARD = frozenset({"had", "given", "failed", "stopped", "current", "declined", "allergic", "completed", "planned", "held"})


def with_context(
    found: Sequence[Found], text: str, following: str, section: str, times: Sequence[TimeExpression], note_date: date
) -> list[Found]:
    """The drugs of the sentence `text` with what its other words say; `following` is the text right behind it."""
    named = [item for item in found if item.kind == "drug" and not _is_step(item)]
    starts = sorted(item.start for item in named)
    out: list[Found] = []
    previous: Found | None = None
    for item in found:
        if item.kind != "drug" or _is_step(item):
            out.append(item)
            continue
        limit = next((start for start in starts if start >= item.end), None)
        item = _in_list(item, previous, text)
        item = _placed(_with_last(item, text, limit), text, section)
        previous = item
        out.append(item)
        out += _going_on(item, text, following, limit, times, note_date)
    return out


def _is_step(item: Found) -> bool:
    return any(name == "step" for name, _ in item.attributes)


def _value(item: Found, name: str) -> str | None:
    return next((value for key, value in item.attributes if key == name), None)


def _with(item: Found, **values: str) -> Found:
    return replace(item, attributes=tuple(sorted((dict(item.attributes) | values).items())))


def _with_last(item: Found, text: str, limit: int | None) -> Found:
    """ "Last Remicade 3 May", "tocilizumab 28/07/24 was the final dose": the date is that of the last dose."""
    before = text[max(0, item.start - 60) : item.start]
    core_start = item.named[0]
    led = _LAST_BEFORE.search(before) or _LAST_BEFORE.search(text[max(0, core_start - 60) : core_start])
    told = led or _LAST_AFTER.search(text[item.end : limit if limit is not None else item.end + 60])
    if not told and _value(item, "last_dose") is None:
        return item
    kept = tuple(pair for pair in item.attributes if pair != ("status", "planned"))  # "last given 10 Jan, due July"
    return _with(replace(item, attributes=kept), last_dose="yes")


def _in_list(item: Found, previous: Found | None, text: str) -> Found:
    """ "Failed infliximab, adalimumab": the second shares the word that stands before the first."""
    if previous is None or _value(item, "status") or item.interval is not None or previous.concept == item.concept:
        return item
    status = _value(previous, "status")
    if status not in _SHARED_FORWARD or not _LISTED.fullmatch(text[previous.end : item.start]):
        return item
    return _with(item, status=status)


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
        begin = item.interval.latest if item.interval and item.interval.latest and item.interval.latest <= note_date else None
        word = "biologic" if ANTIBODY in item.classes else "corticosteroid"
        yield Found(
            item.end + none.start("said"), item.end + none.end("said"), word, "drug", () if ANTIBODY in item.classes else (STEROID,),
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
