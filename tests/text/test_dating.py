"""Dates and lengths of time as hospitals write them, what is not a date, and which mention a time belongs to."""

from __future__ import annotations

import re
import time as clock
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractor.records import DateInterval
from extractor.text import time_calendar, time_relative
from extractor.text.dating import find_times, guess_day_first, link, section_times, time_at, when
from extractor.text.times import Clock

NOTE = date(2025, 2, 11)  # a Tuesday


def spans(text: str, note_date: date = NOTE, *, day_first: bool = False) -> list[tuple[str, str, str]]:
    """(text, first day, last day) of every time found; an open end is "-"."""
    return [
        (text[t.start : t.end], str(t.interval.earliest or "-"), str(t.interval.latest or "-"))
        for t in find_times(text, note_date, day_first=day_first)
    ]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("seen 2024-03-05", "2024-03-05", "2024-03-05"),
        ("seen 2024/3/5", "2024-03-05", "2024-03-05"),
        ("seen 2024.03.05", "2024-03-05", "2024-03-05"),
        ("seen 03/05/2024", "2024-03-05", "2024-03-05"),
        ("seen 13/05/2024", "2024-05-13", "2024-05-13"),
        ("seen 05.03.2024", "2024-03-05", "2024-03-05"),
        ("seen 3/5/24", "2024-03-05", "2024-03-05"),
        ("born 3/5/54", "1954-03-05", "1954-03-05"),
        ("seen on 1/30", "2025-01-30", "2025-01-30"),
        ("seen on 12/20", "2024-12-20", "2024-12-20"),
        ("next infusion due 3/4", "2025-03-04", "2025-03-04"),
        ("5 Mar 2024", "2024-03-05", "2024-03-05"),
        ("5th of March 2024", "2024-03-05", "2024-03-05"),
        ("March 5th 2024", "2024-03-05", "2024-03-05"),
        ("March 5, 2024", "2024-03-05", "2024-03-05"),
        ("5-Mar-24", "2024-03-05", "2024-03-05"),
        ("05MAR2024", "2024-03-05", "2024-03-05"),
        ("Friday 31 January", "2025-01-31", "2025-01-31"),
        ("Mar '24", "2024-03-01", "2024-03-31"),
        ("March of 2024", "2024-03-01", "2024-03-31"),
        ("from January to June 2024", "2024-01-01", "2024-06-30"),
        ("Nov-Feb 2024", "2023-11-01", "2024-02-29"),
        ("1/2024-6/2024", "2024-01-01", "2024-06-30"),
        ("03/2024", "2024-03-01", "2024-03-31"),
        ("2022/11, inactivated", "2022-11-01", "2022-11-30"),
        ("2022 (Jul)", "2022-07-01", "2022-07-31"),
        ("2024年3月", "2024-03-01", "2024-03-31"),
        ("pneumonia 2019", "2019-01-01", "2019-12-31"),
        ("[**2019**]", "2019-01-01", "2019-12-31"),
        ("[**2025-2-1**]", "2025-02-01", "2025-02-01"),
        ("[**2-1**]", "2025-02-01", "2025-02-01"),
        ("in December", "2024-12-01", "2024-12-31"),
        ("flares (Dec)", "2024-12-01", "2024-12-31"),
        ("spring 2023", "2023-03-01", "2023-05-31"),
        ("winter 2023", "2022-12-01", "2024-02-29"),
        ("Q3 2023", "2023-07-01", "2023-09-30"),
        ("in the 1990s", "1990-01-01", "1999-12-31"),
        ("2019-2021", "2019-01-01", "2021-12-31"),
        ("(9/28-9/30)", "2024-09-28", "2024-09-30"),
        ("IV q8h on 1/26-27", "2025-01-26", "2025-01-27"),
        ("January 5-11", "2025-01-05", "2025-01-11"),
        ("24, 25 and 26 May", "2024-05-24", "2024-05-26"),
        ("between March 2021 and August 2022", "2021-03-01", "2022-08-31"),
        ("mid-January", "2025-01-08", "2025-01-23"),
        ("yesterday", "2025-02-10", "2025-02-10"),
        ("this morning", "2025-02-11", "2025-02-11"),
        ("last night", "2025-02-10", "2025-02-11"),
        ("3 weeks ago", "2025-01-18", "2025-01-24"),
        ("2 wks ago", "2025-01-25", "2025-01-31"),
        ("two days ago", "2025-02-09", "2025-02-09"),
        ("a year ago", "2023-08-12", "2024-08-12"),
        ("over 5 years ago", "-", "2020-02-11"),
        ("last week", "2025-02-03", "2025-02-10"),
        ("last month", "2025-01-01", "2025-02-10"),
        ("last year", "2024-01-01", "2024-12-31"),
        ("in the last 6 months", "2024-08-11", "2025-02-11"),
        ("past 3 days", "2025-02-08", "2025-02-11"),
        ("on Monday", "2025-02-10", "2025-02-10"),
        ("RTC in 2 weeks", "2025-02-22", "2025-02-28"),
    ],
)
def test_a_date_becomes_the_days_it_may_mean(text: str, first: str, last: str) -> None:
    assert [found[1:] for found in spans(text)] == [(first, last)]


@pytest.mark.parametrize(
    "text",
    [
        "BP 120/80, pain 5/10", "strength 3/5 throughout", "5/5 power in all groups", "take 1/2 tab", "smokes 1/2 ppd", "open 24/7",
        "vision 20/40", "prednisone 10-20 mg", "call 555-0132", "phone 617-555-0132", "L4/L5 disc", "ALT 31 (7-56)", "HIV 1/2 Ag/Ab",
        "EPDS 4/30", "2/6 systolic murmur", "Glasgow 15/15", "WBC 2010", "2000 mg of fluid", "ferritin 1998", "1-0-1 after food",
        "MEWS 1/3", "lot 4410 exp 03/26", "Advair 100/50", "she may march on", "an X-ray in MAR", "every 3 weeks", "q 3 weeks", "three times a day", "2/3 of the ear",
        "at 34 weeks", "at 97, stable", "upper 2/3 of pinna red", "NovoLog 70/30", "10/14 cores", "in the past and", "may be sent",
    ],
)  # fmt: skip
def test_numbers_that_are_no_dates_do_not_fire(text: str) -> None:
    assert spans(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "first", "last", "days"),
    [
        ("on it since 10/2024", "since", "2024-10-01", "2025-02-11", (103, 133)),
        ("started by ENT 1/10/2025", "since", "2025-01-10", "2025-02-11", (32, 32)),
        ("2017 onwards", "since", "2017-01-01", "2025-02-11", (2599, 2963)),
        ("until March 2022", "until", "-", "2022-03-31", None),
        ("before 2019", "until", "-", "2018-12-31", None),
        ("for 10 months", "duration", "2024-03-27", "2025-02-11", (304, 304)),
        ("x4 days", "duration", "2025-02-07", "2025-02-11", (4, 4)),
        ("x5d", "duration", "2025-02-06", "2025-02-11", (5, 5)),
        ("(14 mo)", "duration", "2023-11-26", "2025-02-11", (426, 426)),
        ("for six months", "duration", "2024-07-27", "2025-02-11", (183, 183)),
        ("more than 6 months", "duration", "-", "2025-02-11", (183, None)),
        ("7+ months)", "point", "", "", None),
        ("3-week history", "duration", "2025-01-18", "2025-02-11", (21, 21)),
        ("from May 2021 for ten months", "duration", "2021-05-01", "2022-03-31", (304, 304)),
        ("now day 11", "duration", "2025-02-01", "2025-02-11", (11, 11)),
        ("cough for 2/52", "duration", "2025-01-25", "2025-02-11", (14, 14)),
    ],
)
def test_lengths_and_open_periods(text: str, kind: str, first: str, last: str, days: tuple[int, int | None] | None) -> None:
    found = find_times(text, NOTE)
    if kind == "point":
        assert found == []  # a length needs a trigger: the bracket before it is missing
        return
    assert [(t.kind, str(t.interval.earliest or "-"), str(t.interval.latest or "-"), t.duration_days) for t in found] == [
        (kind, first, last, days)
    ]


def test_a_panel_from_a_year_is_dated_not_ongoing() -> None:
    assert [t.kind for t in find_times("hepatitis panel from 2019 reviewed", NOTE)] == ["point"]
    assert [t.kind for t in find_times("carried forward from 09/16/2024", NOTE)] == ["point"]


def test_british_lengths_need_day_first() -> None:
    assert [t.duration_days for t in find_times("course for 5/7, then for 6/12", NOTE, day_first=True)] == [(5, 5), (183, 183)]
    assert spans("seen on 6/12", day_first=False) == [("6/12", "2024-06-12", "2024-06-12")]


def test_a_day_without_year_takes_it_from_the_list() -> None:
    text = "infusions 9/30 and 10/14/2023"
    assert [found[1] for found in spans(text)] == ["2023-09-30", "2023-10-14"]
    assert spans("28/9 to 30/9/2024", day_first=True) == [("28/9 to 30/9/2024", "2024-09-28", "2024-09-30")]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("melanoma at age 34", "2015-04-09", "2016-04-08"),
        ("breast cancer at 34,", "2015-04-09", "2016-04-08"),
        ("since childhood", "1981-04-09", "1997-04-08"),
        ("in her 30s", "2011-04-09", "2021-04-08"),
    ],
)
def test_ages_need_the_birth_date(text: str, first: str, last: str) -> None:
    (known,) = find_times(text, NOTE, birth_date=date(1981, 4, 9))
    assert (str(known.interval.earliest), known.kind) == (first, "since" if text.startswith("since") else "age")
    assert str(known.interval.latest) == ("2025-02-11" if known.kind == "since" else last)
    (unknown,) = find_times(text, NOTE)
    assert unknown.interval == DateInterval(None, NOTE)


def test_days_of_a_stay_need_the_admission() -> None:
    admission = date(2025, 2, 3)
    text = "febrile on admission, cultures on hospital day 3"
    assert [t.interval.earliest for t in find_times(text, NOTE, admission=admission)] == [admission, date(2025, 2, 5)]
    assert [t.interval for t in find_times("POD 3", NOTE)] == [DateInterval(None, NOTE)]


def test_weeks_ago_are_explicit_about_being_relative() -> None:
    assert [t.source for t in find_times("3 weeks ago, on 2024-03-05", NOTE)] == ["relative", "explicit"]


@pytest.mark.parametrize(
    ("text", "note_date", "day_first"),
    [
        ("Seen 14/05/2024", None, True),
        ("DOS 02/25/2025", None, False),
        ("Seen 03/05/2024", None, None),
        ("Visit 08/09/2025", date(2025, 9, 8), True),
        ("Visit 08/09/2025", date(2025, 8, 9), False),
        ("flare 28/9", None, True),
        ("14/05/2024 and 05/14/2024", None, None),
        ("no dates", None, None),
    ],
)
def test_the_order_of_a_note_is_guessed_from_what_is_clear(text: str, note_date: date | None, day_first: bool | None) -> None:
    assert guess_day_first(text, note_date) is day_first


def linked(sentence: str) -> dict[str, str | None]:
    """For each [mention] of the sentence, the text of the time that is linked to it."""
    text, mentions = "", []
    for number, part in enumerate(re.split(r"[\[\]]", sentence)):
        mentions += [(len(text), len(text) + len(part))] if number % 2 else []
        text += part
    times = find_times(text, NOTE)
    links = {text[start:end]: link((start, end), text, times, mentions) for start, end in mentions}
    return {name: None if time is None else text[time.start : time.end] for name, time in links.items()}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "[auricular chondritis] in 2020, [nasal chondritis] in 2021",
            {"auricular chondritis": "2020", "nasal chondritis": "2021"},
        ),
        ("In 2019 she had [nasal chondritis] and [scleritis].", {"nasal chondritis": "2019", "scleritis": "2019"}),
        ("[nasal chondritis] and [scleritis] in 2021", {"nasal chondritis": "2021", "scleritis": "2021"}),
        ("[melanoma] (2012), [diabetes]", {"melanoma": "2012", "diabetes": None}),
        ("[breast cancer] 2017, lumpectomy; [depression] since 2020", {"breast cancer": "2017", "depression": "2020"}),
        ("[pneumonia] 3 weeks ago but no [fever]", {"pneumonia": "3 weeks ago", "fever": None}),
        ("[tinnitus]; seen 2024-03-05 for [vertigo]", {"tinnitus": None, "vertigo": "2024-03-05"}),
        ("On 2024-03-05 [CT chest] showed [consolidation]", {"CT chest": "2024-03-05", "consolidation": "2024-03-05"}),
        ("[sarcoma] cleared in 2020", {"sarcoma": "2020"}),
        ("[polychondritis] quiet, now 22 months off [prednisone]", {"polychondritis": None, "prednisone": "now 22 months off"}),
    ],
)
def test_a_time_goes_to_the_mention_of_its_clause(sentence: str, expected: dict[str, str | None]) -> None:
    assert linked(sentence) == expected


def test_when_falls_back_from_sentence_to_section_to_tense() -> None:
    sentence = "tinnitus since 2024-03-05"
    times = find_times(sentence, NOTE)
    section = DateInterval(date(2025, 2, 4), date(2025, 2, 4))
    assert when((0, 8), sentence, times, NOTE, section_time=section) == (DateInterval(date(2024, 3, 5), NOTE), "explicit")
    assert when((0, 8), "tinnitus", [], NOTE, section_time=section) == (section, "section")
    assert when((0, 8), "tinnitus", [], NOTE) == (DateInterval(NOTE, NOTE), "note")
    assert when((0, 8), "tinnitus", [], NOTE, historical=True) == (DateInterval(None, NOTE), "none")


@pytest.mark.parametrize(
    ("text", "place", "day"),
    [
        ("LABS 02/04/2025\nALT  118\nAST  84\n\nPlan: stop", "AST", date(2025, 2, 4)),
        ("LABS 02/04/2025\nALT  118\n\nPlan: stop", "Plan", None),
        ("Labs drawn 2/6:\n  ALT 31\n  HIV neg\nECG normal", "HIV", date(2025, 2, 6)),
        ("Laboratory (2/6): WBC 6800,\nALT 17.\nPurpose: trial", "ALT", date(2025, 2, 6)),
        ("EXAM: XR\nDATE OF EXAM: 02/09/2025 08:17\n\nFINDINGS: clear\n\nIMPRESSION: clear", "IMPRESSION", date(2025, 2, 9)),
        ("COMPARISON: film 11/30/2019 (outside)\nFINDINGS: clear", "FINDINGS", None),
        ("CXR 2/9: clear.\nLabs 2/4: ALT 20", "ALT", date(2025, 2, 4)),
        ("We saw her after the labs came back on 2/4 and discussed.\nALT 20", "ALT", None),
    ],
)
def test_a_dated_heading_dates_what_stands_under_it(text: str, place: str, day: date | None) -> None:
    interval = time_at(section_times(text, find_times(text, NOTE)), text.index(place))
    assert (interval.earliest if interval else None) == day


PIECES = st.lists(
    st.sampled_from(
        ["2024-03-05", "3/5", "9/28-9/30", " in 2019", "since ", "for ten months", "x4 days", "3 weeks ago", "Dec", "\r\n", "\n", " ", "😀", "e\u0301",
         "\x00", "\u2028", "mg", "(", ")", ",", "March 5th", "at 34", "[**2019**]", "1-0-1", "120/80", "until ", "5/7", "to ", "and ", "9999", "31/31/31"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(PIECES, st.booleans(), st.sampled_from([date.min, date(2024, 2, 29), date(2025, 2, 11), date.max]))
@settings(max_examples=300, deadline=None)
def test_times_slice_to_the_text_in_order(text: str, day_first: bool, note_date: date) -> None:
    found = find_times(text, note_date, day_first=day_first, birth_date=date(1980, 1, 1))
    assert all(0 <= t.start < t.end <= len(text) for t in found)
    assert all(one.end <= other.start for one, other in zip(found, found[1:], strict=False))
    for t in found:
        if t.interval.earliest and t.interval.latest and note_date.year not in (1, 9999):
            assert t.interval.earliest <= t.interval.latest
    for block in section_times(text, found):
        assert 0 <= block.start < block.end <= len(text)


FILLING = st.sampled_from(
    [
        "",
        "no change on examination of the chest today ",
        "lungs clear, heart regular, abdomen soft and not tender at all ",
        "\n\n",
        "a" * 90 + " ",
    ]
)


@given(st.lists(st.tuples(PIECES, FILLING), max_size=6))
@example([("3/52024-03-052024-03-059/28-9/30", "")])
@settings(max_examples=150, deadline=None)
def test_looking_near_anchors_finds_what_looking_everywhere_does(parts: list[tuple[str, str]]) -> None:
    text = "".join(piece + filling for piece, filling in parts)
    clock_of_note = Clock(NOTE)
    for forms, near in (
        (time_calendar._FORMS, time_calendar.calendar_times),
        (time_relative._FORMS, time_relative.relative_times),
    ):
        everywhere = [form.build(match, clock_of_note) for form in forms for match in form.pattern.finditer(text)]
        assert list(near(text, clock_of_note)) == [time for time in everywhere if time is not None]


def test_cost_grows_with_length_only() -> None:
    hostile = [
        "for about over nearly " * 400,
        "12/" * 3000,
        "since " * 2000,
        "(" * 8000,
        "3-3-3-" * 2000,
        "twenty " * 1500,
        " \n" * 5000,
    ]
    for text in hostile:
        started = clock.perf_counter()
        find_times(text, NOTE)
        assert clock.perf_counter() - started < 3, text[:20]


@pytest.mark.parametrize(
    ("text", "note_date", "expected"),
    [
        pytest.param("Visit date: 08/09/2025", date(2025, 9, 8), True, id="the note's own day"),
        pytest.param("CXR 5/7 (clinic), sputum 05/07", date(2022, 7, 6), True, id="near the note with the day first"),
        pytest.param("CXR 12/11 air-space", date(2024, 12, 16), False, id="near the note with the month first"),
        pytest.param("FBC 3/4 fine, U&E nil", date(2024, 7, 1), True, id="British words"),
        pytest.param("seen 5/5", date(2024, 7, 1), None, id="nothing speaks"),
    ],
)
def test_order_of_day_and_month_is_told_from_the_note_date(text: str, note_date: date, expected: bool | None) -> None:
    assert guess_day_first(text, note_date) is expected
