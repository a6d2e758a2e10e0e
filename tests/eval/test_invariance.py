"""What holds for every measure that is printed: order, names and copies change nothing, and nothing to measure is no value.

One table of everything that gold and a run are turned into; each change of the input is tried on all of it.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from eval import agreement as agreement_module
from eval import calibration, compare, metrics, ranking, shares
from eval.agreement import agreement
from eval.calibration import reliability, scored_patients
from eval.figures import Figure, Resampling
from eval.ranking import ranking_score, relevance, whole
from eval.records import EvalError, Gold, GoldPatient, Note, PredictedVerdict, Run, Span, effect_of
from eval.scores import score
from eval.weighting import weighted_figures

QUICK = Resampling(replicates=100)
Kinds = Mapping[str, Any]
Inputs = tuple[Gold, Run, Kinds]
Values = dict[str, float]


def named(level: str, figures: Any) -> Values:
    return {f"{level}: {figure.name}": figure.value for figure in figures}


def scored(gold: Gold, run: Run, kinds: Kinds) -> Values:
    found = score(gold, run, kinds, resampling=QUICK)
    values = named("headline", found.headline) | {f"{figure.level}: {figure.name}": figure.value for figure in found.levels}
    for level, figures in (("micro", found.micro), ("macro", found.macro)):
        values |= {f"{level} {name}": figure.value for name, figure in figures.items()}
    for place, one in enumerate(found.criteria):
        own = [value for value in vars_of(one) if isinstance(value, Figure)]
        values |= named(f"criterion {place}", [*own, *one.binary.values()])
    return values


def vars_of(record: Any) -> list[Any]:
    return [getattr(record, field.name) for field in dataclasses.fields(record)]


def agreed(gold: Gold, run: Run, kinds: Kinds) -> Values:
    """The run taken for a second annotator."""
    patients = tuple(
        GoldPatient(
            p.patient_id,
            {c: run.verdicts[p.patient_id, c].verdict for c in p.verdicts if (p.patient_id, c) in run.verdicts},
            tuple(run.evidence.get(p.patient_id, ())),
        )
        for p in gold.patients
    )
    found = agreement([gold, dataclasses.replace(gold, patients=patients)], resampling=QUICK)
    values = named("pooled", found.pooled)
    for place, figures in enumerate(found.criteria.values()):
        values |= named(f"criterion {place}", figures)
    return values


def compared(gold: Gold, run: Run, kinds: Kinds) -> Values:
    other = dataclasses.replace(run, verdicts={key: as_said(row, "unknown") for key, row in run.verdicts.items()})
    found = compare.compare(gold, run, other, kinds, resampling=QUICK, rounds=50)
    return {f"difference of {one.name}": one.difference.value for one in found.overall}


def ranked(gold: Gold, run: Run, kinds: Kinds) -> Values:
    found = ranking_score(whole(gold, kinds), run, kinds, resampling=QUICK)
    return {
        "average precision": found.average_precision,
        "work saved": found.work_saved.value,
        "number needed": found.number_needed_to_screen.value,
    }


def reliable(gold: Gold, run: Run, kinds: Kinds) -> Values:
    scores, has_score = scored_patients(gold, run)
    found = reliability(scores, relevance(gold, kinds)[has_score], resampling=QUICK)
    return {"Brier": found.brier.value, "of prevalence": found.brier_of_prevalence, "calibration error": found.expected_error}


def weighted(gold: Gold, run: Run, kinds: Kinds) -> Values:
    """Probabilities by the number of verdicts that are met, so that a patient keeps its own under any name."""
    chances = {p.patient_id: 1 / (1 + list(p.verdicts.values()).count("met")) for p in gold.patients}
    found = weighted_figures(dataclasses.replace(gold, sampling_probability=chances), run, kinds, resampling=QUICK)
    return {f"corrected {one.corrected.name}": one.corrected.value for one in found}


EVERYTHING: dict[str, Callable[[Gold, Run, Kinds], Values]] = {
    "score": scored,
    "agreement": agreed,
    "compare": compared,
    "ranking": ranked,
    "reliability": reliable,
    "weighting": weighted,
}
each_measure = pytest.mark.parametrize("measure", EVERYTHING.values(), ids=EVERYTHING.keys())


def as_said(row: PredictedVerdict, verdict: Any) -> PredictedVerdict:
    return dataclasses.replace(row, verdict=verdict, effect=effect_of(row.kind, verdict))


def backwards(gold: Gold, run: Run, kinds: Kinds) -> Inputs:
    """Every list and mapping in the other order; patients stay in order of id, as a reader gives them."""
    patients = tuple(dataclasses.replace(p, evidence=p.evidence[::-1]) for p in gold.patients)
    turned = Run(
        run.name,
        dict(reversed(run.verdicts.items())),
        {p: spans[::-1] for p, spans in reversed(run.evidence.items())},
        dict(reversed(run.candidates.items())),
    )
    return dataclasses.replace(gold, patients=patients, notes=dict(reversed(gold.notes.items()))), turned, kinds


def other_patients(gold: Gold, run: Run, kinds: Kinds) -> Inputs:
    """New patient ids, which sort the other way."""
    name = {p.patient_id: f"Z{len(gold.patients) - n}" for n, p in enumerate(gold.patients)}
    patients = sorted((dataclasses.replace(p, patient_id=name[p.patient_id]) for p in gold.patients), key=lambda p: p.patient_id)
    notes = {key: dataclasses.replace(note, patient_id=name[note.patient_id]) for key, note in gold.notes.items()}
    renamed = Run(
        run.name,
        {(name[p], c): row for (p, c), row in run.verdicts.items()},
        {name[p]: spans for p, spans in run.evidence.items()},
        {name[p]: candidate for p, candidate in run.candidates.items()},
    )
    return dataclasses.replace(gold, patients=tuple(patients), notes=notes), renamed, kinds


def other_names(gold: Gold, run: Run, kinds: Kinds) -> Inputs:
    """New ids of criteria and notes."""

    def criterion(name: str) -> str:
        return f"C-{name[::-1]}"

    def moved(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(dataclasses.replace(s, criterion=criterion(s.criterion), note_id=f"n/{s.note_id}") for s in spans)

    patients = tuple(
        GoldPatient(p.patient_id, {criterion(c): v for c, v in p.verdicts.items()}, moved(p.evidence)) for p in gold.patients
    )
    notes = {f"n/{key}": dataclasses.replace(note, note_id=f"n/{key}") for key, note in gold.notes.items()}
    renamed = Run(
        run.name,
        {(p, criterion(c)): row for (p, c), row in run.verdicts.items()},
        {p: moved(spans) for p, spans in run.evidence.items()},
        run.candidates,
    )
    changed = dataclasses.replace(gold, patients=patients, notes=notes, criteria=tuple(map(criterion, gold.criteria)))
    return changed, renamed, {criterion(c): kind for c, kind in kinds.items()}


def twice(gold: Gold, run: Run, kinds: Kinds) -> Inputs:
    """Every patient once more under another id, with notes of its own."""

    def again(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple(dataclasses.replace(span, note_id=f"{span.note_id}+") for span in spans)

    twins = [GoldPatient(f"{p.patient_id}+", p.verdicts, again(p.evidence)) for p in gold.patients]
    notes = {
        f"{key}+": Note(f"{key}+", f"{note.patient_id}+", note.note_date, note.note_title, note.note_text)
        for key, note in gold.notes.items()
    }
    doubled = Run(
        run.name,
        {**run.verdicts, **{(f"{p}+", c): row for (p, c), row in run.verdicts.items()}},
        {**run.evidence, **{f"{p}+": again(spans) for p, spans in run.evidence.items()}},
        {**run.candidates, **{f"{p}+": candidate for p, candidate in run.candidates.items()}},
    )
    patients = tuple(sorted([*gold.patients, *twins], key=lambda p: p.patient_id))
    return dataclasses.replace(gold, patients=patients, notes={**gold.notes, **notes}), doubled, kinds


def beyond_gold(gold: Gold, run: Run, kinds: Kinds) -> Inputs:
    """The run has a patient more, whom nobody judged."""
    row = next(iter(run.verdicts.values()))
    verdicts = {**run.verdicts, **{("nobody", c): row for c in gold.criteria}}
    candidates = {**run.candidates, "nobody": next(iter(run.candidates.values()))}
    return gold, Run(run.name, verdicts, run.evidence, candidates), kinds


CHANGES = {
    "order": backwards,
    "patient ids": other_patients,
    "criterion and note ids": other_names,
    "every patient twice": twice,
    "patients without gold": beyond_gold,
}
GROWS_WITH_COPIES = ("Krippendorff's alpha", "average precision", "work saved", "number needed")
"""Alpha corrects for the number of units, by its definition; a ranked list is read in whole patients, twins one after the other."""


@each_measure
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_no_measure_depends_on(
    change: Callable[[Gold, Run, Kinds], Inputs],
    measure: Callable[[Gold, Run, Kinds], Values],
    gold: Gold,
    flawed: Run,
    kinds: Kinds,
) -> None:
    before, after = measure(gold, flawed, kinds), measure(*change(gold, flawed, kinds))
    assert before.keys() == after.keys()
    assert len(before) == len(after)
    for (name, value), changed in zip(before.items(), after.values(), strict=True):
        if change is twice and any(word in name for word in GROWS_WITH_COPIES):
            assert changed == pytest.approx(value, abs=0.05), name
        else:
            assert changed == pytest.approx(value, nan_ok=True), name


@each_measure
def test_perfect_run_leaves_nothing_to_wish_for(measure: Callable[..., Values], gold: Gold, perfect: Run, kinds: Kinds) -> None:
    best_is_zero = ("wrong", "false passes", "Brier", "calibration error", "number needed")
    free = ("coverage", "work saved", "difference", "of prevalence", "Brier", "calibration error", "number needed")
    for name, value in measure(gold, perfect, kinds).items():
        if not math.isnan(value) and not any(word in name for word in free):
            assert value == pytest.approx(0.0 if any(word in name for word in best_is_zero) else 1.0), name


@each_measure
def test_without_a_patient_every_measure_is_undefined(
    measure: Callable[..., Values], gold: Gold, flawed: Run, kinds: Kinds
) -> None:
    nobody = dataclasses.replace(gold, patients=(), notes={})
    try:
        values = measure(nobody, flawed, kinds)
    except EvalError:
        return  # what has nothing to work on may also say so
    assert values
    assert all(math.isnan(value) for value in values.values()), values


@each_measure
@pytest.mark.parametrize("verdict", ["met", "unknown"])
def test_gold_of_one_verdict_gives_values_or_none_and_no_error(
    verdict: Any, measure: Callable[..., Values], gold: Gold, flawed: Run, kinds: Kinds
) -> None:
    alike = tuple(dataclasses.replace(p, verdicts=dict.fromkeys(p.verdicts, verdict)) for p in gold.patients)
    try:
        values = measure(dataclasses.replace(gold, patients=alike), flawed, kinds)
    except EvalError:
        assert measure is ranked
        return
    assert not any(math.isinf(value) for value in values.values())
    assert any(not math.isnan(value) for value in values.values())


@pytest.mark.parametrize("which", ["perfect", "flawed", "silent"])
def test_share_is_undefined_exactly_where_it_is_of_nothing(
    which: str, gold: Gold, flawed: Run, perfect: Run, kinds: Kinds
) -> None:
    run = {"perfect": perfect, "flawed": flawed, "silent": Run("silent", {})}[which]
    found = score(gold, run, kinds, resampling=QUICK)
    figures = [*found.headline, *found.levels, *found.micro.values()]
    for one in found.criteria:
        figures += [value for value in vars_of(one) if isinstance(value, Figure)] + list(one.binary.values())
    parts = [figure for figure in figures if set(figure.counts) == {"count", "of"}]
    assert len(parts) > 100
    assert all(math.isnan(figure.value) == (figure.counts["of"] == 0) for figure in parts if "balanced" not in figure.name)
    assert all(
        figure.interval.low <= figure.value <= figure.interval.high for figure in parts if not math.isnan(figure.interval.low)
    )


def measures_of(module: Any) -> set[str]:
    """Public functions of a module that turn counts into a number."""
    return {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_") and returns_values(function)
    }


def returns_values(function: Any) -> bool:
    return inspect.signature(function).return_annotation in ("FloatArray", "float")


USED = {
    "metrics": measures_of(metrics),
    "shares": measures_of(shares),
    "agreement": {"cohen_kappa", "light_kappa", "fleiss_kappa", "gwet_ac1", "complete_alpha", "krippendorff_alpha"},
    "ranking": {"work_saved", "needed_to_screen", "average_precision", "recall_curve"},
    "calibration": {"brier"},
    "compare": {"share_difference", "approximate_randomisation", "mcnemar_exact"},
}
NO_MEASURES = {
    "agreement": {"chosen", "unit_rows", "pair_matrices", "span_pair_counts"},
    "ranking": {"one_hot_places"},
    "calibration": {"brier_rows"},
}


@pytest.mark.parametrize("module", [agreement_module, ranking, calibration, compare], ids=lambda module: module.__name__)
def test_measure_that_is_added_is_added_here(module: Any) -> None:
    name = module.__name__.rpartition(".")[2]
    assert measures_of(module) == USED[name] | NO_MEASURES.get(name, set())


def test_values_of_the_table_are_many_and_defined(gold: Gold, flawed: Run, kinds: Kinds) -> None:
    values = {name: value for measure in EVERYTHING.values() for name, value in measure(gold, flawed, kinds).items()}
    assert len(values) > 150
    assert np.mean([not math.isnan(value) for value in values.values()]) > 0.9
