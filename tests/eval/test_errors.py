"""The probable cause of a disagreement is the stage where gold and prediction part."""

from __future__ import annotations

from typing import Any

import pytest

from eval.errors import CAUSES, cause_counts, disagreements, fault_counts, paired_fault, probable_cause, span_faults
from eval.records import Gold, GoldPatient, PredictedVerdict, Run, Span


def span(start: int = 10, end: int = 20, role: Any = "supports", reason: str | None = None, **more: Any) -> Span:
    return Span("E1", "N1", start, end, role, reason, **more)


@pytest.mark.parametrize(
    ("gold", "predicted", "cause"),
    [
        (span(), span(end=18), "boundary"),
        (span(), span(role="rejected", reason="negated"), "negation"),
        (span(role="rejected", reason="negated"), span(), "negation"),
        (span(), span(role="refutes", negated=True), "negation"),
        (span(), span(role="rejected", reason="family"), "experiencer"),
        (span(role="rejected", reason="hypothetical"), span(), "certainty"),
        (span(role="rejected", reason="uncertain"), span(), "certainty"),
        (span(), span(role="rejected", reason="historical", date_source="explicit"), "time"),
        (span(), span(role="rejected", reason="historical", date_source="section"), "section"),
        (span(), span(role="rejected", reason="family", section="FAMILY HISTORY"), "section"),
        (span(), span(role="refutes", value=28.0), "value"),
        (span(), span(role="refutes"), "roll_up"),
        (span(role="rejected", reason="exempt"), span(), "roll_up"),
        (span(role="rejected", reason="family"), span(role="rejected", reason="negated"), "experiencer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_paired_spans_part_at_a_stage(gold: Span, predicted: Span, cause: str) -> None:
    fault = paired_fault(gold, predicted)
    assert fault is not None
    assert fault.cause == cause


def test_same_place_role_and_reason_is_no_fault() -> None:
    assert paired_fault(span(), span()) is None


def one_patient(wanted: list[Span], said: list[Span], *, verdict: Any = "met", predicted: Any = "met") -> tuple[Gold, Run]:
    gold = Gold((GoldPatient("P", {"E1": verdict}, tuple(wanted)),), criteria=("E1",))
    run = Run("r", {("P", "E1"): PredictedVerdict(predicted, "review", "exclusion", "because")}, {"P": tuple(said)})
    return gold, run


def test_span_without_a_counterpart_is_missed_or_extra() -> None:
    gold, run = one_patient([span()], [span(40, 50), span(60, 70, "rejected", "negated")])
    faults = span_faults(gold.patients[0], run, "E1")
    assert [fault.cause for fault in faults] == ["missed_concept", "extra_concept"]


def test_agreement_of_all_is_no_disagreement(gold: Gold, perfect: Run) -> None:
    assert disagreements(gold, perfect) == ()


def test_wrong_verdict_over_right_spans_is_a_matter_of_rolling_up() -> None:
    gold, run = one_patient([span()], [span()], predicted="unknown")
    (found,) = disagreements(gold, run)
    assert (found.cause, found.gold, found.predicted, found.rationale) == ("roll_up", "met", "unknown", "because")


def test_right_verdict_over_wrong_spans_has_faults_and_no_cause() -> None:
    (found,) = disagreements(*one_patient([span()], []))
    assert found.cause is None
    assert [fault.cause for fault in found.faults] == ["missed_concept"]


def test_most_frequent_deciding_fault_is_the_cause_and_boundaries_never_are() -> None:
    wanted = [span(0, 5), span(10, 15), span(20, 25), span(30, 39), span(40, 49)]
    said = [span(0, 5, "rejected", "negated"), span(10, 15, "rejected", "negated"), span(30, 38), span(40, 48)]
    gold, run = one_patient(wanted, said, predicted="unknown")
    assert probable_cause(span_faults(gold.patients[0], run, "E1")) == "negation"


def test_missed_span_that_decides_nothing_is_not_the_cause() -> None:
    gold, run = one_patient([span(role="rejected", reason="family")], [], verdict="unknown", predicted="not_met")
    (found,) = disagreements(gold, run)
    assert found.cause == "roll_up"


def test_tie_goes_to_the_earlier_stage() -> None:
    wanted = [span(0, 5), span(10, 15)]
    gold, run = one_patient(wanted, [span(10, 15, "rejected", "historical")], predicted="unknown")
    assert disagreements(gold, run)[0].cause == "missed_concept"


def test_every_wrong_verdict_has_one_cause_and_every_cause_is_counted(gold: Gold, flawed: Run) -> None:
    found = disagreements(gold, flawed)
    wrong = sum(flawed.verdicts[(p.patient_id, c)].verdict != v for p in gold.patients for c, v in p.verdicts.items())
    assert sum(cause_counts(found).values()) == wrong == 11
    assert set(fault_counts(found)) <= set(CAUSES)
    assert {"missed_concept", "boundary"} <= set(fault_counts(found))


def test_verdict_that_was_not_given_is_a_disagreement(gold: Gold) -> None:
    found = disagreements(gold, Run("empty", {}))
    assert len(found) == 56
    assert {one.predicted for one in found} == {"missing"}
