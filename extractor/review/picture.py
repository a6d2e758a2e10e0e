"""A chart in, the places of a picture out: evidence as bars on a line of time, against each criterion's windows.

Time runs on a logarithm of the days before the index date, since one picture must show a window of 49 days and a tumour
of ten years ago. The template draws it as SVG; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import log1p

from pydantic import BaseModel

from extractor.criteria.windows import length_words
from extractor.dates import window
from extractor.review.charts import ChartView, CriterionView, Item
from extractor.spec.nodes import Rule, Window
from extractor.spec.trials import Trial, nodes_of

LEFT, RIGHT, INDEX = 40.0, 880.0, 830.0
"""Where the oldest day, the end of the picture and the index date lie; what comes after the index date has the rest."""
TOP, ROW = 22.0, 18.0
SCALE_DAYS = 20.0
"""Below this the line of time is nearly even, beyond it nearly logarithmic."""
LEAST_YEARS_SHOWN = 1
MOST_YEARS_SHOWN = 60
LEAST_WIDTH = 5.0
TICKS = ((30, "1 mo"), (91, "3 mo"), (183, "6 mo"), (365, "1 y"), (730, "2 y"), (1826, "5 y"), (3652, "10 y"), (9131, "25 y"))


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of evidence, from `x` for `width`; `is_open_left` when it has no known beginning."""

    x: float
    width: float
    item: Item
    is_open_left: bool
    words: str


@dataclass(frozen=True, slots=True)
class Shade:
    """One window of a criterion."""

    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion: where its line lies, its windows and its evidence."""

    criterion_id: str
    number: int
    y: float
    shades: tuple[Shade, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture; `ticks` are (x, label)."""

    height: float
    index_date: str
    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]


def picture(view: ChartView) -> Picture | None:
    """The picture of a chart; `None` without an index date or dated evidence."""
    if view.chart["index_date"] is None:
        return None
    index = date.fromisoformat(view.chart["index_date"])
    shown = [one for one in view.criteria if any(item.has_date for item in one.items)]
    if not shown:
        return None
    reach = _reach(index, shown, view.study.trial)
    rows = tuple(_row(view.study.trial, one, index, reach, TOP + place * ROW) for place, one in enumerate(shown))
    ticks = tuple((_x(days, reach), label) for days, label in TICKS if days <= reach)
    return Picture(TOP + len(shown) * ROW + 8, index.isoformat(), rows, ticks)


def windows_of(trial: Trial, criterion_id: str) -> list[Window]:
    """The windows of a criterion, each length once, those of referred rules too; the longest first."""
    found = {length_words(one): one for one in _windows(trial, trial.criterion(criterion_id).rule, frozenset())}
    return sorted(found.values(), key=_length, reverse=True)


def _windows(trial: Trial, model: BaseModel, seen: frozenset[str]) -> Iterator[Window]:
    for node in nodes_of(model):
        if isinstance(node, Window):
            yield node
        elif isinstance(node, Rule) and node.ref is not None and node.ref not in seen:
            yield from _windows(trial, trial.define[node.ref], seen | {node.ref})


def _length(spec: Window) -> int:
    return _days(spec, date(2000, 1, 1))


def _days(spec: Window, index: date) -> int:
    first = window(index, days=spec.days, months=spec.months, years=spec.years).earliest
    return (index - first).days if first else 0


def _reach(index: date, shown: Iterable[CriterionView], trial: Trial) -> int:
    """How many days before the index date the picture goes."""
    days = [365 * LEAST_YEARS_SHOWN]
    for one in shown:
        days += [_days(spec, index) for spec in windows_of(trial, one.criterion.id)]
        days += [(index - date.fromisoformat(day)).days for item in one.items for day in (item.earliest, item.latest) if day]
    return min(max(days), 365 * MOST_YEARS_SHOWN)


def _x(days_before: float, reach: int) -> float:
    """Where a day lies; days after the index date share the strip at the right."""
    if days_before < 0:
        return min(RIGHT, INDEX + 4 - days_before / 12)
    share = log1p(min(days_before, reach) / SCALE_DAYS) / log1p(reach / SCALE_DAYS)
    return round(INDEX - (INDEX - LEFT) * share, 1)


def _row(trial: Trial, one: CriterionView, index: date, reach: int, y: float) -> Row:
    shades = tuple(_shade(spec, index, reach) for spec in windows_of(trial, one.criterion.id))
    bars = tuple(_bar(item, index, reach) for item in one.items if item.has_date)
    return Row(one.criterion.id, one.number, y, shades, bars)


def _shade(spec: Window, index: date, reach: int) -> Shade:
    x = _x(_days(spec, index), reach)
    return Shade(x, round(INDEX - x, 1), f"window of {length_words(spec)}")


def _bar(item: Item, index: date, reach: int) -> Bar:
    first = _x((index - date.fromisoformat(item.earliest)).days, reach) if item.earliest else LEFT
    last = _x((index - date.fromisoformat(item.latest)).days, reach) if item.latest else INDEX
    width = max(last - first, LEAST_WIDTH)
    return Bar(round(first, 1), round(width, 1), item, item.earliest is None, f"{item.earliest or '…'} to {item.latest or '…'}")
