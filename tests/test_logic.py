"""Kleene's tables, and the laws that a reader of a criterion relies on."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.logic import Truth, all_of, any_of, at_least, negate, truth

T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
truths = st.lists(st.sampled_from(Truth), max_size=6)


@pytest.mark.parametrize("pair", AND, ids=lambda pair: f"{pair[0].value} and {pair[1].value}")
def test_and_is_kleenes(pair):
    assert all_of(pair) is AND[pair]


@pytest.mark.parametrize("pair", OR, ids=lambda pair: f"{pair[0].value} or {pair[1].value}")
def test_or_is_kleenes(pair):
    assert any_of(pair) is OR[pair]


def test_not_leaves_unknown_unknown():
    assert [negate(value) for value in (T, F, U)] == [F, T, U]


def test_at_least_three_of_six_counts_certain_and_possible():
    assert at_least(3, [T, T, T, U, F, F]) is T
    assert at_least(3, [T, T, U, F, F, F]) is U
    assert at_least(3, [T, T, F, F, F, F]) is F


def test_of_nothing_all_holds_and_any_does_not():
    assert (all_of([]), any_of([])) == (T, F)


def test_plain_answers_become_truths():
    assert (truth(True), truth(False), truth(None)) == (T, F, U)


def test_a_truth_is_no_boolean():
    with pytest.raises(TypeError, match="three values"):
        bool(T)


@given(truths, st.integers(min_value=0, max_value=6))
def test_at_least_is_what_every_completion_of_the_unknowns_agrees_on(values, k):
    """The definition: known when all ways to settle the unknown parts give one answer."""
    completions = product(*([(True, False) if value is U else (value is T,) for value in values]))
    answers = {sum(completion) >= k for completion in completions}
    expected = U if len(answers) == 2 else truth(answers.pop())
    assert at_least(k, values) is expected


@given(truths)
def test_de_morgan(values):
    assert negate(any_of(values)) is all_of([negate(value) for value in values])
