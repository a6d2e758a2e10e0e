"""Gold and run into everything the score prints: headline, criteria, levels.

Comes in: `Gold`, `Run` and the criteria's kinds. Goes out: `Scores`, numbers only; `tables`, `plots` and
`report` show them. Counts come first, then measures, then intervals over patients; each criterion stands
before any average.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval import counts, metrics
from eval.binary import criteria_defined, criterion_figures, macro_figures, macro_of, met, micro_figures
from eval.figures import Figure, Maker, Resampling
from eval.levels import level_figures
from eval.records import STATUSES, Gold, Kind, Run
from eval.shares import FAIL, coverage_of, decided_of, false_pass_of, right_of, wrong_of

FloatArray = NDArray[np.float64]
INELIGIBLE = STATUSES.index("ineligible")


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """One criterion. `matrix` is (4, 5) gold by predicted verdict; `binary` holds the measures of `met`
    against the rest."""

    criterion: str
    kind: Kind | None
    matrix: FloatArray
    accuracy: Figure
    coverage: Figure
    accuracy_when_decided: Figure
    wrong_exclusions: Figure
    false_passes: Figure
    evidence_recall: Figure
    macro_f1: Figure
    binary: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Scores:
    """All of one run against one gold. `missing` are (patient, criterion) that the run has no verdict for.

    `micro` and `macro` are the averages over criteria of the measures that each criterion has under `binary`.
    """

    run: str
    patients: int
    verdicts: int
    headline: tuple[Figure, ...]
    criteria: tuple[CriterionScore, ...]
    micro: Mapping[str, Figure]
    macro: Mapping[str, Figure]
    levels: tuple[Figure, ...]
    matrix: FloatArray
    missing: tuple[tuple[str, str], ...]

    def figure(self, name: str) -> Figure:
        """A headline figure by its name."""
        return next(figure for figure in self.headline if figure.name == name)


def score(gold: Gold, run: Run, kinds: Mapping[str, Kind], *, resampling: Resampling | None = None) -> Scores:
    """Score a run; every gold verdict counts, those without a predicted row as wrong."""
    resampling = resampling or Resampling()
    tally = Tally.of(gold, run, kinds)
    return Scores(
        run=run.name,
        patients=len(gold.patients),
        verdicts=int(tally.verdicts.sum()),
        headline=headline(tally, Maker(resampling, "headline")),
        criteria=tuple(
            criterion_score(tally, c, criterion, kinds.get(criterion), Maker(resampling, criterion))
            for c, criterion in enumerate(gold.criteria)
        ),
        micro=micro_figures(tally.verdicts, Maker(resampling, "micro")),
        macro=macro_figures(tally.verdicts, Maker(resampling, "macro")),
        levels=level_figures(gold, run, tally.verdicts, tally.statuses, resampling),
        matrix=tally.verdicts.sum((0, 1)),
        missing=tuple(counts.missing_verdicts(gold, run)),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """The count rows that scores start from; the first axis of each is the patient, the second the
    criterion."""

    verdicts: FloatArray
    effects: FloatArray
    statuses: FloatArray
    evidence: FloatArray

    @classmethod
    def of(cls, gold: Gold, run: Run, kinds: Mapping[str, Kind]) -> Tally:
        """Count one run against one gold."""
        return cls(
            verdicts=counts.verdict_counts(gold, run),
            effects=counts.effect_counts(gold, run, kinds),
            statuses=counts.status_counts(gold, run, kinds),
            evidence=counts.evidence_recall_counts(gold, run),
        )


def headline(tally: Tally, make: Maker) -> tuple[Figure, ...]:
    """What hurts comes first: patients turned away wrongly, and patients let through."""
    pooled, effects = tally.verdicts.sum(1), tally.effects.sum(1)
    b = metrics.one_against_rest(pooled.sum(0), metrics.MET)
    return (
        make.share("wrong exclusions", wrong_of(effects, FAIL)),
        make.share("false passes", false_pass_of(effects)),
        make.share("patients wrongly excluded", wrong_of(tally.statuses, INELIGIBLE)),
        make.share("verdict accuracy", right_of(pooled)),
        make.share("evidence recall, right role", tally.evidence.sum(1)),
        make.share("coverage (verdict not unknown)", coverage_of(pooled)),
        make.share("accuracy when decided", decided_of(pooled)),
        make.measure("met, micro F1", pooled, met("F1"), {"tp": float(b.tp), "fp": float(b.fp), "fn": float(b.fn)}),
        make.measure(
            "met, macro F1 over criteria", tally.verdicts, macro_of("F1"), criteria_defined(met("F1")(tally.verdicts.sum(0)))
        ),
    )


def criterion_score(tally: Tally, c: int, criterion: str, kind: Kind | None, make: Maker) -> CriterionScore:
    """One criterion; a patient gives one case, so shares of verdicts get Wilson intervals."""
    verdicts, effects = tally.verdicts[:, c], tally.effects[:, c]
    matrix = verdicts.sum(0)
    return CriterionScore(
        criterion=criterion,
        kind=kind,
        matrix=matrix,
        accuracy=make.proportion("accuracy", *right_of(matrix)),
        coverage=make.proportion("coverage", *coverage_of(matrix)),
        accuracy_when_decided=make.proportion("accuracy when decided", *decided_of(matrix)),
        wrong_exclusions=make.proportion("wrong exclusions", *wrong_of(effects.sum(0), FAIL)),
        false_passes=make.proportion("false passes", *false_pass_of(effects.sum(0))),
        evidence_recall=make.share("evidence recall", tally.evidence[:, c]),
        macro_f1=make.measure("macro F1 of the verdicts", verdicts, metrics.macro_f1, {"of": float(matrix.sum())}),
        binary=criterion_figures(verdicts, make),
    )
