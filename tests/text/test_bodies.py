"""Weights and heights, and what is not one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.text.bodies import ADULT_CM, ADULT_KG, find_bodies


@pytest.mark.parametrize(
    ("text", "phrase", "value"),
    [
        ("T 98.4  Wt 68.4 kg.  BMI 25.1", "Wt 68.4 kg", 68.4),
        ("Weight: 150 lb", "Weight: 150 lb", 68.04),
        ("weight is 190 pounds", "weight is 190 pounds", 86.18),
        ("Weight on discharge 48 kg", "Weight on discharge 48 kg", 48.0),
        ("Height 162 cm, weight\n48 kg.", "weight\n48 kg", 48.0),
        ("weighs 70", "weighs 70", 70.0),
        ("Wt 98.1 kg (216 lb)", "Wt 98.1 kg", 98.1),
        ("weight 11 st 4 lb", "weight 11 st 4 lb", 71.67),
        ("11st 4", "11st 4", 71.67),
        ("He weighs 12 stone", "weighs 12 stone", 76.2),
        ("Weight (kg) 72", "Weight (kg) 72", 72.0),
        ("46.1 kg, 36.5 C, BP 110/70", "46.1 kg", 46.1),
        ("weight down to 61 kg", "weight down to 61 kg", 61.0),
    ],
)
def test_weights_in_kg(text: str, phrase: str, value: float) -> None:
    (found,) = (body for body in find_bodies(text) if body.concept == "body_weight")
    assert (text[found.start : found.end], found.value, found.unit) == (phrase, value, "kg")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ht 165 cm", 165.0), ("Ht 64 in", 162.6), ("height 5 feet 8 inches", 172.7), ("height 5'4\"", 162.6), ("Height: 5 ft.  11 in.", 180.3), ("height 1.78 m", 178.0),
        ("She is 5 feet 6 inches tall", 167.6), ("157 cm, 46.2 kg. BP 112/68", 157.0),
    ],
)  # fmt: skip
def test_heights_in_cm(text: str, value: float) -> None:
    assert [body.value for body in find_bodies(text) if body.concept == "body_height"] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "lost 5 kg since March", "weight loss of 12 kg", "gained 30 lb", "birth weight 3200 g", "ideal body weight 60 kg", "dose 5 mg/kg", "weight down about 3 kg",
        "goal weight 150 lb", "weight-bearing as tolerated", "lifting 50 lb", "Wt: not obtained", "a 45 cm scar", "weight 12 kg", "female 2980 g",
    ],
)  # fmt: skip
def test_lookalikes_are_no_bodies(text: str) -> None:
    assert find_bodies(text) == []


def test_a_bare_weight_takes_the_unit_of_the_note() -> None:
    assert [(b.value, b.is_unit_guessed) for b in find_bodies("Wt 190. Last visit 188 lb.")] == [(86.18, True)]
    assert [b.value for b in find_bodies("Wt 150", is_metric=True)] == [150.0]
    assert [b.value for b in find_bodies("Wt 120", is_metric=False)] == [54.43]


@given(
    st.lists(st.sampled_from(["Wt ", "weight ", "68.4", " kg", " lb", "11 st 4", "5'4\"", "Ht ", "BP 120/80 ", "\n", "\r\n", "😀", "e\u0301", "\x00", "was ", "(kg)", "99999"]), max_size=12)
    .map("".join)
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_bodies_slice_to_the_text_and_are_of_adults(text: str) -> None:
    for body in find_bodies(text):
        assert 0 <= body.start < body.end <= len(text)
        low, high = ADULT_KG if body.unit == "kg" else ADULT_CM
        assert low <= body.value <= high


@pytest.mark.parametrize(
    ("text", "kg"),
    [
        ("68F thin, 36 kg, RP since 2019.", [36.0]),
        ("creatinine 130 µmol/L, 70 kg).", [70.0]),
        ("30M, W 66 kg. Nil cardiac hx", [66.0]),
        ("|Weight (kg)       |63.5   |", [63.5]),
        ("This 70 kg man", [70.0]),
        ("Wife, 60 kg. Lifts 40 kg.", []),
        ("given a 50 kg bag of rice", []),
    ],
)
def test_a_weight_alone_between_two_marks(text: str, kg: list[float]) -> None:
    assert [body.value for body in find_bodies(text) if body.concept == "body_weight"] == kg
