"""A trial in plain English: what each criterion looks for, refutes, sets aside, and over which time.

For the clinician who checks a trial file without reading YAML. One block a criterion, one line a node, indented like
the nodes are nested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from extractor.spec.nodes import (
    Age,
    AnyOf,
    Applies,
    AtLeast,
    Clearance,
    Dose,
    Find,
    Item,
    Measure,
    Overruled,
    Readings,
    Response,
    Rule,
    SetAside,
    Window,
)
from extractor.spec.trials import Criterion, Trial

Lines = Iterator[str]
RELATIONS = {"above": "above", "at_least": "at least", "below": "below", "at_most": "at most"}
DENIALS = {
    "refutes": "a denial speaks against it",
    "supports": "a denial counts for it",
    "contradicts": "a later denial leaves it open",
}
SILENCE = {"pass": "presumed harmless", "review": "an open question"}


def describe(trial: Trial) -> str:
    """The whole trial as text, ending in a line break."""
    lines = [f"{trial.title} ({trial.registry_id or trial.id}), version {trial.version}", ""]
    for criterion in trial.criteria:
        lines += [*_criterion(criterion), ""]
    if trial.define:
        lines += ["Named parts", ""]
        for name, rule in trial.define.items():
            lines += [f"  {plain(name)}:", *_indented(rule_lines(rule), 4), ""]
    return "\n".join(lines).rstrip() + "\n"


def _criterion(criterion: Criterion) -> Lines:
    yield f"{criterion.id} ({criterion.kind}): {criterion.title}"
    yield f"  Protocol: {criterion.protocol}"
    if criterion.note:
        yield f"  Ambiguous: {criterion.note}"
    if criterion.applies_to is not None:
        yield f"  About: {_applies(criterion.applies_to)}"
    yield from _indented(rule_lines(criterion.rule), 2)
    for item in criterion.set_aside:
        yield f"  Never evidence: {_item(item)} ({plain(item.reason)})"
    if criterion.temporary:
        yield "  Lapses with time; the day it clears is told."
    yield f"  Silence, when candidates are ordered: {SILENCE[criterion.silence.presume]}."


def _applies(applies: Applies) -> str:
    who = f"{applies.sex} patients" if applies.sex else "every patient"
    reasons = ", ".join(_item(item) for item in applies.unless)
    return f"{who}, unless {reasons}" if reasons else who


def rule_lines(rule: Rule) -> Lines:
    """The lines of any node."""
    yield from DESCRIPTIONS[rule.kind](rule.spec)


def _all_of(rules: tuple[Rule, ...]) -> Lines:
    yield "All of:"
    yield from _listed(rules)


def _any_of(spec: AnyOf) -> Lines:
    yield "Any of (parts the notes are silent on are left out when another part speaks):" if spec.ignore_silent else "Any of:"
    yield from _listed(spec.of)


def _at_least(spec: AtLeast) -> Lines:
    yield f"At least {spec.k} of:"
    yield from _listed(spec.of)


def _not(rule: Rule) -> Lines:
    yield "Not:"
    yield from _indented(rule_lines(rule), 2)


def _listed(rules: tuple[Rule, ...]) -> Lines:
    for rule in rules:
        first, *rest = rule_lines(rule)
        yield f"- {first}"
        yield from _indented(rest, 2)


def _overruled(spec: Overruled) -> Lines:
    yield "The following, unless a later statement denies it:"
    yield from _indented(rule_lines(spec.rule), 2)
    if spec.by:
        yield f"Denied by: {_items(spec.by)}"
    if spec.denial_of:
        yield f"Denied by a denial of: {_items(spec.denial_of)}"
    if spec.agree:
        yield f"Affirmed by: {_items(spec.agree)}"


def _readings(spec: Readings) -> Lines:
    for place, reading in enumerate(spec.of):
        yield f"{'Read as' if place == 0 else 'Another reading,'} {reading.name!r} ({reading.means}):"
        yield from _indented(rule_lines(reading.rule), 2)


def _find(spec: Find) -> Lines:
    yield f"Look for {spec.label or 'a statement'}{_window(spec.window)}; {_policy(spec)}:"
    for title, items in (("for", spec.supports), ("against", spec.refutes), ("leaves open", spec.undecided)):
        for item in items:
            yield f"  {title}: {_item(item)}"
    for item in spec.set_aside:
        yield f"  set aside: {_item(item)} ({plain(item.reason)})"
    if spec.voided_by:
        yield f"  all of it void with: {_items(spec.voided_by)}"
    if spec.outside == "refutes":
        yield "  all of it surely before the window: against"


def _policy(spec: Find) -> str:
    return "the newest firm word decides" if spec.policy == "newest" else "one firm mention suffices"


def _age(spec: Age) -> Lines:
    limits = [f"at least {spec.min}" if spec.min is not None else "", f"at most {spec.max}" if spec.max is not None else ""]
    yield f"Age in completed years {' and '.join(limit for limit in limits if limit)}."


def _measure(spec: Measure) -> Lines:
    name = spec.label or plain(spec.analyte)
    if spec.limit is not None:
        yield f"Newest {name}{_window(spec.window)} {RELATIONS[spec.is_]} {spec.limit:g} {spec.unit}."
        return
    defaults = ", ".join(f"{high:g} {unit}" for unit, high in spec.upper_limits.items()) or "none"
    times = f"{spec.times_upper_limit:g} times " if spec.times_upper_limit != 1 else ""
    limit = f"{times}its upper limit, the one printed with it, otherwise {defaults}"
    yield f"Newest {name}{_window(spec.window)} {RELATIONS[spec.is_]} {limit}."


def _clearance(spec: Clearance) -> Lines:
    yield f"Creatinine clearance at most {spec.at_most:g} mL/min: stated, otherwise Cockcroft-Gault; dialysis counts for it."
    yield f"  an eGFR alone decides only at most {spec.egfr_met_at_most:g} (for) and from {spec.egfr_refuted_from:g} (against)"


def _dose(spec: Dose) -> Lines:
    when = f"on any day{_window(spec.window)}" if spec.when == "window" else "now"
    low, high = spec.weight_range_kg
    yield f"{spec.label.capitalize()} above {spec.over_mg_per_kg:g} mg/kg/day prednisone-equivalent {when}."
    yield f"  equal to prednisone 5 mg: {', '.join(f'{plain(drug)} {mg:g} mg' for drug, mg in spec.equal_doses.items())}"
    yield f"  without a weight decided only where every weight from {low:g} to {high:g} kg agrees"


def _response(spec: Response) -> Lines:
    words = _names((*spec.inadequate, *spec.flares))
    yield f"One of {_names(spec.drugs)} for at least {spec.at_least_days} days with an inadequate response ({words})."
    yield f"  against: {_names((*spec.controlled, *spec.naive))}, or all taken for less time"
    if spec.dose_cap is not None:
        yield "  overridden, against it, by:"
        yield from _indented(_dose(spec.dose_cap), 4)


def _ref(name: str) -> Lines:
    yield f"{plain(name)} (see named parts)"


DESCRIPTIONS: dict[str, Callable[[Any], Lines]] = {
    "all_of": _all_of,
    "any_of": _any_of,
    "at_least": _at_least,
    "not": _not,
    "find": _find,
    "age": _age,
    "measure": _measure,
    "clearance": _clearance,
    "dose": _dose,
    "treatment_response": _response,
    "overruled": _overruled,
    "readings": _readings,
    "ref": _ref,
}


def _items(items: Iterable[Item]) -> str:
    return "; ".join(_item(item) for item in items)


def _item(item: Item) -> str:
    """An item in one phrase: concepts, conditions, its own window, what a denial or a plan of it does."""
    parts = [_names(item.concepts) + (" by that name" if item.exact else "")]
    parts += [f"with {plain(name)} {_values(values)}" for name, values in item.where.items()]
    parts += [f"unless {plain(name)} is {_values(values)}" for name, values in item.unless.items()]
    if item.value_over is not None:
        parts.append(f"above {item.value_over:g}")
    if item.value_under is not None:
        parts.append(f"below {item.value_under:g}")
    if item.window is not None:
        parts.append("at any time" if item.window == "ever" else _window(item.window).strip())
    if item.hypothetical == "counts":
        parts.append("plans included")
    if item.family == "counts":
        parts.append("of somebody else included")
    if item.negated in DENIALS and not isinstance(item, SetAside):
        parts.append(DENIALS[item.negated])
    return ", ".join(parts)


def _values(values: Iterable[str]) -> str:
    return " or ".join("not stated" if value == "missing" else plain(value) for value in values)


def _names(names: Iterable[str]) -> str:
    return ", ".join(plain(name) for name in names)


def _window(window: Window | None) -> str:
    if window is None:
        return ""
    for unit in ("days", "months", "years"):
        length = getattr(window, unit)
        if length is not None:
            return f" within {length:g} {unit if length != 1 else unit[:-1]}"
    return ""


def plain(name: str) -> str:
    """An id as words."""
    return name.replace("_", " ")


def _indented(lines: Iterable[str], by: int) -> Lines:
    for line in lines:
        yield " " * by + line
