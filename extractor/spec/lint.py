"""Faults of a valid trial file: concepts that no pattern finds, doses that differ from the table, empty questions.

A file that loads can still never match anything; what is told here is what a clinician would want to mend before a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from extractor.spec.nodes import Dose, Find
from extractor.spec.rules import load_concepts
from extractor.spec.trials import Criterion, Trial, concepts_of, nodes_of
from extractor.spec.units import load_analytes, load_units

BODY_MEASURES = ("body_weight", "body_height")
"""Read by their own code rather than from a concept file (`extractor/text/bodies.py`)."""


def known_concepts(folder: Path) -> frozenset[str]:
    """Every concept and class that the patterns of `folder` can find."""
    rules = load_concepts(folder)
    concepts = {rule.concept for rule in rules} | {name for rule in rules for name in rule.classes}
    return frozenset(concepts | {analyte.concept for analyte in load_analytes(folder).analytes} | set(BODY_MEASURES))


def trial_faults(trial: Trial, folder: Path) -> list[str]:
    """One line a fault, none when the trial is sound."""
    known = known_concepts(folder)
    missing = [f"concept {name} is found by no pattern of {folder}" for name in sorted(concepts_of(trial) - known)]
    doses = [fault for node in nodes_of(trial) if isinstance(node, Dose) for fault in _dose_faults(node, folder)]
    empty = [fault for criterion in trial.criteria for fault in _empty_questions(criterion)]
    return list(dict.fromkeys([*missing, *doses, *empty]))


def _dose_faults(node: Dose, folder: Path) -> Iterator[str]:
    table = load_units(folder).glucocorticoid_equivalents
    for drug, mg in node.equal_doses.items():
        if table.get(drug, mg) != mg:
            yield f"equal_doses: {drug} is {mg:g} mg here and {table[drug]:g} mg in units.yaml"


def _empty_questions(criterion: Criterion) -> Iterator[str]:
    for node in nodes_of(criterion):
        if isinstance(node, Find) and not (node.supports or node.refutes or node.undecided):
            yield f"{criterion.id}: a find node looks for nothing; give supports, refutes or undecided"
