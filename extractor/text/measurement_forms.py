"""How a value is written after an analyte's name: number, comparator, unit, range, flag, result, multiple of the limit.

Every expression is bounded and anchored where the scan stands, so a scan costs a constant for each name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from extractor.quantities import DIGIT_NUMBER, WORD_NUMBER, normal_comparator, normal_unit, parse_number
from extractor.records import DateInterval
from extractor.spec.units import Analyte
from extractor.text.times import TimeExpression, between

Result = Literal["positive", "negative", "pending", "indeterminate", "normal", "abnormal"]


@dataclass(frozen=True, slots=True)
class Name:
    """Where an analyte's name stands."""

    start: int
    end: int
    analyte: Analyte


@dataclass(frozen=True, slots=True)
class Tail:
    """What follows a name; `start:end` is the number or result itself (`end` takes in a unit right after it)."""

    start: int
    end: int
    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    range_low: float | None = None
    range_high: float | None = None
    flag: str | None = None
    result: Result | None = None
    titre: int | None = None
    uln_multiple: bool = False
    when: DateInterval | None = None
    before: bool = False
    is_cell: bool = False
    weak: bool = False
    after: int = 0


_I = re.IGNORECASE
_RESULTS: tuple[tuple[Result, str], ...] = (
    ("indeterminate",
        r"indeterminate|equivocal|inconclusive|borderline|grey[ -]?zone|gray[ -]?zone|faint(?:ly)? (?:line|positive)|invalid|"
                      r"weak(?:ly)? (?:reactive|positive)|indet\b|trace"),
    ("negative",
        r"non[- ]?reactive|not[ -](?:detected|reactive|present|seen|found)|none[ -]detected|un-?detect(?:able|ed)|negative|"
        r"neg(?:ati(?:[vf]\w{0,2}|ef))?\b|-ve\b|no reacti[vf]o|n[aã]o reagente|"
                 r"\(\s?[-–−]\s?\)|\bnr\b|n/r\b|absent|nil\b|\bnd\b|\bnon?[- ]?rea(?:ct|gent)\w{0,3}\b|"
                 r"below (?:the )?(?:limit of )?detection|[-–−](?=\s*(?:$|\n|;|,\s|\)))|"
                 r"target not detected|\btnd\b|no growth|clear\b"),
    ("positive", r"positive|pos\b|\+ve\b|\(\s?\++\s?\)|reactive|detected|present\b|detectable|\bpos'?t?v\b|\+{1,4}(?!\d)"),
    ("pending",
        r"pending|awaited|to follow|sent\b|in progress|outstanding|ordered|requested|not (?:yet )?(?:back|available|"
        r"resulted)|\btbd\b|\bpend\b|"
                r"results? awaited|drawn today|collected"),
    ("normal", r"(?:within |in )?(?:the )?normal(?: limits| range)?\b|\bwnl\b|\bnl\b|unremarkable|\bnml\b"),
    ("abnormal", r"abnormal|deranged"),
)  # fmt: skip
RESULT = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _RESULTS), _I)

_FLAG = (
    r"(?P<flag>\*{1,2}H|\*{1,2}L|H{1,2}\b|L{1,2}\b(?!/)|HIGH\b|LOW\b|\((?:H{1,2}|L{1,2}|high|low|A)\)|\[(?:H{1,2}|L{1,2}|"
    r"high|low|A)\]|↑{1,3}|↓{1,3}|▲|▼|\*{1,3}|[Aa]bn(?:ormal)?\b|CRIT\b|\(\*\)|high\b|low\b|raised\b|elevated\b|A\b(?=\s{2}|"
    r"\s?[(\n]))"
)
_UNIT = (
    r"(?P<unit>m[lL]s?\s?/\s?m(?:in|n)(?:ute)?(?:\s?/\s?1[.,]73\s?(?:m\s?(?:\^?2|²)|sq\.?\s?m)?)?|"
    r"x?\s?10\s?[\^*e(]?\s?\(?[0-9⁹]\)?\s?/\s?[a-zA-Zµμ]{1,2}\d?|[KkMm]/(?:[uµμ]?[lL]|mm3|cumm|mcL)|/\s?(?:[uµμ][lL]|mm3|"
    r"cumm|hpf|mcL)|(?:I\.?U\.?|m?[IU]U?|[Uu]nits?|k?IU|mIU|[KkMmUuµμnpf]?(?:cmol|mol|moles?|kat|g|gm|gms|eq|Eq)|micromoles?|"
    r"micromol|mcmol|mcg|mgs?|copies|cells|cp|c|dB|mEq|meq|mm|l|L)\s?/\s?"
    r"(?:\d{0,3}\s?(?:dL|dl|DL|mL|ml|ML|L|l|[uµμ]L|litre|liter|mol|hr?|hour|cumm|mm3|mcL|100\s?ml|kg|m2|24\s?h(?:rs?)?|d|"
    r"day))\b|mg\s?%|gm?\s?%|%|mm\s?Hg|mmHg|kPa|umol\b|µmol\b|mmol\b|mg\b|mcg\b|g\b|gm\b|kg\b|lbs?\b|cm\b|mm\b|mL\b|ml\b|"
    r"units?\b|IU\b|tabs?\b|copies\b|seconds?\b|secs?\b|dB\b|bpm\b)"
)
_NUM = rf"(?P<num>{DIGIT_NUMBER}|\d{{1,4}},\d{{1,2}}(?!\d))"
_CMP = (
    r"(?P<cmp>[<>≤≥]\s?=?|=\s?[<>]|~|less than|greater than|more than|at least|above|over|below|under|approx(?:imately)?\.?|"
    r"about|around)"
)
VALUE = re.compile(
    rf"(?:{_CMP}\s{{0,2}})?(?<![\d.,/-]){_NUM}(?P<word>k\b)?(?![\d:]|[.,]\d|/\d|\s?[-–]\s?\d|(?:st|nd|rd|th)\b|"
    rf"[a-zA-Z]{{2,12}}\d|-?(?:year|day|week|month|wk|mo\b|yo\b))",
    _I,
)
_COUNTED = re.compile(
    r"\s{0,2}(?:years?|yrs?|months?|mos?|weeks?|wks?|days?|hours?|hrs?|times|y/?o|doses?|tabs?|tablets?|am\b|pm\b|patients?|"
    r"ago)\b",
    _I,
)
_RANGE = re.compile(
    r"(?P<open>[(\[{]?)\s?(?:(?:ref(?:erence)?|normal|nl|n|nr|rr|range|ref\.?\s?range|reference\s(?:range|interval)|ri|"
    r"normal\srange|uln|limits?|bio\.?\sref)\.?\s?[:=]?\s{0,2})?(?P<open2>[(\[]?)\s?"
    r"(?:(?P<low>\d{1,6}(?:[.,]\d{1,4})?)\s?(?:-|–|—|to|~|‑)\s?(?P<high>\d{1,6}(?:[.,]\d{1,4})?)|(?P<below><\s?=?|≤|up ?to|till|"
    r"less than|uln)\s{0,2}(?P<under>\d{1,6}(?:[.,]\d{1,4})?)|(?P<above>>\s?=?|≥)\s{0,2}(?P<over>\d{1,6}(?:[.,]\d{1,4})?))"
    r"(?![\d/])(?!\s?(?:weeks|months|days|years|yrs|wks))",
    _I,
)
_SKIP = re.compile(
    r"[ \t\u00a0]{1,60}|\r?\n[ \t]{0,24}(?=\S)|[:=|;,]{1,3}(?=\s|[<>\d(+-]|[A-Za-z])|\.{2,40}|[.](?=\s?[\d<>])|"
    r"[-–—]{1,3}(?=\s)|_{1,20}|\([^()\n]{0,40}\)|\[[^\[\]\n]{0,40}\]|\b(?:"
    r"(?:on|in|by|from|via) (?:the |an? )?(?:24[- ]?h(?:r|rs|our|ours)?(?: (?:urine|collection))*|(?:timed )?urine"
    r"(?: collection)?|c-?g|cockcroft(?:[- ]gault)?)|using (?:the )?(?:actual|ideal|total|adjusted) (?:body )?weight|"
    r"levels?|was|is|of|at|were|are|remains?|remained|"
    r"now|today|here|values?|counts?|results?|tests?|testing|screen(?:ing)?|totals?|serum|plasma|blood|poc|qual(?:itative)?|"
    r"quant(?:itative)?|rapid|reflex|came|come|back|returned|reported|read|as|normal(?=\s(?:at\b|\d))|elevated|raised|stable|"
    r"improved|improving|up|down|rose|risen|fell|fallen|increased|decreased|peaked|trending|trended|still|mildly|slightly|"
    r"repeat|repeated|again|the|a|an|to|from|has|have|had|been|baseline|initial|latest|recent|most|last|on|by|which|that|"
    r"only|just|currently|current|both|ag\s?/\s?ab|ab\s?/\s?ag|ab|antibody|antibodies|ag|igg|assay|method|yesterday|"
    r"[2-5](?:nd|rd|th)|fourth|third|gen(?:eration)?|1\s?[/+&,]\s?2|i{1,2}\s?[/&+]\s?ii|tri-?dot|duo|high|low|"
    r"significantly|markedly|very|well|remaining|showing|showed|shows|also|and|then|around|about|approximately|mild|"
    r"elevation|dropped|doubled|drawn|done|sent(?=\s\d)|final|prelim(?:inary)?|h|l|\(h\)|lot|elisa|eia|cmia|clia|pcr|line|"
    r"faint|panel|combined|combo|reading|calculated|estimated|measured|confirmed|found|noted|tested|status|stays?|stayed|"
    r"persistently|repeatedly|previously|performed|screened|checked|virus|anti-?bod(?:y|ies)|elecsys|eclia|"
    r"khb|determine|uni-?gold|first response|stat-?pak|bioline|oraquick|insti|carried out|obtained|taken|collected|"
    r"in (?:the )?(?:range of|region of|order of|clinic|ward|office|department|ED|ER)|"
    r"(?:prior to|before) (?:the )?[a-z]{2,14}|x ?\d|dipstick|strip|kit|card)\b",
    _I,
)
_NOT_CURRENT = re.compile(r"\((?:was|prev(?:ious(?:ly)?)?|baseline|prior|from|last|formerly|old)\b[^()\n]{0,30}\)", _I)
_DATE = re.compile(
    r"\(?\s?(?:on\s|from\s|of\s|dated\s)?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}/\d{4}|"
    r"\d{1,2}/\d{1,2}(?!\d)|\d{1,2}-\d{1,2}(?=:\s)|"
    r"\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}(?:[ -]\d{2,4})?|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?\s\d{1,2}(?:,?\s\d{4})?|"
    r"in\s(?:january|february|march|april|may|june|july|august|september|october|november|december)(?:\s\d{4})?|(?:19|"
    r"20)\d\d(?=\)))(?:\s?[@,]?\s?\d{1,2}:\d\d)?\s?\)?:?",
    _I,
)
_ULN = re.compile(
    rf"(?P<cmp>[<>≤≥~]=?|over|more than|greater than|above|at least|about|around|approximately|approx\.?|nearly|up to|"
    rf"less than|below|exceeds?|exceeding)?\s{{0,2}}(?:(?P<n>\d{{1,3}}(?:\.\d{{1,2}})?|{WORD_NUMBER}|twice|double|thrice|triple)"
    r"(?:\s?(?:-|–|to)\s?(?P<n2>\d{1,3}(?:\.\d{1,2})?))?\s?(?:x|×|times|fold|-fold|xs)?\s{0,2})?(?:the\s)?(?:uln\b|"
    r"upper\s{1,2}limits?(?:\s(?:of\s)?(?:the\s)?normal)?|upper\snormal(?:\slimit)?|(?:upper\s)?normal\s(?:limit|upper)|"
    r"limit\sof\snormal|(?<=x )normal\b|(?<=times )normal\b|(?<=times the )normal\b)",
    _I,
)
_TITRE = re.compile(r"1\s?[:/]\s?(?P<titre>\d{2,5})(?!\d)")
REACH = 70
STEPS = 12


def joins_names(gap: str) -> bool:
    """Whether two analyte names stand in one list: "AST/ALT", "AST and ALT", "HIV, HCV"."""
    return (
        len(gap) <= 12
        and re.fullmatch(r"\s{0,3}(?:/|&|\+|,|and|or|,\s?and|as well as)\s{0,3}(?:the\s|anti-?\s?|for\s)?", gap, _I) is not None
    )


def read_tail(text: str, position: int, limit: int, times: Sequence[TimeExpression], takes_result: bool) -> Tail | None:
    """The value or result that belongs to the name ending at `position`; nothing at or past `limit` is read."""
    start, unit, when, steps = position, None, None, 0
    limits: tuple[str | None, str | None] = (None, None)
    limit = min(limit, position + REACH + 40)
    while position < limit and position - start <= REACH and steps < STEPS:
        steps += 1
        tail = _at(text, position, limit, takes_result)
        if tail is not None:
            tail = _completed(text, tail, limit, unit, limits, times)
            return tail if tail.when is not None or when is None else replace(tail, when=when)
        dated = _DATE.match(text, position, limit)
        if dated is not None:
            when = _time_in(times, dated.start(), dated.end()) or when
            position = dated.end()
            continue
        skipped = _SKIP.match(text, position, limit)
        if skipped is None or skipped.end() == position:
            return None
        inside = skipped.group()
        if inside[0] in "([":
            unit = _unit_in(inside) or unit
            found = _RANGE.match(inside)
            limits = (found["low"], found["high"]) if found and found["low"] else limits
            result = RESULT.fullmatch(inside[1:-1].strip()) if takes_result else None
            if result is not None:
                return _completed(
                    text,
                    _result_tail(result, skipped.start(), skipped.end()),
                    limit,
                    None,
                    (None, None),
                    times,
                )
        position = skipped.end()
    return None


def _at(text: str, position: int, limit: int, takes_result: bool) -> Tail | None:
    """A multiple of the limit, a titre, a number or a result that begins right here."""
    uln = _ULN.match(text, position, limit)
    if uln is not None and (uln["n"] or uln["cmp"]):
        return _uln_tail(uln)
    titre = _TITRE.match(text, position, limit)
    if titre is not None:
        return Tail(position, titre.end(), titre=int(titre["titre"]), result="positive", after=titre.end())
    value = find_value(text, position, limit)
    if value is not None:
        return value
    result = RESULT.match(text, position, limit)
    if result is None or (not takes_result and result.lastgroup not in ("normal", "abnormal", "pending")):
        return None
    if result.lastgroup == "normal" and re.compile(r"\s(?:at|\d|is|was)").match(text, result.end()):
        return None
    faint = re.compile(r"[\s,]{1,3}(?:line\b[\s,]{0,3})?(?:read|reported|called|interpreted)\s(?:as\s)?").match(
        text, result.end(), limit
    )
    final = RESULT.match(text, faint.end(), limit) if faint else None
    return _result_tail(final or result, position, (final or result).end())


def _result_tail(result: re.Match[str], start: int, end: int) -> Tail:
    name: Result = next(r for r, _ in _RESULTS if r == result.lastgroup)
    return Tail(start, end, result=name, weak=result.group().lower().startswith("weak"), after=end)


def _uln_tail(match: re.Match[str]) -> Tail | None:
    words = {"twice": 2.0, "double": 2.0, "thrice": 3.0, "triple": 3.0}
    value = words.get(match["n"].lower()) or parse_number(match["n"]) if match["n"] else 1.0
    if value is None:
        return None
    comparator = normal_comparator(match["cmp"]) if match["cmp"] else None
    if match["n2"]:
        comparator = comparator or ">="
    return Tail(match.start(), match.end(), value, comparator, uln_multiple=True, after=match.end())


def find_value(text: str, position: int, limit: int) -> Tail | None:
    """A number with its comparator right at `position`, not a date, an age, a time or a range."""
    match = VALUE.match(text, position, limit)
    if match is None or _COUNTED.match(text, match.end()) or _DATE.match(text, match.start("num"), limit):
        return None
    written = match["num"]
    value = parse_number(written)
    if value is None and re.fullmatch(r"\d{1,4},\d{1,2}", written):
        value = float(written.replace(",", "."))
    if value is None:
        return None
    comparator = (
        normal_comparator(match["cmp"].replace(" ", "") if match["cmp"][0] in "<>=≤≥" else match["cmp"]) if match["cmp"] else None
    )
    return Tail(match.start(), match.end(), value * (1000 if match["word"] else 1), comparator, after=match.end())


_AFTER_UNIT = re.compile(rf"[ \t|]{{0,24}}{_UNIT}")
_AFTER_FLAG = re.compile(rf"[ \t|]{{0,24}}{_FLAG}")
_AFTER_RANGE = re.compile(r"[ \t|,;]{0,40}(?:\r?\n[ \t]{1,12}(?=\())?" + _RANGE.pattern, _I)
_AFTER_RESULT = re.compile(rf"\s{{0,3}}[(\[]?\s?(?:{RESULT.pattern})\s?[)\]]?", _I)


def _completed(
    text: str, tail: Tail, limit: int, unit: str | None, limits: tuple[str | None, str | None], times: Sequence[TimeExpression]
) -> Tail:  # fmt: skip
    """The tail with unit, flag, range and date as they follow, in any order."""
    end = tail.end
    if limits[1]:
        tail = replace(tail, range_low=_number(limits[0]), range_high=_number(limits[1]))
    tail = replace(tail, unit=unit)
    position = tail.after or tail.end
    for _ in range(6):
        moved, tail, end = _one_more(text, tail, position, limit, end, times)
        if moved == position:
            break
        position = moved
    return replace(tail, end=end, after=position)


def _one_more(
    text: str, tail: Tail, position: int, limit: int, end: int, times: Sequence[TimeExpression]
) -> tuple[int, Tail, int]:
    former = _NOT_CURRENT.match(text, position + (text[position : position + 1] == " "), limit)
    if former is not None:
        return former.end(), tail, end
    if tail.value is not None and not tail.uln_multiple:
        found = _AFTER_UNIT.match(text, position, limit) if tail.unit is None or tail.range_high is not None else None
        if found is not None and (normal_unit(found["unit"]) or "/" in found["unit"] or tail.unit is None):
            adjacent = position == tail.end and found.start("unit") - position <= 1
            kept = tail.unit or found["unit"]
            return found.end(), replace(tail, unit=kept), found.end() if adjacent else end
        flag = _AFTER_FLAG.match(text, position, limit) if tail.flag is None else None
        if flag is not None:
            return flag.end(), replace(tail, flag=_flag(flag["flag"])), end
        limits = _AFTER_RANGE.match(text, position, limit) if tail.range_high is None and tail.range_low is None else None
        if limits is not None and not _DATE.match(text, limits.start("open"), limit):
            return _closed(text, limits.end()), _ranged(tail, limits), end
        if tail.result is None:
            result = _AFTER_RESULT.match(text, position, limit)
            if (
                result is not None
                and result.lastgroup in ("positive", "negative", "indeterminate")
                and result.group().strip()[0] in "([pnrP"
            ):
                name: Result = next(r for r, _ in _RESULTS if result[r])
                return result.end(), replace(tail, result=name), result.end()
    dated = re.compile(r"\s{0,12}" + _DATE.pattern, _I).match(text, position, limit)
    if dated is not None and tail.when is None:
        when = _time_in(times, dated.start(), dated.end())
        if when is not None:
            return dated.end(), replace(tail, when=when), end
    return position, tail, end


def _closed(text: str, position: int) -> int:
    closing = re.compile(r"\s{0,2}[)\]}]").match(text, position)
    return closing.end() if closing else position


def _ranged(tail: Tail, match: re.Match[str]) -> Tail:
    if match["low"]:
        low, high = _number(match["low"]), _number(match["high"])
        return tail if low is None or high is None or low >= high else replace(tail, range_low=low, range_high=high)
    if match["under"]:
        return replace(tail, range_high=_number(match["under"]))
    return replace(tail, range_low=_number(match["over"]))


def _number(written: str | None) -> float | None:
    if written is None:
        return None
    return parse_number(
        written.replace(",", ".")
        if written.count(",") == 1 and "." not in written and len(written.split(",")[1]) < 3
        else written
    )


def _flag(written: str) -> str:
    word = written.strip("()[]*").lower()
    if word.startswith(("h", "↑", "▲", "raised", "elev")) and not word.startswith("hypo"):
        return "high"
    return "low" if word.startswith(("l", "↓", "▼")) else "abnormal"


def _unit_in(brackets: str) -> str | None:
    match = re.fullmatch(rf"[(\[]\s?(?:in\s)?{_UNIT}\s?[)\]]", brackets)
    return match["unit"] if match else None


def _time_in(times: Sequence[TimeExpression], start: int, end: int) -> DateInterval | None:
    return next((t.interval for t in between(times, start, end) if t.end <= end + 1 and t.kind == "point"), None)


_BEFORE = re.compile(
    r"(?:^|[\s(])(?P<word>non[- ]?reactive|negative|neg|positive|pos|reactive|indeterminate|equivocal|undetectable|normal|"
    r"abnormal|pending)\s{1,2}"
    r"(?:(?:for|a|the|on|in|our|your|his|her|urine|serum|poc|repeat|home|rapid|screening|quantitative|qualitative)\s){0,2}$",
    _I,
)


def result_before(text: str, position: int) -> Tail | None:
    """ "a negative urine pregnancy test": the result that stands before the name, `None` where none does."""
    start = max(0, position - 48)
    match = _BEFORE.search(text, start, position)
    result = RESULT.match(match["word"]) if match else None
    if match is None or result is None:
        return None
    return replace(_result_tail(result, match.start("word"), match.end("word")), before=True)


_TOGETHER = re.compile(
    rf"[\s:=]{{0,4}}(?:(?:were|was|are|is|of|at|both|elevated|levels?|mildly|raised|still|normal|at|now|as|well|"
    rf"results?)\s{{1,2}}){{0,6}}(?P<first>{DIGIT_NUMBER})"
    rf"(?:\s?(?:H|L|U/L|IU/L)\b)?\s?(?:/|and|&|,)\s?(?P<second>{DIGIT_NUMBER})(?:\s?(?:H|L)\b)?(?:\s?(?:/|and|&|"
    rf",)\s?(?P<third>{DIGIT_NUMBER}))?(?![\d/]|\.\d|\s?[-–]\s?\d)(?:\s?{_UNIT})?",
    _I,
)


def several_values(text: str, position: int, limit: int, count: int) -> list[Tail] | None:
    """ "AST/ALT 27/31": as many values as names, `None` when there are more or fewer."""
    match = _TOGETHER.match(text, position, limit)
    if match is None:
        return None
    spans = [match.span(name) for name in ("first", "second", "third") if match[name]]
    if len(spans) != count:
        return None
    values = [parse_number(text[start:end]) for start, end in spans]
    unit = match["unit"]
    return [
        Tail(start, end, value, unit=unit, is_cell=position_in > 0, after=end)
        for position_in, ((start, end), value) in enumerate(zip(spans, values, strict=True))
        if value is not None
    ]
