"""How far annotators agree beyond chance, per criterion and pooled, with intervals over patients.

Comes in: two or more golds of the same patients. Goes out: figures of Cohen's and Fleiss' kappa, Gwet's AC1,
Krippendorff's alpha and the pairwise F1 of the evidence spans. Only verdicts that every annotator gave
are compared: a criterion that one of them left out for a patient is no unit there. Every coefficient is a
function of sums over patients, so it is resampled like any other measure.

Shapes: U units (verdicts), N annotators, K = 4 verdicts. A unit's row is `[n_1 .. n_K, agreement, 1]`: how
many annotators chose each verdict, the share of annotator pairs that agree, and one for counting.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import krippendorff
import numpy as np
from numpy.typing import NDArray

from eval.counts import labelled, places
from eval.figures import Figure, Maker, Resampling
from eval.intervals import Interval
from eval.metrics import ratio, span_f1
from eval.pairing import Mode, pair
from eval.records import VERDICTS, EvalError, Gold, Run

FloatArray = NDArray[np.float64]
K = len(VERDICTS)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures pooled over all criteria, then of each criterion; `patients` were judged by all
    `annotators`."""

    annotators: int
    patients: int
    pooled: tuple[Figure, ...]
    criteria: dict[str, tuple[Figure, ...]]


def agreement(golds: Sequence[Gold], *, resampling: Resampling | None = None) -> Agreement:
    """Agreement of two or more annotators. Raises `EvalError` when they have no patient or criterion in
    common."""
    if len(golds) < 2:
        raise EvalError("agreement needs the gold of at least two annotators")
    patients, criteria = common_patients(golds), common_criteria(golds)
    if not patients or not criteria:
        raise EvalError("the annotators have no patient with a common criterion")
    resampling = resampling or Resampling()
    choices = chosen(golds, patients, criteria)
    spans = span_pair_counts(golds, patients, criteria)
    return Agreement(
        annotators=len(golds),
        patients=len(patients),
        pooled=figures(choices, spans.sum(1), Maker(resampling, "all")),
        criteria={
            criterion: figures(choices[:, [c]], spans[:, c], Maker(resampling, criterion)) for c, criterion in enumerate(criteria)
        },
    )


def figures(choices: FloatArray, spans: FloatArray, make: Maker) -> tuple[Figure, ...]:
    """All coefficients of (P, C, N, K) choices and (P, 3) paired spans."""
    units = unit_rows(choices).sum(1)
    agreed = np.stack([units[:, K], units[:, K + 1]], axis=-1)
    tally = {"count": float(agreed[:, 0].sum()), "of": float(agreed[:, 1].sum())}
    paired, first, second = (float(total) for total in spans.sum(0))
    return (
        make.share("observed agreement", agreed),
        make.coefficient("Cohen's kappa", pair_matrices(choices), light_kappa, tally),
        make.coefficient("Fleiss' kappa", units, fleiss_kappa, tally),
        make.coefficient("Gwet's AC1", units, gwet_ac1, tally),
        _alpha(choices, units, make),
        make.measure("span F1", spans, span_f1, {"paired": paired, "first": first, "second": second}),
    )


def _alpha(choices: FloatArray, units: FloatArray, make: Maker) -> Figure:
    """The library's value; its limits come from the same coefficient as a function of sums."""
    resampled = make.coefficient("Krippendorff's alpha", units, complete_alpha, {"of": float(units[:, K + 1].sum())})
    limits = resampled.interval
    value = krippendorff_alpha(choices.reshape(-1, *choices.shape[2:]))
    return Figure(resampled.name, Interval(value, limits.low, limits.high, limits.method), resampled.counts, make.level)


def common_patients(golds: Sequence[Gold]) -> list[str]:
    """Ids that every annotator has, in order."""
    ids = [{patient.patient_id for patient in gold.patients} for gold in golds]
    return sorted(set.intersection(*ids))


def common_criteria(golds: Sequence[Gold]) -> list[str]:
    """Criteria that every annotator judged in some common patient, in the order of the first."""
    judged = set().union(*(set(some) for some in common_verdicts(golds).values()))
    return [criterion for criterion in golds[0].criteria if criterion in judged]


def common_verdicts(golds: Sequence[Gold]) -> dict[str, frozenset[str]]:
    """The criteria that every annotator judged, by common patient."""
    by_id = [{patient.patient_id: frozenset(patient.verdicts) for patient in gold.patients} for gold in golds]
    return {patient_id: frozenset.intersection(*(one[patient_id] for one in by_id)) for patient_id in common_patients(golds)}


def chosen(golds: Sequence[Gold], patients: Sequence[str], criteria: Sequence[str]) -> FloatArray:
    """(P, C, N, K): a 1 where the annotator chose the verdict; all 0 where not every annotator gave one."""
    choices = np.zeros((len(patients), len(criteria), len(golds), K))
    judged = common_verdicts(golds)
    for n, gold in enumerate(golds):
        by_id = {patient.patient_id: patient for patient in gold.patients}
        for p, patient_id in enumerate(patients):
            for c, criterion in enumerate(criteria):
                if criterion in judged[patient_id]:
                    choices[p, c, n, VERDICTS.index(by_id[patient_id].verdicts[criterion])] = 1
    return choices


def unit_rows(choices: FloatArray) -> FloatArray:
    """(..., N, K) choices to (..., K + 2) rows that may be summed; what nobody chose is no unit and counts nothing."""
    per_verdict = choices.sum(-2)
    annotators = choices.shape[-2]
    agreeing = (per_verdict * (per_verdict - 1)).sum(-1) / (annotators * (annotators - 1))
    is_unit = (per_verdict.sum(-1) > 0).astype(float)
    return np.concatenate([per_verdict, agreeing[..., None], is_unit[..., None]], axis=-1)


def pair_matrices(choices: FloatArray) -> FloatArray:
    """(P, C, N, K) to (P, N(N-1)/2, K, K): the confusion of each pair of annotators."""
    pairs = itertools.combinations(range(choices.shape[2]), 2)
    return np.stack([np.einsum("pci,pcj->pij", choices[:, :, a], choices[:, :, b]) for a, b in pairs], axis=1)


def cohen_kappa(matrix: FloatArray) -> FloatArray:
    """(..., K, K): Cohen 1960; undefined where both annotators used one and the same verdict only."""
    total = matrix.sum((-2, -1))
    observed = ratio(np.trace(matrix, axis1=-2, axis2=-1), total)
    expected = ratio((matrix.sum(-1) * matrix.sum(-2)).sum(-1), total**2)
    return ratio(observed - expected, 1 - expected)


def light_kappa(matrices: FloatArray) -> FloatArray:
    """(..., pairs, K, K): mean of the pairs' kappas (Light 1971); with two annotators, Cohen's."""
    kappas: FloatArray = cohen_kappa(matrices).mean(-1)
    return kappas


def fleiss_kappa(sums: FloatArray) -> FloatArray:
    """(..., K + 2) summed unit rows: Fleiss, Psychol Bull 1971;76:378-382."""
    observed, shares = _observed(sums), _shares(sums)
    expected = (shares**2).sum(-1)
    return ratio(observed - expected, 1 - expected)


def gwet_ac1(sums: FloatArray) -> FloatArray:
    """(..., K + 2) summed unit rows: Gwet, Br J Math Stat Psychol 2008;61:29-48. K counts verdicts that
    exist."""
    observed, shares = _observed(sums), _shares(sums)
    expected = (shares * (1 - shares)).sum(-1) / (K - 1)
    return ratio(observed - expected, 1 - expected)


def complete_alpha(sums: FloatArray) -> FloatArray:
    """(..., K + 2) summed unit rows: Krippendorff's nominal alpha when every annotator judged every unit."""
    values = sums[..., :K].sum(-1)
    chance = 1 - ratio((sums[..., :K] * (sums[..., :K] - 1)).sum(-1), values * (values - 1))
    return 1 - ratio(1 - _observed(sums), chance)


def krippendorff_alpha(choices: FloatArray) -> float:
    """(U, N, K): the library's nominal alpha; NaN where only one verdict was ever used, which it refuses."""
    per_verdict = choices.sum(-2)
    per_verdict = per_verdict[per_verdict.sum(-1) > 0]
    if (per_verdict.sum(0) > 0).sum() < 2:
        return float("nan")
    return float(krippendorff.alpha(value_counts=per_verdict.astype(int), level_of_measurement="nominal"))


def _observed(sums: FloatArray) -> FloatArray:
    return ratio(sums[..., K], sums[..., K + 1])


def _shares(sums: FloatArray) -> FloatArray:
    per_verdict = sums[..., :K]
    return ratio(per_verdict, per_verdict.sum(-1, keepdims=True))


def span_pair_counts(
    golds: Sequence[Gold], patients: Sequence[str], criteria: Sequence[str], *, mode: Mode = "overlap"
) -> FloatArray:
    """(P, C, 3): paired, first's and second's spans, summed over the pairs of annotators; a span's label is
    its role.

    F1 of these sums does not depend on who is called first.
    """
    counts = np.zeros((len(patients), len(criteria), 3))
    judged = common_verdicts(golds)
    for first, second in itertools.combinations(golds, 2):
        by_id = {patient.patient_id: patient for patient in first.patients}
        as_run = _evidence_as_run(second)
        for p, patient_id in enumerate(patients):
            for (criterion, _), (one, other) in places(by_id[patient_id], as_run).items():
                if criterion in criteria and criterion in judged[patient_id]:
                    paired = sum(found.credit for found in pair(labelled(one), labelled(other), mode=mode))
                    counts[p, criteria.index(criterion)] += (paired, len(one), len(other))
    return counts


def _evidence_as_run(gold: Gold) -> Run:
    return Run(name="", verdicts={}, evidence={patient.patient_id: patient.evidence for patient in gold.patients})
