"""Spans are paired one to one, in the best way there is, whatever the order; nervaluate agrees where it is
right."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate import Evaluator

from eval.pairing import MODES, Labelled, Mode, Pair, credit, iou, pair
from eval.records import EvalError

spans = st.lists(
    st.builds(
        lambda start, length, label: Labelled(start, start + length, label),
        st.integers(0, 12),
        st.integers(0, 5),
        st.sampled_from("ab"),
    ),
    max_size=5,
)


def total(pairs: tuple[Pair, ...]) -> float:
    return sum(one.credit for one in pairs)


@pytest.mark.parametrize(
    ("mode", "predicted", "worth"),
    [
        ("strict", Labelled(3, 8, "a"), 1.0),
        ("strict", Labelled(3, 8, "b"), 0.0),
        ("exact", Labelled(3, 8, "b"), 1.0),
        ("exact", Labelled(3, 7, "a"), 0.0),
        ("partial", Labelled(3, 8, "b"), 1.0),
        ("partial", Labelled(7, 20, "b"), 0.5),
        ("partial", Labelled(8, 20, "a"), 0.0),
        ("overlap", Labelled(7, 20, "a"), 1.0),
        ("overlap", Labelled(7, 20, "b"), 0.0),
        ("iou", Labelled(3, 6, "a"), 1.0),
        ("iou", Labelled(3, 5, "a"), 0.0),
    ],
)
def test_mode_gives_its_credit(mode: Mode, predicted: Labelled, worth: float) -> None:
    assert credit(Labelled(3, 8, "a"), predicted, mode=mode) == worth


def test_spans_are_half_open_so_neighbours_do_not_overlap() -> None:
    assert pair([Labelled(0, 4)], [Labelled(4, 8)]) == ()


def test_two_predictions_on_one_gold_span_give_one_pair_with_the_closer() -> None:
    assert pair([Labelled(0, 10)], [Labelled(0, 3), Labelled(0, 9)]) == (Pair(0, 1, 1.0),)


def test_greedy_choice_is_undone_when_it_would_cost_a_pair() -> None:
    gold = [Labelled(0, 10), Labelled(8, 20)]
    predicted = [Labelled(7, 11), Labelled(0, 2)]
    assert pair(gold, predicted) == (Pair(0, 1, 1.0), Pair(1, 0, 1.0))


def test_more_pairs_win_over_more_overlap() -> None:
    long = Labelled(0, 100)
    assert len(pair([long, Labelled(98, 101)], [long, Labelled(0, 1)])) == 2


def test_empty_spans_pair_with_the_same_empty_span_only() -> None:
    assert iou(Labelled(5, 5), Labelled(5, 5)) == 1.0
    assert iou(Labelled(5, 5), Labelled(4, 6)) == 0.0


def test_backward_span_is_refused() -> None:
    with pytest.raises(EvalError, match=r"span 5\.\.4: needs 0 <= start <= end"):
        Labelled(5, 4)


@given(gold=spans, predicted=spans, mode=st.sampled_from(MODES))
@settings(max_examples=150, deadline=None)
def test_pairing_is_one_to_one_and_no_assignment_earns_more(gold: list[Labelled], predicted: list[Labelled], mode: Mode) -> None:
    pairs = pair(gold, predicted, mode=mode)
    assert len({one.gold for one in pairs}) == len(pairs) == len({one.predicted for one in pairs})
    short, long, flip = (gold, predicted, False) if len(gold) <= len(predicted) else (predicted, gold, True)
    best = max(
        sum(credit(b, a, mode=mode) if flip else credit(a, b, mode=mode) for a, b in zip(short, choice, strict=True))
        for choice in itertools.permutations(long, len(short))
    )
    assert total(pairs) == best


@given(gold=spans, predicted=spans, mode=st.sampled_from(MODES), data=st.data())
@settings(max_examples=100, deadline=None)
def test_order_of_spans_changes_no_pair(gold: list[Labelled], predicted: list[Labelled], mode: Mode, data: st.DataObject) -> None:
    shuffled_gold, shuffled = data.draw(st.permutations(gold)), data.draw(st.permutations(predicted))
    pairs = pair(gold, predicted, mode=mode)
    again = pair(shuffled_gold, shuffled, mode=mode)
    assert sorted((gold[p.gold], predicted[p.predicted]) for p in pairs) == sorted(
        (shuffled_gold[p.gold], shuffled[p.predicted]) for p in again
    )


@given(gold=spans, predicted=spans, mode=st.sampled_from(MODES))
@settings(max_examples=100, deadline=None)
def test_swapping_gold_and_prediction_keeps_the_credit(gold: list[Labelled], predicted: list[Labelled], mode: Mode) -> None:
    assert total(pair(gold, predicted, mode=mode)) == total(pair(predicted, gold, mode=mode))


def disjoint_spans(rng: np.random.Generator) -> list[Labelled]:
    """Spans of one document that do not overlap one another, as most corpora have them."""
    cuts = sorted(rng.choice(60, size=12, replace=False))
    return [Labelled(int(a), int(b), str(rng.choice(["a", "b"]))) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]


def nervaluate_counts(gold: list[Labelled], predicted: list[Labelled]) -> dict[str, tuple[int, int]]:
    """(correct, partial) of each of its schemes; it counts the last character as inside."""
    as_rows = [[{"label": s.label, "start": s.start, "end": s.end - 1} for s in some] for some in (gold, predicted)]
    found = Evaluator([as_rows[0]], [as_rows[1]], tags=["a", "b"], loader="dict").evaluate()["overall"]
    return {scheme: (result.correct, result.partial) for scheme, result in found.items()}


SCHEMES = {"strict": "strict", "exact": "exact", "partial": "partial", "overlap": "ent_type"}


@pytest.mark.parametrize("mode", ["strict", "exact"])
def test_nervaluate_counts_the_same_exact_pairs(mode: Mode) -> None:
    rng = np.random.default_rng(7)
    for _ in range(60):
        gold = disjoint_spans(rng)
        predicted = [s for s in gold if rng.random() < 0.6] + [Labelled(70, 75, "a")]
        assert total(pair(gold, predicted, mode=mode)) == nervaluate_counts(gold, predicted)[SCHEMES[mode]][0]


@pytest.mark.parametrize("mode", ["strict", "exact", "partial", "overlap"])
def test_nervaluate_agrees_where_each_prediction_touches_one_gold_span_at_most(mode: Mode) -> None:
    rng = np.random.default_rng(11)
    for _ in range(60):
        gold = disjoint_spans(rng)
        predicted = [
            Labelled(s.start + int(rng.integers(0, s.end - s.start)), s.end, str(rng.choice(["a", "b"])))
            for s in gold
            if rng.random() < 0.8
        ]
        correct, partial = nervaluate_counts(gold, predicted)[SCHEMES[mode]]
        expected = correct + 0.5 * partial if mode == "partial" else correct
        assert total(pair(gold, predicted, mode=mode)) == expected


def test_optimal_pairing_never_finds_less_than_nervaluate() -> None:
    rng = np.random.default_rng(3)
    more = 0
    for _ in range(80):
        gold, predicted = disjoint_spans(rng), disjoint_spans(rng)
        ours, theirs = total(pair(gold, predicted)), nervaluate_counts(gold, predicted)["ent_type"][0]
        assert ours >= theirs
        more += ours > theirs
    assert more > 0, "the greedy oracle misses a pair in some of these"
