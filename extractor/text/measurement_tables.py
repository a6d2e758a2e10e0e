"""Tables in a text, values in columns out: several dates across ("Labs  10/28  10/30") or analytes across.

Columns are told by order where a row has a cell for each, by the nearest heading where some are empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractor.records import DateInterval
from extractor.text.measurement_forms import Name, Tail, find_value, read_tail
from extractor.text.times import TimeExpression, between

Cell = tuple[Name, Tail, DateInterval | None]


UNDER = 8
"""How many characters a cell may stand off its heading where a row does not fill all columns."""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Column:
    place: int
    interval: DateInterval


def table_cells(text: str, names: Sequence[Name], times: Sequence[TimeExpression]) -> tuple[list[Cell], set[int]]:
    """The cells of all tables, and the starts of the names that these tables have used."""
    lines = _lines(text)
    by_line = _names_by_line(lines, names)
    cells: list[Cell] = []
    used: set[int] = set()
    columns: list[_Column] = []
    for position, line in enumerate(lines):
        if not text[line.start : line.end].strip():
            columns = []
            continue
        own = by_line.get(position, [])
        heading = _date_columns(text, line, own, times)
        if heading:
            columns = heading
        elif columns and own and text[line.start : own[0].start].strip(" \t|*-") == "":
            row = _row(text, line, own[0], columns)
            cells.extend(row)
            used.update({own[0].start} if row else ())
        elif len(own) >= 2 and not columns:
            below = _across(text, line, own, lines[position + 1 : position + 8], times)
            cells.extend(below)
            used.update({name.start for name in own} if below else ())
    return cells, used


def _lines(text: str) -> list[_Line]:
    lines, start = [], 0
    for part in text.split("\n"):
        lines.append(_Line(start, start + len(part.rstrip("\r"))))
        start += len(part) + 1
    return lines


def _names_by_line(lines: Sequence[_Line], names: Sequence[Name]) -> dict[int, list[Name]]:
    by_line: dict[int, list[Name]] = {}
    position = 0
    for name in names:
        while position + 1 < len(lines) and lines[position + 1].start <= name.start:
            position += 1
        by_line.setdefault(position, []).append(name)
    return by_line


def _date_columns(text: str, line: _Line, own: Sequence[Name], times: Sequence[TimeExpression]) -> list[_Column]:
    """Two dates or more on a line that is otherwise a few words; empty when it is no such line."""
    days = [t for t in between(times, line.start, line.end) if t.end <= line.end and t.kind == "point" and t.source == "explicit"]
    if len(days) < 2:
        return []
    rest = text[line.start : line.end]
    for day in reversed(days):
        rest = rest[: day.start - line.start] + rest[day.end - line.start :]
    gaps = [text[one.end : other.start] for one, other in zip(days, days[1:], strict=False)]
    words = re.findall(r"[A-Za-z]{2,}", rest)
    if len(words) > 5 or not all(re.fullmatch(r"(?:\s{2,}|\s*\||\t)[^.,;]{0,30}", gap) for gap in gaps):
        return []
    return [_Column(day.start - line.start, day.interval) for day in days]


_CELL_GAP = re.compile(r"(?:[ \t]{1,60}|[ \t]*\|[ \t]*)")
_FLAG_OR_DASH = re.compile(r"[ \t]{0,3}(?:\(?[HL]{1,2}\)?(?=\s|$|\|)|\*{1,2}|↑|↓)")
_EMPTY = re.compile(r"(?:-{1,3}|–|—|n/a|nd|\.{1,3})(?=\s|$|\|)", re.I)


def _row(text: str, line: _Line, name: Name, columns: Sequence[_Column]) -> list[Cell]:
    """The cells of a row, each with the date of its column, and the range printed at its end."""
    first = read_tail(text, name.end, line.end, (), True)
    if first is None or "\n" in text[name.end : first.start]:
        return []
    tails = [first]
    position = _past_flag(text, first.start if first.value is None else _number_end(text, first), line.end)
    if first.value is None:
        position = first.end
    while len(tails) < len(columns):
        gap = _CELL_GAP.match(text, position, line.end)
        empty = None if gap is None else _EMPTY.match(text, gap.end(), line.end)
        if empty is not None:
            position = empty.end()
            continue
        following = None if gap is None else find_value(text, gap.end(), line.end)
        if following is None:
            break
        tails.append(following)
        position = _past_flag(text, following.end, line.end)
    complete = read_tail(text, tails[-1].start, line.end, (), True) or tails[-1]
    dated = _placed(tails, line, columns)
    if first.value is None and ":" in text[name.end : first.start]:
        dated = [None] * len(tails)  # "HIV (rapid): non-reactive" is no cell
    return [
        (
            name,
            replace(
                tail,
                unit=complete.unit or first.unit,
                range_low=complete.range_low,
                range_high=complete.range_high,
                flag=_flag_at(text, tail),
                end=_cell_end(tail, text),
                is_cell=number > 0,
            ),
            dated[number],
        )
        for number, tail in enumerate(tails)
    ]


def _number_end(text: str, tail: Tail) -> int:
    value = find_value(text, tail.start, len(text))
    return value.end if value is not None else tail.end


def _cell_end(tail: Tail, text: str) -> int:
    return tail.end if tail.value is None else _number_end(text, tail)


def _past_flag(text: str, position: int, limit: int) -> int:
    flag = _FLAG_OR_DASH.match(text, position, limit)
    return flag.end() if flag else position


def _flag_at(text: str, tail: Tail) -> str | None:
    flag = _FLAG_OR_DASH.match(text, _cell_end(tail, text))
    if flag is None:
        return None
    return (
        "high"
        if "H" in flag.group() or "↑" in flag.group()
        else "low"
        if "L" in flag.group() or "↓" in flag.group()
        else "abnormal"
    )


def _placed(tails: Sequence[Tail], line: _Line, columns: Sequence[_Column]) -> list[DateInterval | None]:
    """The date of each cell; `None` for one that stands under no heading ("HIV (rapid): non-reactive")."""
    if len(tails) == len(columns):
        return [column.interval for column in columns]
    nearest = [min(columns, key=lambda column: abs(column.place - (tail.start - line.start))) for tail in tails]
    return [
        column.interval if abs(column.place - (tail.start - line.start)) <= UNDER else None
        for tail, column in zip(tails, nearest, strict=True)
    ]


def _across(
    text: str, heading: _Line, own: Sequence[Name], below: Sequence[_Line], times: Sequence[TimeExpression]
) -> list[Cell]:
    """A line of analyte names alone, and the rows of numbers under it."""
    rest = text[heading.start : heading.end]
    if re.search(r"\d", rest) or re.search(r"[.,;:]\s", rest) or len(re.findall(r"[A-Za-z]+", rest)) > 3 * len(own) + 2:
        return []
    cells: list[Cell] = []
    for line in below:
        day = next((t for t in between(times, line.start, line.end) if t.kind == "point"), None)
        start = day.end if day is not None and not text[line.start : day.start].strip(" \t|") else line.start
        row = _numbers(text, start, line.end)
        if len(row) < 2:
            break
        for name, tail in _under(own, row, heading, line):
            cells.append((name, replace(tail, is_cell=True), day.interval if day else None))
    return cells


def _numbers(text: str, position: int, limit: int) -> list[Tail]:
    found: list[Tail] = []
    while position < limit:
        gap = _CELL_GAP.match(text, position, limit)
        position = gap.end() if gap else position
        empty = _EMPTY.match(text, position, limit)
        value = find_value(text, position, limit)
        if value is not None:
            found.append(value)
            position = _past_flag(text, value.end, limit)
        elif empty is not None:
            position = empty.end()
        else:
            break
    return found


def _under(own: Sequence[Name], row: Sequence[Tail], heading: _Line, line: _Line) -> list[tuple[Name, Tail]]:
    if len(own) == len(row):
        return list(zip(own, row, strict=True))
    return [(min(own, key=lambda name: abs((name.start - heading.start) - (tail.start - line.start))), tail) for tail in row]
