"""Numbers as they are written, units, and conversion between units.

Pure and self-contained: physical factors are constants and stand here; what a clinician could have an opinion on
(dose equivalence, reference limits) is YAML and arrives as an argument. Molar conversions need the analyte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from extractor.errors import ExtractorError

NUMBER_WORDS: dict[str, float] = {
    "zero": 0, "half": 0.5, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}

_TENS = "twenty|thirty|fou?rty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
WORD_NUMBER = rf"(?:(?:{_TENS})(?:[- ](?:{_ONES}))?|(?:thir|four|fif|six|seven|eigh|nine)teen|ten|eleven|twelve|{_ONES}|hundred)"
"""A regular expression for a number in words, to be read case-blind."""
DIGIT_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,3}(?!\d)(?:\.\d{1,4})?|\d{1,7}(?:[.\u00b7]\d{1,4})?[½¼¾]?|[½¼¾]|\.\d{1,4})"
"""A regular expression for a number in digits: "12", "1,250", "0.5", ".5", "2½", "0·7"."""

COMPARATORS = {
    "<": "<", ">": ">", "≤": "<=", "≥": ">=", "<=": "<=", ">=": ">=", "=<": "<=", "=>": ">=", "~": "~", "≈": "~", "c.": "~",
    "less than": "<", "under": "<", "below": "<", "lt": "<", "up to": "<=", "at most": "<=", "no more than": "<=",
    "greater than": ">", "more than": ">", "over": ">", "above": ">", "gt": ">", "at least": ">=", "approximately": "~",
    "approx": "~", "approx.": "~", "about": "~", "around": "~", "circa": "~", "roughly": "~", "nearly": "~", "almost": "~",
}  # fmt: skip
COMPARATOR = r"(?:" + "|".join(sorted((re.escape(c).replace(r"\ ", r"\s{1,3}") for c in COMPARATORS if not c.isalpha()
                                       or len(c) > 2), key=len, reverse=True)) + r")"  # fmt: skip
"""A regular expression for a comparator, to be read case-blind."""


class QuantityError(ExtractorError, ValueError):
    """A unit that is not known, or two units between which there is no conversion."""


def parse_number(written: str) -> float | None:
    """The value of a number in digits or words, `None` when it is not one.

    >>> [parse_number(w) for w in ("1,250", "2½", "twenty-five", "a", "0·7", "many")]
    [1250.0, 2.5, 25.0, 1.0, 0.7, None]
    """
    text = written.strip().lower().replace("\u00b7", ".")
    if not text:
        return None
    if text[-1] in FRACTIONS:
        whole = parse_number(text[:-1]) if text[:-1].strip() else 0.0
        return None if whole is None else whole + FRACTIONS[text[-1]]
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if re.fullmatch(r"\d*\.?\d+", text, re.ASCII):
        return float(text)
    parts = re.split(r"[-\s]+", text)
    if len(parts) > 2 or any(part not in NUMBER_WORDS for part in parts):
        return None
    return float(sum(NUMBER_WORDS[part] for part in parts))


def normal_comparator(written: str) -> str | None:
    """One of `<`, `<=`, `>`, `>=`, `~`, or `None`."""
    return COMPARATORS.get(" ".join(written.lower().split()))


# canonical unit: (dimension, size in the dimension's base unit, other spellings)
_UNITS: dict[str, tuple[str, float, tuple[str, ...]]] = {
    "mg": ("mass", 1.0, ("milligram", "milligrams", "mgs", "mgm", "mgms", "milligramme", "milligrammes")),
    "g": ("mass", 1e3, ("gram", "grams", "gm", "gms", "gr", "gramme", "grammes")),
    "mcg": ("mass", 1e-3, ("ug", "microgram", "micrograms", "mcgs", "microg", "microgramme", "microgrammes")),
    "ng": ("mass", 1e-6, ("nanogram", "nanograms")),
    "kg": ("mass", 1e6, ("kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramme", "kilogrammes", "kgm")),
    "lb": ("mass", 453592.37, ("lbs", "pound", "pounds", "#", "lb.", "lbs.")),
    "oz": ("mass", 28349.523125, ("ounce", "ounces")),
    "st": ("mass", 6350293.18, ("stone", "stones")),
    "cm": ("length", 1.0, ("cms", "centimetre", "centimetres", "centimeter", "centimeters")),
    "mm": ("length", 0.1, ("millimetre", "millimetres", "millimeter", "millimeters")),
    "m": ("length", 100.0, ("metre", "metres", "meter", "meters")),
    "in": ("length", 2.54, ("inch", "inches", "ins", '"', "''", "in.")),
    "ft": ("length", 30.48, ("foot", "feet", "'", "ft.")),
    "mL": ("volume", 1.0, ("ml", "mls", "cc", "millilitre", "millilitres", "milliliter", "milliliters")),
    "L": ("volume", 1e3, ("litre", "litres", "liter", "liters")),
    "mg/dL": ("concentration", 1.0, ("mg%", "mg/100ml", "mgs/dl", "mg/dl.")),
    "g/dL": ("concentration", 1e3, ("gm/dl", "g%", "gm%", "gms/dl", "g/100ml")),
    "g/L": ("concentration", 100.0, ("gm/l",)),
    "mg/L": ("concentration", 0.1, ()),
    "mcg/L": ("concentration", 1e-4, ("ug/l",)),
    "ng/mL": ("concentration", 1e-4, ()),
    "mcg/dL": ("concentration", 1e-3, ("ug/dl",)),
    "umol/L": ("molar", 1.0, ("mcmol/l", "micromol/l", "micromoles/l", "micromol/litre", "micromole/l", "umol", "micromol",
                              "umol/litre", "umols/l", "um/l", "umoles/l", "micromoles/litre", "mcmol", "um")),
    "mmol/L": ("molar", 1e3, ("mmol", "mmol/litre", "mm/l", "mmols/l")),
    "nmol/L": ("molar", 1e-3, ()),
    "U/L": ("activity", 1.0, ("iu/l", "units/l", "u/litre", "iu/litre", "unit/l", "u/l.", "units/litre")),
    "kat/L": ("activity", 6e7, ("katal/l",)),
    "ukat/L": ("activity", 60.0, ("mckat/l", "microkat/l")),
    "IU/mL": ("titre", 1.0, ("u/ml", "units/ml", "kiu/l")),
    "mIU/mL": ("titre", 1e-3, ("miu/ml", "mu/ml", "iu/l hcg")),
    "IU": ("international units", 1.0, ("units", "unit", "u", "i.u.", "international units")),
    "MIU": ("international units", 1e6, ("million iu", "million units", "mega units", "mu", "million international units")),
    "mL/min": ("clearance", 1.0, ("ml/mn", "cc/min", "ml/minute", "mls/min", "ml/m", "ml/min.", "mls/minute")),
    "mL/s": ("clearance", 60.0, ("ml/sec",)),
    "mL/min/1.73m2": ("indexed clearance", 1.0, ("ml/min/1.73", "ml/min/1.73m^2", "ml/min/1.73sqm", "ml/min/m2",
                                                 "ml/min/1.73m", "ml/mn/1.73m2", "ml/min/bsa")),
    "%": ("fraction", 1.0, ("percent", "per cent", "pct")),
    "mmHg": ("pressure", 1.0, ("mm hg", "mm.hg")),
    "kPa": ("pressure", 7.500617, ()),
    "10^9/L": ("cells", 1.0, ("x10^9/l", "x109/l", "10*9/l", "k/ul", "k/mm3", "x10^3/ul", "x103/ul", "thou/ul", "10^3/ul",
                              "x10e9/l", "x10(9)/l", "k/mcl", "th/ul", "x10^3/mm3", "10e9/l", "10*3/ul", "10e3/ul", "x10e3/ul",
                              "x 10^9/l", "k/cumm", "x10*9/l", "x10³/ul", "x10⁹/l", "10⁹/l", "thousand/ul")),
    "/uL": ("cells", 1e-3, ("/mm3", "cells/ul", "/cumm", "cells/mm3", "/mcl", "cells/mcl", "/microl")),
    "10^4/uL": ("cells", 10.0, ("x10^4", "x10^4/ul", "x104/ul")),
    "kg/m2": ("body mass index", 1.0, ("kg/m^2", "kg/m²", "kg/sqm", "kg/sq.m")),
    "mm/h": ("sedimentation", 1.0, ("mm/hr", "mm/1h", "mm/hour", "mm/1hr", "mm/1sth")),
    "copies/mL": ("viral load", 1.0, ("c/ml", "cp/ml", "copies", "cps/ml", "copies/ml.")),
    "dB": ("decibel", 1.0, ("decibels",)),
}  # fmt: skip

# (analyte, dimension from, dimension to): micromoles a litre in one mg/dL
_UMOL_PER_MGDL = {
    "creatinine": 88.4,
    "bilirubin": 17.1,
    "total_bilirubin": 17.1,
    "direct_bilirubin": 17.1,
    "glucose": 55.5,
    "urea": 166.5,
    "urate": 59.48,
    "calcium": 249.5,
    "cholesterol": 25.86,
}


def _key(written: str) -> str:
    text = written.strip().lower().replace("µ", "u").replace("μ", "u").replace("²", "2").replace("³", "3")
    return re.sub(r"\s*([/^])\s*", r"\1", " ".join(text.split()))


_SPELLINGS: dict[str, str] = {}
for _name, (_dimension, _size, _others) in _UNITS.items():
    for _spelling in (_name, *_others):
        _SPELLINGS.setdefault(_key(_spelling), _name)


def normal_unit(written: str) -> str | None:
    """The canonical spelling of a unit, `None` when it is not known.

    >>> [normal_unit(u) for u in ("µmol/L", "IU/l", "lbs", "mL/min/1.73 m²")]
    ['umol/L', 'U/L', 'lb', 'mL/min/1.73m2']
    """
    key = _key(written)
    return _SPELLINGS.get(key) or _SPELLINGS.get(key.replace(" ", ""))


def dimension(unit: str) -> str | None:
    """What a unit measures ("mass", "molar" …), `None` when it is not known."""
    name = normal_unit(unit)
    return None if name is None else _UNITS[name][0]


def convert(value: float, unit: str, to: str, analyte: str | None = None) -> float:
    """`value` in another unit. Mass and molar concentrations convert for a known `analyte` only.

    Raises `QuantityError` naming both units when there is no way between them.

    >>> round(convert(1.0, "mg/dL", "umol/L", "creatinine"), 1), round(convert(11, "st", "kg"), 2)
    (88.4, 69.85)
    """
    source, target = normal_unit(unit), normal_unit(to)
    if source is None or target is None:
        raise QuantityError(f"unit {unit if source is None else to!r} is not known")
    if source == target:
        return value
    (from_kind, from_size, _), (to_kind, to_size, _) = _UNITS[source], _UNITS[target]
    if from_kind == to_kind:
        return value * from_size / to_size
    factor = _UMOL_PER_MGDL.get(analyte or "")
    if factor is not None and (from_kind, to_kind) == ("concentration", "molar"):
        return value * from_size * factor / to_size
    if factor is not None and (from_kind, to_kind) == ("molar", "concentration"):
        return value * from_size / factor / to_size
    raise QuantityError(f"no conversion from {source} to {target}" + (f" for {analyte}" if analyte else ""))


def prednisone_equivalent(drug: str, mg: float, equivalents: Mapping[str, float]) -> float | None:
    """The prednisone dose in mg with the effect of `mg` of `drug`; `None` for a drug the table lacks.

    `equivalents` gives the mg of each drug equal to 5 mg of prednisone (`patterns/units.yaml`).

    >>> prednisone_equivalent("methylprednisolone", 500, {"methylprednisolone": 4})
    625.0
    """
    equal_to_5 = equivalents.get(drug.lower())
    return None if equal_to_5 is None else mg * 5 / equal_to_5
