"""Numbers, units and conversions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import quantities
from extractor.quantities import QuantityError, convert, normal_comparator, normal_unit, parse_number, prednisone_equivalent


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12.0), ("1,250", 1250.0), ("0.5", 0.5), (".5", 0.5), ("2½", 2.5), ("½", 0.5), ("0·7", 0.7), ("six", 6.0),
        ("Twenty-five", 25.0), ("twenty five", 25.0), ("a", 1.0), ("half", 0.5), ("many", None), ("", None), ("1/2", None),
        ("1,2", None), ("12a", None),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_words(written: str, value: float | None) -> None:
    assert parse_number(written) == value


@pytest.mark.parametrize(
    ("written", "comparator"),
    [("<", "<"), ("≤", "<="), ("less than", "<"), ("More  than", ">"), ("at least", ">="), ("about", "~"), ("=", None)],
)
def test_comparators(written: str, comparator: str | None) -> None:
    assert normal_comparator(written) == comparator


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("µmol/L", "umol/L"), ("μmol/l", "umol/L"), ("micromol/L", "umol/L"), ("mg/dl", "mg/dL"), ("mg%", "mg/dL"), ("IU/L", "U/L"),
        ("U/l", "U/L"), ("lbs", "lb"), ("stone", "st"), ("mL/min/1.73 m²", "mL/min/1.73m2"), ("ml/min", "mL/min"),
        ("gm", "g"), ("mcg", "mcg"), ("µg", "mcg"), ("K/uL", "10^9/L"), ("x10^9/L", "10^9/L"), ("furlong", None), ("", None),
    ],
)  # fmt: skip
def test_units_have_one_spelling(written: str, unit: str | None) -> None:
    assert normal_unit(written) == unit


@pytest.mark.parametrize(
    ("value", "unit", "to", "analyte", "expected"),
    [
        (1.0, "mg/dL", "umol/L", "creatinine", 88.4),
        (190, "µmol/L", "mg/dL", "creatinine", 2.149),
        (1.2, "mg/dL", "umol/L", "total_bilirubin", 20.52),
        (0.09, "mmol/L", "umol/L", None, 90.0),
        (150, "lb", "kg", None, 68.039),
        (11, "stone", "kg", None, 69.853),
        (5, "ft", "cm", None, 152.4),
        (1, "g", "mg", None, 1000.0),
        (62.5, "mcg", "mg", None, 0.0625),
        (12.1, "g/dL", "g/L", None, 121.0),
        (0.5, "mL/s", "mL/min", None, 30.0),
        (1.0, "ukat/L", "U/L", None, 60.0),
    ],
)
def test_conversions(value: float, unit: str, to: str, analyte: str | None, expected: float) -> None:
    assert convert(value, unit, to, analyte) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("unit", "to", "analyte", "message"),
    [
        ("mg/dL", "umol/L", None, "no conversion from mg/dL to umol/L"),
        ("mg/dL", "umol/L", "sodium", "for sodium"),
        ("kg", "cm", None, "no conversion from kg to cm"),
        ("furlong", "cm", None, "'furlong' is not known"),
        ("cm", "furlong", None, "'furlong' is not known"),
    ],
)
def test_a_conversion_that_does_not_exist_names_both_units(unit: str, to: str, analyte: str | None, message: str) -> None:
    with pytest.raises(QuantityError, match=message):
        convert(1.0, unit, to, analyte)


@given(st.sampled_from(sorted(quantities._UNITS)), st.sampled_from(sorted(quantities._UNITS)), st.floats(0.001, 1e6))
def test_converting_back_gives_the_same(unit: str, to: str, value: float) -> None:
    try:
        there = convert(value, unit, to)
    except QuantityError:
        assert quantities.dimension(unit) != quantities.dimension(to)
        return
    assert convert(there, to, unit) == pytest.approx(value, rel=1e-9)


def test_prednisone_equivalents() -> None:
    table = {"prednisone": 5.0, "methylprednisolone": 4.0, "dexamethasone": 0.75}
    assert prednisone_equivalent("Methylprednisolone", 500, table) == 625
    assert prednisone_equivalent("prednisone", 15, table) == 15
    assert prednisone_equivalent("dexamethasone", 16, table) == pytest.approx(106.67, abs=0.01)
    assert prednisone_equivalent("fludrocortisone", 0.1, table) is None
