"""The kinds of node a criterion may be built of: a name, and the function that judges it.

A new kind is one model in `extractor/spec/nodes.py`, one function, and one line here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from extractor.criteria.clearance import judge_clearance
from extractor.criteria.combine import (
    judge_all_of,
    judge_any_of,
    judge_at_least,
    judge_not,
    judge_overruled,
    judge_readings,
)
from extractor.criteria.dose import judge_dose
from extractor.criteria.find import judge_find
from extractor.criteria.measure import judge_measure
from extractor.criteria.outcome import Context, Outcome
from extractor.criteria.person import judge_age
from extractor.criteria.response import judge_response
from extractor.spec.nodes import Rule

Judge = Callable[[Any, Context], Outcome]


def judge_ref(name: str, context: Context) -> Outcome:
    """A rule that the trial defines under a name."""
    return context.judge(context.trial.define[name])


KINDS: dict[str, Judge] = {
    "all_of": judge_all_of,
    "any_of": judge_any_of,
    "at_least": judge_at_least,
    "not": judge_not,
    "find": judge_find,
    "age": judge_age,
    "measure": judge_measure,
    "clearance": judge_clearance,
    "dose": judge_dose,
    "treatment_response": judge_response,
    "overruled": judge_overruled,
    "readings": judge_readings,
    "ref": judge_ref,
}


def judge_rule(rule: Rule, context: Context) -> Outcome:
    """The outcome of any node."""
    return KINDS[rule.kind](rule.spec, context)
