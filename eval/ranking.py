"""Is the list worth reading from the top? Recall at k, work saved over sampling, number needed to screen.

Comes in: gold and a run's candidates. Goes out: one `RankingScore`. Patients worth a look (gold status not ineligible) are
the relevant ones. Candidates that share a place are in no order, so within a place recall rises evenly: the value is the
mean over all orders, and renaming patients changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eval.counts import gold_status, is_whole
from eval.figures import Resampling
from eval.intervals import Interval
from eval.metrics import ratio
from eval.records import EvalError, Gold, Kind, PredictedCandidate, Run

FloatArray = NDArray[np.float64]
TARGET_RECALL = 0.95


@dataclass(frozen=True, slots=True)
class RankingScore:
    """`recall[k - 1]` is the expected share of relevant patients among the first k; the others have intervals.

    `number_needed_to_screen` is how many patients are read for each relevant one found, down to 95% recall.
    """

    patients: int
    relevant: int
    recall: FloatArray
    screened_at_target: int
    work_saved: Interval
    number_needed_to_screen: Interval
    average_precision: float


def ranking_score(gold: Gold, run: Run, kinds: Mapping[str, Kind], *, resampling: Resampling | None = None) -> RankingScore:
    """Score the order of the candidates; gold patients without a candidate row come last, in one place.

    Every gold patient must be judged as a whole (`whole`).
    """
    is_relevant = relevance(gold, kinds)
    if not is_relevant.any():
        raise EvalError("no gold patient is worth a look (all are ineligible), so no order of them is better than another")
    places = places_of(gold, run)
    curve = recall_curve(is_relevant, places)
    screened = screened_for(curve, TARGET_RECALL)
    rows = one_hot_places(is_relevant, places)
    resampling = resampling or Resampling()
    return RankingScore(
        patients=len(is_relevant),
        relevant=int(is_relevant.sum()),
        recall=curve,
        screened_at_target=screened,
        work_saved=resampling.interval(rows, work_saved),
        number_needed_to_screen=resampling.interval(rows, needed_to_screen),
        average_precision=average_precision(curve, int(is_relevant.sum())),
    )


def whole(gold: Gold, kinds: Mapping[str, Kind]) -> Gold:
    """The gold of the patients judged in every criterion of the trial: only they are known to be worth a look, or not."""
    return replace(gold, patients=tuple(patient for patient in gold.patients if is_whole(patient, kinds)))


def relevance(gold: Gold, kinds: Mapping[str, Kind]) -> NDArray[np.bool_]:
    """(P,) whether gold leaves the patient worth a look: eligible, or open to review."""
    return np.array([gold_status(patient, kinds) != "ineligible" for patient in gold.patients], dtype=bool)


def places_of(gold: Gold, run: Run) -> NDArray[np.int64]:
    """(P,) place of each gold patient, 0 first; equal numbers share a place. By `rank`, else by falling `score`."""
    keys = [_sort_key(run.candidates.get(patient.patient_id)) for patient in gold.patients]
    return np.searchsorted(np.unique(keys), keys).astype(np.int64)


def _sort_key(candidate: PredictedCandidate | None) -> float:
    if candidate is None:
        return np.inf
    if candidate.rank is not None:
        return candidate.rank
    return np.inf if candidate.score is None else -candidate.score


def one_hot_places(is_relevant: NDArray[np.bool_], places: NDArray[np.int64]) -> FloatArray:
    """(P, places, 2): a 1 at the patient's place, irrelevant then relevant; sums are what stands at each place.

    Memory grows with the square of the patients, which is nothing at the size of a gold standard.
    """
    rows = np.zeros((len(places), int(places.max()) + 1, 2))
    rows[np.arange(len(places)), places, is_relevant.astype(int)] = 1
    return rows


def recall_curve(is_relevant: NDArray[np.bool_], places: NDArray[np.int64]) -> FloatArray:
    """(P,) expected recall after 1, 2, .. P patients."""
    sums = one_hot_places(is_relevant, places).sum(0)
    sizes = sums.sum(-1)
    found = np.concatenate([[0.0], sums[:, 1].cumsum()])
    reached = np.concatenate([[0.0], sizes.cumsum()])
    curve: FloatArray = np.interp(np.arange(1, len(places) + 1), reached, found) / found[-1]
    return curve


def screened_for(curve: FloatArray, target: float) -> int:
    """How many patients from the top reach the recall."""
    return int(np.argmax(curve >= target - 1e-12)) + 1


def work_saved(sums: FloatArray) -> FloatArray:
    """(..., places, 2): work saved over sampling at 95% recall (Cohen et al., JAMIA 2006;13:206-219).

    The share of patients left unread at that recall, less the 5% that random reading would save too.
    """
    screened, total, _ = _at_target(sums)
    return 1 - ratio(screened, total) - (1 - TARGET_RECALL)


def needed_to_screen(sums: FloatArray) -> FloatArray:
    """(..., places, 2): patients read for each relevant one found, down to 95% recall."""
    screened, _, found = _at_target(sums)
    return ratio(screened, found)


def _at_target(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(...) patients read to reach the target (whole patients), all patients, relevant ones found by then."""
    sizes, relevant = sums.sum(-1), sums[..., 1]
    found_after, read_after = relevant.cumsum(-1), sizes.cumsum(-1)
    all_relevant = found_after[..., -1]
    wanted = TARGET_RECALL * all_relevant
    place = np.argmax(found_after >= wanted[..., None] - 1e-9, axis=-1)
    here, of_these = _pick(sizes, place), _pick(relevant, place)
    found_before, read_before = _pick(found_after, place) - of_these, _pick(read_after, place) - here
    read_here = np.ceil(ratio((wanted - found_before) * here, of_these) - 1e-9)
    found = found_before + ratio(read_here * of_these, here)
    screened: FloatArray = np.where(all_relevant > 0, read_before + read_here, np.nan)
    return screened, read_after[..., -1], found


def _pick(values: FloatArray, place: NDArray[np.int64]) -> FloatArray:
    """(..., places) and (...) to (...): the value at each place."""
    picked: FloatArray = np.take_along_axis(values, place[..., None], axis=-1)[..., 0]
    return picked


def average_precision(curve: FloatArray, relevant: int) -> float:
    """Precision at each patient read, weighted by the recall that the patient adds."""
    found = curve * relevant
    gains = np.diff(np.concatenate([[0.0], curve]))
    return float((gains * found / np.arange(1, len(curve) + 1)).sum())
