"""A sentence and a drug in it in, how the drug is taken out: dose, route, frequency, length, steps, status.

From the drug's end a cursor reads the parts of a dose in whatever order they come and stops at the first word that
is none; a dose before the drug ("20 mg of prednisone") is looked for where none follows. Masses are in mg.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractor.quantities import parse_number
from extractor.records import DateInterval
from extractor.spec.doses import Change, DoseWords, Status
from extractor.text.dose_forms import (
    COUNT,
    FILLER,
    FROM_TO,
    LENGTH,
    OF_SEVEN,
    THEN,
    Amount,
    DoseReader,
    Part,
    read_amount,
    read_number,
)
from extractor.text.dose_levels import (
    DoseStep,
    Level,
    days_of,
    from_to,
    is_same_total,
    last_given,
    level_length,
    next_listed,
    overrides,
    second_of_day,
    take_time,
    taper_steps,
)
from extractor.text.dose_status import StatusReader
from extractor.text.times import TimeExpression, length_days, unit_name


@dataclass(frozen=True, slots=True)
class Dose:
    """How a drug is taken; `start:end` holds the drug and every part of its dose that adjoins.

    `amount` to `amount_high` is one dose in `unit` (mg, units, mL; `None` when only a number is written). `per_day` is
    how many doses a day (1/7 weekly); `daily` is mg a day averaged over the interval, mg/kg/d with `per_kg`; of a
    range the upper end. `when` is the last of `dates` ("1 g x2, 9/30 and 10/14/2024");
    `is_last_dose` where the words say so ("(weekly, last 11/14)"). `steps` has every level of a
    taper in order, the first being the dose itself.
    """

    start: int
    end: int
    amount: float | None = None
    amount_high: float | None = None
    unit: str | None = None
    per_kg: bool = False
    per_day: float | None = None
    frequency: str | None = None
    daily: float | None = None
    route: str | None = None
    is_systemic: bool | None = None
    duration_days: tuple[int, int | None] | None = None
    count: int | None = None
    prn: bool = False
    when: DateInterval | None = None
    when_kind: str | None = None
    dates: tuple[DateInterval, ...] = ()
    is_last_dose: bool = False
    status: Status | None = None
    status_span: tuple[int, int] | None = None
    change: Change | None = None
    steps: tuple[DoseStep, ...] = ()


_PRN = re.compile(r"(?:prn|p\.r\.n\.?|as needed|as required|if needed|when required|when needed)\b", re.I)
_NOT_SAID = re.compile(
    r"\(?\s?(?:dose|dosage)\s(?:is\s|was\s)?(?:not|un)\s?(?:known|written|stated|clear|sure|recorded|specified|given)",
    re.I,
)
_OTHERS = re.compile(r"\s(?:of\s)?[A-Za-z]{3,}(?:ole|pril|tan|ine|ate|ide|lol|tin|rin|cin|pam|mab|nib)\b", re.I)
"""A word with a medicine's ending right behind a dose, which is then not of this drug."""
_CLOSERS = re.compile(r"[)\]]")
MOST_PARTS = 24
DEVICES = frozenset({"inhaled", "nasal", "eye", "ear"})
_NOW = re.compile(r"\b(?:now|currently|present|today)\b", re.I)
_AFTER_COMMA = re.compile(r"[,;+&]|\band\b")


class Doses:
    """Reads doses with the words of one `patterns/doses.yaml`; built once, used for every sentence."""

    def __init__(self, words: DoseWords) -> None:
        self._words = words
        self.course_of = words.course_of
        self._reader = DoseReader(words)
        self._status = StatusReader(words)

    def parse(
        self,
        text: str,
        drug_span: tuple[int, int],
        drug: str,
        *,
        times: Sequence[TimeExpression] = (),
        floor: int = 0,
        limit: int | None = None,
    ) -> Dose:
        """How `drug`, written at `drug_span` of the sentence `text`, is taken; parts that are not said are `None`.

        `times` are the time expressions of `text`; `floor` is where the drug before ends, `limit` where the next
        begins. A glucocorticoid or other drug with a dose but no frequency counts as once a day, those of
        `weekly_drugs` as once a week.
        """
        stop = len(text) if limit is None else limit
        levels, route, prn, end = self._after(text, drug_span[1], stop, times)
        start = drug_span[0]
        if levels[0].amount is None:
            before = self._before(text, drug_span[0], floor)
            if before is not None:
                levels[0].amount, start = before, before.start
                levels[0].start, levels[0].end = before.start, before.end
        if route is None:
            led = self._route_before(text, drug_span[0], floor)
            route, start = (led, min(start, led.start)) if led else (None, start)
        return self._dose(text, drug_span, drug, start, end, levels, route, prn, floor, stop)

    def _after(
        self, text: str, position: int, stop: int, times: Sequence[TimeExpression]
    ) -> tuple[list[Level], Part | None, bool, int]:
        levels = [Level(position, position)]
        route: Part | None = None
        prn, end, parts = False, position, 0
        position = _past_brand(text, position, stop)
        while position < stop and parts < MOST_PARTS:
            parts += 1
            level = levels[-1]
            changed = FROM_TO.match(text, position, stop) if level.amount is None else None
            if changed is not None:
                levels = from_to(changed, levels[0])
                position = end = changed.end()
                continue
            further = second_of_day(text, position, stop, level)
            if further is not None:
                position = end = level.end = further
                continue
            listed = next_listed(text, position, stop, level, times)
            if listed is not None:
                position = end = level.end = listed
                continue
            last = last_given(text, position, stop, level, times)
            if last is not None:
                position = end = level.end = last
                continue
            then = THEN.match(text, position, stop) if level.amount is not None else None
            following = None if then is None else _any_amount(text, then.end(), stop)
            if following is not None and not is_same_total(level, following) and not _OTHERS.match(text, following.end):
                is_now = then is not None and _NOW.search(then[0]) is not None
                levels.append(Level(following.start, following.end, following, is_now=is_now))
                position = end = following.end
                continue
            read = self._part(text, position, stop, level, times)
            if read is not None:
                position = end = read
                level.end = end
                continue
            found = self._reader.route(text, position, stop)
            if found is not None:
                if level.amount is not None and found.name in DEVICES and _AFTER_COMMA.search(text, end, position):
                    break  # "prednisolone 40 mg od, nebs": the next thing of a list
                route = route or found
                position = end = found.end
                continue
            as_needed = _PRN.match(text, position, stop)
            if as_needed is not None:
                prn, position = True, as_needed.end()
                continue
            filler = FILLER.match(text, position, stop) or _CLOSERS.match(text, position, stop)
            if filler is None or filler.end() == position:
                break
            position = filler.end()
        return levels, route, prn, end

    def _part(self, text: str, position: int, stop: int, level: Level, times: Sequence[TimeExpression]) -> int | None:
        """The end of an amount, frequency, count or time at `position`, put into `level`; `None` for none."""
        amount = read_amount(text, position, stop)
        if amount is not None and (level.amount is None or overrides(amount, level.amount)):
            level.amount = amount
            level.start = min(level.start, amount.start) if level.frequency else amount.start
            return amount.end
        if amount is not None:
            return None
        time = next((t for t in times if t.start == position or t.start <= position < t.end), None)
        if time is not None and time.end <= stop:
            return time.end if take_time(text, level, time) else None
        frequency = self._reader.frequency(text, position, stop)
        if frequency is not None:
            if level.frequency is None:
                level.frequency = frequency
            return frequency.end
        length = LENGTH.match(text, position, stop) if level.amount is not None else None
        if length is not None and level.length is None and level_length(level) is None:
            number = parse_number(length["n"]) or 1.0
            level.length = length_days(number, number, unit_name(length["unit"]))
            return length.end()
        of = OF_SEVEN.match(text, position, stop) if level.amount is not None and level.length is None else None
        if of is not None:
            level.length = length_days(float(of["n"]), float(of["n"]), {"7": "day", "52": "week", "12": "month"}[of["of"]])
            return of.end()
        count = COUNT.match(text, position, stop)
        if count is not None:
            level.count = level.count or int(count["n"])
            return count.end()
        bare = read_number(text, position, stop) if level.amount is None and text[position - 1 : position] != "(" else None
        if bare is not None:
            level.amount = bare
            level.start = bare.start
            return bare.end
        return None

    def _before(self, text: str, start: int, floor: int) -> Amount | None:
        """A dose that ends right before the drug: "20 mg of prednisone", "40 mg daily prednisone"."""
        low = max(floor, start - 40, 0)
        for match in re.finditer(r"(?<![\w.])\d", text[low:start]):
            amount = read_amount(text, low + match.start(), start)
            if amount is None:
                continue
            rest = text[amount.end : start]
            frequency = self._reader.frequency(text, amount.end + len(rest) - len(rest.lstrip()), start)
            rest = text[frequency.end : start] if frequency else rest
            rest = re.sub(r"(?i)\b(?:of|oral|iv|po|im|daily|a|the|intravenous|inhaled|topical|od)\b", "", rest)
            if not rest.strip():
                return replace(amount, per_day=amount.per_day or (frequency.per_day if frequency else None))
        return None

    def _route_before(self, text: str, start: int, floor: int) -> Part | None:
        low = max(floor, start - 24, 0)
        found = [part for part in self._reader.routes_in(text, low, start) if not text[part.end : start].strip(" .\n")]
        return found[-1] if found else None

    def _dose(
        self, text: str, drug_span: tuple[int, int], drug: str, start: int, end: int, levels: list[Level],
        route: Part | None, prn: bool, floor: int, stop: int,
    ) -> Dose:  # fmt: skip
        end = _balanced(text, drug_span[1], end)
        first = levels[0]
        cue = self._status.status(text, drug_span, end, floor=floor, limit=stop)
        steps = taper_steps([(level, *self._daily(level, drug)) for level in levels])
        time = first.point
        return Dose(
            start, max(end, drug_span[1]),
            amount=first.amount.value if first.amount else None,
            amount_high=first.amount.high if first.amount else None,
            unit=(first.amount.unit or "mg") if first.amount else None,
            per_kg=bool(first.amount and first.amount.per_kg),
            per_day=steps[0].per_day if steps else (first.frequency.per_day if first.frequency else None),
            frequency=first.frequency.name if first.frequency else None,
            daily=steps[0].daily if steps else None,
            route=route.name if route else None,
            is_systemic=None if route is None else route.name in self._words.systemic_routes,
            duration_days=level_length(first), count=first.count, prn=prn,
            when=days_of(first), when_kind=time.kind if time else None,
            dates=first.dates,
            is_last_dose=first.is_last,
            status=cue.status if cue else None, status_span=(cue.start, cue.end) if cue else None,
            change=self._status.change(text, max(floor, drug_span[0] - 24), min(stop, end + 12)),
            steps=steps,
        )  # fmt: skip

    def _daily(self, level: Level, drug: str) -> tuple[float | None, float | None]:
        """(mg a day or mg/kg a day, doses a day) of a level."""
        amount = level.amount
        if amount is None:
            return None, level.frequency.per_day if level.frequency else None
        per_day = amount.per_day
        if per_day is None and level.frequency is not None:
            per_day = level.frequency.per_day
        if per_day is None:
            per_day = 1 / 7 if drug in self._words.weekly_drugs else 1.0
        if amount.unit not in (None, "mg") or amount.per_area:
            return None, per_day
        return round(amount.high * per_day + level.also, 4), per_day


def _past_brand(text: str, position: int, stop: int) -> int:
    """Past a brand or salt in brackets: "(Truxima)", "[Solu-Medrol]"; brackets with a number hold a dose."""
    match = re.compile(r"\s{0,2}(?:[(\[][A-Za-z][A-Za-z /-]{1,40}[)\]]|(?:-[a-z]{4})\b)").match(text, position, stop)
    return match.end() if match is not None and _NOT_SAID.match(match[0].strip()) is None else position


def _any_amount(text: str, position: int, stop: int) -> Amount | None:
    return read_amount(text, position, stop) or read_number(text, position, stop)


def _balanced(text: str, start: int, end: int) -> int:
    """`end`, moved past a bracket that the dose has opened."""
    inside = text[start:end]
    if inside.count("(") > inside.count(")") and re.match(r"\s?\)", text[end : end + 2]):
        return end + text[end : end + 2].index(")") + 1
    return end


def parse_dose(
    text: str,
    drug_span: tuple[int, int],
    drug: str,
    doses: Doses,
    *,
    times: Sequence[TimeExpression] = (),
    floor: int = 0,
    limit: int | None = None,
) -> Dose | None:
    """`Doses.parse`, `None` where the sentence says neither dose, route, frequency, length nor status.

    >>> from extractor.spec.doses import load_doses
    >>> parse_dose("on prednisone 20 mg BID", (3, 13), "prednisone", Doses(load_doses())).daily
    40.0
    """
    dose = doses.parse(text, drug_span, drug, times=times, floor=floor, limit=limit)
    said = (dose.amount, dose.route, dose.frequency, dose.duration_days, dose.status, dose.count, dose.when)
    return None if all(part is None for part in said) else dose
