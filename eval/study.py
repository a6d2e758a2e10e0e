"""One run, one gold, everything there is to say: what `prescreen score` prints, draws and stores.

Comes in: folders. Goes out: a `Study`, as JSON or as the HTML report. Parts that the run gives no grounds for (a ranking
without candidates, weights without sampling) are absent, and `remarks` says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.baselines import majority_run
from eval.calibration import Reliability, reliability, scored_patients
from eval.errors import Disagreement, cause_counts, disagreements, fault_counts
from eval.figures import Resampling
from eval.ranking import RankingScore, ranking_score, relevance, whole
from eval.read import read_gold, read_run
from eval.records import EvalError, Gold, Kind, Run, kinds_of
from eval.scores import Scores, score
from eval.weighting import Weighted, weighted_figures


@dataclass(frozen=True, slots=True)
class Study:
    """All scores of a run; `baselines` start with the majority class."""

    gold: Gold
    run: Run
    scores: Scores
    baselines: tuple[Scores, ...]
    ranking: RankingScore | None
    reliability: Reliability | None
    weighted: tuple[Weighted, ...]
    disagreements: tuple[Disagreement, ...]
    remarks: tuple[str, ...]


def study(
    run_folder: Path,
    gold_folder: Path,
    *,
    split: str | None = None,
    baselines: Mapping[str, Path] | None = None,
    resampling: Resampling | None = None,
) -> Study:
    """Read and score. `baselines` are further run folders by the name they are shown with."""
    resampling = resampling or Resampling()
    gold, run = read_gold(gold_folder, split=split), read_run(run_folder)
    if not gold.patients:
        raise EvalError(f"{gold_folder}: no gold patient" + (f" in split '{split}'" if split else ""))
    kinds = kinds_of(run)
    gold = replace(gold, criteria=in_order_of_trial(gold.criteria, kinds))
    others = [majority_run(gold, kinds)] + [replace(read_run(path), name=name) for name, path in (baselines or {}).items()]
    remarks = list(coverage_remarks(gold, run, kinds))
    ranking, honest = _ranked(gold, run, kinds, resampling, remarks)
    return Study(
        gold=gold,
        run=run,
        scores=score(gold, run, kinds, resampling=resampling),
        baselines=tuple(score(gold, other, kinds, resampling=resampling) for other in others),
        ranking=ranking,
        reliability=honest,
        weighted=weighted_figures(gold, run, kinds, resampling=resampling) if gold.sampling_probability else (),
        disagreements=disagreements(gold, run),
        remarks=tuple(remarks),
    )


def in_order_of_trial(criteria: Iterable[str], kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """The criteria as the run has them, then those that it never mentions; a gold judged in part has no order of its own."""
    order = list(kinds)
    return tuple(sorted(criteria, key=lambda criterion: order.index(criterion) if criterion in kinds else len(order)))


def coverage_remarks(gold: Gold, run: Run, kinds: Mapping[str, Kind]) -> list[str]:
    """What gold and run do not have in common."""
    ids = {patient.patient_id for patient in gold.patients}
    partly = len(gold.patients) - len(whole(gold, kinds).patients)
    absent = sorted(ids - {patient_id for patient_id, _ in run.verdicts})
    beyond = {patient_id for patient_id, _ in run.verdicts} - ids
    unknown = [criterion for criterion in gold.criteria if criterion not in kinds]
    remarks = []
    if gold.sha256 and run.made_by.get("calibrated_on") == gold.sha256:
        remarks.append("the candidates' scores were fitted on charts of this gold: on those, Brier score and reliability flatter")
    if partly:
        remarks.append(f"{partly} gold patients are judged in part: they have no status and no place in a ranking")
    if absent:
        remarks.append(f"{len(absent)} gold patients are not in the run: {', '.join(absent[:10])}")
    if unknown:
        remarks.append(f"criteria the run never mentions, left out of effects: {', '.join(unknown)}")
    if beyond:
        remarks.append(f"{len(beyond)} patients of the run have no gold here and are not scored")
    return remarks


def _ranked(
    gold: Gold, run: Run, kinds: Mapping[str, Kind], resampling: Resampling, remarks: list[str]
) -> tuple[RankingScore | None, Reliability | None]:
    """Ranking and reliability, each `None` with a remark where there is nothing to score."""
    if not run.candidates:
        remarks.append("the run has no candidates, so no ranking is scored")
        return None, None
    gold = whole(gold, kinds)
    scores, has_score = scored_patients(gold, run)
    outcomes = relevance(gold, kinds)
    honest = reliability(scores, outcomes[has_score], resampling=resampling) if has_score.any() else None
    if not outcomes.any():
        remarks.append("no gold patient is known to be worth a look, so no ranking is scored")
        return None, honest
    return ranking_score(gold, run, kinds, resampling=resampling), honest


def study_html(found: Study, *, with_text: bool = True) -> str:
    """The error report with its plots."""
    from eval.plots import forest_svg, matrix_svg, recall_svg, reliability_svg
    from eval.report import error_report

    plots = [
        ("Verdicts, gold by predicted", matrix_svg(found.scores.matrix)),
        ("F1 of met by criterion", forest_svg([(one.criterion, one.binary["F1"]) for one in found.scores.criteria])),
    ]
    if found.reliability is not None:
        plots.append(("Reliability of the score", reliability_svg(found.reliability)))
    if found.ranking is not None:
        plots.append(("Recall down the list", recall_svg(found.ranking)))
    return error_report(
        found.gold, found.scores, found.disagreements, baselines=found.baselines, plots=plots, with_text=with_text
    )


def study_json(found: Study) -> dict[str, Any]:
    """All numbers, without a word of any note; what is undefined is null."""
    return {
        "gold_sha256": found.gold.sha256,
        "scores": plain(found.scores),
        "baselines": plain(found.baselines),
        "ranking": plain(found.ranking),
        "reliability": plain(found.reliability),
        "weighted": plain(found.weighted),
        "wrong_verdicts_by_cause": dict(cause_counts(found.disagreements)),
        "spans_by_cause": dict(fault_counts(found.disagreements)),
        "remarks": list(found.remarks),
    }


def plain(value: Any) -> Any:
    """Records, arrays and NaN into what JSON has."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
