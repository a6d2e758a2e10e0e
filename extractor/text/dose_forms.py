"""The parts of a dose as they are written: amount, form and count, route, frequency, length, change.

`DoseReader` compiles the words of `patterns/doses.yaml` once; each reader looks at one place of a text and answers
with the part that begins there or `None`, so that reading a dose costs a constant for each part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.quantities import DIGIT_NUMBER, WORD_NUMBER, convert, normal_unit, parse_number
from extractor.spec.doses import DoseWords
from extractor.text.times import S0, S

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Amount:
    """A dose as written. `value` and `high` are in `unit` ("mg" for every mass); `per_day` where "/day" is part of it.

    `forms`: how many tablets of `value` are meant, 1 unless said. `is_strength`: tablets are named but not counted.
    """

    start: int
    end: int
    value: float
    high: float
    unit: str | None
    per_kg: bool = False
    per_area: bool = False
    per_day: float | None = None
    forms: float = 1.0
    is_strength: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A route or frequency by name, with its number of doses a day where it is a frequency."""

    start: int
    end: int
    name: str
    per_day: float | None = None


_MASS = (
    r"(?:mg|mgs|mgm|milligrams?|mcg|µg|μg|ug|micrograms?|gms?|grams?|g|units?|iu|u|mL|ml|mls|cc|million\s(?:iu|"
    r"units)|MIU|mu|"
    r"meq|mmol|%)"
)
_PER = (
    r"(?:\s?(?:/|per\s)\s?(?P<per>kg|m2|m²|dose)(?:\s?(?:/|per\s)\s?(?P<day>day|d|24\s?h|wk|week|dose|die|d[ií]a|"
    r"dia|jour|j|tag|dag|giorno))?|\s?(?:/|"
    r"per\s)\s?(?P<time>day|d|24\s?h(?:rs?|ours)?|wk|week|w|month|mo|die|d[ií]a|dia|jour|j|tag|dag|giorno)\b)?"
)
_AMOUNT = re.compile(
    rf"(?P<num>{DIGIT_NUMBER})(?:\s?(?:-|–|to)\s?(?P<high>{DIGIT_NUMBER}))?\s?-?(?P<unit>{_MASS})(?![a-zA-Z]){_PER}",
    _I,
)
_BARE = re.compile(
    r"(?P<num>\d{1,4}(?:\.\d{1,3})?)(?![\d/:%]|[.,]\d|[.)]\s{1,2}[A-Z]|\s?[-–]\s?\d|(?:st|nd|rd|th)\b|"
    r"\s?(?:years?|yrs?|y/?o|"
    r"weeks?|wks?|months?|mos?|days?|d\b|sprays?|puffs?|drops?|gtts?|tabs?|tablets?|times|"
    r"x\b(?!\s?\d{1,2}\s?(?:d|days?|w|"
    r"wks?|weeks?|mo|months?)\b)|doses|infusions|injections|cycles|courses|bursts|hours?|h\b|hrs|am\b|pm\b|:))",
    _I,
)
_FORM = (
    r"(?:tab(?:let)?s?|cap(?:sule)?s?|pills?|caplets?|vials?|ampoules?|amps?|puffs?|drops?|pens?|syringes?|injections?|"
    r"sachets?)"
)
_STRENGTH = re.compile(rf"\s?{_FORM}\b\.?", _I)
_COUNT_AFTER = re.compile(
    rf"[\s,;:–-]{{0,4}}(?:(?:take|takes|taking|sig:?|give|t)\s{{1,2}})?\(?(?:x\s?)?(?P<count>\d{{1,2}}(?:\.\d)?[½]?|[½]|"
    rf"{WORD_NUMBER}|half)(?![\d./%]|\s?(?:mg|g\b|mcg|days?|d\b|weeks?|wks?|months?|mo\b|x\b|-\d|"
    rf"/\d))(?:\s?{_FORM}\b\.?)?",
    _I,
)
_BY_COUNT = re.compile(rf"\s?[x×]\s?(?P<count>\d{{1,2}}(?:\.\d)?[½]?)\s?{_FORM}\b\.?", _I)
LENGTH = re.compile(
    rf"(?P<n>\d{{1,3}}(?:\.\d)?|{WORD_NUMBER})\s?-?(?P<unit>days?|d|weeks?|wks?|wk|months?|mos?|mo|years?|yrs?)\b(?!\s(?:ago|old|"
    rf"later|off|back|of age))",
    _I,
)
"""A bare length, which counts only inside a dose ("1000 mg, 3 days")."""
OF_SEVEN = re.compile(r"(?:x\s?|for\s)(?P<n>\d{1,2})\s?/\s?(?P<of>7|52|12)(?![\d/])", _I)
"""Days, weeks and months as written in Britain: "x 5/7", "for 2/52", "x 3/12"."""
TIME_OF_DAY = re.compile(
    r"(?:q\.?\s?)?(?:am|a\.m\.|pm|p\.m\.|mane|nocte|om|on|morning|evening|night|midday|noon|lunch(?:time)?|"
    r"breakfast|bedtime|"
    r"hs|every morning|every evening|in the (?:morning|evening|afternoon)|at (?:night|noon|bedtime|lunch))\b",
    _I,
)
AND_ALSO = re.compile(rf"{S0}(?:,|and|\+|&|/|,{S}and|plus){S0}|{S}", _I)
_COUNT_BEFORE = re.compile(
    rf"(?P<count>\d{{1,2}}(?:\.\d)?[½]?|[½]|{WORD_NUMBER}|half)\s?(?:x\s?|×\s?)?(?:{_FORM}\b\.?\s?(?:of\s(?:the\s)?|x\s?|"
    rf"×\s?|\()?|x\s?|×\s?)(?=\d)",
    _I,
)
_SLOTS = re.compile(r"(?P<a>[0-6½])\s?-\s?(?P<b>[0-6½])\s?-\s?(?P<c>[0-6½])(?:\s?-\s?(?P<d>[0-6½]))?(?![\d-])")
_EVERY = re.compile(
    rf"(?:q\.?\s?|every\s{{1,2}})(?:(?P<n>\d{{1,2}}|{WORD_NUMBER})(?:\s?-\s?\d{{1,2}})?\s?)?(?P<unit>hours?|hrs?|"
    rf"hourly|h|"
    rf"days?|d|weeks?|wks?|wk|w|months?|mos?|mo)\b\.?",
    _I,
)
_HOURLY = re.compile(r"(?P<n>\d{1,2})\s?-?\s?(?P<unit>hourly|weekly|monthly|hrly)\b", _I)
_TIMES = re.compile(
    rf"(?P<n>\d{{1,2}}|{WORD_NUMBER})\s?(?:x|times|×)\s?(?:/|a\s|per\s|every\s)?\s?(?P<unit>day|daily|d|week|"
    rf"weekly|wk|month)\b",
    _I,
)
_DAYS_A_WEEK = re.compile(rf"(?P<n>\d|{WORD_NUMBER})\s?days?\s?(?:/|a\s|per\s|out of every\s)\s?(?:week|wk)\b", _I)
COUNT = re.compile(
    r"[x×]\s?(?P<n>\d{1,2})(?![\d/.]|\s?(?:d\b|days?|wk|weeks?|w\b|mo|months?|y|h\b|hrs?|mg|g\b|-\d))(?:\s?(?:doses?|"
    r"infusions?|pulses?|injections?|bursts?))?",
    _I,
)
_NOT_ONCE = re.compile(
    r"\s+(?!on\b|at\b|in\b|then\b|only\b|now\b|today\b|yesterday\b|for\b|given\b|iv\b|po\b|im\b|sc\b)[A-Za-z]",
    _I,
)
_WEEK = {"week": 7.0, "wk": 7.0, "w": 7.0, "weekly": 7.0, "month": 30.4375, "mo": 30.4375}


class DoseReader:
    """The words for routes and frequencies, compiled; the longest of those that begin at a place is taken."""

    def __init__(self, words: DoseWords) -> None:
        self.words = words
        self._routes = _named(words.routes)
        self._frequencies = _named({name: frequency.terms for name, frequency in words.frequencies.items()})

    def route(self, text: str, position: int, limit: int) -> Part | None:
        """A route that begins at `position`."""
        return _at(self._routes, text, position, limit)

    def routes_in(self, text: str, start: int, end: int) -> list[Part]:
        """All routes written in `text[start:end]`, by place."""
        pattern, names = self._routes
        return [Part(m.start(), m.end(), names[_key(m[0])]) for m in pattern.finditer(text, start, end)]

    def frequency(self, text: str, position: int, limit: int) -> Part | None:
        """A frequency that begins at `position`: a word of the list, or a number of hours, days, weeks or times."""
        slots = _SLOTS.match(text, position, limit)
        if slots is not None:
            total = sum(parse_number(slots[name]) or 0.0 for name in "abcd" if slots[name])
            return Part(position, slots.end(), "slots", total) if total else None
        named = _at(self._frequencies, text, position, limit)
        numbered = _numbered(text, position, limit)
        if named is not None and named.name == "once" and _NOT_ONCE.match(text, named.end, limit):
            named = None
        if named is not None and (numbered is None or named.end >= numbered.end):
            per_day = self.words.frequencies[named.name].per_day
            return Part(named.start, named.end, named.name, per_day)
        return numbered


def _key(written: str) -> str:
    return " ".join(written.lower().split())


def _named(terms: dict[str, tuple[str, ...]]) -> tuple[re.Pattern[str], dict[str, str]]:
    names = {_key(term): name for name, group in terms.items() for term in group}
    ordered = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(term).replace(r"\ ", rf"{S}") for term in ordered)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", _I | re.ASCII), names


def _at(table: tuple[re.Pattern[str], dict[str, str]], text: str, position: int, limit: int) -> Part | None:
    pattern, names = table
    match = pattern.match(text, position, limit)
    return None if match is None else Part(match.start(), match.end(), names[_key(match[0])])


def _numbered(text: str, position: int, limit: int) -> Part | None:
    every = _EVERY.match(text, position, limit) or _HOURLY.match(text, position, limit)
    if every is not None:
        count = parse_number(every["n"]) if every["n"] else 1.0
        return None if not count else Part(position, every.end(), "every", _per_day(1.0, count, every["unit"]))
    times = _TIMES.match(text, position, limit) or _DAYS_A_WEEK.match(text, position, limit)
    if times is not None:
        unit = times.groupdict().get("unit") or "week"
        return Part(position, times.end(), "times", (parse_number(times["n"]) or 1.0) / _WEEK.get(unit.lower(), 1.0))
    return None


def _per_day(times: float, count: float, unit: str) -> float:
    word = unit.lower()
    days = 1 / 24 if word.startswith("h") else 7.0 if word.startswith("w") else 30.4375 if word.startswith("m") else 1.0
    return times / (count * days)


def read_amount(text: str, position: int, limit: int) -> Amount | None:
    """A dose with its unit that begins at `position`, tablets and their count taken in."""
    before = _COUNT_BEFORE.match(text, position, limit)
    if before is not None:
        inner = _plain_amount(text, before.end(), limit)
        if inner is not None and inner.unit in ("mg", "units"):
            number = parse_number(before["count"])
            closing = 1 if text[inner.end : inner.end + 1] == ")" and "(" in before.group() else 0
            if "(" in before.group():  # "2 tablets (10 mg)": the total is in the brackets
                return Amount(position, inner.end + closing, inner.value, inner.high, inner.unit, inner.per_kg)
            return _counted(inner, position, inner.end, number or 1.0)
    amount = _split_amount(text, position, limit) or _plain_amount(text, position, limit)
    if amount is None:
        return None
    by_count = _BY_COUNT.match(text, amount.end, limit)
    if by_count is not None:
        return _counted(amount, position, by_count.end(), parse_number(by_count["count"]) or 1.0)
    strength = _STRENGTH.match(text, amount.end, limit)
    if strength is None:
        return amount
    count = _COUNT_AFTER.match(text, strength.end(), limit)
    if count is None or _SLOTS.match(text, count.start("count"), limit):
        return _counted(amount, position, strength.end(), 1.0, is_strength=count is None)
    return _counted(amount, position, count.end(), parse_number(count["count"]) or 1.0)


_SPLIT = re.compile(
    r"(?P<a>\d{1,3}(?:\.\d)?)\s?(?:mg)?\s?(?P<sep>[/+-])\s?(?P<b>\d{1,3}(?:\.\d)?)\s?(?:mg)?\s?(?:(?P=sep)\s?(?P<c>\d{1,3}(?:\.\d)?)\s?)?mg\b"
    r"(?!\s?/)",
    _I,
)
_VOLUME = re.compile(
    r"\s?/\s?(?P<volume>\d{1,2}(?:\.\d{1,2})?)?\s?m[lL]\b"
    r"(?:\s?[,(]?\s?(?P<taken>\d{1,2}(?:\.\d{1,2})?)\s?m[lL]\b)?"
)


def _split_amount(text: str, position: int, limit: int) -> Amount | None:
    """ "10/5/5 mg", "20-10-0 mg", "10+5 mg": the doses of one day together.

    Two with a slash or dash are a range or a combination.
    """
    match = _SPLIT.match(text, position, limit)
    if match is None or (match["c"] is None and match["sep"] != "+"):
        return None
    total = sum(float(match[name]) for name in "abc" if match[name])
    return Amount(match.start(), match.end(), total, total, "mg", per_day=1.0)


def _counted(amount: Amount, start: int, end: int, forms: float, is_strength: bool = False) -> Amount:
    return Amount(
        start, end, amount.value * forms, amount.high * forms, amount.unit, amount.per_kg, amount.per_area,
        amount.per_day, forms, is_strength,
    )  # fmt: skip


def _plain_amount(text: str, position: int, limit: int) -> Amount | None:
    match = _AMOUNT.match(text, position, limit)
    if match is None or match["unit"] == "%":
        return None
    unit = _unit(match["unit"])
    value, high = parse_number(match["num"]), parse_number(match["high"] or match["num"])
    if value is None or high is None:
        return None
    if unit not in (None, "units", "mL"):
        value, high, unit = convert(value, unit, "mg"), convert(high, unit, "mg"), "mg"
    volume = _VOLUME.match(text, match.end(), limit) if unit == "mg" and match["per"] is None else None
    if volume is not None:
        return _by_volume(match.start(), volume, value)
    per_day = _written_per_day(match["time"] or match["day"])
    return Amount(
        match.start(), match.end(), round(value, 6), round(max(value, high), 6), unit,
        (match["per"] or "").lower() == "kg", (match["per"] or "").lower() in ("m2", "m²"), per_day,
    )  # fmt: skip


def _by_volume(start: int, volume: re.Match[str], value: float) -> Amount:
    """ "162 mg/0.9 mL" is a dose, "40 mg/mL 2 mL" one of 80 mg; "60 mg/mL" alone is a concentration and no dose."""
    if volume["taken"] is not None:
        total = round(value * float(volume["taken"]) / float(volume["volume"] or 1), 6)
        return Amount(start, volume.end(), total, total, "mg")
    return Amount(start, volume.end(), value, value, "mg" if volume["volume"] else "mg/mL")


def _unit(written: str) -> str | None:
    unit = normal_unit(written)
    if unit in ("IU", "MIU"):
        return "units"
    return unit if unit in ("mg", "g", "mcg", "mL") else None


def _written_per_day(written: str | None) -> float | None:
    if not written:
        return None
    word = written.lower()
    return 1 / 7 if word.startswith("w") else 1 / 30.4375 if word.startswith("m") else None if word == "dose" else 1.0


def read_number(text: str, position: int, limit: int) -> Amount | None:
    """A dose with no unit, as in "pred 10": believable sizes only."""
    match = _BARE.match(text, position, limit)
    if match is not None and text[position - 1 : position] == "\n" and text[match.end() : match.end() + 1] in (".", ")"):
        return None  # the number of the next item of a list
    value = parse_number(match["num"]) if match else None
    if match is None or value is None or not 0.4 <= value <= 2000 or 1900 <= value <= 2000:
        return None
    return Amount(match.start(), match.end(), value, value, None)


FILLER = re.compile(
    rf"{S}|[,:(\[]{{1,2}}|[-–]{{1,2}}(?=\s)|(?:in|with|\+|/){S0}\d{{1,4}}\s?(?:m[lL]|cc)\b(?:{S}(?:of{S})?(?:N/?S|D5W?|DNS|R?L|saline|"
    rf"normal{S}saline|dextrose|water|fluid)\b)?|over{S}(?:\d{{1,3}}(?:-\d{{1,3}})?|{WORD_NUMBER})\s?(?:h|hrs?|hours?|min|mins|"
    rf"minutes)\b|by{S}(?-i:[A-Z][\w.]{{0,14}}(?:\s[A-Z][\w.]{{0,14}})?)(?![\w])|(?:dose|doses|dosing|"
    rf"dosed|at|of|the|a|an|now|is|was|were|are|been|has|to|take|takes|taking|given|still|tablets?|tabs?\.?|caps?|total|"
    rf"current|currently|currently on|inj\.?|injections?|injected|by|with|from|since|for|in|on|until|till|burst|"
    rf"bursts|pulse|"
    rf"pulses|pulsed|taper|tapers|therapy|treatment|each|via|maintained|maintenance|home|low[- ]dose|"
    rf"high[- ]dose|loading|"
    rf"stable|same|only|just|approx\.?|about|around|approximately|started|received|course|courses|equivalent|remains?|"
    rf"continues?|continued|continuing|schedule|regimen|"
    rf"(?:as )?(?:written|follows|directed|prescribed|ordered)|regular|usual|"
    rf"long[- ]term|daily dose|gradually|slowly|currently at|up|"
    rf"down|dr|per|"
    rf"po\b|patient|pt|he|she|then|be|prescribed|dispensed|forte|by\s(?-i:[A-Z][\w.]{0, 14}(?:\s[A-Z][\w.]{0, 14})?)|"
    rf"and(?=\s(?:then|now)\b)|reduced|increased|decreased|weaned|tapered|lowered|raised|cut|back|changed|stepped|sodium|"
    rf"acetate|succinate|phosphate|mofetil|hydrochloride|sulfate|sulphate|hcl|acid|valerate|dipropionate|furoate|"
    rf"actpen|pen|"
    rf"prefilled|pfs|autoinjector|syringe|alone|today|unchanged|no change)(?![A-Za-z])|~|=|\*",
    _I,
)
THEN = re.compile(
    rf"{S0}(?:[,;.]{S0})?(?:and{S})?(?:then{S}(?:to{S})?|(?:->|→|=>|>){S0}(?:(?:now|then){S})?|followed{S}by{S}|down{S}to{S}|"
    rf"back{S}(?:down{S})?to{S}|reduced{S}to{S}|decreased{S}to{S}|reducing{S}to{S}|tapered{S}to{S}|taper{S}to{S}|"
    rf"weaned{S}to{S}|increased{S}to{S}|increasing{S}to{S}|up{S}to{S}|now{S}(?:on{S}|at{S})?|"
    rf"(?:currently|presently|at{S}present|present|today){S}(?:on{S}|at{S})?|"
    rf",{S0}(?=\d{{1,3}}(?:\.\d)?\s?(?:mg)?\s?(?:x|for|daily|od|qd)))(?:with{S}|on{S}|at{S}|by{S}|continue{S}|"
    rf"prednisone{S}|"
    rf"prednisolone{S}|pred{S}|a{S}|oral{S}){{0,2}}",
    _I,
)
FROM_TO = re.compile(
    rf"(?:(?:was|being|is|has been|then|dose)\s)?(?:(?P<verb>tapered|reduced|decreased|lowered|weaned|cut|"
    rf"increased|raised|"
    rf"taper|changed|went|dropped|reduce|decrease|wean|tapering|stepped|down|up|titrated){S})?(?:down{S}|up{S})?from{S}"
    rf"(?!(?:19|20)\d\d\b)(?P<first>\d{{1,4}}(?:\.\d{{1,2}})?)\s?(?:mg)?(?:\s?(?:daily|od|qd|/d(?:ay)?))?{S}?(?:to|->|→|"
    rf"down{S}to){S0}(?P<second>\d{{1,4}}(?:\.\d{{1,2}})?)\s?(?P<unit>mg)?(?![\d/.]\d|%)",
    _I,
)
