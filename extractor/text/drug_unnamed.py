"""What is said of a drug without its name, behind it: "none since", "next 1/27", "Last dose was 5/30", "NOT given today".

In come a drug of a sentence and the text from that sentence on; out come further mentions of the drug, or of a word for
all of its class, with their own dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from extractor.records import DateInterval
from extractor.text.drug_course import ACT, LAST_DATED, value_of, with_values
from extractor.text.found import Found
from extractor.text.times import TimeExpression

_I = re.IGNORECASE
_SEPARATED = r"[\s,;.:)(–-]{1,4}"
_AT_ALL = r"(?:but |and )?(?:none|nothing|nil|no more|no further(?: {act})?|no others?)(?: (?:other|others|else|further|more))?"
_NONE_SINCE = re.compile(
    rf"{_SEPARATED}(?P<said>{_AT_ALL}(?: (?:given|taken|needed|required|used))?,?(?: (?:since(?: then)?|after(?:wards)?"
    r"(?: that)?|thereafter|subsequently|now|ever|before or since|at present|currently|recently))+)"
    r"(?!\s(?:the|last|his|her|\d))".replace("{act}", ACT),
    _I,
)
_NONE_IN = re.compile(
    rf"{_SEPARATED}(?P<said>{_AT_ALL}(?: (?:given|taken|needed|required|used))? "
    r"(?:in|over|within|during|for|since|throughout) )".replace("{act}", ACT),
    _I,
)
""" "None in the last 3 years": a time follows, which says how far the denial reaches."""
_AHEAD = re.compile(
    rf"(?:(?:the )?(?:next|second|2nd|third|3rd|repeat|following|#\s?\d)(?: {ACT})?|due|booked|scheduled|"
    rf"planned|pencilled|arranged)\b"
    r"[\s:,]{0,2}(?:(?:is|was|due|booked|scheduled|planned|pencilled in|pencilled|arranged|expected|for|on|in|"
    r"at)[\s:]{0,2}){0,3}$",
    _I,
)
_ANOTHER_DRUG = re.compile(
    r"\b(?:start\w*|switch\w*|chang\w+|began|commenced|restart\w*|now on|then|vaccin\w*|booster|"
    r"[a-z]{3,}(?:mab|cept|nib|kinra))\b",
    _I,
)
_NOT_GIVEN = re.compile(
    r"(?:^|[.:;,)–-]\s{0,2}|\n)(?:(?:therefore|so|hence|thus|today'?s?) )?"
    r"(?:(?:the |today'?s? |this )?(?:infusion|dose|injection|it) )?"
    r"(?:(?:was |were |has been |is )?(?:therefore )?not (?:given|administered|infused|injected)\b"
    r"|(?<=infusion )(?:deferred|postponed|cancelled|canceled|withheld|held|abandoned|omitted)\b"
    r"|(?<=dose )(?:deferred|postponed|cancelled|canceled|withheld|held|omitted)\b)",
    _I,
)
_UNDECIDED = (None, "current", "given", "started", "planned")
FOLLOWING = 160
"""How far, in characters, behind its sentence a drug may be spoken of without its name."""
GIVEN_OR_NOT = 110


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence with what follows it: `text` holds both, `length` is the sentence's; `times` are those of both."""

    text: str
    length: int
    times: Sequence[TimeExpression]
    note_date: date


def not_given(item: Found, stretch: Stretch, limit: int | None) -> Found:
    """ "Attended for infliximab #3. Temp 38.4: NOT given today": the drug was held."""
    if not item.is_spaced or limit is not None or value_of(item, "status") not in _UNDECIDED or value_of(item, "last_dose"):
        return item
    said = _NOT_GIVEN.search(stretch.text, item.end, min(len(stretch.text), item.end + GIVEN_OR_NOT))
    between = stretch.text[item.end : said.start()] if said is not None else ""
    if said is None or "\n\n" in between or _ANOTHER_DRUG.search(between):
        return item
    return with_values(item, status="held")


def going_on(item: Found, stretch: Stretch, limit: int | None) -> Iterable[Found]:
    """The further mentions up to `limit`, where the next drug of the sentence begins."""
    if item.course is None:
        return
    yield from _none_since(item, stretch, limit)
    if item.is_spaced:
        yield from _next_dose(item, stretch, stretch.length if limit is None else limit)
        yield from _last_dose(item, stretch, limit)


def _none_since(item: Found, stretch: Stretch, limit: int | None) -> Iterable[Found]:
    course, text = item.course, stretch.text
    none = _said(_NONE_SINCE, item, stretch, limit)
    began = item.interval.latest if item.interval is not None else None
    began = began if began is not None and began <= stretch.note_date else None
    interval = DateInterval(began, stretch.note_date)
    stop = none.end("said") if none is not None else 0
    if none is None:
        none = _said(_NONE_IN, item, stretch, limit)
        near = (t for t in stretch.times if none is not None and none.end() - 12 <= t.start <= none.end() + 1)
        time = next(near, None)
        if none is None or time is None:
            return
        interval, stop = DateInterval(time.interval.earliest, stretch.note_date), time.end
    answers = item.concept == (course.unnamed if course else None) and text[item.end : none.start("said")].strip() == ":"
    if course is None or answers or "\n\n" in text[item.end : none.start()]:
        return
    yield Found(
        none.start("said"), stop, course.unnamed, "drug", course.unnamed_classes, ignores=("historical",), sets=("negated",),
        attributes=(("scope", "other"),) if item.is_spaced and interval.earliest == began and began else (), interval=interval,
    )  # fmt: skip


def _said(pattern: re.Pattern[str], item: Found, stretch: Stretch, limit: int | None) -> re.Match[str] | None:
    """The words anywhere behind the drug in its sentence, or at the very beginning of the next."""
    end = min(item.end + 100, len(stretch.text) if limit is None else limit)
    found = pattern.search(stretch.text, item.end, min(end, stretch.length))
    if found is not None or limit is not None:
        return found
    return pattern.match(stretch.text, max(item.end, stretch.length - 2), end) or pattern.match(
        stretch.text, max(item.end, stretch.length - 1), end
    )


def _next_dose(item: Found, stretch: Stretch, end: int) -> Iterable[Found]:
    for time in stretch.times:
        if not item.end <= time.start < end or time.interval.earliest is None or time.interval.earliest <= stretch.note_date:
            continue
        ahead = _AHEAD.search(stretch.text, item.end, time.start)
        if ahead is not None:
            yield Found(
                ahead.start(), time.end, item.concept, "drug", item.classes, sets=("hypothetical",),
                attributes=(("status", "planned"),), interval=time.interval, course=item.course,
            )  # fmt: skip
            return


def _last_dose(item: Found, stretch: Stretch, limit: int | None) -> Iterable[Found]:
    """ "…, last jab 9 days ago", "Off it now. Last dose was 5/30": a mention by itself, dated by its own words."""
    stop = len(stretch.text) if limit is None else limit
    for time in stretch.times:
        if not item.end < time.start < stop:
            continue
        said = LAST_DATED.search(stretch.text, item.end, time.start)
        latest = time.interval.latest
        if said is None or latest is None or latest > stretch.note_date:
            continue
        between = stretch.text[item.end : said.start()]
        if "\n\n" in between or _ANOTHER_DRUG.search(between):
            return
        yield Found(
            said.start(), time.end, item.concept, "drug", item.classes, ignores=("historical", "negated"),
            attributes=(("last_dose", "yes"), ("status", "given")), interval=time.interval, course=item.course,
        )  # fmt: skip
        return
