"""Mentions and time expressions of one sentence in, the time that belongs to a mention out.

A time goes to the mention that it follows most closely within its clause, to all members of a list before it, or,
where it opens the clause ("In 2019 …"), to what comes after it. A mention with none takes the date of its table or
section heading, and then what tense says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from extractor.dates import on
from extractor.records import DateInterval, DateSource
from extractor.text.times import TimeExpression

Span = tuple[int, int]

_STRONG_BREAK = re.compile(
    r";|\.\s|\bbut\b|\bwhereas\b|\bwhile\b|\bhowever\b|\balthough\b|\n\s*\n|\n\s*(?:[-*•]|\d{1,2}[.)])\s",
    re.I,
)
_VERB_BREAK = re.compile(
    r"\b(?:and|then)\s+(?:was|were|is|has|had|started|stopped|developed|underwent|received|switched|now)\b",
    re.I,
)
_LIST_ONLY = re.compile(
    r"[\s,/&+]|\band\b|\bor\b|\bwith\b|\bw/|\bplus\b|\b(?:oral|orally|iv|intravenous|po|course|the|a|an|his|her|left|right|bilateral|"
    r"both|recurrent|of|no|nor|any kind|any sort|any|not been|not)\b",
    re.I,
)
_OPENS = re.compile(
    r"(?:^|[.;:]\s{0,3}|\n\s{0,8}|,\s{0,2}(?:and\s)?)(?:[-*•]\s?)?(?:in|on|from|since|by|around|about|during|at|then|later|"
    r"the|early|late|again|also|and|subsequently|\s){0,20}$",
    re.I,
)
_OF_WHAT_FOLLOWS = re.compile(r"\b(?:off|of)\s*$", re.I)  # "22 months off prednisone"
_WORD = re.compile(r"\w+")
_DONE = re.compile(
    r"\s+(?:was |were |is |has been )?(?:completed|finished|stopped|ended|discontinued|started|begun|began|restarted)"
    r"\s+(?:in\s+|on\s+|from\s+)?",
    re.I,
)
_FAR = 60.0
_BREAK = 100.0


def link(mention: Span, sentence: str, times: Sequence[TimeExpression], others: Sequence[Span] = ()) -> TimeExpression | None:
    """The time that belongs to `mention`, or `None`. All offsets count from the start of `sentence`.

    `others` are the spans of the other mentions of the sentence: a time that is nearer to one of them is theirs,
    unless they stand in a list with `mention`. Of equally near times the earlier in the text is taken.
    """
    rivals = [other for other in others if other != mention and not _overlaps(other, mention)]
    best: tuple[float, int, TimeExpression] | None = None
    for time in times:
        cost = _cost(mention, sentence, time, rivals)
        if cost >= _FAR or any(_prefers(other, mention, sentence, time, rivals, cost) for other in rivals):
            continue
        if best is None or (cost, time.start) < best[:2]:
            best = (cost, time.start, time)
    return best[2] if best else None


def _overlaps(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _prefers(other: Span, mention: Span, sentence: str, time: TimeExpression, rivals: Sequence[Span], cost: float) -> bool:
    """Whether the time is surely the other's: nearer to it, and not shared through a list or an opening."""
    if _told_of(other, mention, sentence, time) or _names_it(other, mention, time):
        return True
    if _listed(other, mention, sentence, rivals) or _is_opening(sentence, time):
        return False
    theirs = _cost(other, sentence, time, [mention, *(r for r in rivals if r != other)])
    return theirs < cost


def _told_of(other: Span, mention: Span, sentence: str, time: TimeExpression) -> bool:
    """ "Lumpectomy + XRT, anastrozole completed 8/2022": the verb gives the time to the last of the list alone."""
    return mention[1] <= other[0] and other[1] <= time.start and _DONE.fullmatch(sentence[other[1] : time.start]) is not None


def _names_it(other: Span, mention: Span, time: TimeExpression) -> bool:
    """ "Husband vasectomised 2018, test negative": a date inside the name of one thing is not that of the next."""
    return other[0] < time.start and time.end <= other[1] and time.end <= mention[0]


def _listed(one: Span, other: Span, sentence: str, members: Sequence[Span] = ()) -> bool:
    """Whether only words of a list stand between the two, and such `members` as stand in one list with them."""
    first, second = sorted((one, other))
    gaps, start = [], first[1]
    for member in sorted(members):
        if start <= member[0] and member[1] <= second[0]:
            gaps.append(sentence[start : member[0]])
            start = member[1]
    gaps.append(sentence[start : second[0]])
    return all(len(gap) <= 40 and not _LIST_ONLY.sub("", gap).strip() for gap in gaps)


def _is_opening(sentence: str, time: TimeExpression) -> bool:
    return _OPENS.search(sentence, max(0, time.start - 40), time.start) is not None and not _in_brackets(sentence, time)


def _in_brackets(sentence: str, time: TimeExpression) -> bool:
    before = sentence.rfind("(", max(0, time.start - 60), time.start)
    return before >= 0 and ")" not in sentence[before : time.start]


def _cost(mention: Span, sentence: str, time: TimeExpression, others: Sequence[Span]) -> float:
    """Words between, dearer across commas, verbs and other mentions; 100 and more across a clause boundary."""
    if time.start < mention[1] and mention[0] < time.end:
        return 0.0
    after = time.start >= mention[1]
    if after and _OF_WHAT_FOLLOWS.search(sentence, time.start, time.end):
        return _BREAK
    gap_start, gap_end = (mention[1], time.start) if after else (time.end, mention[0])
    gap = sentence[gap_start:gap_end]
    if len(gap) > 400:
        return _BREAK
    cost = float(len(_WORD.findall(gap))) + 4 * gap.count(",") + 12 * len(_VERB_BREAK.findall(gap))
    cost += _BREAK * bool(_STRONG_BREAK.search(gap))
    between = [o for o in others if gap_start <= o[0] and o[1] <= gap_end]
    cost += sum(15 for o in between if not _listed(mention, o, sentence))
    if not after:
        cost += 0.5 if _is_opening(sentence, time) else 6
    elif gap.strip() in ("(", "", ",", ":", "-"):
        cost = min(cost, 0.25)
    return cost


def when(
    mention: Span,
    sentence: str,
    times: Sequence[TimeExpression],
    note_date: date,
    *,
    others: Sequence[Span] = (),
    section_time: DateInterval | None = None,
    historical: bool = False,
) -> tuple[DateInterval, DateSource]:
    """When a mention happened, and from where that is known.

    An explicit or relative time of its sentence; else the date of its table or section; else the note date, or, for
    one told as history, every day up to it (adjudication guideline, rule 5).
    """
    points = [time for time in times if time.kind != "duration" or time.source == "explicit"]
    time = link(mention, sentence, points, others) or link(mention, sentence, times, others)
    if time is not None:
        return time.interval, time.source
    if section_time is not None:
        return section_time, "section"
    if historical:
        return DateInterval(None, note_date), "none"
    return on(note_date), "note"
