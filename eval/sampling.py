"""Which charts to annotate next, and with what chance each was chosen.

Comes in: a run over many patients, a strategy and how many charts can be read. Goes out: the patients drawn, each with
its inclusion probability, as rows of `sampling.csv`. A strategy may prefer patients; it never rules one out, since a
patient with probability 0 is one that no score will ever speak for (Horvitz & Thompson, JASA 1952;47:663-685).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from eval.records import MISSING, STATUSES, EvalError, PredictedVerdict, Run, status_of

FloatArray = NDArray[np.float64]
Verdicts = Mapping[str, PredictedVerdict]
Strategy = Literal["random", "uncertain", "stratified", "disagreement"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)


@dataclass(frozen=True, slots=True)
class Sampled:
    """One patient drawn; `probability` is the chance it had in this draw."""

    patient_id: str
    probability: float


def sample(
    run: Run,
    count: int,
    *,
    strategy: Strategy = "random",
    other: Run | None = None,
    annotated: Collection[str] = (),
    seed: int = 0,
) -> tuple[Sampled, ...]:
    """Draw `count` patients of a run that are not `annotated` yet, in order of their ids.

    `random`: all alike. `uncertain`: in proportion to 1 + the criteria that ask for review. `stratified`: as many of
    each predicted status as there is room for. `disagreement`: in proportion to 1 + the criteria whose verdict differs
    from that of the `other` run. The same seed draws the same patients.
    """
    patients = sorted({patient_id for patient_id, _ in run.verdicts} - set(annotated))
    if not 0 < count <= len(patients):
        raise EvalError(f"cannot draw {count} charts: the run has {len(patients)} patients that are not annotated")
    if strategy == "disagreement" and other is None:
        raise EvalError("strategy 'disagreement' needs a second run to disagree with")
    if strategy not in STRATEGIES:
        raise EvalError(f"strategy '{strategy}': known are {', '.join(STRATEGIES)}")
    own, theirs = by_patient(run), by_patient(other or run)
    groups = ["" for _ in patients]
    if strategy == "stratified":
        groups = [predicted_status(run, own[patient_id], patient_id) for patient_id in patients]
        probabilities = stratum_probabilities(groups, count)
    else:
        sizes = [SIZES[strategy](own[patient_id], theirs.get(patient_id, {})) for patient_id in patients]
        probabilities = inclusion_probabilities(np.array(sizes), count)
    is_drawn = draw(probabilities, groups, np.random.default_rng(seed))
    return tuple(
        Sampled(patient_id, float(chance))
        for patient_id, chance, drawn in zip(patients, probabilities, is_drawn, strict=True)
        if drawn
    )


def by_patient(run: Run) -> dict[str, Verdicts]:
    """The verdicts of each patient by criterion."""
    found: dict[str, dict[str, PredictedVerdict]] = defaultdict(dict)
    for (patient_id, criterion), row in run.verdicts.items():
        found[patient_id][criterion] = row
    return dict(found)


def predicted_status(run: Run, verdicts: Verdicts, patient_id: str) -> str:
    """The candidate's status, or what the effects of the verdicts make."""
    if patient_id in run.candidates:
        return run.candidates[patient_id].status
    return status_of([row.effect for row in verdicts.values()])


def _alike(own: Verdicts, theirs: Verdicts) -> float:
    return 1.0


def _uncertainty(own: Verdicts, theirs: Verdicts) -> float:
    return 1.0 + sum(row.effect == "review" for row in own.values())


def _disagreement(own: Verdicts, theirs: Verdicts) -> float:
    return 1.0 + sum(verdict_of(own, criterion) != verdict_of(theirs, criterion) for criterion in own.keys() | theirs.keys())


def verdict_of(verdicts: Verdicts, criterion: str) -> str:
    """The verdict, or that there is none."""
    return verdicts[criterion].verdict if criterion in verdicts else MISSING


SIZES: dict[str, Callable[[Verdicts, Verdicts], float]] = {
    "random": _alike,
    "uncertain": _uncertainty,
    "disagreement": _disagreement,
}


def inclusion_probabilities(sizes: FloatArray, count: int) -> FloatArray:
    """Probabilities in proportion to size that sum to `count`; what would exceed 1 is certain and leaves room to others.

    >>> inclusion_probabilities(np.array([1.0, 1.0, 8.0]), 2).tolist()
    [0.5, 0.5, 1.0]
    """
    probabilities = np.ones_like(sizes)
    is_open = np.ones(len(sizes), dtype=bool)
    while is_open.any():
        left = count - (~is_open).sum()
        proposed = left * sizes[is_open] / sizes[is_open].sum()
        if (proposed <= 1).all():
            probabilities[is_open] = proposed
            return probabilities
        is_open[np.flatnonzero(is_open)[proposed > 1]] = False
    return probabilities


def stratum_probabilities(strata: list[str], count: int) -> FloatArray:
    """Probability of each patient when the count is spread over the strata as evenly as their sizes allow."""
    sizes: dict[str, int] = {status: strata.count(status) for status in STATUSES if status in strata}
    drawn = dict.fromkeys(sizes, 0)
    while sum(drawn.values()) < count:
        room = [name for name in sizes if drawn[name] < sizes[name]]
        drawn[min(room, key=lambda name: drawn[name])] += 1
    return np.array([drawn[name] / sizes[name] for name in strata])


def draw(probabilities: FloatArray, groups: list[str], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Systematic draw over a random order within each group: every patient gets exactly its probability.

    Where a group's probabilities sum to a whole number, exactly that many of it are drawn.
    """
    order = sorted(rng.permutation(len(probabilities)), key=lambda index: groups[index])
    reached = np.cumsum(probabilities[order])
    start = rng.random()
    is_drawn = np.zeros(len(probabilities), dtype=bool)
    before = np.concatenate([[0.0], reached[:-1]])
    is_drawn[order] = np.floor(_exact(reached) - start) > np.floor(_exact(before) - start)
    return is_drawn


def _exact(sums: FloatArray) -> FloatArray:
    """Cumulative sums with the rounding of many additions taken off, so that whole numbers are whole."""
    return np.round(sums, 9)
