"""Doses, routes, frequencies, tapers and what has become of a drug, as they are written at many hospitals."""

from __future__ import annotations

import re
import time as clock
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import SpecError
from extractor.spec.doses import load_doses
from extractor.text.dating import find_times
from extractor.text.doses import Dose, Doses, parse_dose

DOSES = Doses(load_doses())
NOTE = date(2025, 5, 1)
DRUGS = {
    "prednisone": "prednisone", "pred": "prednisone", "prednisolone": "prednisolone", "methylprednisolone": "methylprednisolone",
    "solu-medrol": "methylprednisolone", "dexamethasone": "dexamethasone", "hydrocortisone": "hydrocortisone", "methotrexate": "methotrexate",
    "mtx": "methotrexate", "azathioprine": "azathioprine", "mycophenolate": "mycophenolate", "infliximab": "infliximab", "rituximab": "rituximab",
    "actemra": "tocilizumab", "humira": "adalimumab", "triamcinolone": "triamcinolone", "betamethasone": "betamethasone", "leflunomide": "leflunomide",
}  # fmt: skip
DRUG = re.compile(r"\b(?:" + "|".join(sorted(DRUGS, key=len, reverse=True)) + r")\b", re.I)


def read(text: str, *, day_first: bool = False) -> list[Dose]:
    """The dose of every drug of `text`, each bounded by its neighbours."""
    times = find_times(text, NOTE, day_first=day_first)
    hits = list(DRUG.finditer(text))
    found = []
    for number, hit in enumerate(hits):
        floor = hits[number - 1].end() if number else 0
        limit = hits[number + 1].start() if number + 1 < len(hits) else None
        found.append(DOSES.parse(text, hit.span(), DRUGS[hit[0].lower()], times=times, floor=floor, limit=limit))
    return found


@pytest.mark.parametrize(
    ("text", "daily"),
    [
        ("prednisone 15 mg daily", 15), ("prednisone 15 mg qAM", 15), ("prednisone 20 mg po qd", 20), ("prednisone 20 mg q.d.", 20),
        ("prednisolone 10 mg OD", 10), ("prednisolone 30 mg OM", 30), ("prednisolone 5 mg nocte", 5), ("prednisone 60 mg BID", 120),
        ("prednisone 10 mg b.i.d.", 20), ("hydrocortisone 50 mg IV q8h", 150), ("dexamethasone 8 mg IV 12 hourly", 16), ("dexamethasone 4 mg q6h", 16),
        ("prednisone 10 mg q.o.d.", 5), ("prednisone 10 mg every other day", 5), ("prednisone 40 mg/d", 40), ("Prednisolone 9 mg/day", 9),
        ("prednisone 10 mg a day", 10), ("prednisolone 5mg tabs  2 om", 10), ("Mycophenolate 500mg tabs  2 bd", 2000), ("Mycophenolate mofetil 1 g BD", 2000),
        ("prednisolone 1 mg tablets, to be prescribed today (9 mg/day)", 9), ("prednisone 5 mg tablets, take 4 tablets daily", 20),
        ("methotrexate 6 tabs of 2.5 mg every Sunday", 15 / 7), ("methotrexate 2.5 mg x 6 tabs weekly", 15 / 7), ("MTX 15 mg/wk", 15 / 7), ("MTX 20 mg qwk", 20 / 7),
        ("MTX 15", 15 / 7), ("azathioprine 150", 150), ("pred 10", 10), ("prednisone still 20 mg", 20), ("prednisolone remains 10 mg daily", 10),
        ("prednisolone 5 mg 2-0-0", 10), ("Tab prednisolone 10mg 1-0-1 x 5 days", 20), ("prednisolone 7.5mg OM, 2.5mg nocte", 10),
        ("hydrocortisone 10 mg am / 5 mg pm", 15), ("20 mg of prednisone daily", 20), ("40 mg oral prednisolone od", 40), ("Take 2 tablets (10 mg) prednisone daily", 10),
        ("prednisone 10-15 mg daily", 15), ("Solu-Medrol 1 g IV daily x 3", 1000), ("methylprednisolone 500 mg IV", 500), ("Humira 40 mg SC q2wk", 40 / 14),
        ("MTX 15-20\nmg/wk", 20 / 7), ("dexamethasone 500 mcg daily", 0.5), ("prednisone 2.5 mg three times a week", 7.5 / 7), ("prednisone 30 mg 2 times a day", 60),
        ("prednisone", None), ("prednisone (dose not\nwritten down)", None), ("prednisone bursts x3", None), ("azathioprine\n6. Incidental nodule", None),
    ],
)  # fmt: skip
def test_mg_a_day(text: str, daily: float | None) -> None:
    (dose,) = read(text)
    assert dose.daily == (None if daily is None else pytest.approx(daily, abs=0.001))


@pytest.mark.parametrize(
    ("text", "daily"),
    [("prednisone 1 mg/kg/day", 1.0), ("prednisone 0.5 mg/kg", 0.5), ("infliximab 5 mg/kg every 8 weeks", 5 / 56), ("prednisone 1-2 mg/kg/d", 2.0)],
)  # fmt: skip
def test_a_dose_per_kilogram_stays_one(text: str, daily: float) -> None:
    (dose,) = read(text)
    assert dose.per_kg
    assert dose.daily == pytest.approx(daily, abs=0.001)


@pytest.mark.parametrize(
    ("text", "route", "is_systemic"),
    [
        ("prednisone 20 mg PO", "oral", True), ("oral prednisone", "oral", True), ("IV methylprednisolone 1 g", "iv", True),
        ("cover: methylprednisolone 40 mg intravenous drip once daily", "iv", True), ("betamethasone 12 mg IM x 2", "im", True), ("Humira 40 mg SC", "sc", True),
        ("hydrocortisone 1% cream BD to ears", "topical", False), ("betamethasone valerate ointment", "topical", False), ("prednisolone eye drops QID", "eye", False),
        ("Pred forte gtt OD", "eye", False), ("triamcinolone 40 mg intra-articular L knee", "intra_articular", False), ("triamcinolone nasal spray", "nasal", False),
        ("intralesional triamcinolone", "intralesional", False), ("hydrocortisone enema", "rectal", False), ("inhaled betamethasone", "inhaled", False),
        ("prednisone 20 mg daily", None, None),
    ],
)  # fmt: skip
def test_routes(text: str, route: str | None, is_systemic: bool | None) -> None:
    (dose,) = read(text)
    assert (dose.route, dose.is_systemic) == (route, is_systemic)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("prednisone 40 mg x5d", (5, 5)), ("prednisone 60 mg daily x7 d", (7, 7)), ("Solu-Medrol 1 g IV daily x 3 (4/28-4/30)", (3, 3)),
        ("Solu-Medrol 1 g IV daily x 3", (3, 3)), ("methylprednisolone 1000 mg, 3 days", (3, 3)), ("Methotrexate 20 mg weekly for six months in 2021", (183, 183)),
        ("MMF", None), ("prednisone 9 mg/day for more than 6 months", (183, None)), ("azathioprine 125 mg for more than eight months", (244, None)),
        ("leflunomide 20 mg continues (9 months)", (274, 274)), ("prednisone 60 mg daily, now day\n11", (11, 11)), ("prednisone 15 mg daily, no change in > 6 months", (183, None)),
        ("betamethasone 12 mg IM x 2", None), ("rituximab 1 g x2", None),
    ],
)  # fmt: skip
def test_stated_lengths(text: str, days: tuple[int, int | None] | None) -> None:
    assert [dose.duration_days for dose in read(text)] == ([] if text == "MMF" else [days])


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("on prednisone 15 mg daily since 10/2024 and flares", "prednisone 15 mg daily since 10/2024"),
        ("Solu-Medrol 1 g IV daily x 3 (4/28-4/30) then rest", "Solu-Medrol 1 g IV daily x 3 (4/28-4/30)"),
        ("Mycophenolate mofetil 1 g BD (since January 2024)", "Mycophenolate mofetil 1 g BD (since January 2024)"),
        ("Azathioprine 150 mg daily started by ENT 3/10/2025, two flares", "Azathioprine 150 mg daily started by ENT 3/10/2025"),
        ("rituximab (Truxima) 1 g x2, 9/30 and 10/14/2024, no benefit", "rituximab (Truxima) 1 g x2, 9/30 and 10/14/2024"),
        ("Stay on prednisone 15, do not increase", "prednisone 15"),
        ("Plan: Humira 40 mg SC q2wk once PA clears", "Humira 40 mg SC q2wk"),
        ("takes 20 mg of prednisone daily with food", "20 mg of prednisone daily"),
        ("prednisolone to be reduced to 12.5 mg.", "prednisolone to be reduced to 12.5 mg"),
        ("pred 10 (steroid dependent)", "pred 10"),
        ("on prednisone and doing well", "prednisone"),
    ],
)
def test_the_phrase_holds_drug_and_dose(text: str, phrase: str) -> None:
    (dose,) = read(text)
    assert text[dose.start : dose.end] == phrase


def steps(text: str) -> list[tuple[float | None, int | None, str | None]]:
    """(mg a day, days after the first step, first day) of every step."""
    return [(s.daily, s.offset_days, str(s.when.earliest) if s.when else None) for s in read(text)[0].steps]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prednisone 60 mg daily x7 d then 50 mg daily", [(60, 0, None), (50, 7, None)]),
        ("prednisone 60mg x 1 wk, 40mg x 1 wk, 20mg x 1 wk", [(60, 0, None), (40, 7, None), (20, 14, None)]),
        ("Prednisone 55 mg qAM x 7 d (4/8-4/14), then 40 x 4 d", [(55, 0, "2025-04-08"), (40, 7, "2025-04-15")]),
        ("pred from 60 to 50 on 4/11", [(60, 0, "None"), (50, None, "2025-04-11")]),
        ("Prednisone 20mg daily, decreased to 15mg on 3/1/2025", [(20, 0, "None"), (15, None, "2025-03-01")]),
        ("prednisone 50 mg daily x 2 wk then 40; stop", [(50, 0, None), (40, 14, None)]),
        ("prednisone taper 60->50->40", [(60, 0, None), (50, None, None), (40, None, None)]),
        ("prednisone 15 mg daily", [(15, 0, None)]),
    ],
)
def test_tapers_have_a_step_a_level(text: str, expected: list[tuple[float, int | None, str | None]]) -> None:
    assert steps(text) == expected


def test_the_step_before_a_change_ends_the_day_before() -> None:
    first = read("pred from 60 to 50 on 4/11")[0].steps[0]
    assert first.when is not None
    assert first.when.latest == date(2025, 4, 10)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("on prednisone", "current"), ("continue prednisone 10 mg", "current"), ("taking prednisone 10 mg daily", "current"), ("prednisone 10 mg continues", "current"),
        ("started prednisone 40 mg", "started"), ("methotrexate 15 mg was started", "started"), ("was given infliximab 310 mg", "given"),
        ("stopped methotrexate in 2019", "stopped"), ("methotrexate stopped in 2019", "stopped"), ("methotrexate was discontinued", "stopped"),
        ("off prednisone since 2017", "stopped"), ("tapered off prednisone 3 weeks ago", "stopped"), ("STOP Humira, do not take the next dose", "stopped"),
        ("Azathioprine was stopped after ten days because of vomiting", "stopped"), ("hold methotrexate x2 wk", "held"), ("methotrexate held", "held"),
        ("infliximab on hold", "held"), ("will start methotrexate 10 mg weekly", "planned"), ("plan to start Humira 40 mg", "planned"), ("consider rituximab", "planned"),
        ("methotrexate 10 mg weekly to start next week", "planned"), ("declined methotrexate", "declined"), ("methotrexate was offered but declined", "declined"),
        ("failed methotrexate", "failed"), ("inadequate response to methotrexate", "failed"), ("methotrexate without benefit", "failed"), ("refractory to azathioprine", "failed"),
        ("allergic to methotrexate (rash)", "allergic"), ("completed prednisone 80 mg daily x 5 d", "completed"), ("infliximab 310 mg was given on 4/5 as planned", "given"),
        ("prednisone 60 mg daily, no taper given", None), ("prednisone 10 mg", None),
    ],
)  # fmt: skip
def test_status(text: str, status: str | None) -> None:
    (dose,) = read(text)
    assert dose.status == status
    if status is not None:
        assert dose.status_span is not None
        assert text[slice(*dose.status_span)]


def test_neighbouring_drugs_keep_their_own_dose_and_status() -> None:
    first, second = read("stopped methotrexate 15 mg weekly, started azathioprine 100 mg daily")
    assert (first.status, first.frequency, first.amount) == ("stopped", "weekly", 15)
    assert (second.status, second.frequency, second.amount) == ("started", "daily", 100)
    first, second = read("active on MTX 15 + pred 10")
    assert (first.amount, second.amount) == (15, 10)


def test_changes_and_as_needed() -> None:
    assert read("prednisone increased to 40 mg daily")[0].change == "increased"
    assert read("prednisone reduced to 12.5 mg")[0].change == "reduced"
    assert read("prednisone 10 mg daily prn")[0].prn


def test_days_of_infusion_are_all_kept() -> None:
    (dose,) = read("rituximab 1 g x2, 9/30 and 10/14/2024")
    assert [str(day.earliest) for day in dose.dates] == ["2024-09-30", "2024-10-14"]
    assert dose.when == dose.dates[-1]
    assert dose.count == 2


@pytest.mark.parametrize(
    ("text", "phrase", "day"),
    [
        ("restarting Actemra 4/7 (weekly, last 4/14), still red since 3/28", "Actemra 4/7 (weekly, last 4/14)", "2025-04-14"),
        ("Humira, last dose 4/25/2025, no other", "Humira, last dose 4/25/2025", "2025-04-25"),
        ("Actemra stopped, last administration 4/12.", "Actemra stopped, last administration 4/12", "2025-04-12"),
        (
            "infliximab 5 mg/kg every 8 weeks (last infusion on 3 March 2025)",
            "infliximab 5 mg/kg every 8 weeks (last infusion on 3 March 2025)",
            "2025-03-03",
        ),
    ],
)
def test_the_last_dose_is_dated(text: str, phrase: str, day: str) -> None:
    (dose,) = read(text)
    assert text[dose.start : dose.end] == phrase
    assert dose.is_last_dose
    assert dose.when is not None
    assert str(dose.when.earliest) == day


def test_nothing_said_is_none() -> None:
    assert parse_dose("RP (mycophenolate)", (4, 17), "mycophenolate", DOSES) is None


def test_a_systemic_route_must_be_a_route(tmp_path: object) -> None:
    folder = tmp_path / "patterns"  # type: ignore[operator]
    folder.mkdir()
    (folder / "doses.yaml").write_text(
        "routes: {oral: [po]}\nsystemic_routes: [oral, iv]\nfrequencies: {daily: {per_day: 1, terms: [daily]}}\n"
        "weekly_drugs: []\ncourses: []\nstatuses: {}\nchanges: {}\n"
    )
    with pytest.raises(SpecError, match="names no route: iv; known: oral"):
        load_doses(folder)


PIECES = st.lists(
    st.sampled_from(
        ["prednisone", "MTX", " 20 mg", " 1 g", " BID", " daily", " x 3", " x7 d", " (4/8-4/14)", " then ", "->", "40", " 5mg tabs 2 om", " from 60 to 50", " stopped",
         "\n", "\r\n", " ", "(", ")", ",", "😀", "e\u0301", "\x00", "\u2028", "½", " IV", " 1-0-1", " since 2019", " 1 mg/kg", " every 2 weeks", " 10 mg am and 5 mg pm"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(PIECES)
@settings(max_examples=300, deadline=None)
def test_doses_slice_to_the_text_and_hold_their_drug(text: str) -> None:
    for hit, dose in zip(DRUG.finditer(text), read(text), strict=True):
        assert 0 <= dose.start <= hit.start() < hit.end() <= dose.end <= len(text)
        assert all(0 <= step.start < step.end <= len(text) for step in dose.steps)
        assert dose.daily is None or dose.daily >= 0


def test_cost_grows_with_length_only() -> None:
    hostile = [
        "prednisone " + "20 mg " * 4000,
        "prednisone " * 1500,
        "prednisone " + "then 40 x 4 d, " * 1500,
        "prednisone" + " " * 20000,
        "prednisone (" * 1500,
    ]
    for text in hostile:
        started = clock.perf_counter()
        read(text)
        assert clock.perf_counter() - started < 5, text[:24]
