"""A sentence, a table or a whole note in, the laboratory values and test results in it out.

An analyte's name is found first (the longest of `patterns/analytes.yaml`); from its end a bounded scan steps over
what may stand between ("was", "(POC)", dots, a unit, a date) to a number, a result or a multiple of the upper
limit, and after that collects flag, unit and printed range. `measurement_tables` reads what stands in columns.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extractor.quantities import convert, dimension, normal_unit
from extractor.records import DateInterval
from extractor.spec.units import Analyte, AnalyteRules, known_units
from extractor.text.literals import LiteralMatcher
from extractor.text.measurement_answers import as_answered, is_of_genome, of_index
from extractor.text.measurement_forms import (
    Name,
    Result,
    Tail,
    find_value,
    joins_names,
    read_tail,
    result_before,
    several_values,
)
from extractor.text.measurement_limits import as_limit
from extractor.text.measurement_tables import table_cells
from extractor.text.times import TimeExpression
from extractor.text.tokens import tokenize

ULN = "xULN"
"""The unit of a value stated as a multiple of the upper limit of normal."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value or result of one analyte; `start:end` runs from the name (or the cell of a later column) to the value.

    `value` is in `unit` (canonical spelling, `None` when neither written nor to be told from range and size; `xULN`
    for a multiple of the upper limit); `range_low` and `range_high` are in the same unit. `when` is the date of its
    column or beside it, `None` when the sentence or section has to say. `flag` is "high", "low" or "abnormal".
    """

    concept: str
    start: int
    end: int
    name_start: int
    name_end: int
    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    range_low: float | None = None
    range_high: float | None = None
    flag: str | None = None
    result: Result | None = None
    titre: int | None = None
    when: DateInterval | None = None


_DAY_OF_MONTH = re.compile(r"\s\d{1,2}(?:/\d|(?:st|nd|rd|th)?\s[A-Z][a-z]{2})")


class Analytes:
    """The names of all analytes, compiled once; finding them is linear in the text."""

    def __init__(self, rules: AnalyteRules) -> None:
        phrases = [(name, (analyte, None)) for analyte in rules.analytes for name in analyte.names]
        exact = [(name, (analyte, name)) for analyte in rules.analytes for name in analyte.exact_names]
        panel = [(name, (analyte, name)) for analyte in rules.analytes for name in analyte.panel_names]
        self.phrases = tuple(dict.fromkeys(name for name, _ in (*phrases, *exact, *panel)))
        self._matcher: LiteralMatcher[tuple[Analyte, str | None]] = LiteralMatcher([*phrases, *exact, *panel])

    def names(self, text: str) -> list[Name]:
        """The names in `text` by place, the longest where several begin or overlap."""
        return self.names_in(text, [(0, len(text))])

    def names_in(self, text: str, stretches: Iterable[tuple[int, int]]) -> list[Name]:
        """The names in stretches of `text`, which hold all that are in it, none over the end of a stretch."""
        kept = [
            Name(start + name.start, start + name.end, name.analyte)
            for start, end in stretches
            for name in self._longest(text[start:end])
        ]
        return [name for index, name in enumerate(kept) if _in_panel(text, kept, index)]

    def _longest(self, text: str) -> list[Name]:
        tokens = tokenize(text)
        longest: dict[int, Name] = {}
        for first, after, (analyte, exact) in self._matcher.find(tokens.norms):
            start, end = tokens.starts[first], tokens.ends[after - 1]
            if exact is not None and text[start:end] != exact or "\n" in text[start:end]:
                continue
            if analyte.scale != "number" and text[end : end + 1].isdigit():
                continue  # a lot number, "HCG4410"
            if text[start:end] == "Sat" and _DAY_OF_MONTH.match(text, end):
                continue  # a Saturday, not a saturation
            if start not in longest or longest[start].end < end:
                longest[start] = Name(start, end, analyte)
        kept: list[Name] = []
        for name in (longest[start] for start in sorted(longest)):
            if not kept or name.start >= kept[-1].end:
                kept.append(name)
        return kept


NEAR = 70
"""How many characters a short name of a panel ("TB") may stand off a longer one of it ("ALT")."""


def _in_panel(text: str, names: Sequence[Name], index: int) -> bool:
    """Whether the name may stand alone, or another of its panel stands beside it ("AST 33 ALT 47 TB 1.7")."""
    name = names[index]
    if text[name.start : name.end] not in name.analyte.panel_names:
        return True
    beside = (*names[max(0, index - 3) : index], *names[index + 1 : index + 4])
    return any(other.analyte.concept in name.analyte.panel and _is_near(text, name, other) for other in beside)


def _is_near(text: str, one: Name, other: Name) -> bool:
    """In one run of values: not far off, and no sentence ends between them."""
    first, second = sorted((one, other), key=lambda name: name.start)
    gap = text[first.end : second.start]
    return len(gap) <= NEAR and re.search(r"[.;]\s", gap) is None


def find_measurements(
    text: str,
    analytes: Analytes,
    *,
    names: Sequence[Name] | None = None,
    times: Sequence[TimeExpression] = (),
    si_units: bool | None = None,
) -> list[Measurement]:
    """The measurements of `text` by place; all spans slice to `text`.

    `times` are the time expressions of the same text (they date columns and values); `si_units` says which units a
    bare number more likely has in this note (`guess_si_units`), `None` when that is not known. `names` are those of
    `text` where they have been looked for already.

    >>> from extractor.spec.units import load_analytes
    >>> [(m.concept, m.value, m.range_high) for m in find_measurements("ALT was 118 (ref 0-33)", Analytes(load_analytes()))]
    [('alt', 118.0, 33.0)]
    """
    names = analytes.names(text) if names is None else names
    if not names:
        return []
    cells, in_tables = table_cells(text, names, times)
    found = [_measured(text, name, tail, si_units, when) for name, tail, when in cells]
    prose = [name for name in names if name.start not in in_tables]
    for group, limit in _groups(text, prose, names):
        found.extend(_of_group(text, group, limit, times, si_units))
    return sorted((m for m in found if m is not None), key=lambda m: (m.start, m.end))


def guess_si_units(text: str) -> bool | None:
    """Whether the laboratory of a note reports molar units, by the units that are written; `None` if none is."""
    lower = text.lower()
    molar = sum(map(lower.count, ("\u00b5mol", "\u03bcmol", "umol", "mmol/", "micromol")))
    molar += len(re.findall(r"\bg/l\b", lower)) if "g/l" in lower else 0
    mass = sum(map(lower.count, ("g/dl", "mg%", "gm%")))
    return None if molar == mass else molar > mass


def _groups(text: str, names: Sequence[Name], every: Sequence[Name]) -> Iterable[tuple[list[Name], int]]:
    """Names that share their values ("AST/ALT", "HIV and HCV"), and where the scan for these must stop."""
    starts = [name.start for name in every]
    group: list[Name] = []
    for position, name in enumerate(names):
        group.append(name)
        following = names[position + 1] if position + 1 < len(names) else None
        if following is not None and joins_names(text[name.end : following.start]):
            continue
        later = bisect_left(starts, name.end)
        yield group, starts[later] if later < len(starts) else len(text)
        group = []


def _of_group(
    text: str, group: list[Name], limit: int, times: Sequence[TimeExpression], si_units: bool | None
) -> list[Measurement]:
    last = group[-1]
    if len(group) > 1:
        values = several_values(text, last.end, limit, len(group))
        if values is not None:
            pairs = [_measured(text, name, tail, si_units, None) for name, tail in zip(group, values, strict=True)]
            return [pair for pair in pairs if pair is not None]
    tail = read_tail(text, last.end, limit, times, last.analyte.scale != "number")
    if tail is None:
        tail = result_before(text, group[0].start)
    if tail is None or is_of_genome(last.analyte.concept, text[last.end : tail.start]):
        return []
    limit_tail = as_limit(text, as_answered(text, group[0].start, tail))
    if limit_tail is None:
        return []
    tail = limit_tail
    when = tail.when
    own = _measured(text, last, tail, si_units, when)
    if own is None:
        return []
    shared = group[:-1] if tail.uln_multiple or (tail.result is not None and tail.value is None) else []
    others = [_measured(text, name, replace(tail, start=name.start), si_units, when) for name in shared]
    later = _changes(text, last, tail, limit, si_units)
    return [*(other for other in others if other is not None), own, *later]


def _changes(text: str, name: Name, tail: Tail, limit: int, si_units: bool | None) -> list[Measurement]:
    """ "1.21 on arrival -> 0.86": the value that it changed to, by its own span."""
    found: list[Measurement] = []
    arrow = re.compile(
        r"[^\n;.]{0,24}?\s{0,3}(?:->|→|=>|-->|"
        r"[,;] ?(?:but )?(?:now|currently|today|latest|down to)\b:?|\bto(?=\s{1,2}[\d.]))\s{0,3}"
    )
    position = tail.end
    while tail.value is not None and len(found) < 6:
        match = arrow.match(text, position, min(limit, position + 40))
        following = None if match is None else find_value(text, match.end(), limit)
        if match is None or following is None:
            break
        made = _measured(text, name, following, si_units, following.when)
        if made is None:
            break
        found.append(replace(made, start=following.start, unit=made.unit))
        position = following.end
    return found


def _measured(text: str, name: Name, tail: Tail, si_units: bool | None, when: DateInterval | None) -> Measurement | None:
    """The measurement, or `None` where the number has a unit, or a size, that the analyte cannot have."""
    analyte = name.analyte
    start = min(name.start, tail.start) if tail.before else name.start
    if tail.is_cell:
        start = tail.start
    base = Measurement(
        analyte.concept, start, max(name.end, tail.end) if not tail.is_cell else tail.end, name.start, name.end,
        comparator=tail.comparator, flag=tail.flag, titre=tail.titre, when=when,
    )  # fmt: skip
    if tail.uln_multiple:
        return replace(base, value=tail.value, unit=ULN) if analyte.scale == "number" and analyte.units else None
    if tail.value is None:
        if tail.result is None or (analyte.scale == "number" and tail.result not in ("normal", "abnormal", "pending")):
            return None
        return replace(base, result="positive" if analyte.weak_is_positive and tail.weak else tail.result)
    if analyte.scale == "result" and tail.result is None:
        read = of_index(text, tail)
        return None if read is None else replace(base, result=read[0], end=max(base.end, read[1]))
    unit = _unit(analyte, tail, si_units)
    if unit is _IMPOSSIBLE:
        return None
    result = tail.result or _result_of_number(analyte, tail)
    return replace(base, value=tail.value, unit=unit, range_low=tail.range_low, range_high=tail.range_high, result=result)


_IMPOSSIBLE = "impossible"


def _unit(analyte: Analyte, tail: Tail, si_units: bool | None) -> str | None:
    """The unit written, if the analyte has it; else the one that range, note and size speak for."""
    units = known_units(analyte)
    value = tail.value or 0.0
    if tail.unit is not None:
        kinds = {dimension(unit) for unit in units}
        written = normal_unit(tail.unit) or tail.unit
        if not units or written in units or dimension(written) in kinds:
            return written
        return _IMPOSSIBLE
    if not units:
        return None
    possible = [unit for unit, (low, high) in units.items() if low <= value <= high or tail.comparator]
    if not possible:
        return _IMPOSSIBLE
    if tail.range_high is not None and analyte.upper:
        usual = {unit: analyte.upper[unit] for unit in units if unit in analyte.upper}
        return min(usual, key=lambda unit: _ratio(usual[unit], tail.range_high or 1.0)) if usual else possible[0]
    if si_units and len(possible) > 1:
        return next((unit for unit in possible if dimension(unit) == "molar"), possible[0])
    if si_units is None and len(possible) > 1 and value >= 5 and value.is_integer() and "umol/L" in possible:
        return "umol/L"  # mg/dL are written with a decimal
    return possible[0]


def _ratio(one: float, other: float) -> float:
    return max(one, other) / max(min(one, other), 1e-9)


def _result_of_number(analyte: Analyte, tail: Tail) -> Result | None:
    """Positive or negative by the printed range, else by the analyte's limits; "<20" is negative, ">250" positive."""
    if analyte.scale != "either" or tail.value is None:
        return None
    if tail.comparator in ("<", "<="):
        return "negative" if analyte.positive_from is None or tail.value <= max(analyte.positive_from, 1) else None
    upper = tail.range_high if tail.range_high is not None else analyte.positive_from
    if upper is not None and tail.value >= upper:
        return "positive"
    lower = tail.range_high if tail.range_high is not None else analyte.negative_below
    return "negative" if lower is not None and tail.value < lower else None


def in_unit(measurement: Measurement, unit: str) -> float | None:
    """The value in another unit; `None` where there is no value or no way between the units."""
    if measurement.value is None or measurement.unit is None:
        return None
    try:
        return convert(measurement.value, measurement.unit, unit, measurement.concept)
    except ValueError:
        return None
