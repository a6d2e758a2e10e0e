"""Where a candidate stands and why: status, score, order."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.criteria.evaluate import Judgement, judge
from extractor.ranking import PRESUMED, SILENT, SPOKEN, rank
from extractor.records import Mention, Patient
from extractor.spec.trials import Trial

DAY = date(2025, 6, 16)


def trial_of(*criteria: dict[str, object]) -> Trial:
    person = {"age": "age", "birth_date": "birth_date", "sex": "sex", "weight": "body_weight"}
    return Trial.model_validate({"id": "t", "version": "1", "title": "t", "person": person, "criteria": list(criteria)})


def criterion(name: str, kind: str = "exclusion", **more: object) -> dict[str, object]:
    rule = {"find": {"supports": [{"concepts": name.lower(), "negated": "refutes"}]}}
    return {"id": name, "kind": kind, "title": name, "protocol": name, "rule": rule, **more}


def chart(patient_id: str, *concepts: str, trial: Trial) -> Judgement:
    """`concepts` are affirmed; with a leading `no-` denied, with a leading `?` uncertain."""
    mentions = []
    for place, name in enumerate(concepts):
        word = name.removeprefix("no-").removeprefix("?")
        mention = Mention("N", patient_id, DAY, word, place * 10, place * 10 + 5, word, word)
        changes = {"negated": name.startswith("no-"), "uncertain": name.startswith("?")}
        object.__setattr__(mention, "assertion", type(mention.assertion)(**changes))
        mentions.append(mention)
    return judge(trial, Patient(patient_id, index_date=DAY), mentions)


TWO = trial_of(criterion("A"), criterion("B", weight=3))
CASES = {
    "all pass": (("no-a", "no-b"), "eligible", 1.0),
    "one fails": (("a", "no-b"), "ineligible", 0.75),
    "the heavier one fails": (("no-a", "b"), "ineligible", 0.25),
    "one is silent": (("no-a",), "review", (1 + 3 * SILENT) / 4),
    "one is doubtful": (("no-a", "?b"), "review", (1 + 3 * SPOKEN) / 4),
    "a failure outweighs an open question": (("a",), "ineligible", 3 * SILENT / 4),
}


@pytest.mark.parametrize("case", CASES)
def test_status_and_score(case):
    concepts, status, score = CASES[case]
    candidate = rank(TWO, [chart("P1", *concepts, trial=TWO)])[0]
    assert (candidate.status, candidate.score) == (status, pytest.approx(score, abs=1e-4))


def test_silence_counts_more_where_the_trial_presumes_it_harmless():
    lenient = trial_of(criterion("A", silence={"presume": "pass"}))
    strict = trial_of(criterion("A", silence={"presume": "review"}))
    assert rank(lenient, [chart("P1", trial=lenient)])[0].score == PRESUMED
    assert rank(strict, [chart("P1", trial=strict)])[0].score == SILENT


def test_a_presumption_never_makes_a_candidate_eligible():
    lenient = trial_of(criterion("A", silence={"presume": "pass"}))
    assert rank(lenient, [chart("P1", trial=lenient)])[0].status == "review"


def test_order_is_status_then_score_then_id():
    judgements = [
        chart("late", "a", "no-b", trial=TWO),
        chart("open", "no-a", trial=TWO),
        chart("b-clear", "no-a", "no-b", trial=TWO),
        chart("a-clear", "no-a", "no-b", trial=TWO),
        chart("doubtful", "no-a", "?b", trial=TWO),
    ]
    ranked = rank(TWO, judgements)
    assert [c.patient_id for c in ranked] == ["a-clear", "b-clear", "open", "doubtful", "late"]
    assert [c.rank for c in ranked] == [1, 2, 3, 4, 5]
    assert rank(TWO, reversed(judgements)) == ranked


def test_failed_and_open_criteria_are_listed_in_the_trials_order():
    three = trial_of(criterion("C"), criterion("A"), criterion("B"))
    candidate = rank(three, [chart("P1", "b", "c", trial=three)])[0]
    assert (candidate.failed, candidate.to_review) == (("C", "B"), ("A",))


def test_a_criterion_that_does_not_apply_counts_as_passed():
    about_men = trial_of(criterion("A", applies_to={"sex": "male"}))
    judgement = judge(about_men, Patient("P1", "female", index_date=DAY), [])
    candidate = rank(about_men, [judgement])[0]
    assert (candidate.status, candidate.score) == ("eligible", 1.0)


def test_no_patients_no_candidates():
    assert rank(TWO, []) == ()


def test_weights_of_zero_give_no_score_and_no_error():
    weightless = trial_of(criterion("A", weight=0))
    assert rank(weightless, [chart("P1", "no-a", trial=weightless)])[0].score == 0.0
