"""Trial files: what is refused and how it is told, what the bundled ones hold, how they read in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from extractor.criteria.kinds import KINDS
from extractor.errors import SpecError
from extractor.spec.describe import DESCRIPTIONS, describe
from extractor.spec.lint import trial_faults
from extractor.spec.load import patterns_folder
from extractor.spec.nodes import Rule, Window
from extractor.spec.trials import concepts_of, load_trial, trial_files

HEAD = """\
id: small
version: "1"
title: A small trial
person: {age: age, birth_date: birth_date, sex: sex, weight: body_weight}
criteria:
"""
GOOD = """\
  - id: I1
    kind: inclusion
    title: Adults
    protocol: Adults
    rule: {age: {min: 18}}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    return path


FAULTS = {
    "unknown key": (GOOD + "    colour: red\n", r"trial\.yaml:11: criteria\.0\.colour: Extra inputs"),
    "unknown kind": (GOOD.replace("age: {min", "aeg: {min"), r"rule\.aeg: Extra inputs"),
    "two kinds": (GOOD.replace("{age: {min: 18}}", "{age: {min: 18}, ref: x}"), "exactly one kind; found age, ref"),
    "no kind": (GOOD.replace("{age: {min: 18}}", "{}"), "exactly one kind; found none, known are all_of, any_of"),
    "same id twice": (GOOD + GOOD, "criterion id I1 is used more than once"),
    "ref to nothing": (GOOD.replace("{age: {min: 18}}", "{ref: adults}"), "I1: ref: adults is not under `define`"),
    "two lengths": (
        GOOD.replace("{age: {min: 18}}", "{find: {window: {days: 3, months: 1}}}"),
        "exactly one of days, months, years",
    ),
    "window of nothing": (GOOD.replace("{age: {min: 18}}", "{find: {window: {}}}"), "exactly one of days, months, years"),
    "item without concepts": (
        GOOD.replace("{age: {min: 18}}", "{find: {supports: [{where: {a: b}}]}}"),
        "concepts: Field required",
    ),
    "measure without a limit": (
        GOOD.replace("{age: {min: 18}}", "{measure: {analyte: alt}}"),
        "either limit and unit, or times_upper_limit",
    ),
    "unknown reason": (
        GOOD.replace("{age: {min: 18}}", "{find: {set_aside: [{concepts: a, reason: boring}]}}"),
        "reason: Input should be 'negated'",
    ),
    "k of nothing": (GOOD.replace("{age: {min: 18}}", "{at_least: {k: 0, of: [{age: {min: 1}}]}}"), "greater than or equal to 1"),
    "any of nothing": (GOOD.replace("{age: {min: 18}}", "{any_of: []}"), "give at least one"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_faulty_trial_is_refused_with_file_and_place(tmp_path, case):
    body, expected = FAULTS[case]
    with pytest.raises(SpecError, match=expected):
        load_trial(write(tmp_path, HEAD + body))


def test_all_faults_of_a_file_are_told_at_once_with_their_lines(tmp_path):
    body = GOOD.replace("inclusion", "maybe") + "    colour: red\n" + GOOD.replace("I1", "I2") + "    size: big\n"
    with pytest.raises(SpecError) as caught:
        load_trial(write(tmp_path, HEAD + body))
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert [re.search(r"trial\.yaml:(\d+)", line)[1] for line in lines] == ["7", "11", "17"]


def test_definitions_may_not_go_round_in_circles(tmp_path):
    text = HEAD.replace("criteria:", "define:\n  a: {ref: b}\n  b: {not: {ref: a}}\ncriteria:") + GOOD
    with pytest.raises(SpecError, match="a refers to itself"):
        load_trial(write(tmp_path, text))


def test_an_unknown_trial_names_those_that_exist():
    with pytest.raises(SpecError, match="no trial 'nobody'.*hf-dapagliflozin, rp-low-dose-il2"):
        load_trial("nobody")


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(SpecError, match="no such file"):
        load_trial(tmp_path / "absent.yaml")


@pytest.mark.parametrize("name", trial_files())
def test_a_bundled_trial_loads_under_its_file_name(name):
    assert load_trial(name).id == name


def test_the_main_trial_has_its_eighteen_criteria_in_order():
    ids = [criterion.id for criterion in load_trial("rp-low-dose-il2").criteria]
    assert ids == [f"I{n}" for n in range(1, 6)] + [f"E{n}" for n in range(1, 14)]


def test_trials_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        load_trial("rp-low-dose-il2").title = "another"


def test_an_unknown_criterion_names_those_that_exist():
    with pytest.raises(SpecError, match="no criterion 'X1'; there are I1, I2"):
        load_trial("rp-low-dose-il2").criterion("X1")


def test_every_kind_can_be_judged_and_described():
    kinds = {field.alias or name for name, field in Rule.model_fields.items()}
    assert set(KINDS) == kinds
    assert set(DESCRIPTIONS) == kinds


@pytest.mark.parametrize("name", trial_files())
def test_the_description_tells_every_criterion_with_its_protocol_sentence(name):
    trial = load_trial(name)
    text = describe(trial)
    for criterion in trial.criteria:
        assert f"{criterion.id} ({criterion.kind}): {criterion.title}" in text
        assert criterion.protocol in text


def test_the_description_names_windows_denials_and_readings():
    text = describe(load_trial("rp-low-dose-il2"))
    assert "Look for severe infection within 2 months" in text
    assert "Another reading, '6 months' (as in the sister protocol)" in text
    assert "iv antibiotic, a denial speaks against it" in text


def test_no_python_names_a_criterion_or_a_concept_of_a_trial():
    """The clinical content of a criterion stands in YAML only."""
    package = patterns_folder().parent / "extractor"
    sources = {path: path.read_text(encoding="utf-8") for path in (package / "criteria").glob("*.py")}
    sources[package / "ranking.py"] = (package / "ranking.py").read_text(encoding="utf-8")
    own_words = {"creatinine", "sex", "age", "dialysis", "egfr"}  # fields of nodes and of a patient, units of substance
    for name in trial_files():
        for concept in concepts_of(load_trial(name)) - own_words:
            for path, source in sources.items():
                assert f'"{concept}"' not in source, f"{path.name} names {concept}"


def test_doses_that_differ_from_the_units_table_are_a_fault(tmp_path):
    rule = "{dose: {equal_doses: {prednisone: 5, methylprednisolone: 8}, over_mg_per_kg: 1, when: current}}"
    trial = load_trial(write(tmp_path, HEAD + GOOD.replace("{age: {min: 18}}", rule)))
    assert "equal_doses: methylprednisolone is 8 mg here and 4 mg in units.yaml" in trial_faults(trial, patterns_folder())


def test_a_concept_that_nothing_finds_and_a_question_about_nothing_are_faults(tmp_path):
    body = GOOD.replace("{age: {min: 18}}", "{find: {supports: [unheard_of]}}") + GOOD.replace("I1", "I2").replace(
        "{age: {min: 18}}", "{find: {}}"
    )
    faults = trial_faults(load_trial(write(tmp_path, HEAD + body)), patterns_folder())
    assert any(fault.startswith("concept unheard_of is found by no pattern") for fault in faults)
    assert "I2: a find node looks for nothing; give supports, refutes or undecided" in faults


def test_a_window_says_one_length():
    assert Window(months=1.6).months == 1.6
    with pytest.raises(ValidationError):
        Window(days=0)


@pytest.mark.parametrize("name", trial_files())
def test_a_bundled_trial_has_no_fault(name):
    assert trial_faults(load_trial(name), patterns_folder()) == []
