"""Calendar arithmetic: month ends, windows with both ends, fractions of months, partial dates against windows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import dates
from extractor.records import DateInterval

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 5, 31), -3, date(2024, 2, 29)),
        (date(2023, 5, 31), -3, date(2023, 2, 28)),
        (date(2025, 1, 15), -1, date(2024, 12, 15)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 6, 30), 0, date(2024, 6, 30)),
    ],
)
def test_a_day_that_the_month_lacks_is_its_last(day: date, months: int, expected: date) -> None:
    assert dates.add_months(day, months) == expected


def test_years_are_calendar_steps() -> None:
    assert dates.add_years(date(2024, 2, 29), -1) == date(2023, 2, 28)
    assert dates.add_years(date(2025, 7, 4), -5) == date(2020, 7, 4)


def test_steps_stop_at_the_ends_of_the_calendar() -> None:
    assert dates.add_months(date(2024, 1, 1), -12 * 5000) == date.min
    assert dates.add_years(date(2024, 1, 1), 9000) == date.max
    assert dates.add_days(date(2024, 1, 1), 10**9) == date.max


@pytest.mark.parametrize(
    ("months", "days"), [(1.6, 49), (0.5, 16), (2.5, 77), (1.5, 46)], ids=["1.6", "half", "two and a half", "1.5"]
)
def test_fractions_of_months_are_rounded_up(months: float, days: int) -> None:
    assert dates.month_days(months) == days
    index_date = date(2025, 3, 31)
    assert dates.window(index_date, months=months) == DateInterval(index_date - timedelta(days=days), index_date)


def test_whole_months_and_years_of_a_window_are_calendar_steps() -> None:
    assert dates.window(date(2024, 5, 31), months=3).earliest == date(2024, 2, 29)
    assert dates.window(date(2024, 5, 31), years=5).earliest == date(2019, 5, 31)
    assert dates.window(date(2024, 5, 31), years=1.5).earliest == date(2022, 11, 30)
    assert dates.window(date(2024, 5, 31), days=49).earliest == date(2024, 4, 12)


def test_a_window_has_exactly_one_length() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        dates.window(date(2024, 5, 31), months=1, days=2)
    with pytest.raises(ValueError, match="exactly one"):
        dates.window(date(2024, 5, 31))


WINDOW = DateInterval(date(2025, 1, 10), date(2025, 4, 10))


@pytest.mark.parametrize(
    ("earliest", "latest", "expected"),
    [
        (date(2025, 1, 10), date(2025, 1, 10), "inside"),
        (date(2025, 4, 10), date(2025, 4, 10), "inside"),
        (date(2025, 1, 9), date(2025, 1, 9), "outside_before"),
        (date(2025, 4, 11), date(2025, 4, 11), "outside_after"),
        (date(2025, 1, 1), date(2025, 1, 31), "maybe"),
        (date(2024, 1, 1), date(2024, 12, 31), "outside_before"),
        (date(2024, 1, 1), date(2025, 12, 31), "maybe"),
        (None, date(2025, 1, 9), "outside_before"),
        (None, date(2025, 4, 10), "maybe"),
        (date(2025, 2, 1), None, "maybe"),
        (date(2025, 5, 1), None, "outside_after"),
        (None, None, "maybe"),
    ],
)
def test_position_of_a_partial_date(earliest: date | None, latest: date | None, expected: str) -> None:
    assert dates.position(DateInterval(earliest, latest), WINDOW) == expected


def test_everything_lies_inside_an_unbounded_window() -> None:
    assert dates.position(DateInterval(None, None), DateInterval(None, None)) == "inside"


@given(DAYS, st.integers(-600, 600))
def test_a_month_step_keeps_the_day_or_takes_the_last(day: date, months: int) -> None:
    moved = dates.add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == day.day or (moved + timedelta(days=1)).day == 1


@given(DAYS, DAYS, DAYS, DAYS)
def test_overlap_and_hull_agree(a: date, b: date, c: date, d: date) -> None:
    one, other = DateInterval(min(a, b), max(a, b)), DateInterval(min(c, d), max(c, d))
    common, both = dates.overlap(one, other), dates.hull(one, other)
    assert common == dates.overlap(other, one)
    assert dates.position(one, both) == dates.position(other, both) == "inside"
    assert (common is None) == (dates.position(one, other) in ("outside_before", "outside_after"))
    if common is not None:
        assert dates.position(common, one) == "inside"


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1981, 4, 9), date(2025, 4, 8), 43),
        (date(1981, 4, 9), date(2025, 4, 9), 44),
        (date(2004, 2, 29), date(2025, 2, 28), 20),
        (date(2004, 2, 29), date(2025, 3, 1), 21),
    ],
)
def test_age_is_in_completed_years(birth: date, day: date, age: int) -> None:
    assert dates.age_at(birth, day) == age


@given(DAYS, st.integers(0, 110))
def test_a_stated_age_gives_exactly_the_births_of_that_age(day: date, age: int) -> None:
    births = dates.birth_interval(age, day)
    assert births.earliest is not None
    assert births.latest is not None
    assert dates.age_at(births.latest, day) == age
    assert dates.age_at(births.latest + timedelta(days=2), day) in (age, age - 1)
    assert dates.age_at(births.earliest - timedelta(days=2), day) in (age, age + 1)


def test_intervals_of_years_and_months() -> None:
    assert dates.year(2019) == DateInterval(date(2019, 1, 1), date(2019, 12, 31))
    assert dates.month(2024, 2) == DateInterval(date(2024, 2, 1), date(2024, 2, 29))
    assert dates.around(date(2024, 2, 10), 3) == DateInterval(date(2024, 2, 7), date(2024, 2, 13))
