"""Times named by a feast or a part of a year, British lengths before "ago", and short ways of writing a day."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.text.dating import find_times

NOTE = date(2025, 6, 16)  # a Monday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("in May last year", "2024-05-01", "2024-05-31"),
        ("in May of this year", "2025-05-01", "2025-05-31"),
        ("last year in November", "2024-11-01", "2024-11-30"),
        ("at the beginning of the year", "2025-01-01", "2025-05-31"),
        ("at the end of last year", "2024-08-01", "2024-12-31"),
        ("the week before last", "2025-06-02", "2025-06-08"),
        ("the month before last", "2025-04-01", "2025-04-30"),
        ("half a year ago", "2024-09-16", "2025-03-17"),
        ("a year and a half ago", "2023-09-16", "2024-03-16"),
        ("this time last year", "2024-05-16", "2024-07-17"),
        ("around Christmas", "2024-12-20", "2025-01-02"),
        ("before Easter 2024", None, "2024-03-27"),
        ("at Easter", "2025-04-17", "2025-04-27"),
        ("last Diwali", "2024-10-14", "2024-11-16"),
        ("since Thanksgiving", "2024-11-22", "2025-06-16"),
        ("3/52 ago", "2025-05-23", "2025-05-29"),
        ("2/12 ago", "2025-04-01", "2025-05-01"),
        ("10/7 back", "2025-06-06", "2025-06-06"),
        ("on 23.5.25", "2025-05-23", "2025-05-23"),
        ("seen 20250523", "2025-05-23", "2025-05-23"),
        ("stroke '19", "2019-01-01", "2019-12-31"),
        ("stroke c.2019", "2019-01-01", "2019-12-31"),
        ("scan Nov-23", "2023-11-01", "2023-11-30"),
        ("scan Nov-05", "2024-11-05", "2024-11-05"),
        ("admitted 23/05/2025-30/05/2025", "2025-05-23", "2025-05-30"),
        ("from 2nd to 9th May", "2025-05-02", "2025-05-09"),
    ],
)
def test_days_of_an_occasion(text: str, first: str | None, last: str) -> None:
    found = find_times(text, NOTE)
    assert [(t.interval.earliest, t.interval.latest) for t in found] == [
        (date.fromisoformat(first) if first else None, date.fromisoformat(last))
    ]


@pytest.mark.parametrize("text", ["MRN 20251399", "height 5'10", "version 4.5.2", "holistic care", "newly born"])
def test_what_only_looks_like_one(text: str) -> None:
    assert find_times(text, NOTE) == []


def test_a_number_that_is_no_day_is_a_year_where_the_day_comes_first() -> None:
    (time,) = find_times("since 11/23", NOTE, day_first=True)
    assert (time.interval.earliest, time.interval.latest) == (date(2023, 11, 1), NOTE)
