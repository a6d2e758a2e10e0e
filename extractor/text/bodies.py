"""A text in, the body weights and heights in it out: kilograms, pounds, stones; centimetres, feet and inches.

A weight needs its word ("Wt 68.4 kg", "weighs 70") or the company of vital signs ("46.1 kg, 36.5 C, BP 110/70").
Changes of weight ("lost 5 kg"), doses ("5 mg/kg") and the weights of others ("birth weight") are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal

from extractor.quantities import convert
from extractor.text.snippets import line_at
from extractor.text.stretches import Stretches

ADULT_KG = (25.0, 350.0)
"""Weights outside are of a child, a change or a slip."""
ADULT_CM = (90.0, 230.0)
MARGIN = 240
"""No weight or height reaches further from its word or unit, in characters."""
LEAST_BARE = 35.0
"""A weight with no unit below it is likely of a child or no weight."""


@dataclass(frozen=True, slots=True)
class BodyMeasure:
    """One weight in kg or height in cm; `start:end` runs from its word to its unit. `is_unit_guessed`: none was written."""

    concept: Literal["body_weight", "body_height"]
    start: int
    end: int
    value: float
    unit: Literal["kg", "cm"]
    is_unit_guessed: bool = False


_I = re.IGNORECASE
_GAP = (
    r"(?:[ \t]{0,12}(?:\r?\n[ \t]{0,8})?)(?:(?:on|at)\s(?:admission|discharge|presentation|arrival|exam(?:ination)?|home|"
    r"clinic|visit)\s|today\s|now\s|stable\s|currently\s|this\svisit\s|recorded\s|measured\s|\((?:kg|lbs?|actual|dry|today|"
    r"standing|stated|estimated|kgs|cm|in)\)\s?){0,2}"
    r"(?:was|is|of|at|:|=|-|–|~|about|approx\.?|approximately|around|has been|remains|stable at|down to|up to|recorded (?:as|"
    r"at)|measured (?:as|at)|now|today)?[ \t:=~|]{0,20}(?:about\s|approximately\s|around\s|approx\.?\s|~|at\s|was\s)?"
)
_NUM = r"\d{2,3}(?:[.,]\d{1,2})?"
_STONES = r"(?P<st>\d{1,2})\s?(?:st|stones?)\b(?:\s?(?:and\s)?(?P<stlb>\d{1,2}(?:\.\d)?)\s?(?:lbs?|pounds?)?(?![\d.]))?"
_WEIGHT_VALUE = (
    rf"(?:{_STONES}|(?P<n>{_NUM})\s?-?(?P<u>kgs?|kilos?|kilograms?|kilogrammes?|lbs?|pounds?|#)(?![a-z/])|"
    rf"(?P<bare>{_NUM})(?![\d/%]|[.,]\d|\s?(?:cm|mm|in\b|g\b|mg|weeks|%|years|yrs|bpm|/)))"
)
_WEIGHT = re.compile(
    rf"(?<![A-Za-z])(?P<word>body\s?(?:weight|mass)|weight|weighs|weighed|weighing|wt\.?|wgt|bw|bwt|peso|poids|gewicht|"
    rf"b\.wt\.?)(?![a-z-])(?P<paren>\s?\((?:kg|lbs?|kgs)\))?{_GAP}{_WEIGHT_VALUE}",
    _I,
)
_HEIGHT_VALUE = (
    r"(?:(?P<m>[12][.,]\d{1,2})\s?(?:m|metres?|meters?)\b|(?P<cm>\d{2,3}(?:\.\d{1,2})?)\s?-?(?:cms?|centimet(?:er|re)s?)\b|"
    r"(?P<ft>[3-7])\s?(?:ft\.?|feet|foot|'|’|′)(?:[ ]{0,3}(?P<in>\d{1,2}(?:\.\d{1,2})?)\s?(?:in(?:ches)?\b|\"|”|″|''|’’)?)?|"
    r"(?P<inches>\d{2}(?:\.\d{1,2})?)\s?(?:in(?:ches)?\b|\"|”)|(?P<bare>1[2-9]\d(?:\.\d)?|20\d)(?![\d/%]|[.,]\d|\s?(?:kg|lb|"
    r"mg)))"
)
_HEIGHT = re.compile(
    rf"(?<![A-Za-z])(?P<word>height|ht\.?|stature|tall)(?![a-z-])(?:\s?\((?:cm|in|m)\))?{_GAP}{_HEIGHT_VALUE}",
    _I,
)
_TALL = re.compile(rf"{_HEIGHT_VALUE}\s(?:in\sheight|tall)\b", _I)
_FREE_WEIGHT = re.compile(r"(?<![\d.,/-])(?P<n>\d{2,3}(?:\.\d{1,2})?)\s?(?P<u>kg|kgs|lbs|lb|pounds)(?![a-z/])", _I)
_FREE_STONES = re.compile(rf"(?<![\d.,/-]){_STONES}", _I)
_FREE_HEIGHT = re.compile(r"(?<![\d.,/-])(?P<cm>1[2-9]\d(?:\.\d)?|20\d)\s?cm(?![a-z/\d])", _I)
_VITALS = re.compile(
    r"\b(?:bp|hr|pulse|rr|spo2|sats?|o2|temp|afeb|afebrile|bmi|ht|vs|vitals|cm)\b|\d{2,3}/\d{2,3}|\d\d\.\d\s?(?:°|f\b|c\b)|"
    r"%\s?(?:ra|on)",
    _I,
)
_ITEM_BEFORE = re.compile(
    r"(?:^|\n)\s{0,8}$|\b(?:an?|this)\s$|"
    r"\b[WB]\.?[ :=]{1,2}$|\b(?:\d{1,3}\s?(?:y\w*|yo|y/o)?\s?[,/]?\s?[MF]|male|female|man|woman|thin|slim|obese|"
    r"\d{1,3}\s?(?:y\w*|yo|y/o)|[mµμu]?mol/L|mg/d[lL])[,;/]?\s{1,2}$",
    re.I,
)
_ITEM_AFTER = re.compile(r"\s{0,2}(?:[,.;)/|]|\n|$)|[ -](?:man|woman|male|female|lady|gentleman)\b")
"""Alone between two marks, behind who the patient is or a result: "68F thin, 36 kg, …", "(creatinine 130 µmol/L, 70 kg)"."""
_NOT_A_WEIGHT = re.compile(
    r"(?:\b(?:birth|ideal|goal|target|loss(?:\sof)?|gain(?:\sof)?|lost|gained|lose|losing|gaining|dropped|down|up|"
    r"baby(?:'s)?|infant|newborn|his|her|predicted|adjusted|lean|lifting|lift|bear(?:ing)?|per|molecular|atomic|placental|"
    r"fetal|foetal|estimated\sfetal|by|previous|prior|last|usual|maximum|max|desired|dosing|uterine|specimen|prostate|"
    r"birthweight|efw|under|over)\s(?:of\s)?)$",
    _I,
)
_ALLOWED_BEFORE = re.compile(r"\b(?:his|her|last|usual|dosing)\s$", _I)
_CHANGE_AFTER = re.compile(r"^(?:body\s)?(?:weight|wt\.?)\s?(?:is\s|was\s)?(?:loss|gain|down|up|change)", _I)
_CHANGE_GAP = re.compile(r"\b(?:down|up|loss|gain|lost|gained|by|decreased|increased)\b", _I)
_CHANGE_TO = re.compile(r"\b(?:down|up|decreased|increased)\sto\b", _I)
_OFF = re.compile(
    r"\s?(?:weight\s)?(?:loss|gain|lighter|heavier|overweight|over\s(?:the\s)?(?:past|last)|in\s(?:the\s)?(?:past|last)|"
    r"per\s(?:day|week)|since\s|/(?:min|day|h))",
    _I,
)


def find_bodies(text: str, *, is_metric: bool | None = None) -> list[BodyMeasure]:
    """The weights and heights of an adult in `text`, by place, in kg and cm; spans slice to `text`.

    A weight with no unit is in the unit that other weights of the text have; failing that in kg when `is_metric`,
    in lb when it is false or the number is above 140 and nothing says otherwise.

    >>> [(b.value, b.unit) for b in find_bodies("Wt 11 st 4 lb, Ht 165 cm")]
    [(71.67, 'kg'), (165.0, 'cm')]
    """
    weights, heights, tall, *free = _forms().matches(text)
    found = [body for match in weights if (body := _weight(text, match, is_metric)) is not None]
    found += [body for match in (*heights, *tall) if (body := _height(match)) is not None]
    taken = [(body.start, body.end) for body in found]
    for match in chain(*free):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            found += [body for body in (_free(text, match),) if body is not None]
    return sorted(found, key=lambda body: body.start)


@lru_cache(maxsize=1)
def _forms() -> Stretches:
    return Stretches((_WEIGHT, _HEIGHT, _TALL, _FREE_STONES, _FREE_WEIGHT, _FREE_HEIGHT), MARGIN)


def _weight(text: str, match: re.Match[str], is_metric: bool | None) -> BodyMeasure | None:
    before = text[max(0, match.start() - 24) : match.start()]
    if _NOT_A_WEIGHT.search(before) and not _ALLOWED_BEFORE.search(before):
        return None
    between = match[0][: match.start("st") - match.start() if match["st"] else _value_start(match) - match.start()]
    if _CHANGE_GAP.search(between) and not _CHANGE_TO.search(between):
        return None
    if _OFF.match(text, match.end()) and _CHANGE_AFTER.match(match[0]):
        return None
    kg, guessed = _kilograms(text, match, is_metric)
    if kg is None or not ADULT_KG[0] <= kg <= ADULT_KG[1]:
        return None
    return BodyMeasure("body_weight", match.start(), match.end(), round(kg, 2), "kg", guessed)


def _value_start(match: re.Match[str]) -> int:
    return match.start("n") if match["n"] else match.start("bare")


def _kilograms(text: str, match: re.Match[str], is_metric: bool | None) -> tuple[float | None, bool]:
    if match["st"]:
        return convert(float(match["st"]), "st", "kg") + convert(float(match["stlb"] or 0), "lb", "kg"), False
    if match["n"]:
        return convert(_float(match["n"]), _weight_unit(match["u"]), "kg"), False
    value = _float(match["bare"])
    head = match["paren"] or ""
    if value < LEAST_BARE:
        return None, True
    if head:
        return convert(value, _weight_unit(head.strip(" ()")), "kg"), False
    pounds = len(re.findall(r"\d\s?(?:lbs?|pounds)\b", text, _I)) > len(re.findall(r"\d\s?kgs?\b", text, _I))
    metric = re.search(r"\d\s?kgs?\b(?!/)", text, _I) is not None
    is_pounds = pounds or (not metric and (is_metric is False or (is_metric is None and value > 140)))
    return (convert(value, "lb", "kg") if is_pounds else value), True


def _weight_unit(written: str) -> str:
    return "lb" if written.lower().startswith(("lb", "pound", "#")) else "kg"


def _float(written: str) -> float:
    return float(written.replace(",", "."))


def _height(match: re.Match[str]) -> BodyMeasure | None:
    if match["m"]:
        cm = _float(match["m"]) * 100
    elif match["ft"]:
        cm = convert(float(match["ft"]), "ft", "cm") + convert(float(match["in"] or 0), "in", "cm")
    elif match["inches"]:
        cm = convert(float(match["inches"]), "in", "cm")
    else:
        cm = float(match["cm"] or match["bare"])
    if not ADULT_CM[0] <= cm <= ADULT_CM[1]:
        return None
    guessed = match["bare"] is not None
    return BodyMeasure("body_height", match.start(), match.end(), round(cm, 1), "cm", guessed)


def _free(text: str, match: re.Match[str]) -> BodyMeasure | None:
    """A number of kg or cm with no word, in the company of vital signs on its line."""
    start, end = line_at(text, match.start(), match.end())
    near = text[max(start, match.start() - 60) : match.start()] + " " + text[match.end() : min(end, match.end() + 60)]
    before = text[max(0, match.start() - 24) : match.start()]
    stones = match.groupdict().get("stlb") is not None
    alone = _ITEM_BEFORE.search(before) is not None and _ITEM_AFTER.match(text, match.end()) is not None
    if (
        (_VITALS.search(near) is None and not stones and not alone)
        or _NOT_A_WEIGHT.search(before)
        or _OFF.match(text, match.end())
        or _CHANGE_GAP.search(before)
    ):
        return None
    groups = match.groupdict()
    if groups.get("cm"):
        return BodyMeasure("body_height", match.start(), match.end(), float(match["cm"]), "cm")
    if groups.get("st"):
        kg = convert(float(match["st"]), "st", "kg") + convert(float(match["stlb"] or 0), "lb", "kg")
    else:
        kg = convert(float(match["n"]), _weight_unit(match["u"]), "kg")
    inside = ADULT_KG[0] <= kg <= ADULT_KG[1]
    return BodyMeasure("body_weight", match.start(), match.end(), round(kg, 2), "kg") if inside else None
