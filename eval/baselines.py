"""The run that knows the answers' frequencies and reads no note: what any system has to beat.

Other baselines (keyword only, stock medspaCy) are runs like any other and come as folders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from eval.records import VERDICTS, Gold, Kind, PredictedVerdict, Run, Verdict, effect_of


def majority_verdicts(gold: Gold) -> dict[str, Verdict]:
    """The most frequent gold verdict of each criterion; a tie goes to the first in the order of the
    vocabulary.

    It is taken from the very gold that is scored, so it is the best that a constant answer can do, not an
    honest guess.
    """
    chosen: dict[str, Verdict] = {}
    for criterion in gold.criteria:
        counts = Counter(p.verdicts[criterion] for p in gold.patients if criterion in p.verdicts)
        if counts:
            chosen[criterion] = max(VERDICTS, key=lambda verdict: counts[verdict])
    return chosen


def majority_run(gold: Gold, kinds: Mapping[str, Kind]) -> Run:
    """That answer for every patient, as a run without evidence; criteria of unknown kind are left out."""
    rows = {
        (patient.patient_id, criterion): PredictedVerdict(verdict, effect_of(kinds[criterion], verdict), kinds[criterion])
        for criterion, verdict in majority_verdicts(gold).items()
        if criterion in kinds
        for patient in gold.patients
    }
    return Run(name="majority class", verdicts=rows)
