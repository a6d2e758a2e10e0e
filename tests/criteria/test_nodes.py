"""The kinds of node by themselves: what each option of the language does, on a trial of one criterion."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from extractor.criteria.evaluate import judge
from extractor.records import Patient
from extractor.spec.trials import Trial

DAY = date(2025, 6, 16)
PERSON = {"age": "age", "birth_date": "birth_date", "sex": "sex", "weight": "body_weight"}


def one_rule(rule: dict[str, Any], **more: Any) -> Trial:
    criterion = {"id": "X", "kind": "exclusion", "title": "x", "protocol": "x", "rule": rule, **more}
    return Trial.model_validate({"id": "t", "version": "1", "title": "t", "person": PERSON, "criteria": [criterion]})


@pytest.fixture
def ask(chart):
    """`ask(rule, lines)`: the verdict and the roles in chart order."""

    def run(rule: dict[str, Any], lines: str, **more: Any) -> tuple[str, str]:
        judgement = judge(one_rule(rule, **more), Patient("P1", "male", date(1980, 1, 1), DAY), chart(lines))
        return judgement.verdicts[0].verdict, " ".join(e.reason or e.role for e in judgement.evidence)

    return run


def find(**options: Any) -> dict[str, Any]:
    return {"find": options}


A, B = find(supports=[{"concepts": "a", "negated": "refutes"}]), find(supports=[{"concepts": "b", "negated": "refutes"}])

COMBINED = {
    "all of, both": ({"all_of": [A, B]}, "2025-06-01 a | 2025-06-01 b", "met"),
    "all of, one denied": ({"all_of": [A, B]}, "2025-06-01 a not", "not_met"),
    "all of, one silent": ({"all_of": [A, B]}, "2025-06-01 a", "unknown"),
    "any of, one": ({"any_of": [A, B]}, "2025-06-01 a", "met"),
    "any of, one denied": ({"any_of": [A, B]}, "2025-06-01 a not", "unknown"),
    "any of, one denied, silence ignored": ({"any_of": {"of": [A, B], "ignore_silent": True}}, "2025-06-01 a not", "not_met"),
    "any of, all silent, silence ignored": ({"any_of": {"of": [A, B], "ignore_silent": True}}, "2025-06-01 c", "unknown"),
    "any of, a doubtful part is not silent": (
        {"any_of": {"of": [A, B], "ignore_silent": True}},
        "2025-06-01 a not | 2025-06-01 b ?",
        "unknown",
    ),
    "at least two of two": ({"at_least": {"k": 2, "of": [A, B]}}, "2025-06-01 a | 2025-06-01 b", "met"),
    "at least two, one denied": ({"at_least": {"k": 2, "of": [A, B]}}, "2025-06-01 a | 2025-06-01 b not", "not_met"),
    "not": ({"not": A}, "2025-06-01 a not", "met"),
    "not of silence": ({"not": A}, "2025-06-01 b", "unknown"),
}


@pytest.mark.parametrize("case", COMBINED)
def test_nodes_combine_by_kleene(ask, case):
    rule, lines, verdict = COMBINED[case]
    assert ask(rule, lines)[0] == verdict


def test_not_turns_the_roles_of_its_evidence_round(ask):
    assert ask({"not": A}, "2025-06-01 a") == ("not_met", "refutes")


def test_silence_may_count_inside_a_combination(ask):
    presumed = find(supports=[{"concepts": "b"}], silent="false")
    assert ask({"all_of": [A, presumed]}, "2025-06-01 a")[0] == "not_met"
    assert ask({"all_of": [A, {"not": presumed}]}, "2025-06-01 a")[0] == "met"


OPTIONS = {
    "where picks the special item before the general": (
        find(supports=["a"], set_aside=[{"concepts": "a", "where": {"kind": "mild"}}]),
        "2025-06-01 a kind=mild",
        ("unknown", "not_the_concept"),
    ),
    "where, whichever list comes first": (
        find(supports=[{"concepts": "a", "where": {"kind": "bad"}}], set_aside=["a"]),
        "2025-06-01 a kind=bad",
        ("met", "supports"),
    ),
    "missing allows an attribute that is not given": (
        find(supports=[{"concepts": "a", "where": {"kind": ["bad", "missing"]}}]),
        "2025-06-01 a",
        ("met", "supports"),
    ),
    "unless": (find(supports=[{"concepts": "a", "unless": {"kind": "mild"}}]), "2025-06-01 a kind=mild", ("unknown", "")),
    "a value over a limit": (find(supports=[{"concepts": "a", "value_over": 9}]), "2025-06-01 a value=9.1", ("met", "supports")),
    "a value at the limit": (find(supports=[{"concepts": "a", "value_over": 9}]), "2025-06-01 a value=9", ("unknown", "")),
    "a value under a limit": (find(supports=[{"concepts": "a", "value_under": 9}]), "2025-06-01 a value=8", ("met", "supports")),
    "denials ignored": (find(supports=[{"concepts": "a", "negated": "ignore"}]), "2025-06-01 a not", ("unknown", "")),
    "a denial may support": (find(supports=[{"concepts": "a", "negated": "supports"}]), "2025-06-01 a not", ("met", "supports")),
    "a doubtful denial is no denial": (
        find(supports=[{"concepts": "a", "negated": "refutes"}]),
        "2025-06-01 a not ?",
        ("unknown", "uncertain"),
    ),
    "plans may count": (find(supports=[{"concepts": "a", "hypothetical": "counts"}]), "2025-06-01 a if", ("met", "supports")),
    "another person may count": (find(supports=[{"concepts": "a", "family": "counts"}]), "2025-06-01 a kin", ("met", "supports")),
    "history may not": (
        find(supports=[{"concepts": "a", "historical": "set_aside"}]),
        "2025-06-01 a was",
        ("unknown", "historical"),
    ),
    "used and not shown": (find(supports=[{"concepts": "a", "shown": False}]), "2025-06-01 a", ("met", "")),
    "voided": (
        find(supports=["a"], voided_by=[{"concepts": "b", "where": {"result": "positive"}}]),
        "2025-06-01 a | 2025-06-01 b result=positive",
        ("unknown", "not_the_concept"),
    ),
    "a doubtful mention against a denial yields": (
        find(supports=[{"concepts": "a", "negated": "refutes"}]),
        "2025-06-01 a ? | 2025-06-01 a not",
        ("not_met", "uncertain refutes"),
    ),
    "a doubtful mention against a denial may stand": (
        find(supports=[{"concepts": "a", "negated": "refutes"}], uncertain="stands"),
        "2025-06-01 a ? | 2025-06-01 a not",
        ("unknown", "uncertain refutes"),
    ),
    "outside refutes nothing by itself": (
        find(supports=["a"], window={"days": 10}),
        "2025-06-01 a",
        ("unknown", "historical"),
    ),
    "outside refutes where it says so": (
        find(supports=["a"], window={"days": 10}, outside="refutes"),
        "2025-06-01 a",
        ("not_met", "historical"),
    ),
    "an item's own window": (
        find(supports=[{"concepts": "a", "window": {"days": 15}}], window={"days": 10}),
        "2025-06-01 a",
        ("met", "supports"),
    ),
    "contradiction may be switched off": (
        find(supports=[{"concepts": "a", "negated": "refutes"}], contradiction="supports"),
        "2025-05-01 a | 2025-06-01 a not when=..2025-06-01",
        ("met", "supports refutes"),
    ),
    "denials set aside once it holds": (
        find(supports=[{"concepts": "a", "negated": "refutes"}], denials_when_met="set_aside"),
        "2025-05-01 a | 2025-06-01 a not",
        ("met", "supports negated"),
    ),
    "newest, affirmed": (
        find(policy="newest", supports=[{"concepts": "a", "negated": "refutes"}]),
        "2025-05-01 a not | 2025-06-01 a",
        ("met", "historical supports"),
    ),
    "newest, a later note on the same day": (
        find(policy="newest", supports=["a"], refutes=["b"]),
        "2025-05-01 a | 2025-06-01 b when=2025-05-01",
        ("not_met", "historical refutes"),
    ),
    "newest, doubt does not overrule": (
        find(policy="newest", supports=[{"concepts": "a", "negated": "refutes"}]),
        "2025-05-01 a | 2025-06-01 a ?",
        ("met", "supports uncertain"),
    ),
    "an undated mention may be kept apart from a dated one": (
        find(supports=["a"], window={"years": 5}, outside="refutes", undated="stands"),
        "2025-05-01 a when=2012-01-01..2012-12-31 | 2025-06-01 a was when=..2025-06-01",
        ("unknown", "historical uncertain"),
    ),
    "the class and the concept of its name": (
        find(supports=[{"concepts": "glucocorticoid", "exact": True}]),
        "2025-06-01 prednisone",
        ("unknown", ""),
    ),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options_of_find(ask, case):
    rule, lines, expected = OPTIONS[case]
    assert ask(rule, lines) == expected


def measure(**options: Any) -> dict[str, Any]:
    return {"measure": {"analyte": "ejection", **options}}


MEASURED = {
    "at most, equal": (
        measure(**{"is": "at_most"}, limit=40, unit="%"),
        "2025-06-01 ejection value=40 unit=%",
        ("met", "supports"),
    ),
    "at most, above": (
        measure(**{"is": "at_most"}, limit=40, unit="%"),
        "2025-06-01 ejection value=41 unit=%",
        ("not_met", "refutes"),
    ),
    "below": (measure(**{"is": "below"}, limit=40, unit="%"), "2025-06-01 ejection value=40 unit=%", ("not_met", "refutes")),
    "at least": (measure(**{"is": "at_least"}, limit=40, unit="%"), "2025-06-01 ejection value=40 unit=%", ("met", "supports")),
    "written as less than": (
        measure(**{"is": "at_most"}, limit=40, unit="%"),
        "2025-06-01 ejection value=35 unit=% cmp=<",
        ("met", "supports"),
    ),
    "written as more than, undecided": (
        measure(**{"is": "at_most"}, limit=40, unit="%"),
        "2025-06-01 ejection value=35 unit=% cmp=>",
        ("unknown", "uncertain"),
    ),
    "before the window": (
        measure(**{"is": "at_most"}, limit=40, unit="%", window={"months": 12}),
        "2024-06-01 ejection value=30 unit=%",
        ("unknown", "uncertain"),
    ),
    "no value": (measure(**{"is": "at_most"}, limit=40, unit="%"), "2025-06-01 ejection", ("unknown", "uncertain")),
    "a unit that cannot be converted": (
        measure(**{"is": "at_most"}, limit=40, unit="kg"),
        "2025-06-01 ejection value=30 unit=mmHg",
        ("unknown", "uncertain"),
    ),
    "two values of one day that differ": (
        measure(**{"is": "at_most"}, limit=40, unit="%"),
        "2025-06-01 ejection value=30 unit=% | 2025-06-01 ejection value=50 unit=%",
        ("unknown", "supports refutes"),
    ),
    "somebody else's": (
        measure(**{"is": "at_most"}, limit=40, unit="%"),
        "2025-06-01 ejection value=30 unit=% kin",
        ("unknown", ""),
    ),
}


@pytest.mark.parametrize("case", MEASURED)
def test_measures(ask, case):
    rule, lines, expected = MEASURED[case]
    assert ask(rule, lines) == expected


def test_what_is_set_aside_for_the_whole_criterion_is_shown_with_it(ask):
    assert ask(A, "2025-06-01 a | 2025-06-01 c", set_aside=[{"concepts": "c", "reason": "exempt"}]) == ("met", "supports exempt")
    hidden = [{"concepts": "c", "undecided_only": True}]
    assert ask(A, "2025-06-01 a | 2025-06-01 c", set_aside=hidden) == ("met", "supports")
    assert ask(A, "2025-06-01 c", set_aside=hidden) == ("unknown", "not_the_concept")


def test_a_permanent_exclusion_tells_no_day_of_clearing(chart):
    rule = find(supports=["a"], window={"days": 30})
    lines = chart("2025-06-01 a")
    patient = Patient("P1", index_date=DAY)
    assert "clears on" not in judge(one_rule(rule), patient, lines).verdicts[0].rationale
    assert "clears on 2025-07-02" in judge(one_rule(rule, temporary=True), patient, lines).verdicts[0].rationale


def test_a_reading_that_agrees_is_not_mentioned(chart):
    readings = {"readings": [{"name": "one", "means": "m", "rule": A}, {"name": "two", "means": "n", "rule": B}]}
    patient = Patient("P1", index_date=DAY)
    both = judge(one_rule(readings), patient, chart("2025-06-01 a | 2025-06-01 b")).verdicts[0]
    first = judge(one_rule(readings), patient, chart("2025-06-01 a | 2025-06-01 b not")).verdicts[0]
    assert (both.verdict, "read as" in both.rationale) == ("met", False)
    assert (first.verdict, "read as 'two' (n) it would be not met" in first.rationale) == ("met", True)


def test_a_rationale_is_one_sentence_with_note_and_date(chart):
    verdict = judge(one_rule(A), Patient("P1", index_date=DAY), chart("2025-06-01 a text=the+finding")).verdicts[0]
    assert verdict.rationale == "Met: 'the finding' (2025-06-01, note 2025-06-01)."
    assert verdict.evidence_ids == ("t/X/2025-06-01/100-110",)
